"""Poolings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.lowerings.common import extreme, single
from interlingua.backends.litert.lowerings.padding import padded
from interlingua.backends.litert.lowerings.reduction import reduced
from interlingua.backends.litert.lowerings.taps import EXTENTS, folded, roomy
from interlingua.backends.litert.lowerings.windows import channels_last, is_same, last, two, two_pads, widened
from interlingua.backends.lowering import Condition, Lowerings, dtypes, filled, rank
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.convolution import split_layout
from interlingua.ir.ops.pooling import AvgPool, GlobalAvgPool, MaxPool, Windowed
from interlingua.ir.types import Shape

TABLE = Lowerings()

PLAIN = Condition("it is dilated", lambda node, _: set(node.op.attributes()["dilations"]) <= {1})
SPATIAL = Condition("there is no spatial axis", lambda node, _: node.operand(0).tensor.rank > 2)
POOLED = FLOATS | {DType.I8, DType.U8, DType.I16}


def _extents(node: Node) -> tuple[Shape, bool]:
    op: Any = node.op
    size = split_layout(node.operand(0).tensor, op.layout)[2]
    return size, all(isinstance(d, int) for d in size)


def _counted(node: Node, _: Any) -> bool:
    """Whether what each window reaches is known: no last partial window where extents are open."""
    return not node.op.attributes()["ceil_mode"] or _extents(node)[1]


def _weighed(node: Node, _: Any) -> bool:
    """Whether each window's elements are counted alike, or can be counted now."""
    op: Any = node.op
    return _extents(node)[1] or not any(op.pads) or op.count_include_pad


CORE = [PLAIN, Condition("windows are rounded up, of an open extent", _counted), filled(), rank(3, 4)]


def _options(op: Windowed, padding: str) -> dict[str, Any]:
    (high, wide), (stride_h, stride_w) = two(op.window, 1), two(op.strides, 1)
    return {
        "padding": padding,
        "stride_h": stride_h,
        "stride_w": stride_w,
        "filter_height": high,
        "filter_width": wide,
    }


def _reach(op: Windowed, size: Shape, out: Shape) -> tuple[list[int], list[int]]:
    """What to put before and after each axis so that every window is whole; open extents are padded as they say."""
    window, strides, pads = two(op.window, 1), two(op.strides, 1), two_pads(op.pads)
    begins, ends = list(pads[:2]), list(pads[2:])
    if op.ceil_mode:
        for i, (d, o) in enumerate(zip(size, out, strict=True)):
            assert isinstance(d, int)
            assert isinstance(o, int)
            ends[i] = max(ends[i], (o - 1) * strides[i] + window[i] - d - begins[i])
    return begins, ends


@TABLE.lower(MaxPool, when=[dtypes(POOLED), *CORE])
def max_pool(op: MaxPool, ctx: Context, x: Edge) -> Edge:
    due = last(ctx.result.dims, op.layout)

    def pool(x: Edge, due: Shape) -> Edge:
        begins, ends = _reach(op, x.shape[1:3], due[1:3])
        same = is_same(x.shape[1:3], two(op.window, 1), two(op.strides, 1), (*begins, *ends), (1, 1))
        if any((*begins, *ends)) and not same:
            least = -np.inf if x.dtype.is_float else np.iinfo(x.dtype.numpy).min
            x = padded(ctx, x, [0, *begins, 0], [0, *ends, 0], ctx.constant(least, x.dtype))
            same = False
        return ctx.emit("MAX_POOL_2D", x, shape=due, **_options(op, "SAME" if same and any(ends) else "VALID"))

    return single(
        ctx, x, lambda x: channels_last(ctx, op.layout, len(op.window), x, lambda x: widened(ctx, x, due, pool))
    )


@TABLE.lower(AvgPool, when=[*CORE, Condition("pads do not count, of an open extent", _weighed)])
def avg_pool(op: AvgPool, ctx: Context, x: Edge) -> Edge:
    """SAME leaves padding out of the mean. Otherwise the mean of each window with its padding is weighed by how many
    of its elements count."""
    due = last(ctx.result.dims, op.layout)

    def pool(x: Edge, due: Shape) -> Edge:
        begins, ends = _reach(op, x.shape[1:3], due[1:3])
        if not any((*begins, *ends)):
            return ctx.emit("AVERAGE_POOL_2D", x, shape=due, **_options(op, "VALID"))
        window, strides = two(op.window, 1), two(op.strides, 1)
        if not op.count_include_pad and is_same(x.shape[1:3], window, strides, (*begins, *ends), (1, 1)):
            return ctx.emit("AVERAGE_POOL_2D", x, shape=due, **_options(op, "SAME"))
        shares = _shares(op, x.shape[1:3], due[1:3], begins)
        x = padded(ctx, x, [0, *begins, 0], [0, *ends, 0])
        mean = ctx.emit("AVERAGE_POOL_2D", x, shape=due, **_options(op, "VALID"))
        return mean if shares is None else ctx.emit("MUL", mean, ctx.constant(shares, x.dtype))

    return single(
        ctx, x, lambda x: channels_last(ctx, op.layout, len(op.window), x, lambda x: widened(ctx, x, due, pool))
    )


def _shares(op: AvgPool, size: Shape, out: Shape, begins: list[int]) -> np.ndarray[Any, Any] | None:
    """The elements of a window over those of it that count, by place; ``None`` where all do."""
    window, strides, pads = two(op.window, 1), two(op.strides, 1), two_pads(op.pads)
    if op.count_include_pad and not op.ceil_mode:
        return None
    counts = []
    for i in range(2):
        d, o = size[i], out[i]
        assert isinstance(d, int)
        assert isinstance(o, int)
        first = np.arange(o) * strides[i] - begins[i]
        low, high = (-pads[i], d + pads[2 + i]) if op.count_include_pad else (0, d)
        counts.append(np.minimum(first + window[i], high) - np.maximum(first, low))
    with np.errstate(all="ignore"):
        shares = (window[0] * window[1]) / np.maximum(np.outer(*counts), 0)
    return None if (shares == 1).all() else shares[None, :, :, None]


@TABLE.lower(MaxPool, when=[EXTENTS, filled()])
def max_pool_by_taps(op: MaxPool, ctx: Context, x: Edge) -> Edge:
    """Axis by axis."""
    first = 1 if op.layout == "channels_last" else 2

    def pool(x: Edge) -> Edge:
        least = -np.inf if x.dtype.is_float else np.iinfo(x.dtype.numpy).min
        value = ctx.constant(least, x.dtype)
        return _by_axes(op, ctx, x, first, value, lambda a, b: extreme(ctx, "MAXIMUM", a, b))

    return single(ctx, x, pool)


@TABLE.lower(AvgPool, when=[EXTENTS, filled()])
def avg_pool_by_taps(op: AvgPool, ctx: Context, x: Edge) -> Edge:
    """Sums axis by axis, over how many elements count."""
    first = 1 if op.layout == "channels_last" else 2

    def pool(x: Edge) -> Edge:
        sums = _by_axes(op, ctx, x, first, None, lambda a, b: ctx.emit("ADD", a, b))
        counts = _counts(op, x.shape[first : first + len(op.window)], sums.shape[first : first + len(op.window)])
        shape = (1,) * first + counts.shape + (1,) * (x.rank - first - counts.ndim)
        return ctx.emit("DIV", sums, ctx.constant(counts.reshape(shape), x.dtype))

    return single(ctx, x, pool)


def _by_axes(
    op: MaxPool | AvgPool, ctx: Context, x: Edge, first: int, value: Edge | None, combine: Callable[[Edge, Edge], Edge]
) -> Edge:
    n, due = len(op.window), ctx.result.dims
    before, after = list(op.pads[:n]), list(op.pads[n:])
    for i in range(n):
        size, out = x.shape[first + i], due[first + i]
        assert isinstance(size, int)
        assert isinstance(out, int)
        reach = (out - 1) * op.strides[i] + (op.window[i] - 1) * op.dilations[i] + 1
        after[i] = max(after[i], reach - size - before[i])
    x = roomy(ctx, x, first, before, after, value)
    for i in range(n):
        at = (op.window[i], op.strides[i], op.dilations[i], due[first + i])
        x = folded(ctx, x, first + i, *at, combine)
    return x


def _counts(op: AvgPool, size: Shape, out: Shape) -> np.ndarray[Any, Any]:
    """By place: the elements of the window that count."""
    n, total = len(op.window), np.ones((), np.int64)
    for i in range(n):
        d, o = size[i], out[i]
        assert isinstance(d, int)
        assert isinstance(o, int)
        at = np.arange(o)[:, None] * op.strides[i] - op.pads[i] + np.arange(op.window[i]) * op.dilations[i]
        low, high = (-op.pads[i], d + op.pads[n + i]) if op.count_include_pad else (0, d)
        total = np.multiply.outer(total, ((at >= low) & (at < high)).sum(1))
    return total


@TABLE.lower(GlobalAvgPool, when=[SPATIAL, filled()])
def global_avg_pool(op: GlobalAvgPool, ctx: Context, x: Edge) -> Edge:
    return single(ctx, x, lambda x: reduced(ctx, "MEAN", x, range(2, x.rank), True, ctx.result.dims))
