"""Gather*, Scatter*, TopK, NonZero, Unique, OneHot, Compress, ReverseSequence, TensorScatter."""

from __future__ import annotations

from collections.abc import Sequence

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.indexing import (
    Compress,
    Gather,
    GatherAlong,
    GatherNd,
    NonZero,
    OneHot,
    ReverseSequence,
    TopK,
    Unique,
)
from interlingua.ir.ops.scatter import ScatterAlong, ScatterNd, TensorScatter

TABLE = Table()


@TABLE.translate("Gather", 1, 11, 13)
def gather(n: OnnxNode, b: Builder) -> Value:
    return b(Gather(axis=n.attr("axis", 0)), n[0], n[1])


@TABLE.translate("GatherND", 11, 12, 13)
def gather_nd(n: OnnxNode, b: Builder) -> Value:
    return b(GatherNd(batch_dims=n.attr("batch_dims", 0)), n[0], n[1])


@TABLE.translate("GatherElements", 11, 13)
def gather_elements(n: OnnxNode, b: Builder) -> Value:
    return b(GatherAlong(axis=n.attr("axis", 0)), n[0], n[1])


@TABLE.translate("Scatter", 9, 11)
@TABLE.translate("ScatterElements", 11, 13, 16, 18)
def scatter_elements(n: OnnxNode, b: Builder) -> Value:
    return b(ScatterAlong(axis=n.attr("axis", 0), reduction=n.attr("reduction", "none")), n[0], n[1], n[2])


@TABLE.translate("ScatterND", 11, 13, 16, 18)
def scatter_nd(n: OnnxNode, b: Builder) -> Value:
    return b(ScatterNd(reduction=n.attr("reduction", "none")), n[0], n[1], n[2])


@TABLE.translate("TensorScatter", 24)
def tensor_scatter(n: OnnxNode, b: Builder) -> Value:
    return b(TensorScatter(axis=n.attr("axis", -2), mode=n.attr("mode", "linear")), n[0], n[1], n.get(2))


@TABLE.translate("TopK", 1, 10, 11, 24)
def top_k(n: OnnxNode, b: Builder) -> Sequence[Value]:
    k = b.constant(n.required("k")) if n.version == 1 else n[1]
    op = TopK(n.attr("axis", -1), bool(n.attr("largest", 1)), bool(n.attr("sorted", 1)))
    return b.add_all(op, n[0], k)


@TABLE.translate("NonZero", 9, 13)
def non_zero(n: OnnxNode, b: Builder) -> Value:
    return b(NonZero(), n[0])


@TABLE.translate("Unique", 11, 28)
def unique(n: OnnxNode, b: Builder) -> Sequence[Value]:
    return b.add_all(Unique(axis=n.attr("axis"), sorted=bool(n.attr("sorted", 1))), n[0])


@TABLE.translate("OneHot", 9, 11, 28)
def one_hot(n: OnnxNode, b: Builder) -> Value:
    """Indices and depth may be of any numeric type; ONNX says that floats are cast to int64."""
    indices, depth = (_integer(b, n[i]) for i in (0, 1))
    return b(OneHot(axis=n.attr("axis", -1)), indices, depth, n[2])


def _integer(b: Builder, x: Value) -> Value:
    return x if x.tensor.dtype in (DType.I32, DType.I64) else b(Cast(to=DType.I64), x)


@TABLE.translate("Compress", 9, 11, 28)
def compress(n: OnnxNode, b: Builder) -> Value:
    return b(Compress(axis=n.attr("axis")), n[0], n[1])


@TABLE.translate("ReverseSequence", 10, 28)
def reverse_sequence(n: OnnxNode, b: Builder) -> Value:
    op = ReverseSequence(batch_axis=n.attr("batch_axis", 1), time_axis=n.attr("time_axis", 0))
    return b(op, n[0], n[1])
