"""Pads: those that add nothing, those in a row, those that a convolution or a pooling does itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node, Value
from interlingua.ir.ops.convolution import Conv
from interlingua.ir.ops.pooling import AvgPool, MaxPool
from interlingua.ir.ops.shape import Pad
from interlingua.passes.rewrite.pattern import Match, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, When, rule
from interlingua.passes.rewrite.values import integers_of, is_number, one_value

X = Var("x")
PAD = OpPattern(Pad, X, ..., name="pad", mode="constant")


def _value(node: Node) -> Value | None:
    return node.operands[2] if len(node.operands) > 2 else None


def _puts_zeros(m: Match) -> bool:
    value = _value(m.nodes["pad"])
    return value is None or is_number(value, 0.0)


def _puts_least(m: Match) -> bool:
    value, dtype = _value(m.nodes["pad"]), m["x"].tensor.dtype
    least = -math.inf if dtype.is_float else int(np.iinfo(dtype.numpy).min) if dtype.is_integer else None
    return value is not None and least is not None and is_number(value, least)


ZEROS = When("it pads with 0.0, not -0.0", _puts_zeros)
LEAST = When("it pads with what never is the largest", _puts_least)
NO_CEIL = When("no partial window counts", lambda m: not m.op("pool").ceil_mode)


def _spatial(m: Match, layout: str) -> tuple[int, ...] | None:
    """The amounts along the spatial axes, all begins, then all ends, where they are known, none is negative, and
    batch and channels are not padded."""
    amounts, rank = integers_of(m.nodes["pad"].operand(1)), m["x"].tensor.rank
    if amounts is None or min(amounts, default=0) < 0:
        return None
    axes = range(2, rank) if layout == "channels_first" else range(1, rank - 1)
    others = [i for i in range(rank) if i not in axes]
    if any(amounts[i] or amounts[rank + i] for i in others):
        return None
    return tuple(amounts[side + i] for side in (0, rank) for i in axes)


def _sum(a: Sequence[int], b: Sequence[int]) -> tuple[int, ...]:
    return tuple(p + q for p, q in zip(a, b, strict=True))


@rule(OpPattern(Pad, X, Var("amounts"), ...))
def drop_pad(m: Match, b: Builder) -> Value | None:
    """``pad(x, 0) = x``, in every mode."""
    amounts = m.integers("amounts")
    return m["x"] if amounts is not None and not any(amounts) else None


@rule(OpPattern(Pad, PAD, ..., name="outer", mode="constant"))
def merge_pads(m: Match, b: Builder) -> Value | None:
    """``pad(pad(x, p), q) = pad(x, p + q)`` with the same constant; nothing negative, which would cut."""
    inner, outer = m.nodes["pad"], m.nodes["outer"]
    first, then = integers_of(inner.operand(1)), integers_of(outer.operand(1))
    values = _value(inner), _value(outer)
    if first is None or then is None or min(first, default=0) < 0 or min(then, default=0) < 0:
        return None
    if values != (None, None) and (None in values or not one_value(*values)):
        return None
    return b(Pad("constant"), m["x"], b.constant(_sum(first, then), DType.I64), values[0])


@rule(OpPattern(Conv, PAD, ..., name="conv"), when=[ZEROS])
def pad_in_conv(m: Match, b: Builder) -> Value | None:
    """``conv(pad(x, p)) = conv(x)`` padded by ``p`` more: zeros, along the spatial axes, none negative."""
    op: Conv = m.op("conv")
    more = _spatial(m, op.layout)
    return None if more is None else b(replace(op, pads=_sum(op.pads, more)), m["x"], *m.nodes["conv"].operands[1:])


def _fits(op: Any, pads: tuple[int, ...]) -> bool:
    """Whether no window is wholly in the padding, which runtimes refuse."""
    n = len(op.window)
    return all(pads[i] < op.window[i % n] for i in range(2 * n))


@rule(OpPattern(MaxPool, PAD, name="pool"), when=[LEAST, NO_CEIL])
def pad_in_max_pool(m: Match, b: Builder) -> Value | None:
    """``max_pool(pad(x, p, -inf)) = max_pool(x)`` padded by ``p`` more: its own padding never counts."""
    op: MaxPool = m.op("pool")
    more = _spatial(m, op.layout)
    if more is None or not _fits(op, _sum(op.pads, more)):
        return None
    return b(replace(op, pads=_sum(op.pads, more)), m["x"])


@rule(OpPattern(AvgPool, PAD, name="pool"), when=[ZEROS, NO_CEIL])
def pad_in_avg_pool(m: Match, b: Builder) -> Value | None:
    """``avg_pool(pad(x, p)) = avg_pool(x)`` padded by ``p`` more, where what it pads itself counts, or it pads
    nothing itself."""
    op: AvgPool = m.op("pool")
    more = _spatial(m, op.layout)
    if more is None or (any(op.pads) and not op.count_include_pad) or not _fits(op, _sum(op.pads, more)):
        return None
    return b(replace(op, pads=_sum(op.pads, more), count_include_pad=True), m["x"])


@dataclass(frozen=True, slots=True)
class Pads(RulePass):
    """Exact."""

    name: ClassVar[str] = "merge-pads"
    rules: ClassVar[tuple[Rule, ...]] = (drop_pad, merge_pads, pad_in_conv, pad_in_max_pool, pad_in_avg_pool)
