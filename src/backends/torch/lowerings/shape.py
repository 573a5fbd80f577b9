"""Shapes."""

from __future__ import annotations

from interlingua.backends.lowering import Condition, Lowerings
from interlingua.backends.torch.context import Context
from interlingua.ir.ops.layout import Flatten
from interlingua.ir.ops.shape import Concat, Reshape, Transpose
from interlingua.ir.ops.source import ShapeOf

TABLE = Lowerings()


@TABLE.lower(Reshape)
def reshape(op: Reshape, ctx: Context, x: str, shape: str) -> str:
    return f"{x}.reshape({ctx.spread(1) or '()'})"


@TABLE.lower(Concat)
def concat(op: Concat, ctx: Context, *values: str) -> str:
    return f"torch.cat(({', '.join(values)},), dim={op.axis})"


@TABLE.lower(ShapeOf)
def shape_of(op: ShapeOf, ctx: Context, x: str) -> str:
    return f"torch.tensor({x}.shape, dtype=torch.int64)"


@TABLE.lower(Transpose)
def transpose(op: Transpose, ctx: Context, x: str) -> str:
    if len(op.perm) < 2:
        return x
    return f"{x}.permute({', '.join(map(str, op.perm))})"


@TABLE.lower(Flatten, when=[Condition("the axis is neither 0 nor 1", lambda n, _: n.op.axis in (0, 1))])  # type: ignore[attr-defined]
def flatten(op: Flatten, ctx: Context, x: str) -> str:
    return f"{x}.reshape(1, -1)" if op.axis == 0 else f"{x}.flatten(1)"
