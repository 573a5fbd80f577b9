"""Normalisations: two algorithms in use that the decomposition, ``(x - m)·r`` with the variance of ``x - m``, does not
bound.

* The variance as ``E[x²] - E[x]²`` (ONNX Runtime's LayerNormalization, and others that go over ``x`` once): it loses
  what the square of the mean is larger than the variance.
* The affine form ``x·A + (b - m·A)``, ``A = s·r`` (batch and instance norms of most runtimes): it loses what ``x·A``
  and ``m·A`` are larger than their difference, and gives NaN where ``A`` is infinite.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from interlingua.equivalence.bounds.bounded import INF, Error, Step, finite
from interlingua.equivalence.bounds.rounding import REFERENCE
from interlingua.equivalence.expectation import Array
from interlingua.ir.dtypes import DType
from interlingua.runtimes.numerics import unit_roundoff

AFFINE = 5.0
"""Roundings of ``x·A``: three of ``A``, one of the product, one of the sum."""


@dataclass(frozen=True)
class Statistics:
    """What a normalisation subtracts and divides by, shaped to broadcast against ``x``."""

    x: Array
    mean: Array
    variance: Array
    scale: Array
    bias: Array
    count: int
    square: Array | None
    """The mean of the squares where the variance is computed from ``x``."""


def _of(x: Array, axes: tuple[int, ...], scale: Array, bias: Array) -> Statistics:
    mean = x.mean(axis=axes, keepdims=True)
    square = np.mean(x * x, axis=axes, keepdims=True)
    variance = np.mean(np.square(x - mean), axis=axes, keepdims=True)
    return Statistics(x, mean, variance, scale, bias, math.prod(x.shape[a] for a in axes), square)


def _along(vector: Array | None, rank: int, axis: int, default: float) -> Array:
    if vector is None:
        return np.asarray(default)
    return finite(vector).reshape((-1,) + (1,) * (rank - 1 - axis % rank))


def _given(step: Step, index: int) -> Array | None:
    return step.arrays[index] if len(step.arrays) > index else None


def _layer(step: Step) -> Statistics:
    x = finite(step.arrays[0])
    axes = tuple(range(step.op.attributes()["axis"] % x.ndim, x.ndim))
    scale, bias = _given(step, 1), _given(step, 2)
    return _of(
        x, axes, np.asarray(1.0) if scale is None else finite(scale), np.asarray(0.0) if bias is None else finite(bias)
    )


def _instance(step: Step) -> Statistics:
    x = finite(step.arrays[0])
    scale, bias = (_along(_given(step, i), x.ndim, 1, d) for i, d in ((1, 1.0), (2, 0.0)))
    return _of(x, tuple(range(2, x.ndim)), scale, bias)


def _group(step: Step) -> Statistics:
    x, groups = finite(step.arrays[0]), step.op.attributes()["groups"]
    each = x.reshape(x.shape[0], groups, -1)
    found = _of(each, (2,), np.asarray(1.0), np.asarray(0.0))
    spread = [
        np.broadcast_to(s, each.shape).reshape(x.shape)
        for s in (found.mean, found.variance, found.square)
        if s is not None
    ]
    scale, bias = (_along(_given(step, i), x.ndim, 1, d) for i, d in ((1, 1.0), (2, 0.0)))
    return Statistics(x, spread[0], spread[1], scale, bias, found.count, spread[2])


def _batch(step: Step) -> Statistics:
    x, axis = finite(step.arrays[0]), step.op.attributes()["axis"]
    scale, bias, mean, variance = (_along(step.arrays[i], x.ndim, axis, 0.0) for i in (1, 2, 3, 4))
    return Statistics(x, mean, variance, scale, bias, 1, None)


STATISTICS: dict[str, Callable[[Step], Statistics]] = {
    "nn.layer_norm": _layer,
    "nn.instance_norm": _instance,
    "nn.group_norm": _group,
    "nn.batch_norm": _batch,
}


def normalisation(step: Step) -> Error:
    """What the other two algorithms may be off."""
    if not step.results[0].size:
        return None
    s, dtype = STATISTICS[step.name](step), step.dtypes[0]
    u = unit_roundoff(DType.F32 if dtype in (DType.F16, DType.BF16) else dtype) + REFERENCE
    room = s.variance + step.op.attributes()["epsilon"]
    inverse = 1.0 / np.sqrt(room)
    slope = np.abs(s.scale) * inverse
    found = AFFINE * u * (np.abs(s.x) + np.abs(s.mean)) * slope + 2 * u * np.abs(s.bias)
    if s.square is not None:
        lost = u * (min(4 * math.sqrt(s.count), s.count) + 3.0) * s.square
        least = room - lost
        low, high = 1.0 / np.sqrt(room + lost), np.where(least > 0, 1.0 / np.sqrt(np.maximum(least, 0.0)), INF)
        reach = np.abs(s.x - s.mean) * np.abs(s.scale)
        moved = np.maximum(inverse - low, high - inverse) * reach
        found = found + np.where(reach == 0, 0.0, moved)
    found = np.where(np.isfinite(found), found, INF)
    y = step.results[0]
    singular = np.broadcast_to(~np.isfinite(slope) & (room >= 0), y.shape)
    singular = singular | np.isinf(y)
    return np.where(singular, INF, np.where(np.isfinite(y), np.broadcast_to(found, y.shape), 0.0))
