"""Convolutions, channels last.

Semantics: ``tensorflow/lite/kernels/{conv,depthwise_conv,transpose_conv,conv3d,conv3d_transpose}.cc``. Filters are
OHWI, a depthwise one 1HWO with ``channel * multiplier + m`` for the outputs of a channel, those of CONV_3D DHWIO and
of its transpose DHWOI.
"""

from __future__ import annotations

from collections.abc import Sequence

from interlingua.errors import InvalidModel
from interlingua.frontends.litert.accumulate import Places, contraction
from interlingua.frontends.litert.levels import quantized
from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import OWN, REAL, Table
from interlingua.frontends.litert.translations.activation import activated
from interlingua.frontends.litert.windows import spatial, windows
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.convolution import Conv, ConvTranspose
from interlingua.ir.ops.shape import Transpose

TABLE = Table()
PLANE = (("stride_h", "stride_w"), ("dilation_h_factor", "dilation_w_factor"))
SPACE = (("stride_d", "stride_h", "stride_w"), ("dilation_d_factor", "dilation_h_factor", "dilation_w_factor"))


def _extent(n: LiteRtNode, w: Value, axis: int) -> int:
    dim = w.tensor.dims[axis]
    if not isinstance(dim, int):
        n.unsupported("the extents of its filter are unknown")
    return dim


def _convolved(
    n: LiteRtNode,
    b: Builder,
    operands: tuple[Value, Value, Value | None],
    perm: tuple[int, ...],
    options: tuple[Sequence[str], Sequence[str]],
) -> Value:
    """``perm`` brings the filter to (out, in / groups, *kernel)."""
    x, w, bias = operands
    if x.tensor.shape is None or x.tensor.rank != len(perm) or w.tensor.rank != len(perm):
        raise InvalidModel(f"{n.op} has an input of {x.type} and a filter of {w.type}")
    strides, dilations = (spatial(n, *names) for names in options)
    kernel = [_extent(n, w, axis) for axis in perm[2:]]
    extents = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    channels, each = x.tensor.dims[-1], w.tensor.dims[perm[1]]
    if not isinstance(channels, int) or not isinstance(each, int) or each < 1 or channels % each:
        n.unsupported(f"{channels} channels and a filter of {each}")
    found = windows(n, b, x, extents, strides)
    op = Conv(strides, found.pads, dilations, channels // each, "channels_last")
    return b(op, found.x, b(Transpose(perm=perm), w), bias)


@TABLE.translate("CONV_2D", quantized=OWN)
def conv_2d(n: LiteRtNode, b: Builder) -> Value:
    """Input channels that are a multiple of the filter's make groups."""
    return contraction(n, b, Places(0, 1, 2, 0), lambda x, w, bias: _convolved(n, b, (x, w, bias), (0, 3, 1, 2), PLANE))


@TABLE.translate("DEPTHWISE_CONV_2D", quantized=OWN)
def depthwise_conv_2d(n: LiteRtNode, b: Builder) -> Value:
    """The multiplier is what the shapes say: the kernel looks at the option no more."""
    return contraction(n, b, Places(0, 1, 2, 3), lambda x, w, bias: _convolved(n, b, (x, w, bias), (3, 0, 1, 2), PLANE))


@TABLE.translate("CONV_3D", quantized=REAL)
def conv_3d(n: LiteRtNode, b: Builder) -> Value:
    return activated(n, b, _convolved(n, b, (n[0], n[1], n.get(2)), (4, 3, 0, 1, 2), SPACE))


def _transposed(
    n: LiteRtNode,
    b: Builder,
    operands: tuple[Value, Value, Value | None],
    perm: tuple[int, ...],
    options: tuple[Sequence[str], Sequence[str]],
) -> Value:
    """The gradient of the convolution that gives the data of the output's shape, which the first operand says; ``perm``
    brings the filter to (in, out, *kernel)."""
    x, w, bias = operands
    shape = n.ints(0)
    if x.tensor.shape is None or not x.tensor.rank == w.tensor.rank == len(perm) == len(shape):
        raise InvalidModel(f"{n.op} to {list(shape)} has an input of {x.type} and a filter of {w.type}")
    strides = spatial(n, *options[0])
    dilations = spatial(n, *options[1]) if options[1] else (1,) * len(strides)
    kernel = [_extent(n, w, axis) for axis in perm[2:]]
    before, after, room = [], [], []
    for axis, (k, s, d) in enumerate(zip(kernel, strides, dilations, strict=True), 1):
        size, extent = shape[axis], (k - 1) * d + 1
        count = x.tensor.dims[axis]
        if not isinstance(count, int):
            n.unsupported("its output has fixed extents and its input has not")
        same = n.choice("padding", "Padding") == "SAME"
        total = max((-(-size // s) - 1) * s + extent - size, 0) if same else 0
        front = total // 2
        full = (count - 1) * s + extent
        before.append(front)
        after.append(max(full - front - size, 0))
        room.append(max(size - full + front, 0))
    op = ConvTranspose(strides, (*before, *after), dilations, tuple(room), 1, "channels_last")
    return b(op, x, b(Transpose(perm=perm), w), bias)


@TABLE.translate("TRANSPOSE_CONV", quantized=OWN)
def transpose_conv(n: LiteRtNode, b: Builder) -> Value:
    """The batch of the output's shape has to be that of the input. Levels take the way through reals."""
    info = n.infos[2] if len(n.infos) > 2 else None
    both = Places(2, 1, 3, 0)
    if info is not None and quantized(info):
        n.unsupported("it is not read on quantized tensors")
    return contraction(n, b, both, lambda x, w, bias: _transposed(n, b, (x, w, bias), (3, 0, 1, 2), (PLANE[0], ())))


@TABLE.translate("CONV_3D_TRANSPOSE")
def conv_3d_transpose(n: LiteRtNode, b: Builder) -> Value:
    return activated(n, b, _transposed(n, b, (n[2], n[1], n.get(3)), (4, 3, 0, 1, 2), SPACE))
