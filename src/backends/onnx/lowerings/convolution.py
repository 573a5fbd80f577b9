"""Convolutions. ONNX has channels first alone, and integers in ConvInteger alone."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, cautious, filled, rank, ranked
from interlingua.backends.onnx.context import Context
from interlingua.backends.onnx.lowerings.bytes import unsigned
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.convolution import Conv, ConvTranspose, Fold, Layout
from interlingua.ir.ops.vision import DeformConv

TABLE = Lowerings()


def channels_first(ctx: Context, layout: Layout, n: int, x: Any, emit: Callable[[Any], Any]) -> Any:
    """What ``emit`` makes of ``x`` with its channels first, brought back to the layout."""
    if layout == "channels_first":
        return emit(x)
    there, back = (0, n + 1, *range(1, n + 1)), (0, *range(2, n + 2), 1)
    return ctx.emit("Transpose", emit(ctx.emit("Transpose", x, perm=there)), perm=back)


def add_bias(ctx: Context, y: Any, bias: Any, n: int) -> Any:
    """The bias of each channel added; absent, nothing."""
    if bias is None:
        return y
    return ctx.emit("Add", y, ctx.emit("Reshape", bias, ctx.constant([-1] + [1] * n)))


def _integer_conv(op: Conv, ctx: Context, x: Any, w: Any) -> Any:
    """A sum of int32 matrix products over the kernel's places: ONNX has no other convolution of int32."""
    n, kernel = len(op.strides), [d for d in ctx.type(1).dims[2:] if isinstance(d, int)]
    axes = ctx.constant(list(range(2, n + 2)))
    if any(op.pads):
        x = ctx.emit("Pad", x, ctx.constant([0, 0, *op.pads[:n], 0, 0, *op.pads[n:]]))
    taps = ctx.emit("Reshape", w, ctx.constant([op.groups, -1, ctx.type(1).dims[1], math.prod(kernel)]))
    total, shape = None, None
    for k, place in enumerate(itertools.product(*(range(e) for e in kernel))):
        starts = [p * d for p, d in zip(place, op.dilations, strict=True)]
        left = [(e - 1 - p) * d for e, p, d in zip(kernel, place, op.dilations, strict=True)]
        ends = [-v if v else 2**31 - 1 for v in left]
        part = ctx.emit("Slice", x, ctx.constant(starts), ctx.constant(ends), axes, ctx.constant(list(op.strides)))
        if shape is None:
            shape = ctx.emit("Shape", part)
        columns = ctx.emit("Reshape", part, ctx.constant([0, op.groups, ctx.type(1).dims[1], -1]))
        product = ctx.emit("MatMul", ctx.emit("Gather", taps, ctx.constant(k), axis=3), columns)
        total = product if total is None else ctx.emit("Add", total, product)
    batch = ctx.emit("Slice", shape, ctx.constant([0]), ctx.constant([1]))
    spatial = ctx.emit("Slice", shape, ctx.constant([2]), ctx.constant([n + 2]))
    return ctx.emit("Reshape", total, ctx.emit("Concat", batch, ctx.constant([-1]), spatial, axis=0))


def _tiny_or_known(node: Node, _: Any) -> bool:
    """Whether the operands are 8-bit integers or floats, or else the kernel's shape is known."""
    types = [node.operand(i).tensor for i in (0, 1)]
    simple = not types[0].dtype.is_integer or all(t.dtype.bits == 8 for t in types)
    shape = types[1].shape
    return simple or (shape is not None and all(isinstance(d, int) for d in shape[1:]))


@TABLE.lower(Conv, when=[Condition("a kernel of int32 has no known shape", _tiny_or_known), filled(0, 1)])
def conv(op: Conv, ctx: Context, x: Any, w: Any, bias: Any = None) -> Any:
    n = len(op.strides)
    attributes: dict[str, Any] = {
        "strides": op.strides,
        "pads": op.pads,
        "dilations": op.dilations,
        "group": op.groups,
    }
    dtypes = {ctx.type(0).dtype, ctx.type(1).dtype}

    def emit(data: Any) -> Any:
        if dtypes <= {DType.I8, DType.U8}:
            operands = unsigned(ctx, [data, w], signed=0, zero=2, by=1)
            return add_bias(ctx, ctx.emit("ConvInteger", *operands, **attributes), bias, n)
        if not ctx.type(0).dtype.is_integer:
            return ctx.emit("Conv", data, w, bias, **attributes)
        wide = [ctx.cast(t, DType.I32) for t in (data, w)]
        return add_bias(ctx, _integer_conv(op, ctx, *wide), bias, n)

    return channels_first(ctx, op.layout, n, x, emit)


def _output_padding_fits(node: Node, _: Any) -> bool:
    op = node.op
    assert isinstance(op, ConvTranspose)
    return all(p < s for p, s in zip(op.output_padding, op.strides, strict=True))


def _flat(node: Node) -> bool:
    return len(node.op.attributes()["strides"]) == 2


def _left_over(node: Node, _: Any) -> bool:
    """Whether something is left of every known extent, the room of negative pads aside, which is added later."""
    op, shapes = node.op, [node.operand(i).tensor.shape for i in (0, 1)]
    assert isinstance(op, ConvTranspose)
    n = len(op.strides)
    if shapes[0] is None or shapes[1] is None:
        return True
    data = shapes[0][2:] if op.layout == "channels_first" else shapes[0][1:-1]
    pads = [max(0, op.pads[i]) + max(0, op.pads[i + n]) for i in range(n)]
    extents = zip(data, shapes[1][2:], op.strides, op.dilations, op.output_padding, pads, strict=True)
    return all(
        not isinstance(d, int) or not isinstance(k, int) or (d - 1) * s + (k - 1) * e + 1 + o - p > 0
        for d, k, s, e, o, p in extents
    )


@TABLE.lower(
    ConvTranspose,
    when=[
        filled(),
        Condition("nothing is left between the pads", _left_over),
        Condition("ONNX Runtime takes no output padding as large as the stride", _output_padding_fits),
    ],
)
def conv_transpose(op: ConvTranspose, ctx: Context, x: Any, w: Any, bias: Any = None) -> Any:
    n = len(op.strides)
    pads = tuple(max(0, p) for p in op.pads)
    attributes: dict[str, Any] = {
        "strides": op.strides,
        "pads": pads,
        "dilations": op.dilations,
        "group": op.groups,
        "output_padding": op.output_padding if any(op.output_padding) else None,
    }
    # ONNX has no negative pads: the room that they make is put around the result, before the bias
    room = [p - q for p, q in zip(pads, op.pads, strict=True)]

    def emit(data: Any) -> Any:
        if ctx.type(0).dtype.is_integer:
            wide = [ctx.cast(t, DType.F64) for t in (data, w)]
            y = ctx.cast(ctx.cast(ctx.emit("ConvTranspose", *wide, **attributes), DType.I64), DType.I32)
        elif not any(room):
            return ctx.emit("ConvTranspose", data, w, bias, **attributes)
        else:
            y = ctx.emit("ConvTranspose", data, w, **attributes)
        if any(room):
            y = ctx.emit("Pad", y, ctx.constant([0, 0, *room[:n], 0, 0, *room[n:]]))
        return add_bias(ctx, y, bias, n)

    return channels_first(ctx, op.layout, n, x, emit)


@TABLE.lower(Fold, when=[filled(), ranked(), cautious("ONNX Runtime's Col2Im is wrong but in two dimensions", _flat)])
def fold(op: Fold, ctx: Context, x: Any, image: Any, block: Any) -> Any:
    return ctx.emit("Col2Im", x, image, block, strides=op.strides, pads=op.pads, dilations=op.dilations)


@TABLE.lower(DeformConv, when=[rank(4), filled()])
def deform_conv(op: DeformConv, ctx: Context, x: Any, w: Any, offset: Any, bias: Any = None, mask: Any = None) -> Any:
    return ctx.emit(
        "DeformConv",
        x,
        w,
        offset,
        bias,
        mask,
        strides=op.strides,
        pads=op.pads,
        dilations=op.dilations,
        group=op.groups,
        offset_group=op.offset_groups,
    )
