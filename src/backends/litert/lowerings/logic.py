"""Logic, bits, comparison and selection."""

from __future__ import annotations

from typing import Any

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.lowering import Condition, Lowerings
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.logic import And, Eq, Le, Lt, Not, Or, Select, ShiftRight, Xor
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
    return ctx.emit("BITWISE_XOR", a, b)


@TABLE.lower(Not)
def invert(op: Not, ctx: Context, x: Edge) -> Edge:
    """The bits of an integer are flipped by subtracting it from all ones."""
    if x.dtype is DType.BOOL:
        return ctx.emit("LOGICAL_NOT", x)
    ones = -1 if x.dtype.kind == "int" else (1 << x.dtype.bits) - 1
    return ctx.emit("SUB", ctx.constant(ones, x.dtype), x)


@TABLE.lower(ShiftRight)
def shift_right(op: ShiftRight, ctx: Context, a: Edge, b: Edge) -> Edge:
    return ctx.emit("RIGHT_SHIFT", a, b)


@TABLE.lower(*COMPARISONS)
def compare(op: Any, ctx: Context, a: Edge, b: Edge) -> Edge:
    return ctx.emit(COMPARISONS[type(op)], a, b)


@TABLE.lower(Select)
def select(op: Select, ctx: Context, condition: Edge, a: Edge, b: Edge) -> Edge:
    return ctx.emit("SELECT_V2", condition, a, b)
