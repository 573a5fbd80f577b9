"""Poolings. ONNX has channels first alone; ONNX Runtime wants every pad smaller than its window."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.backends.lowering import Condition, Lowerings, dtypes, filled, rank, since
from interlingua.backends.onnx.context import Context
from interlingua.backends.onnx.lowerings.convolution import channels_first
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.pooling import (
    AvgPool,
    GlobalAvgPool,
    GlobalLpPool,
    GlobalMaxPool,
    LpPool,
    MaxPool,
    MaxPoolWithIndices,
    Windowed,
)

TABLE = Lowerings()

FLOATING = dtypes(FLOATS - {DType.BF16})
"""ONNX Runtime computes in no bfloat16; what decomposes goes through float32."""
POOLED = FLOATS | {DType.I8, DType.U8}
"""What MaxPool takes as it is; other integers of at most 32 bits are exact in float64."""
SMALL = frozenset({DType.I16, DType.U16, DType.I32, DType.U32})
SPATIAL = Condition("there is no spatial axis", lambda node, _: node.operand(0).tensor.rank > 2)
NARROW_PADS = Condition(
    "a pad is as large as its window",
    lambda node, _: all(
        p < w for p, w in zip(node.op.attributes()["pads"], node.op.attributes()["window"] * 2, strict=True)
    ),
)


def _windows(op: Windowed) -> dict[str, Any]:
    plain = set(op.dilations) <= {1}
    return {
        "kernel_shape": op.window,
        "strides": op.strides,
        "pads": op.pads,
        "dilations": None if plain else op.dilations,
        "ceil_mode": op.ceil_mode,
    }


def _padded(op: Windowed, ctx: Context, x: Any, value: float, dtype: DType) -> tuple[Any, dict[str, Any]]:
    """Data and attributes, pads made a node of their own where a window fits into them."""
    n, attributes = len(op.window), _windows(op)
    if all(p < w for p, w in zip(op.pads, op.window * 2, strict=True)) or op.ceil_mode:
        return x, attributes
    amounts = ctx.constant([0, 0, *op.pads[:n], 0, 0, *op.pads[n:]])
    return ctx.emit("Pad", x, amounts, ctx.constant(value, dtype)), {**attributes, "pads": (0,) * (2 * n)}


def _pads_apart(node: Node, target: Any) -> bool:
    """Whether pads that hold a whole window can be put in by ``Pad``."""
    op = node.op
    assert isinstance(op, Windowed)
    counted = isinstance(op, MaxPool) or op.attributes()["count_include_pad"]
    return bool(counted and not op.ceil_mode) or NARROW_PADS.holds(node, target)


CORE = [Condition("a pad is as large as its window", _pads_apart), filled(first=1), rank(3, 4, 5)]


@TABLE.lower(MaxPool, when=[dtypes(POOLED | SMALL), *CORE])
def max_pool(op: MaxPool, ctx: Context, x: Any) -> Any:
    dtype = ctx.type(0).dtype
    wide = DType.F64 if dtype in SMALL else dtype
    low = np.iinfo(wide.numpy).min if wide.is_integer else -np.inf

    def emit(data: Any) -> Any:
        data, attributes = _padded(op, ctx, data, low, wide)
        if ctx.target.cautious and any(node.op == "Pad" for node in data.inputs) and not any(attributes["pads"]):
            # versions of ONNX Runtime fold a Pad of zeros into pads that stand for -inf; these they leave alone
            attributes |= {"pads": None, "auto_pad": None if op.ceil_mode else "VALID"}
        return ctx.emit("MaxPool", data, **attributes)

    if wide is not dtype:
        y = channels_first(ctx, op.layout, len(op.window), ctx.cast(x, wide), emit)
        least = ctx.constant(float(np.iinfo(dtype.numpy).min), wide)  # the maximum of nothing
        return ctx.cast(ctx.emit("Max", y, least), dtype)
    return channels_first(ctx, op.layout, len(op.window), x, emit)


@TABLE.lower(AvgPool, when=CORE)
def avg_pool(op: AvgPool, ctx: Context, x: Any) -> Any:
    def emit(data: Any) -> Any:
        if ctx.opset < 19 and not set(op.dilations) <= {1}:
            return _dilated_mean(op, ctx, data)
        if not op.count_include_pad:
            return ctx.emit("AveragePool", data, **_windows(op))
        data, attributes = _padded(op, ctx, data, 0, ctx.type(0).dtype)
        return ctx.emit("AveragePool", data, count_include_pad=1, **attributes)

    return channels_first(ctx, op.layout, len(op.window), x, emit)


def _dilated_mean(op: AvgPool, ctx: Context, x: Any) -> Any:
    """Window sums by a convolution with ones over each plane, divided by the sums over a plane of ones."""
    n, dtype = len(op.window), ctx.type(0).dtype
    shape = ctx.emit("Shape", x)
    spatial = ctx.emit("Slice", shape, ctx.constant([2]), ctx.constant([n + 2]))
    plane = ctx.emit("Concat", ctx.constant([-1, 1]), spatial, axis=0)
    ones = ctx.constant(np.ones((1, 1, *op.window)), dtype)
    attributes: dict[str, Any] = {"strides": op.strides, "dilations": op.dilations}
    # a last partial window reaches less than its stride beyond the padded input
    reach = (0,) * n + tuple(s - 1 if op.ceil_mode else 0 for s in op.strides)
    pads = tuple(p + r for p, r in zip(op.pads, reach, strict=True))
    sums = ctx.emit("Conv", ctx.emit("Reshape", x, plane), ones, pads=pads, **attributes)
    size = ctx.emit("Concat", ctx.constant([1, 1]), spatial, axis=0)
    full = ctx.emit("Expand", ctx.constant(1, dtype), size)
    if op.count_include_pad:
        amounts = ctx.constant([0, 0, *op.pads[:n], 0, 0, *op.pads[n:]])
        full = ctx.emit("Pad", full, amounts, ctx.constant(1, dtype))
    counts = ctx.emit("Conv", full, ones, pads=reach if op.count_include_pad else pads, **attributes)
    mean = ctx.emit("Div", sums, counts)
    if op.ceil_mode:
        # no window starts in the end padding
        begins = ctx.constant([p + s - 1 for p, s in zip(op.pads[:n], op.strides, strict=True)])
        stops = ctx.emit("Div", ctx.emit("Add", spatial, begins), ctx.constant(list(op.strides)))
        mean = ctx.emit("Slice", mean, ctx.constant([0] * n), stops, ctx.constant(list(range(2, n + 2))))
    out = ctx.emit("Slice", ctx.emit("Shape", mean), ctx.constant([2]), ctx.constant([n + 2]))
    batch = ctx.emit("Slice", shape, ctx.constant([0]), ctx.constant([2]))
    return ctx.emit("Reshape", mean, ctx.emit("Concat", batch, out, axis=0))


@TABLE.lower(MaxPoolWithIndices, when=[dtypes(POOLED - {DType.BF16}, 0), NARROW_PADS, filled(first=1), rank(3, 4, 5)])
def max_pool_with_indices(op: MaxPoolWithIndices, ctx: Context, x: Any) -> Any:
    return ctx.emit("MaxPool", x, outputs=2, storage_order=op.column_major, **_windows(op))


@TABLE.lower(LpPool, when=[since(18), FLOATING, NARROW_PADS, filled(first=1), rank(3, 4, 5)])
def lp_pool(op: LpPool, ctx: Context, x: Any) -> Any:
    return ctx.emit("LpPool", x, p=op.p, **_windows(op))


@TABLE.lower(GlobalAvgPool, when=[FLOATING, SPATIAL, filled()])
def global_avg_pool(op: GlobalAvgPool, ctx: Context, x: Any) -> Any:
    return ctx.emit("GlobalAveragePool", x)


@TABLE.lower(GlobalMaxPool, when=[FLOATING, SPATIAL, filled()])
def global_max_pool(op: GlobalMaxPool, ctx: Context, x: Any) -> Any:
    return ctx.emit("GlobalMaxPool", x)


@TABLE.lower(GlobalLpPool, when=[FLOATING, SPATIAL, filled()])
def global_lp_pool(op: GlobalLpPool, ctx: Context, x: Any) -> Any:
    return ctx.emit("GlobalLpPool", x, p=op.p)
