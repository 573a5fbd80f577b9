"""Affine steps folded into the weights and the bias of a linear op, before it or after it."""

from __future__ import annotations

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Node, Value
from interlingua.ir.ops.binary import Add
from interlingua.ir.ops.contraction import Gemm, MatMul
from interlingua.ir.weights import RoundedWeight, Weight
from interlingua.passes.fusion.affine import Affine
from interlingua.passes.fusion.folded import (
    Array,
    exact_of,
    keeps_range,
    representable,
    scaled,
)
from interlingua.passes.fusion.linear import BIAS, Channels, channels_of_data, channels_of_result
from interlingua.passes.rewrite.values import same_type, weight_of

CANCELLED = 2.0**-10
"""What is left, of a sum, where it is taken that its parts were meant to cancel each other."""


def cancels(part: Array, total: Array) -> bool:
    """Whether a shift takes back another one: adding a large number and taking it away again rounds on purpose."""
    return bool(np.any(part != 0) and np.all(np.abs(total) <= CANCELLED * np.abs(part)))


def fold_after(b: Builder, node: Node, step: Affine, deliberate: bool = True) -> Value | None:
    """``node`` with ``step`` of its result folded in; ``None`` where that cannot be.

    ``deliberate`` is whether shifts that cancel each other may be meant to round.
    """
    dtype, channels = node.result.tensor.dtype, channels_of_result(node)
    if channels is None or dtype not in FLOATS:
        return None
    after = step.along(channels.axis, node.result.tensor.rank, channels.extent)
    if after is None or not _scalable(dtype, channels, after):
        return None
    weight = scaled(channels.weight, channels.spread(after.scale))
    return _rebuilt(b, node, node.operand(channels.data), channels, weight, after, deliberate)


def fold_before(b: Builder, node: Node, x: Value, step: Affine) -> Value | None:
    """``node`` of ``x``, with the ``step`` of it that was its data folded in; ``None`` where that cannot be."""
    dtype, data, result = x.tensor.dtype, channels_of_data(node), channels_of_result(node)
    if data is None or result is None or dtype not in FLOATS:
        return None
    if not same_type(x.type, node.operand(data.data).type):
        return None  # the step repeats it along axes
    before = step.along(data.axis, x.tensor.rank, data.extent)
    if before is None or not _scalable(dtype, data, before):
        return None
    shift = np.zeros(result.extent)
    if before.shifts:
        if data.shift is None or (isinstance(node.op, MatMul) and node.result.tensor.rank != 2):
            return None
        shift = data.shift(exact_of(data.weight), before.shift)
    weight = scaled(data.weight, data.spread(before.scale))
    return _rebuilt(b, node, x, result, weight, Affine(np.ones(result.extent), shift, before.shifts), deliberate=True)


def _scalable(dtype: DType, channels: Channels, step: Affine) -> bool:
    return not step.scales or keeps_range(dtype, channels.peaks, step.scale)


def _rebuilt(
    b: Builder, node: Node, x: Value, result: Channels, weight: Weight, after: Affine, deliberate: bool
) -> Value | None:
    """``node`` of ``x`` by ``weight``, the bias that it had taken through ``after``."""
    operands: list[Value | None] = [*node.operands[:BIAS], *[None] * (BIAS - len(node.operands))]
    operands[result.data] = x
    if weight is not result.weight:
        operands[result.operand] = b.weight(weight, _name(node.operands[result.operand]))
    if isinstance(node.op, MatMul):
        return _product(b, node, operands, result, after)
    bias = node.operands[BIAS] if len(node.operands) > BIAS else None
    if bias is not None or after.adds:
        found = _bias(node, bias, result, after, deliberate)
        if found is None:
            return None
        bias = b.weight(RoundedWeight(x.tensor.dtype, found), _name(bias))
    op = Gemm(node.op.alpha, 1.0, node.op.trans_a, node.op.trans_b) if isinstance(node.op, Gemm) else node.op
    return b(op, *operands, bias, *node.operands[BIAS + 1 :])


def _name(value: Value | None) -> str:
    """What replaces a parameter bears its name."""
    return "" if value is None else value.name


def _bias(node: Node, bias: Value | None, result: Channels, after: Affine, deliberate: bool) -> Array | None:
    """The bias in float64 taken through ``after``, no larger than it was or than the channels are."""
    old = weight_of(bias)
    if bias is not None and old is None:
        return None
    scale, shift = (
        _column(v) if node.op.name == Gemm.name and result.axis == 0 else v for v in (after.scale, after.shift)
    )
    if old is None:
        found = shift
    else:
        kept = exact_of(old) * scale * (node.op.beta if isinstance(node.op, Gemm) else 1)
        found = kept + shift
        if found.size > max(old.size, result.extent) or (deliberate and cancels(kept, found)):
            return None
    return np.array(found) if representable(node.result.tensor.dtype, found) else None


def _column(v: Array) -> Array:
    return v.reshape(-1, 1)


def _product(b: Builder, node: Node, operands: list[Value | None], result: Channels, after: Affine) -> Value | None:
    """A matmul has no bias: a matrix gets one as gemm, and any other an addition, unless that is all there was."""
    if not after.adds:
        return b(MatMul(), *operands)
    matrix = node.result.tensor.rank == 2 and all(o is not None and o.tensor.rank == 2 for o in operands)
    dtype = node.result.tensor.dtype
    if not representable(dtype, after.shift) or not (matrix or after.scales):
        return None
    by_row = result.axis == -2
    bias = b.weight(RoundedWeight(dtype, np.array(_column(after.shift) if by_row else after.shift)))
    return b(Gemm(), *operands, bias) if matrix else b(Add(), b(MatMul(), *operands), bias)
