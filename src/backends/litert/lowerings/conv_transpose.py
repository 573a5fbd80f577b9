"""Transposed convolutions: by LiteRT's kernel where it has one, else as a convolution of what is moved apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.lowerings.common import single
from interlingua.backends.litert.lowerings.convolution import KERNEL, convolved, has_kernel
from interlingua.backends.litert.lowerings.padding import padded
from interlingua.backends.litert.lowerings.shape import reversed_along
from interlingua.backends.litert.lowerings.taps import EXTENTS, roomy, tapped_conv
from interlingua.backends.litert.lowerings.windows import channels_last, is_same, last, two, two_pads, widened
from interlingua.backends.lowering import Condition, Lowerings, dtypes, filled
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.convolution import Conv, ConvTranspose
from interlingua.ir.types import Shape

TABLE = Lowerings()


def _plain(node: Node, _: Any) -> bool:
    op = node.op
    assert isinstance(op, ConvTranspose)
    return len(op.strides) in (1, 2) and op.groups == 1 and set(op.dilations) <= {1}


def _has_kernel(node: Node, _: Any) -> bool:
    op = node.op
    assert isinstance(op, ConvTranspose)
    return has_kernel(op)


PLAIN = Condition("it is dilated, in groups, or over more than two axes", _plain)
OWN = Condition("more than two spatial axes, in groups", _has_kernel)


@TABLE.lower(ConvTranspose, when=[dtypes(FLOATS), KERNEL, PLAIN, filled(0, 1)])
def conv_transpose(op: ConvTranspose, ctx: Context, x: Edge, w: Edge, bias: Edge | None = None) -> Edge:
    due = last(ctx.result.dims, op.layout)

    def emit(x: Edge) -> Edge:
        weights, offset = ctx.cast(w, x.dtype), None if bias is None else ctx.cast(bias, x.dtype)
        return widened(ctx, x, due, lambda x, due: _transposed(op, ctx, x, weights, offset, due))

    return single(ctx, x, lambda x: channels_last(ctx, op.layout, len(op.strides), x, emit))


def _transposed(op: ConvTranspose, ctx: Context, x: Edge, w: Edge, bias: Edge | None, due: Shape) -> Edge:
    """SAME where the result has an element for each of a stride; else everything, of which the pads are cut off. Room
    beyond what the kernel reaches is filled by the bias, which is added after it then."""
    inputs, outputs, *kernel = w.shape if len(op.strides) == 2 else (*w.shape[:2], 1, *w.shape[2:])
    sizes = [k for k in kernel if isinstance(k, int)]
    strides, pads, more = two(op.strides, 1), two_pads(op.pads), two(op.output_padding, 0)
    weights = ctx.transpose(ctx.reshape(w, (inputs, outputs, *kernel)), (1, 2, 3, 0))
    options: dict[str, Any] = {"stride_h": strides[0], "stride_w": strides[1]}
    ends = [p - m for p, m in zip(pads[2:], more, strict=True)]
    if _is_same(x.shape[1:3], due[1:3], sizes, strides, (*pads[:2], *ends)):
        return ctx.emit("TRANSPOSE_CONV", ctx.sizes(due, x), weights, x, bias, shape=due, padding="SAME", **options)
    spatial = tuple((d - 1) * s + k for d, s, k in zip(x.shape[1:3], strides, sizes, strict=True))
    full: Shape = (x.shape[0], *spatial, outputs)
    before, after = [-p for p in pads[:2]], [-p for p in ends]
    late = max(*before, *after) > 0
    own = None if late else bias
    made = ctx.emit("TRANSPOSE_CONV", ctx.sizes(full, x), weights, x, own, shape=full, padding="VALID", **options)
    made = roomy(ctx, made, 1, before, after)
    return made if bias is None or not late else ctx.emit("ADD", made, bias)


def _is_same(size: Shape, out: Shape, kernel: Sequence[int], strides: Sequence[int], pads: Sequence[int]) -> bool:
    if min(pads) < 0 or not all(isinstance(d, int) for d in (*size, *out)):
        return False
    whole = all(-(-o // s) == d for o, s, d in zip(out, strides, size, strict=True))
    return whole and is_same(out, kernel, strides, pads, (1, 1))


def _as_conv(op: ConvTranspose, ctx: Context, x: Edge, w: Edge) -> tuple[Conv, Edge, Edge]:
    """The convolution, channels last, its data and its weights: ``x`` with zeros between its elements, by the kernel
    backwards."""
    n, groups = len(op.strides), op.groups
    kernel = [k for k in w.shape[2:] if isinstance(k, int)]
    reach = [d * (k - 1) for k, d in zip(kernel, op.dilations, strict=True)]
    for axis, stride in enumerate(op.strides, 1):
        x = _apart(ctx, x, axis, stride)
    before = [r - p for r, p in zip(reach, op.pads[:n], strict=True)]
    after = [r - p + m + 1 - s for r, p, m, s in zip(reach, op.pads[n:], op.output_padding, op.strides, strict=True)]
    inputs, outputs = w.shape[:2]
    assert isinstance(inputs, int)
    assert isinstance(outputs, int)
    grouped = ctx.reshape(w, (groups, inputs // groups, outputs, *kernel))
    turned = ctx.transpose(grouped, (0, 2, 1, *range(3, n + 3)))
    weights = ctx.reshape(turned, (groups * outputs, inputs // groups, *kernel))
    plain = Conv((1,) * n, (0,) * (2 * n), op.dilations, groups, "channels_last")
    return plain, roomy(ctx, x, 1, before, after), reversed_along(ctx, weights, range(2, n + 2))


def _apart(ctx: Context, x: Edge, axis: int, stride: int) -> Edge:
    """``x`` with ``stride - 1`` zeros after each element along ``axis``."""
    if stride == 1:
        return x
    shape = (*x.shape[: axis + 1], 1, *x.shape[axis + 1 :])
    none = [0] * len(shape)
    spread = padded(ctx, ctx.reshape(x, shape, x), none, [(stride - 1) * (a == axis + 1) for a in range(len(shape))])
    return ctx.reshape(spread, (*x.shape[:axis], x.shape[axis] * stride, *x.shape[axis + 1 :]), x, spread)


@TABLE.lower(ConvTranspose, when=[dtypes(FLOATS), KERNEL, OWN, filled(0, 1)])
def conv_transpose_by_conv(op: ConvTranspose, ctx: Context, x: Edge, w: Edge, bias: Edge | None = None) -> Edge:
    due = last(ctx.result.dims, op.layout)

    def emit(x: Edge) -> Edge:
        plain, moved, weights = _as_conv(op, ctx, x, ctx.cast(w, x.dtype))
        return convolved(plain, ctx, moved, weights, None if bias is None else ctx.cast(bias, x.dtype), due)

    return single(ctx, x, lambda x: channels_last(ctx, op.layout, len(op.strides), x, emit))


@TABLE.lower(ConvTranspose, when=[KERNEL, EXTENTS, filled(0, 1)])
def conv_transpose_by_taps(op: ConvTranspose, ctx: Context, x: Edge, w: Edge, bias: Edge | None = None) -> Edge:
    """Integers, and groups of many axes."""
    due = last(ctx.result.dims, op.layout)

    def emit(x: Edge) -> Edge:
        plain, moved, weights = _as_conv(op, ctx, x, ctx.cast(w, x.dtype))
        return tapped_conv(plain, ctx, moved, weights, None if bias is None else ctx.cast(bias, x.dtype), due)

    wide = ctx.cast(x, DType.I32) if x.dtype.is_integer else x
    return single(ctx, wide, lambda x: channels_last(ctx, op.layout, len(op.strides), x, emit))
