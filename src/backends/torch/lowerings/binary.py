"""Elementwise ops of two operands."""

from __future__ import annotations

from interlingua.backends.lowering import Lowerings, dtypes
from interlingua.backends.torch.context import Context
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.op import Op
from interlingua.ir.ops.binary import Add, Div, Mul, Sub

TABLE = Lowerings()

COMPUTED = frozenset({*FLOATS, DType.I8, DType.I16, DType.I32, DType.I64, DType.U8})
"""PyTorch has arithmetic for these; of the wider unsigned integers it has tensors alone."""
OPERATORS: dict[type[Op], str] = {Add: "+", Sub: "-", Mul: "*"}


@TABLE.lower(*OPERATORS, when=[dtypes(COMPUTED)])
def operator(op: Op, ctx: Context, a: str, b: str) -> str:
    return f"{ctx.scalar(0)} {OPERATORS[type(op)]} {ctx.scalar(1)}"


@TABLE.lower(Div, when=[dtypes(COMPUTED)])
def div(op: Div, ctx: Context, a: str, b: str) -> str:
    if ctx.result().dtype.is_float:
        return f"{ctx.scalar(0)} / {ctx.scalar(1)}"
    return f'torch.div({a}, {ctx.scalar(1)}, rounding_mode="trunc")'
