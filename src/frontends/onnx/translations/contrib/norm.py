"""Normalisations, with what ONNX Runtime's optimisers fuse in front of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.translations import norm
from interlingua.frontends.onnx.translations.contrib.convolution import channels_first, channels_last
from interlingua.frontends.onnx.translations.contrib.table import ContribTable
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.activation import Silu
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.norm import GroupNorm, LayerNorm, RmsNorm
from interlingua.ir.ops.quant import Dequantize

TABLE = ContribTable()

TINY = float(np.float32(1e-12))
"""The default epsilon of the fused ops."""

TABLE.translate("LayerNormalization", 1, domain="")(norm.layer_norm)
"""ONNX Runtime's optimiser writes LayerNormalization into models of any opset; before 17, where ONNX has none, it is
the runtime's own, of the same text."""


@TABLE.translate("SimplifiedLayerNormalization", 1, domain="")
def simplified_layer_norm(n: OnnxNode, b: Builder) -> Sequence[Value | None]:
    """RMS normalisation, which ONNX Runtime keeps in ONNX's own domain; the second output is ``1/√(mean x² + ε)``."""
    y = norm.rms_norm(n, b)
    if not n.wants(1):
        return [y]
    x = Expr(b, n[0]).to(n.dtype("stash_type", DType.F32))
    axes = range(n.attr("axis", -1) % x.rank, x.rank)
    root = ((x * x).mean(axes) + float(n.attr("epsilon", 1e-5))).sqrt()
    return [y, (root.number(1.0) / root).value]


def _summed(x: Expr, *others: Value | None) -> Expr:
    """The sum of what is there; narrow floats are added in float32, as the kernels do."""
    for other in others:
        if other is not None:
            x = x + x.like(other)
    return x


@TABLE.translate("SkipLayerNormalization", 1)
def skip_layer_norm(n: OnnxNode, b: Builder) -> Sequence[Value | None]:
    """Layer normalisation of ``input + skip + bias``, which is the last output. The statistics are not given."""
    total = _summed(Expr(b, n[0]).wide(), n[1], n.get(4))
    scale, shift = total.like(n[2]), None if n.get(3) is None else total.like(n[3]).value
    y = b(LayerNorm(axis=-1, epsilon=n.attr("epsilon", TINY)), total.value, scale.value, shift)
    return _with_sum(n, b, y, total)


@TABLE.translate("SkipSimplifiedLayerNormalization", 1)
def skip_simplified_layer_norm(n: OnnxNode, b: Builder) -> Sequence[Value | None]:
    """RMS normalisation of ``input + skip + bias``, which is the last output. The statistics are not given."""
    total = _summed(Expr(b, n[0]).wide(), n[1], n.get(3))
    y = b(RmsNorm(axis=-1, epsilon=n.attr("epsilon", TINY)), total.value, total.like(n[2]).value)
    return _with_sum(n, b, y, total)


def _with_sum(n: OnnxNode, b: Builder, y: Value, total: Expr) -> Sequence[Value | None]:
    dtype = n.tensor(0).dtype
    return [Expr(b, y).to(dtype).value, None, None, total.to(dtype).value if n.wants(3) else None][: len(n.outputs)]


@TABLE.translate("EmbedLayerNormalization", 1)
def embed_layer_norm(n: OnnxNode, b: Builder) -> Sequence[Value | None]:
    """Layer normalisation of the sum of word, position and segment embeddings. Without ``position_ids``, positions
    count from 0. The mask's output is how many of its elements are 1."""
    tables = [Expr(b, n[2]), Expr(b, n[3]), None if n.get(4) is None else Expr(b, n[4])]
    return _embedded(n, b, tables, Expr(b, n[5]), Expr(b, n[6]), n.get(7), n.get(8))


@TABLE.translate("QEmbedLayerNormalization", 1)
def quantized_embed_layer_norm(n: OnnxNode, b: Builder) -> Sequence[Value | None]:
    """The same, of tables and parameters that are levels; these stay levels."""

    def real(levels: int, scale: int, zero: int) -> Expr:
        return Expr(b, b(Dequantize(), n[levels], n[scale], n[zero]))

    tables = [real(2, 8, 13), real(3, 9, 14), None if n.get(4) is None else real(4, 10, 15)]
    return _embedded(n, b, tables, real(5, 11, 16), real(6, 12, 17), n.get(7), None)


def _embedded(
    n: OnnxNode,
    b: Builder,
    tables: Sequence[Expr | None],
    scale: Expr,
    shift: Expr,
    mask: Value | None,
    positions: Value | None,
) -> Sequence[Value | None]:
    words, places, segments = tables
    assert words is not None
    assert places is not None
    ids = Expr(b, n[0])
    at = ids.dim(1).steps() if positions is None else Expr(b, positions)
    total = words.gather(ids, 0).wide() + places.gather(at, 0).wide()
    if segments is not None:
        total = total + segments.gather(Expr(b, n[1]), 0).wide()
    y = b(LayerNorm(axis=-1, epsilon=n.attr("epsilon", TINY)), total.value, scale.wide().value, shift.wide().value)
    counts = None
    if n.wants(1):
        zeros = ids.constant(0, DType.I32).broadcast(ids.shape().slice(0, 0, 1))
        counts = zeros if mask is None else Expr(b, mask).equals(1).to(DType.I32).sum((1,)).reshape([-1])
    results = [Expr(b, y).to(words.dtype).value, None if counts is None else counts.value]
    return [*results, total.to(words.dtype).value if n.wants(2) else None][: len(n.outputs)]


@TABLE.translate("GroupNorm", 1)
def group_norm(n: OnnxNode, b: Builder) -> Value:
    return _grouped(n, b, Expr(b, n[0]))


@TABLE.translate("SkipGroupNorm", 1)
def skip_group_norm(n: OnnxNode, b: Builder) -> Sequence[Value | None]:
    """Group normalisation of ``x + skip + bias``, which is the second output; skip may be (batch, channels)."""
    x, skip = Expr(b, n[0]), Expr(b, n[3])
    if not n.attr("channels_last", 1):
        n.unsupported("channels first, of which the documentation says no shape of skip")
    if skip.rank == 2:
        skip = skip.expand(1, 2)
    total = x + skip
    if n.get(4) is not None:
        total = total + Expr(b, n[4])
    return [_grouped(n, b, total), total.value][: len(n.outputs)]


def _grouped(n: OnnxNode, b: Builder, x: Expr) -> Value:
    """Group normalisation, then SiLU where ``activation`` is 1."""
    activation, last = n.required("activation"), bool(n.attr("channels_last", 1))
    if activation not in (0, 1):
        n.unsupported(f"activation {activation}")
    wide = x.wide()
    data = channels_first(b, wide.value) if last else wide.value
    op = GroupNorm(groups=n.required("groups"), epsilon=float(n.attr("epsilon", 1e-5)))
    y = b(op, data, wide.like(n[1]).value, wide.like(n[2]).value)
    y = b(Silu(), y) if activation else y
    return Expr(b, channels_last(b, y) if last else y).to(x.dtype).value
