"""Suppression of boxes.

Semantics: ``internal/reference/non_max_suppression.h``: a box goes where its overlap with one kept before is the
threshold *or more*; what is left of the ``max_output_size`` places is 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Sub
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.detection import Nms
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.layout import ExpandDims
from interlingua.ir.ops.shape import Concat, Pad, Reshape
from interlingua.ir.ops.shaping import dim_scalar

TABLE = Table()


@TABLE.translate("NON_MAX_SUPPRESSION_V4")
def nms_v4(n: LiteRtNode, b: Builder) -> Sequence[Value]:
    """Indices of the boxes kept, padded, and their number."""
    picked, count = _kept(n, b)
    return n.settled(b, _padded(n, b, picked)), n.settled(b, count, 1)


@TABLE.translate("NON_MAX_SUPPRESSION_V5")
def nms_v5(n: LiteRtNode, b: Builder) -> Sequence[Value]:
    """With the scores of the boxes; only hard suppression, of sigma 0."""
    if n.known(5).size != 1 or float(n.known(5).reshape(())) > 0:
        n.unsupported("suppression that lowers scores (sigma above 0)")
    picked, count = _kept(n, b)
    scores = _padded(n, b, b(Gather(axis=0), n[1], picked))
    return n.settled(b, _padded(n, b, picked)), scores, n.settled(b, count, 2)


def _kept(n: LiteRtNode, b: Builder) -> tuple[Value, Value]:
    threshold = n.known(3)
    if threshold.size != 1:
        n.unsupported("its threshold is no scalar")
    above = np.nextafter(np.float32(threshold.reshape(())), np.float32(-np.inf))
    boxes, scores = b(ExpandDims(axes=(0,)), n[0]), b(ExpandDims(axes=(0, 1)), n[1])
    limit = b(Cast(to=DType.I64), n[2])
    rows = b(Nms(), boxes, scores, limit, b.constant(above, DType.F32), n[4])
    picked = b(Reshape(), b(Gather(axis=1), rows, b.constant([2])), b.constant([-1]))
    return picked, dim_scalar(b, picked, 0)


def _padded(n: LiteRtNode, b: Builder, found: Value) -> Value:
    room = b(Sub(), b(Cast(to=DType.I64), n[2]), dim_scalar(b, found, 0))
    amounts = b(Concat(axis=0), b.constant([0]), b(Reshape(), room, b.constant([1])))
    return b(Pad(), found, amounts)
