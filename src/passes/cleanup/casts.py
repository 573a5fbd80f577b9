"""Casts: to what a value is already, and by way of a wider dtype."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.convert import Cast
from interlingua.passes.rewrite.pattern import Match, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, When, rule

X = Var("x")
SMALL_FLOATS = (DType.F8E4M3, DType.F8E4M3FNUZ, DType.F8E5M2, DType.F8E5M2FNUZ)
WIDER_FLOATS: dict[DType, tuple[DType, ...]] = {
    DType.F16: (DType.F32, DType.F64),
    DType.BF16: (DType.F32, DType.F64),
    DType.F32: (DType.F64,),
    **dict.fromkeys(SMALL_FLOATS, (DType.F16, DType.BF16, DType.F32, DType.F64)),
}
"""The floats that hold every value of one, infinities and NaN among them."""
WHOLE_BITS = {DType.F16: 11, DType.BF16: 8, DType.F32: 24, DType.F64: 53}
"""Every integer of so many bits is a value of the float."""


def holds(wide: DType, narrow: DType) -> bool:
    """Whether every value of ``narrow`` is one of ``wide``."""
    if narrow is DType.BOOL:
        return wide.is_integer or wide in WHOLE_BITS
    if narrow.is_float:
        return wide in WIDER_FLOATS.get(narrow, ())
    if not narrow.is_integer:
        return False
    bits, signed = narrow.bits - (narrow.kind == "int"), narrow.kind == "int"
    if wide.is_integer:
        return wide.bits - (wide.kind == "int") >= bits and (wide.kind == "int" or not signed)
    return WHOLE_BITS.get(wide, 0) >= bits


@rule(OpPattern(Cast, X, name="cast"))
def drop_cast(m: Match, b: Builder) -> Value | None:
    """``cast(x) = x`` to the dtype that it has; no float8 that saturates, for which an infinity is none."""
    op: Cast = m.op("cast")
    same = m["x"].tensor.dtype is op.to
    return m["x"] if same and not (op.saturate and op.to.is_float) else None


WIDENS = When("the first cast keeps every value", lambda m: holds(m.op("inner").to, m["x"].tensor.dtype))


@rule(OpPattern(Cast, OpPattern(Cast, X, name="inner"), name="outer"), when=[WIDENS], shared=True)
def merge_casts(m: Match, b: Builder) -> Value | None:
    """``cast(cast(x, wide), t) = cast(x, t)`` where ``wide`` holds every value of ``x``."""
    op: Cast = m.op("outer")
    if m["x"].tensor.dtype is op.to and not (op.saturate and op.to.is_float):
        return m["x"]
    return None if op.to is DType.STRING else b(replace(op), m["x"])


@dataclass(frozen=True, slots=True)
class Casts(RulePass):
    """Exact."""

    name: ClassVar[str] = "merge-casts"
    rules: ClassVar[tuple[Rule, ...]] = (drop_cast, merge_casts)
