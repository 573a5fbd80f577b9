"""Convolutions of floats."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.lowerings.common import single
from interlingua.backends.litert.lowerings.padding import padded
from interlingua.backends.litert.lowerings.taps import EXTENTS, tapped_conv
from interlingua.backends.litert.lowerings.windows import channels_last, is_same, last, two, two_pads, widened
from interlingua.backends.lowering import Condition, Lowerings, dtypes, filled
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.convolution import Conv, ConvTranspose
from interlingua.ir.types import Shape

TABLE = Lowerings()

AXES = "dhw"


def _known_kernel(node: Node, _: Any) -> bool:
    return node.operand(1).tensor.static_shape is not None


KERNEL = Condition("the kernel has no known shape", _known_kernel)


def has_kernel(op: Conv | ConvTranspose) -> bool:
    """Whether LiteRT has a kernel for so many axes and groups."""
    return len(op.strides) in (1, 2) or (len(op.strides) == 3 and op.groups == 1)


OWN = Condition("more than two spatial axes, in groups", lambda node, _: has_kernel(node.op))  # type: ignore[arg-type]


@TABLE.lower(Conv, when=[dtypes(FLOATS), KERNEL, OWN, filled(0, 1)])
def conv(op: Conv, ctx: Context, x: Edge, w: Edge, bias: Edge | None = None) -> Edge:
    n = len(op.strides)
    due = last(ctx.result.dims, op.layout)

    def emit(x: Edge) -> Edge:
        weights, offset = ctx.cast(w, x.dtype), None if bias is None else ctx.cast(bias, x.dtype)
        return convolved(op, ctx, x, weights, offset, due)

    return single(ctx, x, lambda x: channels_last(ctx, op.layout, n, x, emit))


@TABLE.lower(Conv, when=[KERNEL, EXTENTS, filled(0, 1)])
def conv_by_taps(op: Conv, ctx: Context, x: Edge, w: Edge, bias: Edge | None = None) -> Edge:
    """Integers, and groups of many axes."""
    due = last(ctx.result.dims, op.layout)

    def emit(x: Edge) -> Edge:
        weights, offset = ctx.cast(w, x.dtype), None if bias is None else ctx.cast(bias, x.dtype)
        return tapped_conv(op, ctx, x, weights, offset, due)

    wide = ctx.cast(x, DType.I32) if x.dtype.is_integer else x
    return single(ctx, wide, lambda x: channels_last(ctx, op.layout, len(op.strides), x, emit))


def convolved(op: Conv, ctx: Context, x: Edge, w: Edge, bias: Edge | None, due: Shape) -> Edge:
    """Floats, channels last, by LiteRT's kernels."""
    if len(op.strides) == 3:
        return _conv(op, ctx, x, w, bias, due)
    return widened(ctx, x, due, lambda x, due: _conv(op, ctx, x, w, bias, due))


def _conv(op: Conv, ctx: Context, x: Edge, w: Edge, bias: Edge | None, due: Shape) -> Edge:
    """Over two axes or three, channels last."""
    strides, dilations, pads = two(op.strides, 1), two(op.dilations, 1), two_pads(op.pads)
    outputs, each, *kernel = w.shape if len(strides) == w.rank - 2 else (*w.shape[:2], 1, *w.shape[2:])
    sizes = [k for k in kernel if isinstance(k, int)]
    n = len(strides)
    same = any(pads) and is_same(x.shape[1:-1], sizes, strides, pads, dilations)
    if any(pads) and not same:
        x = padded(ctx, x, [0, *pads[:n], 0], [0, *pads[n:], 0])
    options: dict[str, Any] = {"padding": "SAME" if same else "VALID"}
    for axis, stride, dilation in zip(AXES[3 - n :], strides, dilations, strict=True):
        options |= {f"stride_{axis}": stride, f"dilation_{axis}_factor": dilation}
    assert isinstance(outputs, int)
    added = ctx.constant(np.zeros(outputs), x.dtype) if bias is None else bias
    full = ctx.reshape(w, (outputs, each, *kernel))
    if n == 3:
        return ctx.emit("CONV_3D", x, ctx.transpose(full, (2, 3, 4, 1, 0)), added, shape=due, **options)
    if op.groups > 1 and each == 1:
        weights = ctx.transpose(full, (1, 2, 3, 0))
        options["depth_multiplier"] = outputs // op.groups
        return ctx.emit("DEPTHWISE_CONV_2D", x, weights, added, shape=due, **options)
    weights, use = ctx.transpose(full, (0, 2, 3, 1)), {"grouped": op.groups > 1}
    return ctx.emit("CONV_2D", x, weights, added, shape=due, use=use, **options)
