"""Channels shuffled into pixels and among themselves."""

from __future__ import annotations

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.shape import Transpose
from interlingua.ir.ops.shaping import dims_of, product_of, quotient_of, reshaped

TABLE = Table()


@TABLE.translate("pixel_shuffle.default")
def pixel_shuffle(n: TorchNode, b: Builder) -> Value:
    """(…, C·r², H, W) as (…, C, H·r, W·r)."""
    x, r = n.value("self"), n.static("upscale_factor")
    *outer, c, h, w = dims_of(b, x, *range(x.tensor.rank))
    channels = quotient_of(b, c, r * r)
    turned = _turned(b, reshaped(b, x, [*outer, channels, r, r, h, w]), 0, 3, 1, 4, 2)
    return reshaped(b, turned, [*outer, channels, product_of(b, [h, r]), product_of(b, [w, r])])


@TABLE.translate("pixel_unshuffle.default")
def pixel_unshuffle(n: TorchNode, b: Builder) -> Value:
    """(…, C, H·r, W·r) as (…, C·r², H, W)."""
    x, r = n.value("self"), n.static("downscale_factor")
    *outer, c, h, w = dims_of(b, x, *range(x.tensor.rank))
    down, across = quotient_of(b, h, r), quotient_of(b, w, r)
    turned = _turned(b, reshaped(b, x, [*outer, c, down, r, across, r]), 0, 2, 4, 1, 3)
    return reshaped(b, turned, [*outer, product_of(b, [c, r * r]), down, across])


def _turned(b: Builder, x: Value, *last: int) -> Value:
    """``x`` with its last axes in another order."""
    before = x.tensor.rank - len(last)
    return b(Transpose(perm=(*range(before), *(before + p for p in last))), x)


@TABLE.translate("channel_shuffle.default", "native_channel_shuffle.default")
def channel_shuffle(n: TorchNode, b: Builder) -> Value:
    """The channels, in groups, in turns."""
    x, groups = n.value("self"), n.static("groups")
    batch, channels, *rest = dims_of(b, x, *range(x.tensor.rank))
    apart = reshaped(b, x, [batch, groups, quotient_of(b, channels, groups), *rest])
    turned = b(Transpose(perm=(0, 2, 1, *range(3, x.tensor.rank + 1))), apart)
    return reshaped(b, turned, [batch, channels, *rest])
