"""Broadcasts: that repeat nothing, in a row, before ops that broadcast by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.dims import same
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.binary import Add, Div, Max, Min, Mul, Pow, Rem, Sub
from interlingua.ir.ops.layout import Tile
from interlingua.ir.ops.logic import And, Eq, Le, Lt, Or, Select, Xor
from interlingua.ir.ops.math import FloorDiv, Ge, Gt, Mod, Ne
from interlingua.ir.ops.shape import BroadcastTo, Reverse
from interlingua.passes.rewrite.pattern import Match, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule
from interlingua.passes.rewrite.values import is_constant, same_type
from interlingua.passes.rewrite.views import is_one

X = Var("x")
BROADCASTING: tuple[type[Op], ...] = (
    Add, Sub, Mul, Div, Rem, Pow, Max, Min, FloorDiv, Mod, And, Or, Xor, Eq, Ne, Lt, Le, Gt, Ge, Select,
)  # fmt: skip


@rule(OpPattern((BroadcastTo, Tile), X, ...))
def drop_broadcast(m: Match, b: Builder) -> Value | None:
    """``broadcast_to(x, s) = x``, ``tile(x, 1) = x``, where the result has the dims of ``x`` for certain."""
    return m["x"] if same_type(m.root.result.type, m["x"].type) else None


@rule(OpPattern(Reverse, X, name="reverse"))
def drop_reverse(m: Match, b: Builder) -> Value | None:
    """``reverse(x) = x`` along axes of size 1, or none."""
    return m["x"] if all(is_one(m["x"].tensor.dims[a]) for a in m.op("reverse").axes) else None


@rule(OpPattern(BroadcastTo, OpPattern(BroadcastTo, X, ...), Var("shape")), shared=True)
def merge_broadcasts(m: Match, b: Builder) -> Value | None:
    """``broadcast_to(broadcast_to(x, s), t) = broadcast_to(x, t)`` where ``t`` alone gives the result its dims."""
    made = b(BroadcastTo(), m["x"], m["shape"])
    return made if same_type(made.type, m.root.result.type) else None


@rule(OpPattern(BroadcastTo, X, Var("shape", lambda v: not is_constant(v))))
def settle_broadcast(m: Match, b: Builder) -> Value | None:
    """``broadcast_to(x, s)`` needs no computed ``s`` where each dim of the result is an integer or that of ``x``."""
    have, wanted = m["x"].tensor.dims, m.root.result.tensor.dims
    own = [None] * (len(wanted) - len(have)) + list(have)
    sizes = [d if isinstance(d, int) else 1 if o is not None and same(o, d) is True else None
             for o, d in zip(own, wanted, strict=True)]  # fmt: skip
    return None if None in sizes else b(BroadcastTo(), m["x"], b.constant(sizes, DType.I64))


@rule(OpPattern(BROADCASTING, ...))
def broadcast_in_place(m: Match, b: Builder) -> Value | None:
    """``f(broadcast_to(x, s), y) = f(x, y)`` where the other operands give the result its dims."""
    node = m.root
    operands = [o for o in node.operands if o is not None]
    for operand in dict.fromkeys(operands):
        if operand.node is None or not isinstance(operand.node.op, BroadcastTo):
            continue
        source = operand.node.operand(0)
        made = b(node.op, *(source if o is operand else o for o in operands))
        if same_type(made.type, node.result.type):
            return made
    return None


@dataclass(frozen=True, slots=True)
class Broadcasts(RulePass):
    """Exact."""

    name: ClassVar[str] = "drop-broadcasts"
    rules: ClassVar[tuple[Rule, ...]] = (
        drop_broadcast,
        drop_reverse,
        merge_broadcasts,
        settle_broadcast,
        broadcast_in_place,
    )
