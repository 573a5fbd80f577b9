"""Ranges and random numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.backends.lowering import Lowerings
from interlingua.backends.torch.context import Context
from interlingua.backends.torch.functional import source as functional
from interlingua.backends.torch.lowerings.detours import COMPUTED, WIDE, rows
from interlingua.ir.dims import at_least
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.random import RandomNormal, RandomUniform
from interlingua.ir.ops.source import Iota

TABLE = Lowerings()


@rows(TABLE, Iota, native=COMPUTED, detours=(WIDE,))
def iota(op: Iota, ctx: Context, start: str, limit: str, step: str) -> str:
    dtype, (size,) = ctx.result().dtype, ctx.result().dims
    known = [ctx.elements(i) for i in range(3)] if dtype is DType.I64 else []
    if known and all(k is not None for k in known) and at_least(size, 0) is True:
        first, last, by = (k[0] for k in known if k is not None)
        if by == "1" and ctx.known(0) is not None:
            found = ctx.type(1).elements
            if found is not None and at_least(found.item() - int(first), 0) is True:
                return f"torch.arange({'' if first == '0' else f'{first}, '}{last})"
    return ctx.call(functional.iota, [start, limit, step])


@TABLE.lower(RandomUniform, RandomNormal)
def draw(op: Any, ctx: Context, shape: str) -> str:
    drawn = DType.F64 if op.dtype is DType.F64 else DType.F32
    more = "" if drawn is DType.F32 else f", dtype={ctx.dtype(drawn)}"
    if op.seed is not None:
        bits = int(np.float64(op.seed).view(np.uint64)) >> 1  # PyTorch takes 63 of them and a sign
        more += f", generator=torch.Generator().manual_seed({bits})"
    uniform = isinstance(op, RandomUniform)
    base, width = (op.low, op.high - op.low) if uniform else (op.mean, op.scale)
    text = f"torch.{'rand' if uniform else 'randn'}({ctx.ints(0)}{more})"
    text = text if width == 1 else f"{text} * {width!r}"
    text = text if base == 0 else f"{text} + {base!r}"
    if op.dtype is drawn:
        return text
    return f"({text}).to({ctx.dtype(op.dtype)})" if " " in text else f"{text}.to({ctx.dtype(op.dtype)})"


