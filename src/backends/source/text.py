"""Lines of Python source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def comment(text: str, width: int) -> str:
    """``text`` as a comment: one line of at most ``width`` characters, without control characters."""
    return shortened("# " + printable(text), width)


def printable(text: str) -> str:
    """``text`` on one line, without control characters."""
    return "".join(c if c.isprintable() else " " for c in text)


def fill(items: Iterable[str], width: int) -> list[str]:
    """Items with a comma each, indented, as many on a line as it takes."""
    lines = ["   "]
    for item in items:
        if lines[-1].strip() and len(lines[-1]) + len(item) + 2 > width:
            lines.append("   ")
        lines[-1] += f" {item},"
    return lines


def quoted(text: str) -> str:
    """``text`` as a string literal, in double quotes where it holds nothing that needs an escape."""
    return f'"{text}"' if text.isprintable() and not set(text) & {'"', "\\"} else repr(text)


def shortened(text: str, width: int) -> str:
    """At most ``width`` characters of ``text``."""
    return text if len(text) <= width else text[: width - 1] + "…"


def indented(lines: Iterable[str], depth: int) -> list[str]:
    """Lines further to the right, empty ones aside."""
    return ["    " * depth + line if line else "" for line in lines]


def spaced(lines: Iterable[str]) -> list[str]:
    """Lines of a body, no empty ones beside each other or at an end."""
    found: list[str] = []
    for line in lines:
        if line or (found and found[-1] and not found[-1].endswith(":")):
            found.append(line)
    while found and not found[-1]:
        found.pop()
    return found


def wrapped(line: str, width: int) -> list[str]:
    """A statement, on several lines where it is longer than ``width``: what its outermost brackets hold is put on lines
    of its own, where there is a comma between."""
    if len(line) <= width:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    for start, end in _brackets(line):
        items = _items(line[start + 1 : end])
        if len(items) > 1:
            inner = [indent + part for part in fill(items, width - len(indent))]
            pieces = [piece for part in inner for piece in ([part] if len(part) <= width else wrapped(part, width))]
            return [*wrapped(line[: start + 1], width), *pieces, *wrapped(indent + line[end:], width)]
    return [line]


def _brackets(text: str) -> list[tuple[int, int]]:
    """Where the outermost brackets open and close, the longest first."""
    found, depth, start = [], 0, 0
    for index, char in _code(text):
        if char in "([{":
            start = index if depth == 0 else start
            depth += 1
        elif char in ")]}" and depth:  # what is closed without having been opened was opened on a line before
            depth -= 1
            if depth == 0:
                found.append((start, index))
    return sorted(found, key=lambda pair: pair[0] - pair[1])


def _items(text: str) -> list[str]:
    """The text between commas that are in no brackets."""
    found, depth, start = [], 0, 0
    for index, char in _code(text):
        depth += (char in "([{") - (char in ")]}")
        if char == "," and depth == 0:
            found.append(text[start:index].strip())
            start = index + 1
    return [item for item in (*found, text[start:].strip()) if item]


def _code(text: str) -> Iterator[tuple[int, str]]:
    """The characters that are in no string, with their places."""
    quote, escaped = "", False
    for index, char in enumerate(text):
        if quote:
            closes = char == quote and not escaped
            escaped = char == "\\" and not escaped
            quote = "" if closes else quote
        elif char in "\"'":
            quote = char
        else:
            yield index, char
