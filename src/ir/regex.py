"""Regular expressions of RE2 as ones of Python's ``re`` that match the same strings whole.

The two read many patterns alike and some differently: ``$`` before a final newline, ``\\B`` in an empty string, what
``\\w``, ``\\s`` and ``\\d`` are beyond ASCII, vertical tabs in ``\\s``, ``{,n}``, stacked and possessive repetitions,
case folding. So a pattern is read here by RE2's rules (https://github.com/google/re2/wiki/Syntax) and written anew,
with every class spelled out. Whether a whole string matches does not hang on which alternative comes first or on what
is captured: groups are not captured, and repetitions are greedy.

Left out: classes by Unicode property (``\\pL``), single bytes (``\\C``), case folding beyond ASCII. Unlike RE2, ``re``
backtracks: nested repetitions may take exponential time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NoReturn, TypeAlias

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""Inclusive ranges of code points."""

LAST = 0x10FFFF
MOST_REPEATS = 1000


class NotRe2(ValueError):
    """The pattern is not of RE2's syntax."""


class NotInPython(ValueError):
    """The pattern is of RE2's syntax, but Python's ``re`` has nothing that means the same."""


def _ranges(text: str) -> Ranges:
    """``"09AZ"``: pairs of ends."""
    return tuple((ord(a), ord(b)) for a, b in zip(text[::2], text[1::2], strict=True))


PERL = {"d": _ranges("09"), "s": _ranges("\t\n\f\r  "), "w": _ranges("09AZ__az")}
POSIX = {
    "alnum": _ranges("09AZaz"),
    "alpha": _ranges("AZaz"),
    "ascii": _ranges("\0\x7f"),
    "blank": _ranges("\t\t  "),
    "cntrl": _ranges("\0\x1f\x7f\x7f"),
    "digit": _ranges("09"),
    "graph": _ranges("!~"),
    "lower": _ranges("az"),
    "print": _ranges(" ~"),
    "punct": _ranges("!/:@[`{~"),
    "space": _ranges("\t\r  "),
    "upper": _ranges("AZ"),
    "word": _ranges("09AZ__az"),
    "xdigit": _ranges("09AFaf"),
}
CONTROLS = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
ANCHORS = {"A": r"\A", "z": r"\Z", "b": r"\b", "B": r"(?!\b)"}
"""What ``re`` says for them; its own ``\\B`` is false in an empty string before Python 3.14."""
FOLDED = {ord("k"): 0x212A, ord("s"): 0x17F}
"""Letters beyond ASCII that fold to one of ASCII: the Kelvin sign and the long s."""


@cache
def python_pattern(pattern: str) -> str:
    """The pattern for ``re.compile(…, re.ASCII).fullmatch`` that matches what RE2 matches with ``pattern``.

    Raises:
        NotRe2: RE2 would not take it.
        NotInPython: nothing in ``re`` means the same.
    """
    return _Reader(pattern).read()


def _negated(ranges: Iterable[tuple[int, int]]) -> Ranges:
    found, start = [], 0
    for low, high in sorted(ranges):
        if low > start:
            found.append((start, low - 1))
        start = max(start, high + 1)
    return (*found, (start, LAST)) if start <= LAST else tuple(found)


def _folded(ranges: Ranges) -> Ranges:
    """With both cases of every letter."""
    found = list(ranges)
    for low, high in ranges:
        if high > 0x7F and not _caseless(low, high):
            raise NotInPython("case folding beyond ASCII")
        for shift, first in ((32, "A"), (-32, "a")):
            start, stop = max(low, ord(first)), min(high, ord(first) + 25)
            if start <= stop:
                found.append((start + shift, stop + shift))
                found += [(k, k) for c, k in FOLDED.items() if start <= c + min(-shift, 0) <= stop]
    return tuple(found)


def _caseless(low: int, high: int) -> bool:
    """Whether what is beyond ASCII is one character that has no cases."""
    c = chr(low)
    return low == high and c == c.lower() == c.upper() == c.casefold()


def _class(ranges: Ranges) -> str:
    """The ranges as a class of ``re``."""
    if not ranges:
        return "(?!)"
    return f"[{''.join(_point(a) if a == b else f'{_point(a)}-{_point(b)}' for a, b in ranges)}]"


def _point(code: int) -> str:
    c = chr(code)
    return c if c.isascii() and c.isalnum() else f"\\U{code:08x}"


class _Reader:
    """Reads a pattern from left to right, and writes as it goes."""

    def __init__(self, pattern: str) -> None:
        self.text = pattern
        self.at = 0
        self.out: list[str] = []
        self.flags: frozenset[str] = frozenset()
        self.outer: list[frozenset[str]] = []
        self.repeats = "nothing"
        """What a repetition would repeat: ``nothing``, an ``item``, or what is ``repeated`` already."""

    def read(self) -> str:
        """The whole pattern."""
        while self.at < len(self.text):
            self._next()
        if self.outer:
            self._fail("a group is not closed")
        return "".join(self.out)

    def _fail(self, problem: str) -> NoReturn:
        raise NotRe2(f"{problem}, before position {self.at} of {self.text!r}")

    def _take(self, token: str) -> bool:
        found = self.text.startswith(token, self.at)
        self.at += len(token) if found else 0
        return found

    def _matched(self, pattern: str) -> re.Match[str] | None:
        found = re.compile(pattern).match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found

    def _char(self) -> str:
        if self.at == len(self.text):
            self._fail("the pattern ends too soon")
        self.at += 1
        return self.text[self.at - 1]

    def _item(self, text: str) -> None:
        self.out.append(text)
        self.repeats = "item"

    def _next(self) -> None:
        repeat = self._matched(r"[*+?]|\{(?:0|[1-9]\d*)(?:,(?:0|[1-9]\d*)?)?\}")
        if repeat:
            return self._repeat(repeat[0])
        c = self._char()
        if c == "(":
            return self._open()
        if c == ")":
            return self._close()
        if c == "|":
            self.out.append("|")
            self.repeats = "nothing"
            return None
        if c == "[":
            return self._item(_class(self._bracket()))
        if c in ".^$":
            return self._item(self._plain(c))
        return self._escape() if c == "\\" else self._literal(ord(c))

    def _plain(self, c: str) -> str:
        if c == ".":
            return r"[\s\S]" if "s" in self.flags else r"[^\n]"
        if "m" in self.flags:
            return f"(?m:{c})"
        return r"(?:\A)" if c == "^" else r"(?:\Z)"

    def _repeat(self, operator: str) -> None:
        if self.repeats != "item":
            self._fail("a repetition of nothing" if self.repeats == "nothing" else "a repetition of a repetition")
        if operator[0] == "{":
            counts = [int(n) for n in re.findall(r"\d+", operator)]
            if max(counts) > MOST_REPEATS or counts != sorted(counts):
                self._fail(f"the repetition {operator}")
        self._take("?")
        self.out.append(operator)
        self.repeats = "repeated"

    def _open(self) -> None:
        flags, scoped = self.flags, True
        if self._take("?") and not self._matched(r"P?<\w+>"):
            flags, scoped = self._flags()
        if scoped:
            self.outer.append(self.flags)
            self.out.append("(?:")
        self.flags = flags
        self.repeats = "nothing" if scoped else self.repeats

    def _flags(self) -> tuple[frozenset[str], bool]:
        """The flags of a group, and whether they hold for this group alone."""
        found = self._matched(r"([imsU]*)(?:-([imsU]+))?([:)])")
        if not found:
            self._fail("no group of RE2")
        return (self.flags | set(found[1])) - set(found[2] or ""), found[3] == ":"

    def _close(self) -> None:
        if not self.outer:
            self._fail("a group was never opened")
        self.flags = self.outer.pop()
        self._item(")")

    def _literal(self, code: int) -> None:
        self._item(_class(_folded(((code, code),))) if "i" in self.flags else re.escape(chr(code)))

    def _escape(self) -> None:
        if self._take("Q"):
            body, _, _ = self.text[self.at :].partition("\\E")
            self.at = min(len(self.text), self.at + len(body) + 2)
            for c in body:
                self._literal(ord(c))
        elif self.text[self.at : self.at + 1] in ANCHORS:
            self._item(f"(?:{ANCHORS[self._char()]})")
        else:
            perl = self._perl()
            if perl is None:
                self._literal(self._code())
            else:
                self._item(_class(perl))

    def _perl(self) -> Ranges | None:
        """The class that the escape at hand stands for, if it stands for one."""
        c = self.text[self.at : self.at + 1]
        if c in ("p", "P", "C"):
            raise NotInPython("a class by Unicode property" if c != "C" else "a single byte")
        if not c or c.lower() not in PERL:
            return None
        self.at += 1
        ranges = self._cased(PERL[c.lower()])
        return ranges if c.islower() else _negated(ranges)

    def _cased(self, ranges: Ranges) -> Ranges:
        return _folded(ranges) if "i" in self.flags else ranges

    def _code(self) -> int:
        """The code point of an escape, after its backslash."""
        octal = self._matched(r"0[0-7]{0,2}|[1-7][0-7]{1,2}")
        if octal:
            return int(octal[0], 8)
        digits = self._matched(r"x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})")
        if digits:
            code = int(digits[1] or digits[2], 16)
            return code if code <= LAST else self._fail("a code point beyond Unicode")
        c = self._char()
        if c in CONTROLS:
            return CONTROLS[c]
        if not c.isascii() or c.isalnum():
            self._fail(f"the escape \\{c}")
        return ord(c)

    def _bracket(self) -> Ranges:
        """A class in brackets, after the first of them."""
        negated, first = self._take("^"), True
        found: list[tuple[int, int]] = []
        while first or not self._take("]"):
            first = False
            found += self._member()
        return _negated(found) if negated else tuple(found)

    def _member(self) -> Ranges:
        posix = self._matched(r"\[:(\^?)(\w+):\]")
        if posix:
            if posix[2] not in POSIX:
                self._fail(f"the class {posix[0]}")
            ranges = self._cased(POSIX[posix[2]])
            return _negated(ranges) if posix[1] else ranges
        if self._take("\\"):
            perl = self._perl()
            if perl is not None:
                return perl
            low = self._code()
        else:
            low = ord(self._char())
        high = low
        if self._matched(r"-(?=[^\]])"):
            high = self._code() if self._take("\\") else ord(self._char())
        if high < low:
            self._fail("a range that runs backwards")
        return self._cased(((low, high),))
