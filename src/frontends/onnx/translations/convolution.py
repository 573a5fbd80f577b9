"""Convolutions. ``auto_pad`` and ``output_shape`` become explicit pads here."""

from __future__ import annotations

from collections.abc import Sequence

from interlingua.frontends.onnx.axes import MAX_RANK
from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dims import DimLike, maximum
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.activation import Silu
from interlingua.ir.ops.convolution import Conv, ConvTranspose, Fold
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.vision import DeformConv

TABLE = Table()


def ones(n: OnnxNode, name: str, count: int) -> tuple[int, ...]:
    """An attribute with one entry an axis, 1 each where it is left out."""
    return tuple(n.attr(name, (1,) * count))


def kernel_extents(n: OnnxNode, w: int) -> list[int]:
    """The spatial extents of a weight, which must be known."""
    dims = n.tensor(w).shape
    given = n.attr("kernel_shape")
    if given is not None:
        return list(given)
    if dims is None or not all(isinstance(d, int) for d in dims[2:]):
        n.unsupported("the extents of the kernel are not known")
    return [d for d in dims[2:] if isinstance(d, int)]


def explicit_pads(
    n: OnnxNode, kernel: Sequence[int], strides: Sequence[int], dilations: Sequence[int]
) -> tuple[int, ...]:
    """``pads``, or what ``auto_pad`` stands for: SAME gives ceil(size / stride) windows, the odd element at
    the end for UPPER."""
    count = len(kernel)
    mode = n.attr("auto_pad", "NOTSET")
    if mode == "VALID":
        return (0,) * (2 * count)
    if mode not in ("SAME_UPPER", "SAME_LOWER"):
        return tuple(n.attr("pads", (0,) * (2 * count)))
    totals = [
        _same_total(n, n.tensor(0).dims[2 + i], (kernel[i] - 1) * dilations[i] + 1, strides[i])
        for i in range(count)
    ]
    return split_pads(totals, mode == "SAME_UPPER")


def split_pads(totals: Sequence[int], upper: bool) -> tuple[int, ...]:
    """Begins, then ends, of totals halved: the odd element at the end (``upper``) or at the beginning.

    A negative total is room to be made (a transposed convolution that does not reach so far): all of it at
    the end.
    """
    small = [max(t, 0) // 2 for t in totals]
    large = [t - s for t, s in zip(totals, small, strict=True)]
    return (*small, *large) if upper or min(totals, default=0) < 0 else (*large, *small)


def _same_total(n: OnnxNode, size: DimLike, extent: int, stride: int) -> int:
    # ceil(size / stride) windows end at (windows - 1)*stride + extent;
    # for a symbolic size what that lacks is known if the stride is 1
    windows = -(-size // stride)
    total = maximum((windows - 1) * stride + extent - size, 0)
    if not isinstance(total, int):
        n.unsupported(
            f"auto_pad SAME with stride {stride} needs a known size (it is {size}): the pads depend on it"
        )
    return total


@TABLE.translate("Conv", 1, 11, 22)
def conv(n: OnnxNode, b: Builder) -> Value:
    count = n.rank(1) - 2
    strides, dilations = ones(n, "strides", count), ones(n, "dilations", count)
    same = str(n.attr("auto_pad", "NOTSET")).startswith("SAME")
    pads = explicit_pads(n, kernel_extents(n, 1) if same else (1,) * count, strides, dilations)
    return b(Conv(strides, pads, dilations, groups=n.attr("group", 1)), n[0], n[1], n.get(2))


@TABLE.translate("ConvTranspose", 1, 11, 22)
def conv_transpose(n: OnnxNode, b: Builder) -> Value:
    count = n.rank(1) - 2
    strides, dilations = ones(n, "strides", count), ones(n, "dilations", count)
    extra = tuple(n.attr("output_padding", (0,) * count))
    pads = tuple(n.attr("pads", (0,) * (2 * count)))
    mode, shape = n.attr("auto_pad", "NOTSET"), n.attr("output_shape")
    if mode == "VALID":
        pads = (0,) * (2 * count)
    if shape is not None or mode in ("SAME_UPPER", "SAME_LOWER"):
        kernel = kernel_extents(n, 1)
        reach = [(kernel[i] - 1) * dilations[i] + 1 + extra[i] for i in range(count)]
        pads = split_pads(_totals(n, strides, reach, shape), mode == "SAME_UPPER")
    op = ConvTranspose(strides, pads, dilations, extra, groups=n.attr("group", 1))
    return b(op, n[0], n[1], n.get(2))


def _totals(
    n: OnnxNode, strides: Sequence[int], reach: Sequence[int], shape: Sequence[int] | None
) -> list[int]:
    """What the pads of each axis add up to, for a wanted extent or for ``size * stride``."""
    found: list[int] = []
    wanted = None if shape is None else list(shape)[-len(strides) :]
    for i, stride in enumerate(strides):
        size = n.tensor(0).dims[2 + i]
        target = size * stride if wanted is None else wanted[i]
        total = (size - 1) * stride + reach[i] - target
        if not isinstance(total, int):
            n.unsupported(f"output_shape needs a known size (it is {size}): the pads depend on it")
        found.append(total)
    return found


@TABLE.translate("DeformConv", 19, 22)
def deform_conv(n: OnnxNode, b: Builder) -> Value:
    count = n.rank(1) - 2
    op = DeformConv(
        strides=ones(n, "strides", count),
        pads=tuple(n.attr("pads", (0,) * (2 * count))),
        dilations=ones(n, "dilations", count),
        groups=n.attr("group", 1),
        offset_groups=n.attr("offset_group", 1),
    )
    return b(op, n[0], n[1], n[2], n.get(3), n.get(4))


@TABLE.translate("Col2Im", 18)
def col2im(n: OnnxNode, b: Builder) -> Value:
    length = n.tensor(1).dims[0]
    if not isinstance(length, int):
        n.unsupported("the number of spatial axes is not known")
    if length > MAX_RANK:
        n.unsupported(f"it names {length} spatial axes, and no tensor has so many")
    op = Fold(
        strides=ones(n, "strides", length),
        pads=tuple(n.attr("pads", (0,) * (2 * length))),
        dilations=ones(n, "dilations", length),
    )
    return b(op, n[0], n[1], n[2])


@TABLE.translate("CausalConvWithState", 27)
def causal_conv(n: OnnxNode, b: Builder) -> Sequence[Value | None]:
    """Concatenate the state, convolve each channel by itself, keep the last elements as state."""
    kernel = n.tensor(1).dims[2]
    channels = n.tensor(1).dims[0]
    if not isinstance(kernel, int) or not isinstance(channels, int):
        n.unsupported("the shape of the kernel is not known")
    x, past = Expr(b, n[0]), n.get(3)
    if past is None:
        before = x.shape().slice(0, 0, 2).concat(x.constant([kernel - 1]))
        state = x.number(0.0).broadcast(before)
    else:
        state = Expr(b, past)
    joined = state.concat(x, axis=2)
    y = b(Conv((1,), (0, 0), (1,), groups=channels), joined.value, n[1], n.get(2))
    if n.attr("activation", "none") in ("silu", "swish"):
        y = b(Silu(), y)
    start = joined.dim(2, DType.I64) - (kernel - 1)
    keep = start + joined.constant(kernel - 1).steps()
    return [y, joined.gather(keep, 2).value]
