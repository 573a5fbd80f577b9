"""Arithmetic that changes no value: neutral numbers, and ops that undo or repeat themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.activation import Relu
from interlingua.ir.ops.binary import Add, Div, Mul, Pow, Sub
from interlingua.ir.ops.logic import And, Not, Or, ShiftLeft, ShiftRight, Xor
from interlingua.ir.ops.math import FloorDiv
from interlingua.ir.ops.unary import Abs, Ceil, Floor, Neg, Round, Sign
from interlingua.ir.weights import trains
from interlingua.passes.rewrite.pattern import Match, Number, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, When, rule
from interlingua.passes.rewrite.values import CONTENTS, is_number, same_type, weight_of

X = Var("x")
BOTH_ZEROS = Number(name="zero")
IDEMPOTENT = (Abs, Floor, Ceil, Round, Sign, Relu)


def _unless_grown(m: Match) -> Value | None:
    """``x``, unless the other operand broadcasts it."""
    return m["x"] if same_type(m["x"].type, m.root.result.type) else None


@rule(
    OpPattern(Mul, X, Number(1)),
    OpPattern((Div, FloorDiv), X, Number(1), where=lambda n: isinstance(n.op, Div) or _integral(n.operand(0))),
    OpPattern(Pow, X, Number(1)),
)
def drop_one(m: Match, b: Builder) -> Value | None:
    """``x·1 = x / 1 = x**1 = x``; x // 1 for integers."""
    return _unless_grown(m)


@rule(OpPattern((Add, Sub), X, BOTH_ZEROS), OpPattern(Add, BOTH_ZEROS, X))
def drop_zero(m: Match, b: Builder) -> Value | None:
    """``x + (-0.0) = x - 0.0 = x`` for floats: ``-0.0 + 0.0`` is 0.0. ``x + 0 = x - 0 = x`` for integers."""
    neutral = -0.0 if isinstance(m.root.op, Add) and not _integral(m["x"]) else 0.0
    return _unless_grown(m) if is_number(m["zero"], neutral) else None


def _integral(value: Value) -> bool:
    return value.tensor.dtype.is_integer


@rule(OpPattern((Or, Xor, ShiftLeft, ShiftRight), X, Number(0)))
def drop_no_bits(m: Match, b: Builder) -> Value | None:
    """``x | 0 = x ^ 0 = x << 0 = x >> 0 = x``."""
    return _unless_grown(m)


@rule(OpPattern(And, X, Number(1), where=lambda n: n.result.tensor.dtype.kind == "bool"))
def drop_true(m: Match, b: Builder) -> Value | None:
    """``x and true = x``."""
    return _unless_grown(m)


@rule(OpPattern(Neg, OpPattern(Neg, X)), OpPattern(Not, OpPattern(Not, X)), shared=True)
def drop_double(m: Match, b: Builder) -> Value:
    """``-(-x) = x``, ``not not x = x``: every bit."""
    return m["x"]


@rule(*(OpPattern(op, OpPattern(op, ..., name="inner")) for op in IDEMPOTENT), shared=True)
def drop_repeated(m: Match, b: Builder) -> Value:
    """``f(f(x)) = f(x)`` for abs, floor, ceil, round, sign and relu."""
    return m.nodes["inner"].result


@rule(OpPattern(Abs, OpPattern(Neg, Var("x", lambda v: v.tensor.dtype.kind != "uint"))), shared=True)
def drop_sign(m: Match, b: Builder) -> Value:
    """``|-x| = |x|``; not for unsigned integers, which wrap."""
    return b(Abs(), m["x"])


@rule(OpPattern(Mul, Var("x", _integral), Number(0)))
def zero_of_integers(m: Match, b: Builder) -> Value | None:
    """``x·0 = 0`` for integers, where the result is small and its shape known; a float may be NaN or infinite."""
    result = m.root.result.tensor
    shape = result.static_shape
    if shape is None or int(np.prod(shape)) > CONTENTS:
        return None
    return b.constant(np.zeros(shape, result.dtype.numpy))


@dataclass(frozen=True, slots=True)
class Arithmetic(RulePass):
    """Exact."""

    name: ClassVar[str] = "drop-neutral-arithmetic"
    rules: ClassVar[tuple[Rule, ...]] = (
        drop_one,
        drop_zero,
        drop_no_bits,
        drop_true,
        drop_double,
        drop_repeated,
        drop_sign,
        zero_of_integers,
    )


def _keeps_parameters(m: Match) -> bool:
    """Whether no operand is a parameter of several elements, as a scale is that is 1 before training."""
    weights = [weight for o in m.root.operands if (weight := weight_of(o)) is not None]
    return not any(trains(w) and w.size > 1 for w in weights)


STAYS = When("a parameter would go", _keeps_parameters)


@dataclass(frozen=True, slots=True)
class NumericArithmetic(RulePass):
    """As ``drop-neutral-arithmetic``; parameters stay, whatever they are at the moment."""

    name: ClassVar[str] = "drop-neutral-numbers"
    rules: ClassVar[tuple[Rule, ...]] = tuple(
        replace(each, name=f"{each.name}-but-parameters", when=(STAYS,)) if each in (drop_one, drop_zero) else each
        for each in Arithmetic.rules
    )
