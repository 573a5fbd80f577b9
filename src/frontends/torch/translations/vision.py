"""Sampling of images at coordinates."""

from __future__ import annotations

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.vision import AffineGrid, GridMode, GridPadding, GridSample

TABLE = Table()

MODES: tuple[GridMode, ...] = ("linear", "nearest", "cubic")
PADDINGS: tuple[GridPadding, ...] = ("zeros", "border", "reflection")
"""By PyTorch's numbers."""


@TABLE.translate("grid_sampler.default", "grid_sampler_2d.default", "grid_sampler_3d.default")
def grid_sampler(n: TorchNode, b: Builder) -> Value:
    op = GridSample(
        mode=MODES[n.static("interpolation_mode")],
        padding=PADDINGS[n.static("padding_mode")],
        align_corners=bool(n.static("align_corners")),
    )
    return b(op, n.value("input"), n.value("grid"))


@TABLE.translate("affine_grid_generator.default")
def affine_grid(n: TorchNode, b: Builder) -> Value:
    return b(AffineGrid(align_corners=bool(n.static("align_corners"))), n.value("theta"), n.vector("size"))
