"""What convolutions and poolings share: LiteRT has channels last alone, two spatial axes, and padding by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.ir.dims import DimLike
from interlingua.ir.ops.convolution import Layout, same_padding
from interlingua.ir.types import Shape


def channels_last(ctx: Context, layout: Layout, n: int, x: Edge, emit: Callable[[Edge], Edge]) -> Edge:
    """What ``emit`` makes of ``x`` with its channels last, brought back to the layout."""
    if layout == "channels_last":
        return emit(x)
    there, back = (0, *range(2, n + 2), 1), (0, n + 1, *range(1, n + 1))
    return ctx.transpose(emit(ctx.transpose(x, there)), back)


def last(shape: Shape, layout: Layout) -> Shape:
    """A shape of the layout with the channels last."""
    return shape if layout == "channels_last" else (shape[0], *shape[2:], shape[1])


def widened(ctx: Context, x: Edge, due: Shape, emit: Callable[[Edge, Shape], Edge]) -> Edge:
    """One spatial axis, with another of extent 1 before it, through what is done to two."""
    if len(due) != 3:
        return emit(x, due)
    made = emit(ctx.reshape(x, (x.shape[0], 1, *x.shape[1:]), x), (due[0], 1, *due[1:]))
    return ctx.reshape(made, due, made)


def two(values: Sequence[int], fill: int) -> tuple[int, ...]:
    """Values of one spatial axis, and ``fill`` for the one before it."""
    return (fill, *values) if len(values) == 1 else tuple(values)


def two_pads(pads: Sequence[int]) -> tuple[int, ...]:
    """As :func:`two`, of begins and ends."""
    return (0, pads[0], 0, pads[1]) if len(pads) == 2 else tuple(pads)


def is_same(
    size: Shape, kernel: Sequence[int], strides: Sequence[int], pads: Sequence[int], dilations: Sequence[int]
) -> bool:
    """Whether SAME pads exactly so."""
    n = len(kernel)
    return all(
        _same_axis(size[i], kernel[i], strides[i], (pads[i], pads[n + i]), dilations[i]) for i in range(n)
    )  # fmt: skip


def _same_axis(size: DimLike, kernel: int, stride: int, pads: tuple[int, int], dilation: int) -> bool:
    if isinstance(size, int):
        return same_padding(size, kernel, stride, dilation) == pads
    return stride == 1 and same_padding(1, kernel, 1, dilation) == pads
