"""Integers of 64 bits by their halves, for ops that LiteRT has kernels of for 32 bits at most.

The halves are int32 along one axis more, the low one first: that is what BITCAST makes of 64 bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.ir.dtypes import DType

HALF = 32
_SHIFTS = np.arange(2 * HALF)


def by_words(ctx: Context, a: Edge, b: Edge, compute: Callable[[Edge, Edge], Edge]) -> Edge:
    """An op on each bit by itself: of 64 bits each half."""
    if a.dtype.bits <= HALF:
        return compute(a, b)
    return _whole(ctx, compute(_words(ctx, a), _words(ctx, b)), a.dtype)


def _words(ctx: Context, x: Edge) -> Edge:
    shape = (*x.shape, 2)
    if x.weight is not None:
        static = (*x.weight.shape, 2)
        return ctx.computed(x, DType.I32, static, lambda e: np.ascontiguousarray(e).view(np.int32), ("words",))
    return ctx.add("BITCAST", 1, [x], [DType.I32], [shape], {})[0]


def _whole(ctx: Context, words: Edge, dtype: DType) -> Edge:
    return ctx.add("BITCAST", 1, [words], [dtype], [words.shape[:-1]], {})[0]


def _half(ctx: Context, words: Edge, index: int) -> Edge:
    rank = words.rank - 1
    return ctx.emit("GATHER", words, ctx.constant(index), shape=words.shape[:-1], axis=rank, batch_dims=0)


def amount(ctx: Context, by: Edge, bits: int) -> Edge:
    """By how much to shift, in int32. Where a shift is undefined, it stays below ``bits``."""
    if by.weight is not None:
        return ctx.constant(np.clip(by.weight.view(), 0, bits - 1))
    by = ctx.index(by)
    return ctx.emit("MAXIMUM", ctx.emit("MINIMUM", by, ctx.constant(bits - 1)), ctx.constant(0))


def looked_up(ctx: Context, table: np.ndarray[Any, Any], at: Edge, dtype: DType = DType.I32) -> Edge:
    """The elements of a table at small numbers."""
    if at.weight is not None:
        return ctx.constant(table[at.weight.view()], dtype)
    return ctx.emit("GATHER", ctx.constant(table, dtype), at, shape=at.shape, axis=0, batch_dims=0)


def shifted_right(ctx: Context, a: Edge, by: Edge) -> Edge:
    """Below 32, what leaves the high half comes into the low one: a product with ``2**(32 - by)``, which wraps. From 32
    on the low half is what was the high one."""
    signed, words = a.dtype.kind == "int", _words(ctx, a)
    low, high = (_half(ctx, words, i) for i in (0, 1))
    at = amount(ctx, by, a.dtype.bits)
    near = looked_up(ctx, _SHIFTS < HALF, at, DType.BOOL)
    rest = looked_up(ctx, _SHIFTS % HALF, at)
    above = looked_up(ctx, (1 << (HALF - _SHIFTS % HALF)).astype(np.int32), at)
    entering = ctx.emit("MUL", high, above)
    kept = ctx.emit("ADD", _right(ctx, low, rest, False), entering)
    moved = _right(ctx, high, rest, signed)
    signs = ctx.emit("RIGHT_SHIFT", high, ctx.constant(HALF - 1)) if signed else ctx.constant(0)
    parts = [ctx.emit("SELECT_V2", near, kept, moved), ctx.emit("SELECT_V2", near, moved, signs)]
    shape = parts[0].shape
    made = ctx.emit("PACK", *parts, shape=(*shape, 2), axis=len(shape), values_count=2)
    return _whole(ctx, made, a.dtype)


def _right(ctx: Context, x: Edge, by: Edge, signed: bool) -> Edge:
    if signed:
        return ctx.emit("RIGHT_SHIFT", x, by)
    return ctx.bitcast(ctx.emit("RIGHT_SHIFT", *(ctx.bitcast(e, DType.U32) for e in (x, by))), DType.I32)
