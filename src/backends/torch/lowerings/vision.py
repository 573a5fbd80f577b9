"""Sampling at places, and boxes."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, dtypes, filled
from interlingua.backends.torch.context import Context
from interlingua.backends.torch.functional import boxes as functional
from interlingua.ir.dims import at_least
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.detection import Nms
from interlingua.ir.ops.vision import AffineGrid, GridSample

TABLE = Lowerings()

WIDE = frozenset({DType.F32, DType.F64})
MODES = {"linear": "bilinear", "nearest": "nearest", "cubic": "bicubic"}


def _planes(node: Node, _: Any) -> bool:
    op, x, grid = node.op, node.operand(0).tensor, node.operand(1).tensor
    assert isinstance(op, GridSample)
    return x.dtype is grid.dtype and x.rank in ((4,) if op.mode == "cubic" else (4, 5))


@TABLE.lower(GridSample, when=[dtypes(WIDE), Condition("PyTorch samples no such rank", _planes), filled(0, 1)])
def grid_sample(op: GridSample, ctx: Context, x: str, grid: str) -> str:
    told = [f'mode="{MODES[op.mode]}"'] if op.mode != "linear" else []
    told += [f'padding_mode="{op.padding}"'] if op.padding != "zeros" else []
    return f"F.grid_sample({', '.join([x, grid, *told, f'align_corners={op.align_corners}'])})"


def _flat(node: Node, _: Any) -> bool:
    dims = node.results[0].tensor.dims
    return len(dims) in (4, 5) and all(at_least(d, 1) is True for d in dims)


@TABLE.lower(
    AffineGrid, when=[dtypes(WIDE, 0), Condition("PyTorch has grids of two and three axes that are not empty", _flat)]
)
def affine_grid(op: AffineGrid, ctx: Context, theta: str, size: str) -> str:
    return f"F.affine_grid({theta}, {ctx.ints(1)}, align_corners={op.align_corners})"


@TABLE.lower(Nms, when=[dtypes(WIDE, 0, 1)])
def nms(op: Nms, ctx: Context, *operands: str) -> str:
    given = list(operands)
    while given[-1] == "None":
        given.pop()
    return ctx.call(functional.nms, given, {"center": op.center})
