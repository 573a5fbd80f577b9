"""Linear ops with constant weights: where the channels of their results, and of their data, are in the weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from interlingua.ir.graph import Node
from interlingua.ir.op import Op
from interlingua.ir.ops.contraction import Gemm, MatMul
from interlingua.ir.ops.convolution import Conv, ConvTranspose
from interlingua.ir.ops.norm import BatchNorm
from interlingua.ir.weights import Weight
from interlingua.passes.fusion.folded import Array
from interlingua.passes.rewrite.values import weight_of

BIAS = 2
"""The operand that is the bias, of every op here that has one."""


@dataclass(frozen=True, slots=True)
class Channels:
    """Channels, of the result or of the data, in a weight.

    Attributes:
        operand: which one the weight is.
        weight: its handle.
        axis: of the channels in the result, or in the data.
        extent: how many there are.
        spread: of a number a channel, an array that broadcasts to the weight.
        gather: of an array like the weight, the largest element of each channel.
        shift: of the weight in float64 and a shift of the data, a number a channel, what it adds to each channel of the
            result; ``None`` where that is not the same at every place.
    """

    operand: int
    weight: Weight
    axis: int
    extent: int
    spread: Callable[[Array], Array]
    gather: Callable[[Array], Array]
    shift: Callable[[Array, Array], Array] | None = None

    @property
    def data(self) -> int:
        """Which operand the data is: the weight is the other of the first two."""
        return 1 - self.operand

    @property
    def peaks(self) -> Array:
        """The largest magnitude of the weights of each channel."""
        with np.errstate(all="ignore"):
            return np.asarray(self.gather(np.abs(self.weight.view()))).astype(np.float64)


Shift = Callable[[Array, Array], Array]


def _plain(operand: int, weight: Weight, at: int, axis: int, shift: Shift | None = None) -> Channels:
    """Channels that are the axis ``at`` of the weight."""
    rank = len(weight.shape)
    others = tuple(i for i in range(rank) if i != at % rank)
    shape = tuple(1 if i in others else -1 for i in range(rank))
    extent = weight.shape[at]

    def gather(a: Array) -> Array:
        largest: Array = a.max(axis=others, initial=0)
        return largest

    return Channels(operand, weight, axis, extent, lambda v: v.reshape(shape), gather, shift)


def _grouped(weight: Weight, groups: int, axis: int, shift: Shift | None = None) -> Channels:
    """Channels of which each group has those of the weight's axis 1, the groups being runs of its axis 0."""
    rows, each, *kernel = weight.shape

    def spread(v: Array) -> Array:
        return np.repeat(v.reshape(groups, each), rows // groups, axis=0).reshape(rows, each, *(1 for _ in kernel))

    def gather(a: Array) -> Array:
        largest: Array = a.reshape(groups, rows // groups, each, math.prod(kernel)).max(axis=(1, 3), initial=0)
        return largest.reshape(-1)

    return Channels(1, weight, axis, groups * each, spread, gather, shift)


def _channel_axis(op: Conv | ConvTranspose) -> int:
    return 1 if op.layout == "channels_first" else -1


def _conv_result(node: Node) -> Channels | None:
    weight = weight_of(node.operands[1])
    return None if weight is None else _plain(1, weight, 0, _channel_axis(node.op))  # type: ignore[arg-type]


def _conv_data(node: Node) -> Channels | None:
    op, weight = node.op, weight_of(node.operands[1])
    assert isinstance(op, Conv)
    if weight is None:
        return None
    found = _grouped(weight, op.groups, _channel_axis(op))

    def shift(w: Array, t: Array) -> Array:
        return np.asarray((w * found.spread(t)).reshape(w.shape[0], -1).sum(axis=1))

    return found if any(op.pads) else _grouped(weight, op.groups, _channel_axis(op), shift)


def _transposed_result(node: Node) -> Channels | None:
    op, weight = node.op, weight_of(node.operands[1])
    assert isinstance(op, ConvTranspose)
    return None if weight is None else _grouped(weight, op.groups, _channel_axis(op))


def _transposed_data(node: Node) -> Channels | None:
    """A shift does not come through alike: at the borders fewer elements meet."""
    weight = weight_of(node.operands[1])
    return None if weight is None else _plain(1, weight, 0, _channel_axis(node.op))  # type: ignore[arg-type]


def _gemm_result(node: Node) -> Channels | None:
    op = node.op
    assert isinstance(op, Gemm)
    left, right = weight_of(node.operands[0]), weight_of(node.operands[1])
    if right is not None:
        return _plain(1, right, 0 if op.trans_b else 1, 1)
    return None if left is None else _plain(0, left, 1 if op.trans_a else 0, 0)


def _gemm_data(node: Node) -> Channels | None:
    op = node.op
    assert isinstance(op, Gemm)
    left, right = weight_of(node.operands[0]), weight_of(node.operands[1])

    def shift(w: Array, t: Array) -> Array:
        inner = (1 if op.trans_b else 0) if right is not None else (0 if op.trans_a else 1)
        return np.asarray(op.alpha * np.tensordot(w, t, ((inner,), (0,))))

    if right is not None:
        return _plain(1, right, 1 if op.trans_b else 0, 0 if op.trans_a else 1, shift)
    return None if left is None else _plain(0, left, 0 if op.trans_a else 1, 1 if op.trans_b else 0, shift)


def _matmul_sides(node: Node) -> tuple[Weight | None, Weight | None, bool]:
    """The weights of at least two axes on either side, and whether the data is a vector."""
    left, right = (w if w is not None and len(w.shape) > 1 else None for w in map(weight_of, node.operands))
    data = node.operand(0 if right is not None else 1)
    return left, right, data.tensor.rank == 1


def _matmul_result(node: Node) -> Channels | None:
    left, right, vector = _matmul_sides(node)
    if right is not None:
        return _plain(1, right, -1, -1)
    return None if left is None else _plain(0, left, -2, -1 if vector else -2)


def _matmul_data(node: Node) -> Channels | None:
    left, right, vector = _matmul_sides(node)

    def shift(w: Array, t: Array) -> Array:
        return np.asarray(t @ w if right is not None else w @ t)

    weight = left if right is None else right
    given = shift if weight is not None and len(weight.shape) == 2 else None
    if right is not None:
        return _plain(1, right, -2, -1, given)
    return None if left is None else _plain(0, left, -1, -1 if vector else -2, given)


def _normalized_result(node: Node) -> Channels | None:
    op, scale = node.op, weight_of(node.operands[1])
    assert isinstance(op, BatchNorm)
    return None if scale is None else _plain(1, scale, 0, op.axis)


_RESULTS: dict[type[Op], Callable[[Node], Channels | None]] = {
    Conv: _conv_result,
    ConvTranspose: _transposed_result,
    Gemm: _gemm_result,
    MatMul: _matmul_result,
    BatchNorm: _normalized_result,
}
_DATA: dict[type[Op], Callable[[Node], Channels | None]] = {
    Conv: _conv_data,
    ConvTranspose: _transposed_data,
    Gemm: _gemm_data,
    MatMul: _matmul_data,
}
LINEAR = tuple(_RESULTS)
"""Ops whose results' channels can be scaled and shifted."""


def channels_of_result(node: Node) -> Channels | None:
    """The channels of the result in the weight; ``None`` where that is no constant."""
    return _RESULTS[type(node.op)](node)


def channels_of_data(node: Node) -> Channels | None:
    """The channels of the data in the weight; ``None`` where that is no constant."""
    return _DATA[type(node.op)](node)
