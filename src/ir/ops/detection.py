"""Boxes: pooling inside them, and suppressing those that overlap."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dims import UNKNOWN, same
from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Value
from interlingua.ir.kernels import vision as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops import boxes as decompositions
from interlingua.ir.ops.common import shaped, vector_or_one
from interlingua.ir.types import Tensor


def _sampled_boxes(draw: Draw) -> tuple[np.ndarray[Any, Any], ...]:
    """Planes, corners (x1, y1, x2, y2) and the example of each box."""
    dtype, count = draw.dtype(FLOATS), 0 if draw.rarely() else draw.integer(1, 4)
    x = draw.array([draw.integer(1, most) for most in (2, 3, 6, 7)], dtype)
    corners = draw.array((count, 4), dtype, kinds=("small", "normal", "arange", "heavy"), lo=-8, hi=12)
    return x, corners, draw.array((count,), DType.I64, lo=0, hi=len(x) - 1)


def check_bins(op: Op, *counts: int) -> None:
    """There are bins."""
    op.require(min(counts) > 0, "C4. height and width are positive", *counts)


@op("vision.roi_align")
class RoiAlign(Op):
    """Each of ``boxes`` (x1, y1, x2, y2) divided into ``height`` × ``width`` bins, bilinear samples pooled in
    each.

    Box corners are multiplied by ``spatial_scale`` and, ``half_pixel``, moved by -0.5; else a box is at least
    1 × 1. A bin has ``sampling_ratio``² samples, or ``ceil(extent of a bin)`` an axis for 0. Samples beyond
    [-1, size] count as 0, else they are clamped. ``max`` takes the maximum over the four weighted neighbours
    of all samples (as ONNX has it), ``avg`` the mean of the samples.
    C1. ``x`` is (batch, channels, height, width) and a float.  C2. ``boxes`` is (boxes, 4), of the dtype of
    ``x``.  C3. ``batch`` is (boxes,) int64: the example of each. A bin without samples gives 0.
    A corner that is not finite is undefined.
    """

    height: int
    width: int
    sampling_ratio: int = 0
    spatial_scale: float = 1.0
    mode: Literal["avg", "max"] = "avg"
    half_pixel: bool = True
    kernel = kernels.roi_align

    def infer(self, x: Tensor, boxes: Tensor, batch: Tensor) -> Tensor:
        self.require(x.dtype in FLOATS and x.rank == 4, "C1. x is a float of rank 4", x)
        fits = boxes.dtype is x.dtype and boxes.rank == 2 and same(boxes.dims[1], 4) is not False
        self.require(fits, "C2. boxes are (boxes, 4), of the dtype of x", boxes)
        self.require(batch.dtype is DType.I64, "C3. batch is an int64 vector", batch)
        shaped(self, batch, (boxes.dims[0],), "C3. batch has an element a box")
        check_bins(self, self.height, self.width)
        return x.with_shape((boxes.dims[0], x.dims[1], self.height, self.width))

    def decompose(self, b: Builder, x: Value, boxes: Value, batch: Value) -> Value:
        """With a fixed number of samples; else their number is known at run time only."""
        return decompositions.roi_align(self, b, x, boxes, batch)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        x, corners, batch = _sampled_boxes(draw)
        height, width, taps = draw.integer(1, 3), draw.integer(1, 3), draw.integer(1, 3)
        mode: Literal["avg", "max"] = "max" if draw.boolean() else "avg"
        op = cls(height, width, taps, draw.choice((1.0, 0.5)), mode, draw.boolean())
        return Sample(op, (x, corners, batch))


@op("vision.max_roi_pool")
class MaxRoiPool(Op):
    """The maximum of each of ``height`` × ``width`` bins of boxes ``(example, x1, y1, x2, y2)``.

    Corners are multiplied by ``spatial_scale`` and rounded half up, both inclusive; bins overlap where the
    extent is no multiple. An empty bin is 0.
    C1. ``x`` is (batch, channels, height, width) and a float.  C2. ``boxes`` is (boxes, 5), of the dtype of
    ``x``. A corner that is not finite is undefined.
    """

    height: int
    width: int
    spatial_scale: float = 1.0
    kernel = kernels.max_roi_pool

    def infer(self, x: Tensor, boxes: Tensor) -> Tensor:
        self.require(x.dtype in FLOATS and x.rank == 4, "C1. x is a float of rank 4", x)
        fits = boxes.dtype is x.dtype and boxes.rank == 2 and same(boxes.dims[1], 5) is not False
        self.require(fits, "C2. boxes are (boxes, 5), of the dtype of x", boxes)
        check_bins(self, self.height, self.width)
        return x.with_shape((boxes.dims[0], x.dims[1], self.height, self.width))

    def decompose(self, b: Builder, x: Value, boxes: Value) -> Value:
        return decompositions.max_roi_pool(self, b, x, boxes)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        x, corners, batch = _sampled_boxes(draw)
        boxes = np.concatenate([batch[:, None].astype(x.dtype), corners], axis=1)
        return Sample(cls(draw.integer(1, 3), draw.integer(1, 3), draw.choice((1.0, 0.5))), (x, boxes))


@op("vision.nms")
class Nms(Op):
    """Greedy non-maximum suppression in each class of each example; rows (example, class, box).

    Boxes of a class are visited from the best score down (ties: lower index first), those whose score is not
    above ``score_threshold`` left out. A box is kept unless its intersection over union with one kept before
    exceeds ``iou_threshold``, a NaN score never; at most ``limit`` are kept, none where ``limit`` is absent or
    0. ``boxes`` (batch, boxes, 4) are two corners in any order (y1, x1, y2, x2), or, ``center``, (x, y, width, height).
    C1. ``boxes`` and ``scores`` (batch, classes, boxes) are float32.  C2. ``limit`` is one int64.  C3. The
    thresholds are one float32 each. Boxes without area overlap nothing.
    """

    center: bool = False
    kernel = kernels.nms

    def infer(
        self,
        boxes: Tensor,
        scores: Tensor,
        limit: Tensor | None = None,
        iou_threshold: Tensor | None = None,
        score_threshold: Tensor | None = None,
    ) -> Tensor:
        for t in (boxes, scores):
            self.require(
                t.dtype in FLOATS and (t.shape is None or t.rank == 3), "C1. boxes and scores have rank 3", t
            )
        self.require(limit is None or limit.dtype is DType.I64, "C2. limit is int64", limit)
        if boxes.shape is not None and scores.shape is not None:
            shaped(self, boxes, (scores.dims[0], scores.dims[2], 4), "C1. boxes are (batch, boxes, 4), as scores say")
        for one in (limit, iou_threshold, score_threshold):
            vector_or_one(self, one, 1, "C3. limit and thresholds are one element each")
        return Tensor(DType.I64, (UNKNOWN, 3))

    def unranked(self, boxes: Tensor, *rest: Tensor | None) -> Tensor:
        return Tensor(DType.I64, (UNKNOWN, 3))

    def decompose(
        self,
        b: Builder,
        boxes: Value,
        scores: Value,
        limit: Value | None = None,
        iou_threshold: Value | None = None,
        score_threshold: Value | None = None,
    ) -> Value:
        return decompositions.nms(self, b, boxes, scores, limit, iou_threshold, score_threshold)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        batch, classes, count = (0 if draw.rarely() else draw.integer(1, most) for most in (2, 3, 6))
        boxes, scores = draw.array((batch, count, 4), DType.F32), draw.array((batch, classes, count), DType.F32)
        shape = (1,) if draw.boolean() else ()
        limit = np.full(shape, draw.integer(0, 7), np.int64) if draw.boolean() else None
        overlap, least = (
            np.full(shape, draw.choice(options), np.float32) if draw.boolean() else None
            for options in ((0.5, 0.0, 0.2), (0.0, -10.0, 0.3))
        )
        return Sample(cls(draw.boolean()), (boxes, scores, limit, overlap, least), draw.some((2, 3, 4)))
