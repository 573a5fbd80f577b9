"""Ops that ONNX took over later, or that only rename one of its own."""

from __future__ import annotations

from collections.abc import Sequence

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.translations import contraction, indexing
from interlingua.frontends.onnx.translations.contrib.table import ContribTable
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.indexing import Unique
from interlingua.ir.ops.layout import ExpandDims
from interlingua.ir.ops.shape import Pad
from interlingua.ir.ops.source import Iota

TABLE = ContribTable()

TABLE.translate("Trilu", 1)(contraction.trilu)
TABLE.translate("GatherND", 1)(indexing.gather_nd)
PAD_MODES = ("constant", "reflect", "edge")


@TABLE.translate("ExpandDims", 1)
def expand_dims(n: OnnxNode, b: Builder) -> Value:
    axes = n.ints(1)
    if axes is None or len(axes) != 1:
        n.unsupported("it names no single axis")
    return b(ExpandDims(axes=axes), n[0])


@TABLE.translate("Range", 1)
def range_(n: OnnxNode, b: Builder) -> Value:
    start, limit = (Expr(b, n[i]).reshape([]) for i in (0, 1))
    step = start.number(1) if n.get(2) is None else Expr(b, n[2]).reshape([])
    return b(Iota(), start.value, limit.value, step.value)


@TABLE.translate("Unique", 1)
def unique(n: OnnxNode, b: Builder) -> Sequence[Value]:
    """In order of first occurrence: values, for each element its place among these, counts."""
    values, _, inverse, counts = b.add_all(Unique(axis=None, sorted=False), n[0])
    return [values, inverse, counts]


@TABLE.translate("Pad", 1)
def pad(n: OnnxNode, b: Builder) -> Value:
    mode = n.attr("mode", "constant")
    if mode not in PAD_MODES:
        n.unsupported(f"the mode {mode!r}")
    value = None if n.get(2) is None or mode != "constant" else Expr(b, n[2]).reshape([]).value
    return b(Pad(mode=mode), n[0], Expr(b, n[1]).reshape([-1]).value, value)


@TABLE.translate("TorchEmbedding", 1)
def torch_embedding(n: OnnxNode, b: Builder) -> Value:
    """What else it takes concerns gradients."""
    return Expr(b, n[0]).gather(Expr(b, n[1]), 0).value
