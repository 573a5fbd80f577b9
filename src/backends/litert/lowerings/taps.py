"""Windows an element at a time: for each place in the window, what all windows have there, as one slice. Takes any
number of axes, dilations and dtypes, where kernels of windows do not."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.lowerings.padding import framed
from interlingua.backends.litert.lowerings.reduction import reduced
from interlingua.backends.lowering import Condition
from interlingua.ir.dims import DimLike
from interlingua.ir.graph import Node
from interlingua.ir.ops.convolution import Conv, split_layout
from interlingua.ir.types import Shape


def _known_extents(node: Node, _: Any) -> bool:
    op: Any = node.op
    types = (node.operand(0).tensor, node.result.tensor)
    return all(isinstance(d, int) for t in types for d in split_layout(t, op.layout)[2])


EXTENTS = Condition("the extents of the windows are not known", _known_extents)


def cut(
    ctx: Context, x: Edge, axes: Sequence[int], starts: Sequence[int], steps: Sequence[int], counts: Sequence[DimLike]
) -> Edge:
    """``counts[i]`` elements from ``starts[i]`` on, ``steps[i]`` apart, along ``axes[i]``."""
    begin, end, by, shape = [0] * x.rank, [0] * x.rank, [1] * x.rank, list(x.shape)
    for axis, start, step, count in zip(axes, starts, steps, counts, strict=True):
        assert isinstance(count, int)
        begin[axis], end[axis], by[axis], shape[axis] = start, start + (count - 1) * step + 1, step, count
    if tuple(shape) == x.shape:
        return x
    mask = sum(1 << axis for axis in range(x.rank) if axis not in axes)
    vectors = (ctx.constant(v) for v in (begin, end, by))
    return ctx.emit("STRIDED_SLICE", x, *vectors, shape=tuple(shape), begin_mask=mask, end_mask=mask)


def folded(
    ctx: Context, x: Edge, axis: int, window: int, stride: int, dilation: int, count: DimLike,
    combine: Callable[[Edge, Edge], Edge],
) -> Edge:  # fmt: skip
    """The windows along one axis, what is in each combined."""
    parts = (cut(ctx, x, [axis], [k * dilation], [stride], [count]) for k in range(window))
    total = next(parts)
    for part in parts:
        total = combine(total, part)
    return total


def roomy(
    ctx: Context, x: Edge, first: int, before: Sequence[int], after: Sequence[int], value: Edge | None = None
) -> Edge:
    """``x`` with room around the axes from ``first`` on, or, where amounts are negative, with less than it had."""
    rest = [0] * (x.rank - first - len(before))
    begins, ends = ([*[0] * first, *side, *rest] for side in (before, after))
    return framed(ctx, x, begins, ends, value)


def tapped_conv(op: Conv, ctx: Context, x: Edge, w: Edge, bias: Edge | None, due: Shape) -> Edge:
    """A convolution, channels last, as a sum over the places of the kernel, of products summed over the channels."""
    n, groups = len(op.strides), op.groups
    x = roomy(ctx, x, 1, op.pads[:n], op.pads[n:])
    outputs, each, *kernel = w.shape
    assert isinstance(outputs, int)
    taps = ctx.transpose(w, (*range(2, n + 2), 0, 1))
    spatial, last = due[1:-1], (groups, outputs // groups, each)
    total: Edge | None = None
    for place in itertools.product(*(range(k) for k in kernel if isinstance(k, int))):
        starts = [p * d for p, d in zip(place, op.dilations, strict=True)]
        part = cut(ctx, x, range(1, n + 1), starts, op.strides, spatial)
        weights = cut(ctx, taps, range(n), place, (1,) * n, (1,) * n) if n else taps
        columns = ctx.reshape(part, (x.shape[0], *spatial, groups, 1, each), part)
        products = ctx.emit("MUL", columns, ctx.reshape(weights, last, weights))
        total = products if total is None else ctx.emit("ADD", total, products)
    assert total is not None
    shape = total.shape[:-1]
    y = ctx.reshape(reduced(ctx, "SUM", total, [total.rank - 1], False, shape), due, x)
    return y if bias is None else ctx.emit("ADD", y, bias)
