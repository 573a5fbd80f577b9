"""Logic, bits, comparison and selection."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.lowerings.keys import keys
from interlingua.backends.litert.lowerings.words import HALF, amount, by_words, looked_up, shifted_right
from interlingua.backends.lowering import Condition, Lowerings
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.logic import And, Eq, Le, Lt, Not, Or, Select, ShiftLeft, ShiftRight, Xor
from interlingua.ir.ops.math import Ge, Gt, Ne

TABLE = Lowerings()

LOGICAL = {And: "LOGICAL_AND", Or: "LOGICAL_OR", Xor: "NOT_EQUAL"}
COMPARISONS = {Eq: "EQUAL", Ne: "NOT_EQUAL", Lt: "LESS", Le: "LESS_EQUAL", Gt: "GREATER", Ge: "GREATER_EQUAL"}


def _of_bools(node: Node, _: Any) -> bool:
    return node.operand(0).tensor.dtype is DType.BOOL


BOOL = Condition("the dtype is not bool", _of_bools)


@TABLE.lower(And, Or, Xor, when=[BOOL])
def logical(op: Any, ctx: Context, a: Edge, b: Edge) -> Edge:
    return ctx.emit(LOGICAL[type(op)], a, b)


@TABLE.lower(Xor)
def bitwise_xor(op: Xor, ctx: Context, a: Edge, b: Edge) -> Edge:
    return by_words(ctx, a, b, lambda a, b: ctx.emit("BITWISE_XOR", a, b))


@TABLE.lower(And)
def bitwise_and(op: And, ctx: Context, a: Edge, b: Edge) -> Edge:
    return by_words(ctx, a, b, lambda a, b: ctx.emit("STABLEHLO_AND", a, b))


@TABLE.lower(Or)
def bitwise_or(op: Or, ctx: Context, a: Edge, b: Edge) -> Edge:
    """Bits that differ, and those that both have."""

    def compute(a: Edge, b: Edge) -> Edge:
        return ctx.emit("BITWISE_XOR", ctx.emit("BITWISE_XOR", a, b), ctx.emit("STABLEHLO_AND", a, b))

    return by_words(ctx, a, b, compute)


@TABLE.lower(Not)
def invert(op: Not, ctx: Context, x: Edge) -> Edge:
    """The bits of an integer are flipped by subtracting it from all ones."""
    if x.dtype is DType.BOOL:
        return ctx.emit("LOGICAL_NOT", x)
    ones = -1 if x.dtype.kind == "int" else (1 << x.dtype.bits) - 1
    return ctx.emit("SUB", ctx.constant(ones, x.dtype), x)


@TABLE.lower(ShiftRight)
def shift_right(op: ShiftRight, ctx: Context, a: Edge, b: Edge) -> Edge:
    return ctx.emit("RIGHT_SHIFT", a, b) if a.dtype.bits <= HALF else shifted_right(ctx, a, b)


@TABLE.lower(ShiftLeft)
def shift_left(op: ShiftLeft, ctx: Context, a: Edge, b: Edge) -> Edge:
    """Times a power of two, of a table: products wrap."""
    powers = (np.uint64(1) << np.arange(a.dtype.bits, dtype=np.uint64)).astype(a.dtype.numpy)
    return ctx.emit("MUL", a, looked_up(ctx, powers, amount(ctx, b, a.dtype.bits), a.dtype))


@TABLE.lower(*COMPARISONS)
def compare(op: Any, ctx: Context, a: Edge, b: Edge) -> Edge:
    if a.dtype is DType.U64:
        a, b = keys(ctx, a), keys(ctx, b)
    return ctx.emit(COMPARISONS[type(op)], a, b)


@TABLE.lower(Select)
def select(op: Select, ctx: Context, condition: Edge, a: Edge, b: Edge) -> Edge:
    return ctx.emit("SELECT_V2", condition, a, b)
