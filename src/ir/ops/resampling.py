"""Resizing in core ops: along each axis, gathers of the neighbours and a weighted sum.

A matrix product would spread an infinite element over the whole axis (0 · inf), so gathers it is. Where
extents are known, indices and weights are constants; else they are computed, in float64 as the reference
does.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from interlingua.errors import ConstraintError
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.kernels import resize as kernels
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.shaping import dim_of, vector
from interlingua.ir.ops.source import Constant

if TYPE_CHECKING:
    from interlingua.ir.ops.resize import Resize


def decompose(
    op: Resize, b: Builder, x: Value, sizes: Value | None, scales: Value | None, roi: Value | None
) -> Value:
    """The resized tensor."""
    a = _widened(op, Expr(b, x))
    axes = [axis % a.rank for axis in op.axes]
    plan = _static_plan(op, x, axes, sizes, scales)
    if op.antialias and op.factors is None and plan is None:
        raise ConstraintError(
            f"{op.name}: how many elements an antialiasing filter weighs is known at run time only"
        )
    crop = _static_roi(op, roi)
    outside: Expr | None = None
    dynamic = None if plan is not None else _Dynamic(op, a, axes, sizes, scales)
    for i, axis in enumerate(axes):
        size = x.tensor.dims[axis]
        if plan is not None and crop is not None and isinstance(size, int):
            out, scale = plan[i]
            if scale == 1.0 and out == size and crop[i] == (0.0, 1.0):
                continue
            at = kernels.resize_coordinates(size, out, scale, op.coordinates, crop[i])
            a = _static_axis(op, a, axis, at, size, scale)
            beyond = Expr(b, b.constant((at < 0) | (at > size - 1)))
        elif dynamic is None:
            dynamic = _Dynamic(op, a, axes, sizes, scales, plan)
            coordinates = dynamic.coordinates(i, roi)
            a, beyond = dynamic.resample(a, i, coordinates, roi), dynamic.beyond(i, coordinates)
        elif op.factors is not None and op.factors[i] == 1.0 and op.coordinates != "tf_crop_and_resize":
            continue
        else:
            coordinates = dynamic.coordinates(i, roi)
            a, beyond = dynamic.resample(a, i, coordinates, roi), dynamic.beyond(i, coordinates)
        if op.coordinates == "tf_crop_and_resize":
            beyond = beyond.along(axis, a.rank)
            outside = beyond if outside is None else outside | beyond
    if outside is not None:
        a = outside.where(a.number(op.extrapolation), a)
    return _finish(a, x)


def as_run(
    op: Resize,
    b: Builder,
    x: Value,
    sizes: Value | None = None,
    scales: Value | None = None,
    roi: Value | None = None,
) -> Value:
    """The resized tensor, its coordinates computed as runtimes do, in float32 (of data in float64, in that), whatever
    is known of extents: for how far that is off. What is nearest and what filters against aliasing is as
    :func:`decompose` has it."""
    if op.mode == "nearest" or op.antialias or op.coordinates == "tf_crop_and_resize":
        return decompose(op, b, x, sizes, scales, roi)
    a = _widened(op, Expr(b, x))
    axes = [axis % a.rank for axis in op.axes]
    plan = _static_plan(op, x, axes, sizes, scales)
    dtype = DType.F64 if x.tensor.dtype is DType.F64 else DType.F32
    dynamic = _Dynamic(op, a, axes, sizes, scales, plan, dtype)
    for i, axis in enumerate(axes):
        if plan is None or plan[i] != (x.tensor.dims[axis], 1.0):
            a = dynamic.resample(a, i, dynamic.coordinates(i, roi), roi)
    return _finish(a, x)


def _widened(op: Resize, a: Expr) -> Expr:
    """What is interpolated is computed in no less than float32, and integers in float64."""
    if op.mode == "nearest":
        return a
    return a.wide() if a.dtype.is_float else a.to(DType.F64)


def _finish(a: Expr, x: Value) -> Value:
    dtype = x.tensor.dtype
    if dtype.is_integer and a.dtype is not dtype:
        return a.b(Cast(to=dtype, saturate=True), a.value)
    return a.to(dtype).value


def _constant(value: Value | None) -> np.ndarray | None:
    """The elements of a float vector that is a constant."""
    if value is None or value.node is None or not isinstance(value.node.op, Constant):
        return None
    return np.asarray(value.node.op.weight.view()).ravel()


def _static_plan(
    op: Resize, x: Value, axes: list[int], sizes: Value | None, scales: Value | None
) -> list[tuple[int, float]] | None:
    shape = x.tensor.dims
    extents = tuple(d for d in (shape[axis] for axis in axes) if isinstance(d, int))
    known = None if sizes is None else sizes.tensor.known()
    factors = _constant(scales) if op.factors is None else np.asarray(op.factors, dtype=np.float32)
    if len(extents) != len(axes) or (known is None and factors is None):
        return None
    wanted = None if known is None else np.asarray(known)
    return kernels.resize_plan(extents, tuple(range(len(axes))), wanted, factors, op.keep_aspect)


def _static_roi(op: Resize, roi: Value | None) -> list[tuple[float, float]] | None:
    n = len(op.axes)
    if op.coordinates != "tf_crop_and_resize" or roi is None:
        return [(0.0, 1.0)] * n
    found = _constant(roi)
    if found is None:
        return None
    corners = [float(v) for v in found]
    return list(zip(corners[:n], corners[n:], strict=True))


def _static_axis(op: Resize, a: Expr, axis: int, at: np.ndarray, size: int, scale: float) -> Expr:
    index, weights = kernels.resize_taps(
        at, size, scale, op.mode, op.nearest, op.cubic_coeff, op.exclude_outside, op.antialias
    )
    if op.mode == "nearest":
        return a.gather(a.constant(index[:, 0]), axis)
    total = None
    for tap in range(index.shape[1]):
        weight = a.constant(weights[:, tap], a.dtype).along(axis, a.rank)
        part = a.gather(a.constant(index[:, tap]), axis) * weight
        total = part if total is None else total + part
    assert total is not None
    return total


class _Dynamic:
    """Extents, scales and coordinates as values, where the run alone knows them."""

    def __init__(
        self,
        op: Resize,
        a: Expr,
        axes: list[int],
        sizes: Value | None,
        scales: Value | None,
        plan: list[tuple[int, float]] | None = None,
        dtype: DType = DType.F64,
    ) -> None:
        b = a.b
        self.op, self.axes, self.b, self.dtype = op, axes, b, dtype
        self.extents = Expr(b, vector(b, [dim_of(b, a.value, axis) for axis in axes]))
        wide = self.extents.to(dtype)
        if plan is not None:
            self.outs = Expr(b, b.constant([out for out, _ in plan], DType.I64))
            self.scales = Expr(b, b.constant([scale for _, scale in plan], DType.F64)).to(dtype)
            return
        if sizes is None:
            single = Expr(b, scales if scales is not None else b.constant(op.factors, DType.F32))
            self.outs = (self.extents.to(DType.F32) * single.to(DType.F32)).floor().to(DType.I64)
            self.scales = single.to(dtype)
            return
        wanted = Expr(b, sizes).to(DType.I64)
        ratios = wanted.to(dtype) / wide
        if op.keep_aspect == "stretch":
            self.outs, self.scales = wanted, ratios
            return
        ratio = ratios.least((0,)) if op.keep_aspect == "not_larger" else ratios.greatest((0,))
        self.outs, self.scales = (ratio * wide + 0.5).floor().to(DType.I64), ratio * (wide / wide)

    def coordinates(self, i: int, roi: Value | None) -> Expr:
        """Where each output element lies in the input along axis ``i``, a float64 vector."""
        how, size = self.op.coordinates, self.extents.take(0, i).to(self.dtype)
        scale, count = self.scales.take(0, i), self.outs.take(0, i)
        at, length = count.steps().to(self.dtype), scale * size
        single = length.equals(1.0)
        if how == "asymmetric":
            return at / scale
        if how == "align_corners":
            return at * single.where(
                length.number(0.0), (size - 1.0) / single.where(length.number(1.0), length - 1.0)
            )
        if how == "tf_crop_and_resize":
            return self._cropped(i, roi, at, size, single.where(length.number(0.0), length - 1.0), single)
        half = (at + 0.5) / scale - 0.5
        if how == "pytorch_half_pixel":
            return single.where(length.number(-0.5), half)
        if how == "half_pixel_symmetric":
            return half + size * 0.5 * (1.0 - count.to(self.dtype) / length)
        return half

    def _cropped(self, i: int, roi: Value | None, at: Expr, size: Expr, steps: Expr, single: Expr) -> Expr:
        n = len(self.axes)
        corners = Expr(self.b, roi if roi is not None else self.b.constant([0.0] * n + [1.0] * n)).to(
            self.dtype
        )
        start, stop = corners.take(0, i), corners.take(0, i + n)
        span = (stop - start) * (size - 1.0)
        walked = at * span / single.where(steps.number(1.0), steps)
        return start * (size - 1.0) + single.where(span * 0.5, walked)

    def beyond(self, i: int, at: Expr) -> Expr:
        """Which output elements lie outside of the input."""
        return (at < 0.0) | (at > self.extents.take(0, i).to(self.dtype) - 1.0)

    def resample(self, a: Expr, i: int, at: Expr, roi: Value | None) -> Expr:
        """``a`` resampled along axis ``i``."""
        op, axis = self.op, self.axes[i]
        last = self.extents.take(0, i) - 1
        if op.mode == "nearest":
            return a.gather(self._nearest(at).to(DType.I64).clip(0, last), axis)
        stretch = (
            min(float(np.float32(op.factors[i])), 1.0) if op.antialias and op.factors is not None else 1.0
        )
        radius = (1 if op.mode == "linear" else 2) / stretch
        first = (at - radius).floor() + 1.0
        taps = [first + float(t) for t in range(math.ceil(2 * radius))]
        weights = [self._weight((t - at) * stretch, i, t) for t in taps]
        if op.exclude_outside or op.antialias:
            total = weights[0]
            for weight in weights[1:]:
                total = total + weight
            total = total.equals(0.0).where(total.number(1.0), total)
            weights = [weight / total for weight in weights]
        parts = [
            a.gather(t.to(DType.I64).clip(0, last), axis) * w.to(a.dtype).along(axis, a.rank)
            for t, w in zip(taps, weights, strict=True)
        ]
        result = parts[0]
        for part in parts[1:]:
            result = result + part
        # an axis that stays is not interpolated: the weight 0 would make NaN of an infinite neighbour
        kept = a.gather(self.outs.take(0, i).steps().clip(0, last), axis)
        return self._stays(i, roi).where(kept, result)

    def _stays(self, i: int, roi: Value | None) -> Expr:
        """Whether the axis keeps its extent and its elements."""
        stays = self.scales.take(0, i).equals(1.0) & self.outs.take(0, i).equals(self.extents.take(0, i))
        if roi is None or self.op.coordinates != "tf_crop_and_resize":
            return stays
        corners = Expr(self.b, roi)
        return stays & corners.take(0, i).equals(0.0) & corners.take(0, i + len(self.axes)).equals(1.0)

    def _nearest(self, at: Expr) -> Expr:
        how = self.op.nearest
        if how == "floor":
            return at.floor()
        if how == "ceil":
            return at.ceil()
        return (at - 0.5).ceil() if how == "round_prefer_floor" else (at + 0.5).floor()

    def _weight(self, distance: Expr, i: int, index: Expr) -> Expr:
        op, d = self.op, distance.abs()
        if op.mode == "linear":
            weight = (1.0 - d).clip(0.0, 1.0)
        else:
            c, zero = op.cubic_coeff, d.number(0.0)
            near = (d * (c + 2) - (c + 3)) * d * d + 1.0
            far = ((d * c - 5 * c) * d + 8 * c) * d - 4 * c
            weight = (d <= 1.0).where(near, (d < 2.0).where(far, zero))
        if op.exclude_outside:
            weight = self.beyond(i, index).where(weight.number(0.0), weight)
        return weight
