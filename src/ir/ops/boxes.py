"""Box ops in core ops: samples or masks inside boxes, and suppression as a loop."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from interlingua.errors import ConstraintError
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Value
from interlingua.ir.ops.control import While
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.indexing import GatherAlong, GatherNd, NonZero
from interlingua.ir.ops.reduction import ArgMax
from interlingua.ir.ops.sampling import Plane
from interlingua.ir.ops.shaping import dim_of
from interlingua.ir.types import Tensor

if TYPE_CHECKING:
    from interlingua.ir.ops.detection import MaxRoiPool, Nms, RoiAlign


def roi_align(op: RoiAlign, b: Builder, x: Value, boxes: Value, batch: Value) -> Value:
    """Samples of each box read off its example's plane; their number must be fixed."""
    if op.sampling_ratio <= 0:
        raise ConstraintError(
            f"{op.name}: with sampling_ratio 0 the number of samples is known at run time only"
        )
    a = Expr(b, x).wide()
    r = Expr(b, boxes).wide() * op.spatial_scale - (0.5 if op.half_pixel else 0.0)
    plane = Plane(a.gather(Expr(b, batch), 0))
    rows, columns = _samples(op, r, plane, 1), _samples(op, r, plane, 0)
    parts = []
    for iy, wy, oky in rows:
        for ix, wx, okx in columns:
            good = (oky.expand(2) & okx.expand(1)).reshape([-1, _count(op)])
            at = [_grid(iy, ix, 2), _grid(ix, iy, 1)]
            index = [e.reshape([-1, _count(op)]) for e in at]
            weight = (wy.expand(2) * wx.expand(1)).reshape([-1, _count(op)])
            parts.append(plane.read(index, good) * weight.expand(1))
    taps = op.sampling_ratio
    shape = [dim_of(b, boxes, 0), dim_of(b, x, 1), op.height, taps, op.width, taps]
    if op.mode == "max":
        best = parts[0].max(parts[1]).max(parts[2]).max(parts[3])
        y = best.reshape(shape).greatest((3, 5))
    else:
        y = (parts[0] + parts[1] + parts[2] + parts[3]).reshape(shape).mean((3, 5))
    return y.squeeze(3, 5).to(x.tensor.dtype).value


def _count(op: RoiAlign) -> int:
    return op.height * op.width * op.sampling_ratio**2


def _grid(index: Expr, other: Expr, axis: int) -> Expr:
    """Indices of one axis repeated along the other's, (boxes, rows, columns)."""
    return index.expand(axis) + other.expand(3 - axis) * 0


def _samples(op: RoiAlign, r: Expr, plane: Plane, axis: int) -> list[tuple[Expr, Expr, Expr]]:
    """Index, weight and validity, (boxes, bins·taps), of the lower and the upper neighbour along one axis."""
    bins, size = (op.height, plane.sizes[0]) if axis == 1 else (op.width, plane.sizes[1])
    low = r.slice(1, axis, axis + 1)
    extent = r.slice(1, axis + 2, axis + 3) - low
    if not op.half_pixel:
        extent = extent.max(1.0)
    taps = op.sampling_ratio
    steps = [i + (t + 0.5) / taps for i in range(bins) for t in range(taps)]
    at = low + (extent / float(bins)) * r.constant(steps, r.dtype)
    last = size.to(r.dtype) - 1.0
    good = (at >= -1.0) & (at <= last + 1.0)
    at = at.max(0.0)
    lower = at.floor().min(last)
    upper = (lower + 1.0).min(last)
    weight = (lower >= last).where(at.number(0.0), at - lower)
    return [(lower.to(DType.I64), 1.0 - weight, good), (upper.to(DType.I64), weight, good)]


def max_roi_pool(op: MaxRoiPool, b: Builder, x: Value, boxes: Value) -> Value:
    """Maxima under masks, rows first, then columns."""
    a, r = Expr(b, x).wide(), Expr(b, boxes).wide()
    example = r.take(1, 0).to(DType.I64)
    corners = (r.to(DType.F64) * op.spatial_scale + 0.5).floor()
    low = a.number(-math.inf)
    y = a.gather(example, 0)
    filled = None
    for axis, bins in ((2, op.height), (3, op.width)):
        first, last = corners.slice(1, 4 - axis, 5 - axis), corners.slice(1, 6 - axis, 7 - axis)
        each = (last - first + 1.0).max(1.0) / float(bins)
        places = a.dim(axis).steps().to(DType.F64)
        strips, counts = [], []
        for i in range(bins):
            inside = (places >= (each * float(i)).floor() + first) & (
                places < (each * float(i + 1)).ceil() + first
            )
            mask = inside.expand(1, 3) if axis == 2 else inside.expand(1, 2)
            strips.append(mask.where(y, low).greatest((axis,)))
            counts.append(mask.to(DType.I32).greatest((axis,)))
        y = strips[0].concat(*strips[1:], axis=axis) if bins > 1 else strips[0]
        some = (counts[0].concat(*counts[1:], axis=axis) if bins > 1 else counts[0]).equals(1)
        filled = some if filled is None else filled & some
    assert filled is not None
    return filled.where(y, y.number(0.0)).to(x.tensor.dtype).value


def nms(
    op: Nms,
    b: Builder,
    boxes: Value,
    scores: Value,
    limit: Value | None,
    iou_threshold: Value | None,
    score_threshold: Value | None,
) -> Value:
    """One round a kept box, for all classes at once: take the best that is left, strike out what overlaps
    it."""
    s, corners = Expr(b, scores).wide(), _corners(op, Expr(b, boxes).wide())
    zero = s.constant(0)
    most = zero if limit is None else Expr(b, limit).reshape([])
    rounds = most.max(0).min(s.dim(2))
    overlap = s.number(0.0) if iou_threshold is None else s.like(iou_threshold).reshape([])
    live = s.equals(s)
    if score_threshold is not None:
        live = s > s.like(score_threshold).reshape([])
    body = _round(b, s, corners, overlap, live)
    results = b.add_all(
        While(carried=1, stacked=2),
        rounds.value,
        b.constant(True),
        live.value,
        s.value,
        corners.value,
        overlap.value,
        regions=(body,),
    )
    chosen, valid = (Expr(b, v).transpose(1, 2, 0) for v in results[1:])
    rows = Expr(b, b(NonZero(), valid.value)).transpose(1, 0)
    box = chosen.apply(GatherNd(), rows).expand(1)
    return rows.slice(1, 0, 2).concat(box, axis=1).value


def _corners(op: Nms, boxes: Expr) -> Expr:
    first, second = boxes.slice(2, 0, 2), boxes.slice(2, 2, 4)
    if op.center:
        half = second * 0.5
        return (first - half).concat(first + half, axis=2)
    return first.min(second).concat(first.max(second), axis=2)


def _round(b: Builder, s: Expr, corners: Expr, overlap: Expr, live: Expr) -> Graph:
    """The body of the loop: (i, going, live, scores, corners, threshold) -> (going, live, box, valid)."""
    inner = b.region("round")
    inner.input(Tensor(DType.I64, ()), "i")
    going = inner.input(Tensor(DType.BOOL, ()), "going")
    alive, score, box, threshold = (
        Expr(inner, inner.input(e.value.type, name))
        for e, name in ((live, "live"), (s, "scores"), (corners, "corners"), (overlap, "threshold"))
    )
    masked = alive.where(score, score.number(-math.inf))
    best = masked.apply(ArgMax(axis=2)).expand(2)
    # where all that is left scores -inf, that is no less than what was struck out
    found = alive.apply(GatherAlong(axis=2), best)
    best = found.where(best, alive.to(DType.I32).apply(ArgMax(axis=2)).expand(2)).squeeze(2)
    index = best.expand(2)
    valid = alive.apply(GatherAlong(axis=2), index).squeeze(2)
    picked = _pick(box, best)
    hit = _overlap(picked, box.expand(1)) > threshold
    taken = score.dim(2).steps(3, 2).equals(index)
    after = alive & ~(hit | taken)
    return inner.outputs([going, after.value, best.value, valid.value])


def _pick(boxes: Expr, best: Expr) -> Expr:
    """The corners of the best box of each class, (batch, classes, 1, 4)."""
    index = best.expand(2).broadcast(best.shape().concat(best.constant([4])))
    return boxes.apply(GatherAlong(axis=1), index).expand(2)


def _overlap(a: Expr, other: Expr) -> Expr:
    """Intersection over union along the last axis of corners, 0 without area."""
    low = a.slice(3, 0, 2).max(other.slice(3, 0, 2))
    high = a.slice(3, 2, 4).min(other.slice(3, 2, 4))
    common = _area((high - low).max(0.0))
    one, two = (_area(e.slice(3, 2, 4) - e.slice(3, 0, 2)) for e in (a, other))
    union = one + two - common
    positive = (one > 0.0) & (two > 0.0) & (union > 0.0)
    return positive.where(common / positive.where(union, union.number(1.0)), common.number(0.0))


def _area(sides: Expr) -> Expr:
    return sides.take(3, 0) * sides.take(3, 1)
