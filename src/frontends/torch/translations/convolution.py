"""Convolutions. Data without a batch axis get one for as long as it takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.convolution import Conv, ConvTranspose
from interlingua.ir.ops.layout import ExpandDims, Squeeze

TABLE = Table()


def batched(b: Builder, x: Value, rank: int, compute: Callable[[Value], Value]) -> Value:
    """``compute`` of ``x``, which may lack its first axis of ``rank``."""
    if x.tensor.rank == rank:
        return compute(x)
    return b(Squeeze(axes=(0,)), compute(b(ExpandDims(axes=(0,)), x)))


def same_pads(window: Sequence[int], dilations: Sequence[int]) -> tuple[int, ...]:
    """PyTorch's ``same``: what is odd goes to the end."""
    total = [d * (w - 1) for w, d in zip(window, dilations, strict=True)]
    return (*(t // 2 for t in total), *(t - t // 2 for t in total))


def window_of(n: TorchNode, weight: Value) -> list[int]:
    """The extents of a kernel, which must be known."""
    found = [d for d in weight.tensor.dims[2:] if isinstance(d, int)]
    if len(found) != weight.tensor.rank - 2:
        n.unsupported("the size of its kernel is known at the run only")
    return found


def refuse_integers(n: TorchNode, x: Value) -> None:
    """Decline what is computed in integers."""
    if not x.tensor.dtype.is_float:
        n.unsupported(f"of {x.tensor.dtype}")


@TABLE.translate(
    "conv1d.default", "conv2d.default", "conv3d.default", "conv1d.padding", "conv2d.padding", "conv3d.padding",
)  # fmt: skip
def conv(n: TorchNode, b: Builder) -> Value:
    weight = n.value("weight")
    refuse_integers(n, weight)
    count = weight.tensor.rank - 2
    strides, dilations = n.spread("stride", count), n.spread("dilation", count)
    padding = n["padding"]
    if padding == "same":
        pads = same_pads(window_of(n, weight), dilations)
    else:
        pads = (0,) * (2 * count) if padding == "valid" else n.spread("padding", count) * 2
    op = Conv(strides=strides, pads=pads, dilations=dilations, groups=n.static("groups"))
    return batched(b, n.value("input"), count + 2, lambda x: b(op, x, weight, n.optional("bias")))


@TABLE.translate("conv_transpose1d.default", "conv_transpose2d.input", "conv_transpose3d.input")
def conv_transpose(n: TorchNode, b: Builder) -> Value:
    weight = n.value("weight")
    refuse_integers(n, weight)
    count = weight.tensor.rank - 2
    op = ConvTranspose(
        strides=n.spread("stride", count),
        pads=n.spread("padding", count) * 2,
        dilations=n.spread("dilation", count),
        output_padding=n.spread("output_padding", count),
        groups=n.static("groups"),
    )
    return batched(b, n.value("input"), count + 2, lambda x: b(op, x, weight, n.optional("bias")))


@TABLE.translate("convolution.default", "_convolution.default", "convolution_overrideable.default")
def convolution(n: TorchNode, b: Builder) -> Value:
    return conv_transpose(n, b) if n.static("transposed") else conv(n, b)
