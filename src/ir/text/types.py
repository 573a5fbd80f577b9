"""Types and dims of the text form."""

from __future__ import annotations

from interlingua.errors import ParseError
from interlingua.ir.dims import DimLike, symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.substitution import APPLY
from interlingua.ir.text.lexer import Tokens
from interlingua.ir.types import Optional, Sequence, Tensor, Type

MAX_DEPTH = 64
"""Nesting of regions, types and attribute lists; models stay far below."""
MAX_DIGITS = 40
"""Of an integer; the greatest int64 has 19."""

DTYPES = {d.value: d for d in DType}


def read_type(text: str) -> Type:
    """One type in the text form.

    Raises:
        ParseError: it is none.
    """
    return TypeParser(Tokens(text)).type()


class TypeParser:
    """The part of the parser that reads types, dims and numbers."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.depth = 0

    def types(self) -> list[Type]:
        found = [self.type()]
        while self.tokens.accept(","):
            found.append(self.type())
        return found

    def type(self) -> Type:
        t = self.tokens
        word = t.expect_kind("word")
        if word in ("sequence", "optional"):
            self.nest(1)
            t.expect("<")
            element = self.type()
            t.expect(">")
            self.nest(-1)
            return Sequence(element) if word == "sequence" else Optional(element)
        if word not in DTYPES:
            t.fail(f"{word!r} is no type; before this")
        t.expect("[")
        dims: list[DimLike] | None = []
        if t.accept("*"):
            dims = None
        while dims is not None and not t.at("]"):
            dims.append(self.dim())
            if not t.accept(","):
                break
        t.expect("]")
        return Tensor(DTYPES[word], None if dims is None else tuple(dims))

    def dim(self) -> DimLike:
        """``term (("+" | "-") term)*``; a number may carry the sign, as in ``n -1``."""
        t = self.tokens
        self.nest(1)
        total = self.term()
        while t.at("+") or t.at("-") or (t.current.kind == "number" and t.current.text.startswith("-")):
            if t.current.kind == "number":
                total = total + self.term()
            else:
                total = total + self.term() if t.take().text == "+" else total - self.term()
        self.nest(-1)
        return total

    def term(self) -> DimLike:
        total = self.factor()
        while self.tokens.accept("*"):
            total = total * self.factor()
        return total

    def factor(self) -> DimLike:
        t = self.tokens
        sign = 1
        while t.accept("-"):
            sign = -sign
        return sign * self.atom()

    def atom(self) -> DimLike:
        t = self.tokens
        if t.current.kind == "number":
            return self.integer()
        if t.current.kind == "string":
            return symbol(t.take().text)
        word = t.expect_kind("word")
        if word not in APPLY:
            return symbol(word)
        start = t.current.start
        t.expect("(")
        first = self.dim()
        t.expect(",")
        second = self.dim()
        t.expect(")")
        try:
            return APPLY[word](first, second)
        except ZeroDivisionError:
            raise ParseError(f"{word} divides by zero", where=t.place(start)) from None

    def integer(self) -> int:
        text = self.tokens.current.text
        if self.tokens.current.kind != "number" or not text.removeprefix("-").isdigit() or len(text) > MAX_DIGITS:
            self.tokens.fail("expected an integer")
        return int(self.tokens.take().text)

    def number(self) -> int | float:
        """An integer or a float; ``inf`` and ``nan`` are floats."""
        t = self.tokens
        text = t.current.text
        if t.current.kind != "number" or len(text) > MAX_DIGITS:
            t.fail("expected a number")
        t.take()
        return int(text) if text.removeprefix("-").isdigit() else float(text)

    def nest(self, step: int) -> None:
        self.depth += step
        if self.depth > MAX_DEPTH:
            self.tokens.fail(f"nested more than {MAX_DEPTH} deep")
