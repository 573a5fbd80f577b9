"""Strings: what ONNX computes on them.

A string is a sequence of Unicode characters. The ops are as ONNX's text has them, and where that is silent as ONNX
Runtime computes them; ONNX's reference implementation differs in places that are named.
"""

from __future__ import annotations

from typing import Any, Literal

from interlingua.ir.builder import Builder
from interlingua.ir.dims import UNKNOWN, same
from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.kernels import string as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.binary import Max, Sub
from interlingua.ir.ops.elementwise import Binary, Unary, broadcast_shapes
from interlingua.ir.ops.indexing import Compress
from interlingua.ir.ops.logic import Eq, Not
from interlingua.ir.ops.reduction import ReduceMax
from interlingua.ir.ops.shape import Concat, Reshape, Slice
from interlingua.ir.ops.shaping import expanded, reshaped
from interlingua.ir.ops.source import ShapeOf
from interlingua.ir.regex import NotInPython, NotRe2, python_pattern
from interlingua.ir.types import Tensor

STRINGS = frozenset({DType.STRING})
LETTERS = ("a", "B", "ß", "é", "É", "Σ", "ς", "İ", "ᾳ", "ǆ", "日", "𐐨", "\n", " ")
"""Characters that are their own upper case, or have one, or are written in capitals by two."""


@op("string.concat")
class StringConcat(Binary):
    """``y`` = the characters of ``a``, then those of ``b``, broadcast.  C1. ``a`` and ``b`` are strings."""

    allowed = STRINGS
    constraint = "C1. a and b are strings"
    kernel = kernels.string_concat

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        draw.dtype(cls.allowed)
        operands = tuple(draw.strings(shape, LETTERS) for shape in broadcast_shapes(draw))
        return Sample(cls(), operands, draw.some((0, 1)))


@op("string.split")
class StringSplit(Op):
    """The pieces of each string between delimiters, along a new last axis, and their number as int64.

    The axis is as long as the most pieces; where there are fewer, empty strings follow. From the left, at most
    ``maxsplit`` delimiters count; what is behind them is one piece.
    Of overlapping delimiters the left one counts. Two next to one another have an empty piece between them, and the
    empty string is one empty piece (ONNX Runtime finds none in it). An empty ``delimiter`` stands for any run of
    whitespace: there are no empty pieces then, and whitespace at either end belongs to none (ONNX's reference leaves
    it at the end of the last piece). Which characters besides the space are whitespace is undefined: those that Unicode
    calls so here and in ONNX's reference, none in ONNX Runtime.
    C1. ``x`` holds strings.  C2. ``maxsplit`` is not negative.
    """

    delimiter: str = ""
    maxsplit: int | None = None
    kernel = kernels.string_split

    def infer(self, x: Tensor) -> tuple[Tensor, Tensor]:
        self.require(x.dtype is DType.STRING, "C1. x holds strings", x)
        self.require(self.maxsplit is None or self.maxsplit >= 0, "C2. maxsplit is not negative", self.maxsplit)
        return x.with_shape([*x.dims, UNKNOWN]), Tensor(DType.I64, x.dims)

    def unranked(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x.with_shape(None), Tensor(DType.I64, None)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        draw.dtype(STRINGS)
        delimiter = draw.choice((",", "", "ab", "aa", " "))
        x = draw.strings(draw.shape(), (delimiter or " ", " ", "a", "b", "é,"))
        return Sample(cls(delimiter, draw.choice((None, 0, 1, 2))), (x,))


PATTERNS = ("", "a*", "(a|ab)(c|bc)?", r"(?i)[^\W_]+", r"\w+\b.?", "(?s).*é.{1,2}$", r"[[:alpha:]]{2,}|\s")


@op("string.full_match")
class FullMatch(Op):
    """Whether ``pattern`` matches all of the string, as bool.

    ``pattern`` is a regular expression of RE2 (https://github.com/google/re2/wiki/Syntax). It is matched by Python's
    ``re``, in a form that means the same (``interlingua.ir.regex``); ONNX's reference hands it to ``re`` as it is,
    where ``\\w``, ``\\s``, ``\\B``, ``$`` and ``{,n}`` mean something else.
    C1. ``x`` holds strings.  C2. ``pattern`` is of RE2, without classes by Unicode property, single bytes or case
    folding beyond ASCII.
    """

    pattern: str
    kernel = kernels.full_match

    def infer(self, x: Tensor) -> Tensor:
        self.require(x.dtype is DType.STRING, "C1. x holds strings", x)
        try:
            python_pattern(self.pattern)
        except (NotRe2, NotInPython) as error:
            self.require(False, "C2. pattern is a regular expression", error)
        return Tensor(DType.BOOL, x.shape)

    def unranked(self, x: Tensor) -> Tensor:
        return Tensor(DType.BOOL, None)

    def kernel_arguments(self) -> dict[str, Any]:
        return {"pattern": python_pattern(self.pattern)}

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        draw.dtype(STRINGS)
        x = draw.strings(draw.shape(), ("a", "ab", "c", "é", "K", "_", " ", "\n"))
        return Sample(cls(draw.choice(PATTERNS)), (x,))


class _Case(Unary):
    """Every character in another case."""

    allowed = STRINGS
    constraint = "C1. x holds strings"

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        draw.dtype(cls.allowed)
        return Sample(cls(), (draw.strings(draw.shape(), LETTERS),), draw.some((0,)))


@op("string.upper")
class Upper(_Case):
    """Every character as its upper case: Unicode's simple mapping, of one character to one, in every language.

    ``ß`` stays ``ß`` (Python writes ``SS``), ``i`` gives ``I`` (in Turkish it would give ``İ``).
    C1. ``x`` holds strings.
    """

    kernel = kernels.upper


@op("string.lower")
class Lower(_Case):
    """Every character as its lower case: Unicode's simple mapping, of one character to one, in every language.

    ``Σ`` gives ``σ`` at the end of a word, too, and ``İ`` gives ``i`` without a second dot (Python differs in both).
    C1. ``x`` holds strings.
    """

    kernel = kernels.lower


@op("string.normalize")
class Normalize(Op):
    """The words of ``x`` that are no stop words, in upper or lower ``case`` or as they are; one empty word where none
    is left.

    A word is an element, and is compared whole; unless ``case_sensitive``, by its lower case. Empty words stay, accents
    too. (ONNX's reference drops both, and compares the parts between spaces.)
    C1. ``x`` holds strings.  C2. It is (words) or (1, words).  C3. There is a word: none is undefined.
    """

    stop_words: tuple[str, ...] = ()
    case_sensitive: bool = False
    case: Literal["none", "lower", "upper"] = "none"
    kernel = kernels.normalize_words

    def infer(self, x: Tensor) -> Tensor:
        self.require(x.dtype is DType.STRING, "C1. x holds strings", x)
        self.require(x.rank in (1, 2) and same(x.size, x.dims[-1]) is not False, "C2. x is (words) or (1, words)", x)
        self.require(same(x.dims[-1], 0) is not True, "C3. there is a word", x)
        return x.with_shape([*(1 for _ in x.dims[:-1]), UNKNOWN if self.stop_words else x.dims[-1]])

    def decompose(self, b: Builder, x: Value) -> Value:
        kept = self._without_stop_words(b, x) if self.stop_words else x
        case: dict[str, Op] = {"lower": Lower(), "upper": Upper()}
        return b(case[self.case], kept) if self.case in case else kept

    def _without_stop_words(self, b: Builder, x: Value) -> Value:
        words = reshaped(b, x, [-1])
        stops: Value = b.constant(self.stop_words, DType.STRING)
        keys = words
        if not self.case_sensitive:
            keys, stops = b(Lower(), words), b(Lower(), stops)
        stopped = b(ReduceMax(axes=(1,)), b(Eq(), expanded(b, keys, 1), stops))
        kept = b(Compress(axis=0), words, b(Not(), stopped))
        missing = b(Max(), b(Sub(), b.constant([1]), b(ShapeOf(), kept)), b.constant([0]))
        filler = b(Slice(axes=(0,)), b.constant([""], DType.STRING), b.constant([0]), missing)
        whole = b(Concat(axis=0), kept, filler)
        return whole if x.tensor.rank == 1 else b(Reshape(), whole, b.constant([1, -1]))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        draw.dtype(STRINGS)
        words = ("the", "The", "é", "É", "", "word", "a b")
        count = draw.rank(1, 2)
        x = draw.strings((*(1,) * (count - 1), draw.integer(1, 5)), words, most=1)
        stops = tuple(draw.choice(words) for _ in range(draw.integer(0, 3)))
        return Sample(cls(stops, draw.boolean(), draw.choice(("none", "lower", "upper"))), (x,))
