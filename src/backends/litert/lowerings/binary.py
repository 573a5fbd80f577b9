"""Arithmetic ops of two operands."""

from __future__ import annotations

from typing import Any

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.lowerings.common import extreme
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
        if ctx.biased(x, bias, i):
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


@TABLE.lower(Max, Min)
def larger(op: Any, ctx: Context, a: Edge, b: Edge) -> Edge:
    return extreme(ctx, EXTREMES[type(op)], a, b)


def _natural(node: Node, _: Any) -> bool:
    """Whether the base is a float, or the exponent is known not to be negative: the kernel refuses others."""
    exponent = node.operand(1)
    known = exponent.tensor.known()
    return node.operand(0).tensor.dtype in FLOATS or exponent.tensor.dtype.kind == "uint" or (
        known is not None and min(known, default=0) >= 0
    )


@TABLE.lower(Pow, when=[Condition("an integer exponent may be negative", _natural)])
def power(op: Pow, ctx: Context, a: Edge, b: Edge) -> Edge:
    return ctx.emit("POW", a, b)


@TABLE.lower(Atan2)
def atan2(op: Atan2, ctx: Context, y: Edge, x: Edge) -> Edge:
    return ctx.emit("ATAN2", y, x)
