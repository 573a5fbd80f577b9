"""Tokens of the text form, with their places."""

from __future__ import annotations

import json
import re
from typing import NamedTuple, NoReturn

from interlingua.errors import ParseError

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+|//[^\n]*)
    |(?P<value>%(?:"(?:[^"\\\n]|\\.)*"|[A-Za-z0-9_\#]+))
    |(?P<symbol>@(?:"(?:[^"\\\n]|\\.)*"|[A-Za-z0-9_\#]+))
    |(?P<string>"(?:[^"\\\n]|\\.)*")
    |(?P<number>-?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|inf\b|nan\b))
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    |(?P<mark>[{}()\[\]<>,:;=*+\-?])""",
    re.VERBOSE,
)


class Token(NamedTuple):
    """``kind`` is a group of the lexer, ``text`` what stands there: names unmarked, strings decoded."""

    kind: str
    text: str
    start: int


class Tokens:
    """A cursor over the tokens of a text; lexes as it goes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._position = 0
        self.current = self._next()

    def _next(self) -> Token:
        while self._position < len(self.text):
            match = _TOKEN.match(self.text, self._position)
            if match is None:
                self._fail_at(self._position, f"unexpected character {self.text[self._position]!r}")
            start, self._position = self._position, match.end()
            kind = match.lastgroup or ""
            if kind != "space":
                return Token(kind, self._decode(kind, match.group(), start), start)
        return Token("end", "", len(self.text))

    def _decode(self, kind: str, text: str, start: int) -> str:
        body = text[1:] if kind in ("value", "symbol") else text
        if kind in ("value", "symbol", "string") and body.startswith('"'):
            try:
                return str(json.loads(body))
            except json.JSONDecodeError as error:
                self._fail_at(start, f"bad string: {error.msg}")
        return body

    def take(self) -> Token:
        """The current token; moves on."""
        token = self.current
        self.current = self._next()
        return token

    def at(self, text: str) -> bool:
        """Whether the current token is this mark or word."""
        return self.current.text == text and self.current.kind in ("mark", "word")

    def accept(self, text: str) -> bool:
        """Take the mark or word if it is there."""
        found = self.at(text)
        if found:
            self.take()
        return found

    def expect(self, text: str) -> None:
        """Take the mark or word, which must be there."""
        if not self.accept(text):
            self.fail(f"expected {text!r}")

    def expect_kind(self, kind: str) -> str:
        """Take a token of the kind, and give its text."""
        if self.current.kind != kind:
            self.fail(f"expected a {kind}")
        return self.take().text

    def fail(self, what: str) -> NoReturn:
        """Raise at the current token."""
        found = self.current.text or "the end"
        self._fail_at(self.current.start, f"{what}, found {found[:40]!r}")

    def place(self, position: int) -> str:
        """``line 3, column 7``."""
        line = self.text.count("\n", 0, position) + 1
        column = position - (self.text.rfind("\n", 0, position) + 1) + 1
        return f"line {line}, column {column}"

    def _fail_at(self, position: int, what: str) -> NoReturn:
        raise ParseError(what, where=self.place(position))
