"""Conversion between dtypes."""

from __future__ import annotations

from interlingua.backends.lowering import Lowerings
from interlingua.backends.torch.context import Context
from interlingua.backends.torch.functional import convert
from interlingua.backends.torch.lowerings.detours import F8
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.convert import Bitcast, Cast

TABLE = Lowerings()

NARROW = frozenset({DType.F16, DType.BF16}) | F8


@TABLE.lower(Cast)
def cast(op: Cast, ctx: Context, x: str) -> str:
    from_ = ctx.type(0).dtype
    if from_ is op.to:
        return x
    if from_ is DType.F64 and op.to in NARROW:
        x = ctx.call(convert.to_odd, [x])
    elif op.to in F8 and not from_.is_float:
        x = f"{x}.to(torch.float32)"
    if op.to is DType.F8E8M0:
        return ctx.call(convert.to_f8e8m0, [x], {"saturate": op.saturate, "rounding": op.rounding})
    if op.saturate and op.to.is_integer and from_ is not DType.BOOL:
        return ctx.call(convert.saturated, [x], {"dtype": op.to})
    if op.saturate and op.to in F8:
        return ctx.call(convert.saturated_float, [x], {"dtype": op.to})
    if op.to is DType.F8E4M3:
        return ctx.call(convert.to_f8e4m3, [f"{x}.to(torch.float32)" if from_ in F8 else x])
    return f"{x}.to({ctx.dtype(op.to)})"


@TABLE.lower(Bitcast)
def bitcast(op: Bitcast, ctx: Context, x: str) -> str:
    return f"{x}.view({ctx.dtype(op.to)})"
