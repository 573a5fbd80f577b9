"""Integers that are ordered as elements are: for kernels that lose NaN, or that there are for integers alone.

A float's bits are ordered as integers once those of negative numbers are turned around. NaN becomes the greatest (or
least) integer, and −0.0, which is −1 then, may become 0.0.
"""

from __future__ import annotations

import numpy as np

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.ir.dtypes import DType

SIGNED = {DType.F32: DType.I32, DType.F64: DType.I64}
INFINITY = {DType.F32: 0x7F800000, DType.F64: 0x7FF0000000000000}
"""The key of infinity: those beyond it are of NaN."""


def keys(ctx: Context, x: Edge, *, nan_greatest: bool = True, zeros_equal: bool = True) -> Edge:
    """Signed integers in the order of ``x``; NaN is the greatest, or the least."""
    if x.dtype is DType.BOOL:
        return ctx.cast(x, DType.I32)
    if x.dtype is DType.U64:
        return ctx.emit("ADD", ctx.bitcast(x, DType.I64), ctx.constant(-(1 << 63), DType.I64))
    if x.dtype.is_integer:
        return ctx.cast(x, DType.I64) if x.dtype is DType.U32 else x
    x = ctx.cast(x, DType.F32) if x.dtype not in SIGNED else x
    own, bits = SIGNED[x.dtype], ctx.bitcast(x, SIGNED[x.dtype])
    found = _turned(ctx, bits)
    if zeros_equal:
        negative = ctx.emit("EQUAL", found, ctx.constant(-1, own))
        found = ctx.emit("SELECT_V2", negative, ctx.constant(0, own), found)
    infinity, info = INFINITY[x.dtype], np.iinfo(own.numpy)
    above = ctx.emit("GREATER", found, ctx.constant(infinity, own))
    below = ctx.emit("LESS", found, ctx.constant(-infinity - 1, own))
    nan = ctx.constant(info.max if nan_greatest else info.min, own)
    return ctx.emit("SELECT_V2", ctx.emit("LOGICAL_OR", above, below), nan, found)


def _turned(ctx: Context, bits: Edge) -> Edge:
    """All bits but the sign's flipped where that is set: there and back."""
    own = bits.dtype
    flipped = ctx.emit("SUB", ctx.constant(-1, own), bits)
    low = ctx.constant(np.iinfo(own.numpy).min, own)
    negative = ctx.emit("LESS", bits, ctx.constant(0, own))
    return ctx.emit("SELECT_V2", negative, ctx.emit("ADD", flipped, low), bits)


def from_keys(ctx: Context, found: Edge, dtype: DType) -> Edge:
    """The elements whose keys they are."""
    if dtype is DType.U64:
        return ctx.bitcast(ctx.emit("ADD", found, ctx.constant(-(1 << 63), DType.I64)), dtype)
    if dtype.is_integer or dtype is DType.BOOL:
        return ctx.cast(found, dtype)
    wide = DType.F64 if dtype is DType.F64 else DType.F32
    return ctx.cast(ctx.bitcast(_turned(ctx, found), wide), dtype)


def downwards(ctx: Context, found: Edge) -> Edge:
    """The same keys, the greatest first."""
    if found.dtype.kind == "uint":
        found = ctx.cast(found, DType.I32)
    return ctx.emit("SUB", ctx.constant(-1, found.dtype), found)
