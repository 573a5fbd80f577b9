"""Poolings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table
from interlingua.frontends.onnx.translations.convolution import explicit_pads, ones
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.pooling import (
    AvgPool,
    GlobalAvgPool,
    GlobalLpPool,
    GlobalMaxPool,
    LpPool,
    MaxPool,
    MaxPoolWithIndices,
    MaxUnpool,
)
from interlingua.ir.ops.shape import Pad

TABLE = Table()


def windows(n: OnnxNode) -> dict[str, Any]:
    """The attributes that all poolings over windows share."""
    window = tuple(n.required("kernel_shape"))
    strides, dilations = ones(n, "strides", len(window)), ones(n, "dilations", len(window))
    same = str(n.attr("auto_pad", "NOTSET")).startswith("SAME")
    if same and n.tensor(0).shape is None:
        n.unsupported("auto_pad SAME needs a known rank")
    return {
        "window": window,
        "strides": strides,
        "dilations": dilations,
        "pads": explicit_pads(n, window, strides, dilations),
    }


def _ceil(n: OnnxNode) -> bool:
    # with SAME pads both ways of rounding give the same count
    return bool(n.attr("ceil_mode", 0))


@TABLE.translate("MaxPool", 1, 8, 10, 11, 12, 22)
def max_pool(n: OnnxNode, b: Builder) -> Value | Sequence[Value]:
    if n.wants(1):
        column_major = bool(n.attr("storage_order", 0))
        return b.add_all(MaxPoolWithIndices(**windows(n), ceil_mode=_ceil(n), column_major=column_major), n[0])
    return b(MaxPool(**windows(n), ceil_mode=_ceil(n)), n[0])


@TABLE.translate("AveragePool", 1, 7, 10, 11, 19, 22)
def average_pool(n: OnnxNode, b: Builder) -> Value:
    counted = bool(n.attr("count_include_pad", 0))
    return b(AvgPool(**windows(n), ceil_mode=_ceil(n), count_include_pad=counted), n[0])


@TABLE.translate("LpPool", 1, 2, 11, 18, 22)
def lp_pool(n: OnnxNode, b: Builder) -> Value:
    return _norm(n, b, partial(LpPool, **windows(n), ceil_mode=_ceil(n)))


def _norm(n: OnnxNode, b: Builder, op: Callable[..., Op]) -> Value:
    """In opset 1 the ``p`` of a p-norm was a float: a fraction is taken out, and the sum of powers left."""
    p = n.attr("p", 2)
    if p == int(p):
        return b(op(p=int(p)), n[0])
    return Expr(b, b(op(p=1), Expr(b, n[0]).abs().pow(p).value)).pow(1 / p).value


@TABLE.translate("GlobalAveragePool", 1, 22)
def global_average_pool(n: OnnxNode, b: Builder) -> Value:
    return b(GlobalAvgPool(), n[0])


@TABLE.translate("GlobalMaxPool", 1, 22)
def global_max_pool(n: OnnxNode, b: Builder) -> Value:
    return b(GlobalMaxPool(), n[0])


@TABLE.translate("GlobalLpPool", 1, 2, 22)
def global_lp_pool(n: OnnxNode, b: Builder) -> Value:
    return _norm(n, b, GlobalLpPool)


@TABLE.translate("MaxUnpool", 9, 11, 22)
def max_unpool(n: OnnxNode, b: Builder) -> Value:
    """Indices count in the extents that the attributes give; ``output_shape`` adds zeros after these."""
    x, window = Expr(b, n[0]), n.required("kernel_shape")
    count = len(window)
    strides, pads = ones(n, "strides", count), tuple(n.attr("pads", (0,) * (2 * count)))
    shape = x.shape()
    grow = [window[i] - strides[i] - pads[i] - pads[count + i] for i in range(count)]
    inner = shape * x.constant([1, 1, *strides]) + x.constant([0, 0, *grow])
    y = b(MaxUnpool(), n[0], n[1], inner.value)
    wanted = n.get(2)
    if wanted is None:
        return y
    amounts = x.constant([0] * (count + 2)).concat(Expr(b, wanted) - inner)
    return b(Pad(), y, amounts.value)
