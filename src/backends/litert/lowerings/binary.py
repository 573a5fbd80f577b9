"""Arithmetic ops of two operands."""

from __future__ import annotations

from typing import Any

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.fusion import biased
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.lowerings.common import extreme, single
from interlingua.backends.litert.lowerings.keys import from_keys, keys
from interlingua.backends.lowering import Condition, Lowerings, dtypes
from interlingua.ir.dtypes import FLOATS, INTEGERS, DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.binary import Add, Atan2, Div, Max, Min, Mul, Pow, Rem, Sub
from interlingua.ir.ops.math import FloorDiv, Mod

TABLE = Lowerings()

NAMES = {Sub: "SUB", Mul: "MUL", Div: "DIV", FloorDiv: "FLOOR_DIV", Mod: "FLOOR_MOD"}
EXTREMES = {Max: "MAXIMUM", Min: "MINIMUM"}


@TABLE.lower(Add)
def add(op: Add, ctx: Context, a: Edge, b: Edge) -> Edge:
    """A vector added to what a convolution or a matrix product gives is its bias."""
    for i, (x, bias) in enumerate(((a, b), (b, a))):
        if biased(ctx, x, bias, i):
            return x
    return ctx.emit("ADD", a, b)


def _counts(node: Node, _: Any) -> bool:
    """Whether the operands are sizes or positions: LiteRT's own are int32."""
    types = [node.result.tensor, *(node.operand(i).tensor for i in (0, 1))]
    return types[0].dtype is DType.I64 and all(t.elements is not None for t in types)


COUNTS = Condition("int64 that is no size", _counts)


@TABLE.lower(Div, FloorDiv, when=[COUNTS])
def quotient_of_sizes(op: Any, ctx: Context, a: Edge, b: Edge) -> Edge:
    return ctx.cast(ctx.emit(NAMES[type(op)], ctx.index(a), ctx.index(b)), DType.I64)


@TABLE.lower(Sub, Mul, Div)
def arithmetic(op: Any, ctx: Context, a: Edge, b: Edge) -> Edge:
    return ctx.emit(NAMES[type(op)], a, b)


@TABLE.lower(FloorDiv, Mod, when=[dtypes(INTEGERS)])
def floored(op: Any, ctx: Context, a: Edge, b: Edge) -> Edge:
    return ctx.emit(NAMES[type(op)], a, b)


@TABLE.lower(Rem, when=[dtypes(INTEGERS)])
def rem(op: Rem, ctx: Context, a: Edge, b: Edge) -> Edge:
    """Of magnitudes, with the sign of the dividend: LiteRT's remainder has that of the divisor."""
    if a.dtype.kind == "uint":
        return ctx.emit("FLOOR_MOD", a, b)
    rest, zero = ctx.emit("FLOOR_MOD", a, b), ctx.constant(0, a.dtype)
    signs = ctx.emit("NOT_EQUAL", ctx.emit("LESS", a, zero), ctx.emit("LESS", b, zero))
    moved = ctx.emit("LOGICAL_AND", signs, ctx.emit("NOT_EQUAL", rest, zero))
    return ctx.emit("SELECT_V2", moved, ctx.emit("SUB", rest, b), rest)


@TABLE.lower(Rem, when=[dtypes(FLOATS)])
def float_rem(op: Rem, ctx: Context, a: Edge, b: Edge) -> Edge:
    """Of magnitudes, with the sign of the dividend: that of a zero, too."""

    def compute(a: Edge) -> Edge:
        size = ctx.emit("FLOOR_MOD", ctx.emit("ABS", a), ctx.emit("ABS", ctx.cast(b, a.dtype)))
        bits = ctx.bitcast(size, DType.I32)
        negative = ctx.emit("LESS", ctx.bitcast(a, DType.I32), ctx.constant(0))
        signed = ctx.emit("ADD", bits, ctx.constant(-(1 << 31)))  # NEG gives no zero a sign
        return ctx.bitcast(ctx.emit("SELECT_V2", negative, signed, bits), DType.F32)

    return single(ctx, a, compute)


@TABLE.lower(Max, Min)
def larger(op: Any, ctx: Context, a: Edge, b: Edge) -> Edge:
    if a.dtype is DType.U64:
        return from_keys(ctx, ctx.emit(EXTREMES[type(op)], keys(ctx, a), keys(ctx, b)), DType.U64)
    return extreme(ctx, EXTREMES[type(op)], a, b)


@TABLE.lower(Pow, when=[dtypes(FLOATS)])
def power(op: Pow, ctx: Context, a: Edge, b: Edge) -> Edge:
    return ctx.emit("POW", a, b)


def _small_exponent(node: Node, _: Any) -> bool:
    known = node.operand(1).tensor.known()
    return known is not None and len(known) == 1 and 0 < known[0] <= 64


@TABLE.lower(Pow, when=[dtypes(INTEGERS), Condition("the exponent is no small number", _small_exponent)])
def integer_power(op: Pow, ctx: Context, a: Edge, b: Edge) -> Edge:
    """By squaring: the kernel saturates where powers wrap."""
    known = ctx.type(1).known()
    assert known is not None
    found, square, left = None, ctx.broadcast_to(a, ctx.result.dims), known[0]
    while left:
        if left & 1:
            found = square if found is None else ctx.emit("MUL", found, square)
        left >>= 1
        square = ctx.emit("MUL", square, square) if left else square
    assert found is not None
    return found


@TABLE.lower(Atan2)
def atan2(op: Atan2, ctx: Context, y: Edge, x: Edge) -> Edge:
    return ctx.emit("ATAN2", y, x)
