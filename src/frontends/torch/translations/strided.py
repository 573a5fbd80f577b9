"""Views that PyTorch makes by strides: diagonals, sliding windows, pixels shuffled into channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Mul
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.shape import Transpose
from interlingua.ir.ops.shaping import dims_of, quotient_of, reshaped

TABLE = Table()


def to_end(b: Builder, x: Value, *axes: int) -> Value:
    """``x`` with ``axes`` last, in their order."""
    rest = [a for a in range(x.tensor.rank) if a not in axes]
    perm = (*rest, *axes)
    return x if perm == tuple(range(len(perm))) else b(Transpose(perm=perm), x)


@TABLE.translate("diagonal.default")
def diagonal(n: TorchNode, b: Builder) -> Value:
    """The diagonal as a last axis: of the two axes flattened, every so many-th element."""
    x = n.value("self")
    rank, offset = x.tensor.rank, n.static("offset")
    p, q = n.axis("dim1", rank), n.axis("dim2", rank)
    moved = Expr(b, to_end(b, x, p, q))
    rows, columns = moved.dim(rank - 2), moved.dim(rank - 1)
    length = (rows + min(offset, 0)).min(columns - max(offset, 0)).max(0)
    steps = length.steps()
    places = (steps - min(offset, 0)) * columns + (steps + max(offset, 0))
    outer = dims_of(b, moved.value, *range(rank - 2))
    area = Expr(b, b(Mul(), rows.value, columns.value)).reshape([1])
    flat = moved.reshape([*outer, area.value])
    return flat.gather(places, rank - 2).value


@TABLE.translate("unfold.default")
def unfold(n: TorchNode, b: Builder) -> Value:
    """Windows of ``size`` every ``step`` elements along an axis; what is in a window becomes the last axis."""
    x = n.value("self")
    size, step = n.static("size"), n.static("step")
    a = Expr(b, x if x.tensor.rank else b_vector(b, x))
    axis = n.axis("dimension", a.rank)
    extent = a.dim(axis)
    count = Expr(b, quotient_of(b, (extent - size).reshape([1]).value, step)).reshape([]) + 1
    starts = (count.steps() * step).expand(1)
    windows = a.gather(starts + a.constant(list(range(size))), axis)
    found = to_end(b, windows.value, axis + 1)
    return found if x.tensor.rank else Expr(b, found).squeeze(0).value


def b_vector(b: Builder, x: Value) -> Value:
    """A scalar as a vector of one."""
    return Expr(b, x).expand(0).value


@TABLE.translate("pixel_shuffle.default")
def pixel_shuffle(n: TorchNode, b: Builder) -> Value:
    """(…, C·r², H, W) as (…, C, H·r, W·r)."""
    r = n.static("upscale_factor")
    return _shuffled(b, n.value("self"), r, lambda c, h, w: [quotient_of(b, c, r * r), r, r, h, w], (0, 3, 1, 4, 2))


@TABLE.translate("pixel_unshuffle.default")
def pixel_unshuffle(n: TorchNode, b: Builder) -> Value:
    """(…, C, H·r, W·r) as (…, C·r², H, W)."""
    r = n.static("downscale_factor")
    return _unshuffled(b, n.value("self"), r)


def _times(b: Builder, part: int | Value, factor: int) -> int | Value:
    return part * factor if isinstance(part, int) else b(Mul(), part, b.constant([factor]))


def _shuffled(b: Builder, x: Value, r: int, split: Any, perm: Sequence[int]) -> Value:
    outer = dims_of(b, x, *range(x.tensor.rank - 3))
    c, h, w = dims_of(b, x, -3, -2, -1)
    apart = reshaped(b, x, [*outer, *split(c, h, w)])
    turned = b(Transpose(perm=(*range(len(outer)), *(len(outer) + p for p in perm))), apart)
    return reshaped(b, turned, [*outer, quotient_of(b, c, r * r), _times(b, h, r), _times(b, w, r)])


def _unshuffled(b: Builder, x: Value, r: int) -> Value:
    outer = dims_of(b, x, *range(x.tensor.rank - 3))
    c, h, w = dims_of(b, x, -3, -2, -1)
    down, across = quotient_of(b, h, r), quotient_of(b, w, r)
    apart = reshaped(b, x, [*outer, c, down, r, across, r])
    perm = (*range(len(outer)), *(len(outer) + p for p in (0, 2, 4, 1, 3)))
    return reshaped(b, b(Transpose(perm=perm), apart), [*outer, _times(b, c, r * r), down, across])


@TABLE.translate("channel_shuffle.default", "native_channel_shuffle.default")
def channel_shuffle(n: TorchNode, b: Builder) -> Value:
    """The channels, in groups, in turns."""
    x, groups = n.value("self"), n.static("groups")
    batch, channels, *rest = dims_of(b, x, *range(x.tensor.rank))
    apart = reshaped(b, x, [batch, groups, quotient_of(b, channels, groups), *rest])
    turned = b(Transpose(perm=(0, 2, 1, *range(3, x.tensor.rank + 1))), apart)
    return reshaped(b, turned, [batch, channels, *rest])
