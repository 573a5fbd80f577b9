"""Strings and n-grams."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.backends.lowering import Condition, Lowerings, filled, since, static
from interlingua.backends.onnx.context import Context
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.ngrams import CountNgrams
from interlingua.ir.ops.source import Constant
from interlingua.ir.ops.string import FullMatch, Lower, Normalize, StringConcat, StringSplit, Upper

TABLE = Lowerings()

LOCALE = "C.UTF-8"
"""The cases of letters are Unicode's in it, as in ``en_US``, which is the default and not installed everywhere."""


@TABLE.lower(StringConcat, when=[since(20)])
def concat(op: StringConcat, ctx: Context, a: Any, b: Any) -> Any:
    return ctx.emit("StringConcat", a, b)


@TABLE.lower(FullMatch, when=[since(20)])
def full_match(op: FullMatch, ctx: Context, x: Any) -> Any:
    return ctx.emit("RegexFullMatch", x, pattern=op.pattern)


@TABLE.lower(StringSplit, when=[since(20)])
def split(op: StringSplit, ctx: Context, x: Any) -> Any:
    """ONNX Runtime finds no piece in the empty string, where there is one: a delimiter put in front makes one more
    piece of every string, which is dropped again."""
    guarded = bool(op.delimiter) and ctx.target.cautious
    if not guarded:
        return ctx.emit("StringSplit", x, outputs=2, delimiter=op.delimiter, maxsplit=op.maxsplit)
    x = ctx.emit("StringConcat", ctx.constant(op.delimiter, DType.STRING), x)
    most = None if op.maxsplit is None else op.maxsplit + 1
    pieces, counts = ctx.emit("StringSplit", x, outputs=2, delimiter=op.delimiter, maxsplit=most)
    starts, stops = ctx.constant([1]), ctx.constant([np.iinfo(np.int64).max])
    return ctx.emit("Slice", pieces, starts, stops, ctx.constant([-1])), ctx.emit("Sub", counts, ctx.constant(1))


@TABLE.lower(Normalize, when=[filled()])
def normalize(op: Normalize, ctx: Context, x: Any) -> Any:
    return ctx.emit(
        "StringNormalizer",
        x,
        stopwords=op.stop_words or None,
        is_case_sensitive=op.case_sensitive,
        case_change_action=op.case.upper(),
        locale=LOCALE,
    )


@TABLE.lower(Upper, Lower, when=[since(14)])
def case(op: Upper | Lower, ctx: Context, x: Any) -> Any:
    """StringNormalizer takes vectors of one string or more: one is put in front, unless there is one for certain."""
    shape, first, end = ctx.type(0).static_shape, ctx.constant([1]), ctx.constant([np.iinfo(np.int64).max])
    some = shape is not None and 0 not in shape
    line = ctx.emit("Reshape", x, ctx.constant([-1]))
    if not some:
        line = ctx.emit("Concat", ctx.constant([""], DType.STRING), line, axis=0)
    action = "UPPER" if isinstance(op, Upper) else "LOWER"
    line = ctx.emit("StringNormalizer", line, case_change_action=action, locale=LOCALE)
    line = line if some else ctx.emit("Slice", line, first, end)
    back = ctx.emit("Shape", x) if shape is None else ctx.constant(list(shape), DType.I64)
    return ctx.emit("Reshape", line, back, allowzero=1)


def _rows(node: Node, _: Any) -> bool:
    """Whether there are n-grams, each once."""
    ngrams = node.operand(1).node
    assert ngrams is not None and isinstance(ngrams.op, Constant)
    rows = ngrams.op.weight.view().tolist()
    return 0 < len(rows) == len({tuple(row) for row in rows})


@TABLE.lower(
    CountNgrams,
    when=[
        static("ngrams"),
        Condition("it takes a vector or a matrix", lambda node, _: node.operand(0).tensor.rank in (1, 2)),
        filled(0),
        Condition("ONNX Runtime takes some n-grams, and none of them twice", _rows),
    ],
)
def count_ngrams(op: CountNgrams, ctx: Context, x: Any, ngrams: Any) -> Any:
    """The mode TF, of n-grams of one length: those of lesser lengths begin and end at 0 in the pool."""
    node = ctx.node.operand(1).node
    assert node is not None and isinstance(node.op, Constant)
    pool = node.op.weight.view()
    count, n = pool.shape
    strings = ctx.type(0).dtype is DType.STRING
    found = ctx.emit(
        "TfIdfVectorizer",
        x,
        mode="TF",
        min_gram_length=n,
        max_gram_length=n,
        max_skip_count=op.max_skip,
        ngram_counts=[0] * n,
        ngram_indexes=list(range(count)),
        pool_strings=pool.ravel().tolist() if strings else None,
        pool_int64s=None if strings else pool.ravel().tolist(),
    )
    return ctx.cast(found, DType.I64)
