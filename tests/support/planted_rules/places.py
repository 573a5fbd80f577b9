"""Bad rules about axes, places and padding."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.activation import Relu
from interlingua.ir.ops.binary import Max
from interlingua.ir.ops.convolution import Conv
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.math import Sigmoid
from interlingua.ir.ops.pooling import AvgPool, MaxPool
from interlingua.ir.ops.reduction import ArgMax, CumSum, ReduceSum
from interlingua.ir.ops.shape import Pad, Reshape, Reverse, Slice, Transpose
from interlingua.ir.ops.softmax import Softmax
from interlingua.ir.ops.unary import Exp, Floor, Sqrt, Tanh
from interlingua.passes.rewrite.pattern import Match, Number, OpPattern, Var
from support.planted_rules.base import A, W, X, bad


@bad(OpPattern(Transpose, OpPattern(Transpose, X, name="inner"), name="outer"))
def transposes_in_the_wrong_order(m: Match, b: Builder) -> Value:
    """``p∘q`` taken for ``q∘p``."""
    inner, outer = m.op("inner").perm, m.op("outer").perm
    return b(Transpose(tuple(outer[axis] for axis in inner)), m["x"])


@bad(OpPattern(Reshape, OpPattern(Transpose, X), A))
def reshape_past_a_transpose(m: Match, b: Builder) -> Value:
    """``reshape(transpose(x)) = reshape(x)``: only where axes of one move."""
    return b(Reshape(), m["x"], m["a"])


@bad(
    OpPattern(Slice, OpPattern(Slice, X, Var("f"), Var("g"), ..., name="inner"), Var("h"), Var("i"), ..., name="outer")
)
def slice_slice(m: Match, b: Builder) -> Value | None:
    """Starts are added: steps are forgotten, and what counts from the end."""
    first, second = (m.integers(n) for n in "fh")
    if first is None or second is None or m.op("inner").axes != m.op("outer").axes:
        return None
    made = [p + q for p, q in zip(first, second, strict=True)]
    return b(Slice(m.op("outer").axes), m["x"], b.constant(made, DType.I64), m["g"], *m.nodes["outer"].operands[3:])


@bad(OpPattern(Slice, X, Var("f"), Var("g"), name="slice"))
def slice_from_before_the_start(m: Match, b: Builder) -> Value | None:
    """A start before the first element counts from the end once more."""
    starts, shape, axes = m.integers("f"), m["x"].tensor.shape, m.op("slice").axes
    if starts is None or shape is None or not all(isinstance(shape[a], int) for a in axes):
        return None
    made = [s + shape[a] if s < -shape[a] else s for s, a in zip(starts, axes, strict=True)]  # type: ignore[operator]
    if made == starts or 0 in (shape[a] for a in axes):
        return None
    return b(Slice(axes), m["x"], b.constant(np.array(made)), m["g"])


def padding(m: Match, pool: Any) -> tuple[int, ...] | None:
    """The pads of ``pool`` with those of the padding before it, where that is of spatial axes alone."""
    amounts = m.integers("a")
    if amounts is None or min(amounts, default=-1) < 0 or pool.layout != "channels_first":
        return None
    before, after = amounts[: len(amounts) // 2], amounts[len(amounts) // 2 :]
    if any((*before[:2], *after[:2])) or len(pool.pads) != 2 * (len(before) - 2):
        return None
    return tuple(p + q for p, q in zip(pool.pads, (*before[2:], *after[2:]), strict=True))


PADDED = (
    OpPattern(Pad, X, A, name="pad", mode="constant"),
    OpPattern(Pad, X, A, Number(0), name="pad", mode="constant"),
)


def padded(root: Any, *operands: Any) -> tuple[OpPattern, ...]:
    return tuple(OpPattern(root, inner, *operands, name="root") for inner in PADDED)


@bad(*padded(MaxPool))
def pad_zero_max_pool(m: Match, b: Builder) -> Value | None:
    """Zeros are no -inf."""
    pads = padding(m, m.op("root"))
    return None if pads is None else b(replace(m.op("root"), pads=pads), m["x"])


@bad(*padded(AvgPool), contract="rounding")
def pad_avg_pool(m: Match, b: Builder) -> Value | None:
    """A pool that does not count its padding."""
    pads = padding(m, m.op("root"))
    return None if pads is None else b(replace(m.op("root"), pads=pads), m["x"])


@bad(OpPattern(Conv, OpPattern(Pad, X, A, ..., name="pad"), W, name="root"), contract="rounding")
def pad_conv(m: Match, b: Builder) -> Value | None:
    """The mode and the value are not looked at."""
    pads = padding(m, m.op("root"))
    return None if pads is None else b(replace(m.op("root"), pads=pads), m["x"], m["w"])


@bad(OpPattern(Pad, OpPattern(Pad, X, A, ..., name="inner"), Var("e"), ..., name="outer"))
def pad_pad(m: Match, b: Builder) -> Value | None:
    """Amounts are added: signs, modes and values are not looked at."""
    first, second = m.integers("a"), m.integers("e")
    if first is None or second is None:
        return None
    made = b.constant(np.array([p + q for p, q in zip(first, second, strict=True)]))
    return b(m.op("outer"), m["x"], made, *m.nodes["outer"].operands[2:])


@bad(OpPattern(ArgMax, OpPattern((Exp, Sigmoid, Tanh, Relu, Sqrt, Floor), X), name="root"))
def argmax_of_monotone(m: Match, b: Builder) -> Value:
    """What saturates makes ties."""
    return b(m.op("root"), m["x"])


@bad(OpPattern(ReduceSum, OpPattern(Transpose, X, name="t"), name="root"), contract="rounding")
def sum_of_transposed(m: Match, b: Builder) -> Value | None:
    """The axes are not mapped."""
    return b(m.op("root"), m["x"])


@bad(OpPattern(ReduceSum, OpPattern(ReduceSum, X, name="inner", keepdims=False), name="outer", keepdims=False))
def sum_of_sums(m: Match, b: Builder) -> Value | None:
    """The axes of the outer one are those of what the inner one left."""
    axes = tuple(dict.fromkeys((*m.op("inner").axes, *m.op("outer").axes)))
    made = ReduceSum(axes)
    expected = len(m.op("inner").axes) + len(m.op("outer").axes)
    some = m.op("inner").axes and m.op("outer").axes
    return b(made, m["x"]) if some and len({a % m["x"].tensor.rank for a in axes}) == expected else None


@bad(OpPattern(Gather, X, A, name="root"))
def indices_from_the_front(m: Match, b: Builder) -> Value:
    """A negative index is taken for 0."""
    if isinstance(m["a"].node.op if m["a"].node else None, Max):
        return None
    return b(m.op("root"), m["x"], b(Max(), m["a"], b.scalar(0, m["a"])))


@bad(OpPattern(Reverse, OpPattern(Reverse, X)))
def reverse_reverse(m: Match, b: Builder) -> Value:
    """The axes may be others."""
    return m["x"]


@bad(OpPattern(CumSum, OpPattern(Reverse, X), ..., name="root"), contract="rounding")
def sum_from_the_end(m: Match, b: Builder) -> Value:
    """What is summed from the end is not turned round."""
    made = replace(m.op("root"), reverse=not m.op("root").reverse)
    return b(made, m["x"], *m.root.operands[1:])


@bad(OpPattern(Softmax, OpPattern(Transpose, X, name="t"), name="root"), contract="rounding")
def softmax_before_transpose(m: Match, b: Builder) -> Value:
    """The axis is not mapped."""
    return b(m.op("t"), b(m.op("root"), m["x"]))
