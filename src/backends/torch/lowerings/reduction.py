"""Reductions, and running ones."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings
from interlingua.backends.torch.context import Context
from interlingua.backends.torch.functional import reduction as functional
from interlingua.backends.torch.lowerings.detours import (
    COMPLEX,
    COMPUTED,
    INTEGERS,
    MODULAR,
    ORDERED,
    SINGLE,
    WIDE,
    rows,
)
from interlingua.ir.dims import at_least
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Node
from interlingua.ir.ops import reduction

TABLE = Lowerings()


def _axes(op: reduction.Reduction) -> str:
    keep = ", keepdim=True" if op.keepdims else ""
    return f"dim={op.axes[0] if len(op.axes) == 1 else op.axes}{keep}"


def _typed(ctx: Context) -> str:
    """PyTorch adds integers up in int64 unless it is told a dtype."""
    dtype = ctx.type(0).dtype
    return f", dtype={ctx.dtype(dtype)}" if dtype in INTEGERS and dtype.bits < 64 else ""


@rows(TABLE, reduction.ReduceSum, native=COMPUTED | COMPLEX, detours=(WIDE, MODULAR))
def reduce_sum(op: reduction.ReduceSum, ctx: Context, x: str) -> str:
    return f"{x}.sum({_axes(op)}{_typed(ctx)})" if op.axes else x


@rows(TABLE, reduction.ReduceProd, native=(COMPUTED | COMPLEX) - SINGLE.dtypes.keys(), detours=(SINGLE, WIDE, MODULAR))
def reduce_prod(op: reduction.ReduceProd, ctx: Context, x: str) -> str:
    rank, keep = ctx.type(0).rank, ", keepdim=True" if op.keepdims else ""
    for axis in sorted((a % rank for a in op.axes), reverse=True):
        x = f"{x}.prod({axis}{keep}{_typed(ctx)})"
    return x


EXTREMES: dict[type[Any], str] = {reduction.ReduceMax: "amax", reduction.ReduceMin: "amin"}


@rows(TABLE, *EXTREMES, native=COMPUTED | {DType.BOOL}, detours=(WIDE, ORDERED))
def extreme(op: reduction.Reduction, ctx: Context, x: str) -> str:
    if not op.axes:
        return x
    if all(at_least(ctx.type(0).dims[a], 1) is True for a in op.axes):
        return f"{x}.{EXTREMES[type(op)]}({_axes(op)})"
    return ctx.call(functional.extreme, [x], {"name": EXTREMES[type(op)], "dim": op.axes, "keepdim": op.keepdims})


QUANTIFIERS: dict[type[Any], str] = {reduction.Any: "any", reduction.All: "all"}


@TABLE.lower(*QUANTIFIERS)
def quantifier(op: reduction.Reduction, ctx: Context, x: str) -> str:
    return f"{x}.{QUANTIFIERS[type(op)]}({_axes(op)})" if op.axes else x


ARGS: dict[type[Any], str] = {reduction.ArgMax: "argmax", reduction.ArgMin: "argmin"}


@rows(TABLE, *ARGS, native=COMPUTED, detours=(WIDE, ORDERED), at=(0,))
def arg(op: reduction.ArgReduction, ctx: Context, x: str) -> str:
    keep = ", keepdim=True" if op.keepdims else ""
    if op.select_last:
        return f"{x}.shape[{op.axis}] - 1 - {x}.flip({op.axis}).{ARGS[type(op)]}(dim={op.axis}{keep})"
    return f"{x}.{ARGS[type(op)]}(dim={op.axis}{keep})"


RUNNING: dict[type[Any], str] = {reduction.CumSum: "cumsum", reduction.CumProd: "cumprod"}


@rows(TABLE, *RUNNING, native=COMPUTED - SINGLE.dtypes.keys(), detours=(SINGLE, WIDE, MODULAR))
def running(op: reduction.Running, ctx: Context, x: str) -> str:
    name = RUNNING[type(op)]
    if not op.exclusive and not op.reverse:
        return f"{x}.{name}(dim={op.axis}{_typed(ctx)})"
    attributes = {"name": name, "dim": op.axis, "exclusive": op.exclusive, "reverse": op.reverse}
    return ctx.call(functional.running, [x], attributes)


@rows(TABLE, reduction.Mean, native=FLOATS)
def mean(op: reduction.Mean, ctx: Context, x: str) -> str:
    if not op.axes:
        return x
    dtype = ctx.type(0).dtype
    if dtype in SINGLE.dtypes:
        return f"{x}.mean({_axes(op)}, dtype=torch.float32).to({ctx.dtype(dtype)})"
    return f"{x}.mean({_axes(op)})"


def _over_something(node: Node, _: Any) -> bool:
    op = node.op
    assert isinstance(op, reduction.Reduction)
    return bool(op.axes)


@rows(
    TABLE, reduction.LogSumExp, native=FLOATS - SINGLE.dtypes.keys(), detours=(SINGLE,),
    when=[Condition("it is over no axes", _over_something)],
)
def logsumexp(op: reduction.LogSumExp, ctx: Context, x: str) -> str:
    return f"{x}.logsumexp({_axes(op)})"
