"""Elementwise ops of one operand."""

from __future__ import annotations

from interlingua.backends.lowering import Lowerings
from interlingua.backends.torch.context import Context
from interlingua.backends.torch.lowerings.detours import (
    BITS,
    COMPUTED,
    EIGHTHS,
    INTEGERS,
    MODULAR,
    SINGLE,
    WIDE,
    rows,
)
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.op import Op
from interlingua.ir.ops import math, unary
from interlingua.ir.ops.logic import Not

TABLE = Lowerings()

FUNCTIONS: dict[type[Op], str] = {
    unary.Floor: "torch.floor",
    unary.Ceil: "torch.ceil",
    unary.Round: "torch.round",
    unary.Sqrt: "torch.sqrt",
    unary.Exp: "torch.exp",
    unary.Log: "torch.log",
    unary.Sin: "torch.sin",
    unary.Cos: "torch.cos",
    unary.Tan: "torch.tan",
    unary.Asin: "torch.asin",
    unary.Acos: "torch.acos",
    unary.Atan: "torch.atan",
    unary.Sinh: "torch.sinh",
    unary.Cosh: "torch.cosh",
    unary.Tanh: "torch.tanh",
    unary.Asinh: "torch.asinh",
    unary.Acosh: "torch.acosh",
    unary.Atanh: "torch.atanh",
    math.Sigmoid: "torch.sigmoid",
    math.Reciprocal: "torch.reciprocal",
    math.Rsqrt: "torch.rsqrt",
    math.Log1p: "torch.log1p",
    math.Expm1: "torch.expm1",
    math.Sinc: "torch.sinc",
}


@rows(TABLE, *FUNCTIONS, native=FLOATS)
def function(op: Op, ctx: Context, x: str) -> str:
    return f"{FUNCTIONS[type(op)]}({x})"


@rows(TABLE, unary.Erf, native={DType.F32, DType.F64}, detours=(SINGLE,))  # of float16 it is off by 1.5e-7
def erf(op: unary.Erf, ctx: Context, x: str) -> str:
    return f"torch.erf({x})"


@rows(TABLE, unary.Abs, native=COMPUTED)
def abs_(op: unary.Abs, ctx: Context, x: str) -> str:
    return f"{x}.abs()"


@rows(TABLE, unary.Abs, native={DType.U16, DType.U32, DType.U64})
def same(op: unary.Abs, ctx: Context, x: str) -> str:
    return x


@rows(TABLE, unary.Neg, native=COMPUTED, detours=(WIDE, MODULAR))
def neg(op: unary.Neg, ctx: Context, x: str) -> str:
    return f"-{x}"


@rows(TABLE, unary.Sign, native=INTEGERS, detours=(WIDE,))
def sign(op: unary.Sign, ctx: Context, x: str) -> str:
    return f"{x}.sign()"


@rows(TABLE, unary.Sign, native=(), detours=(MODULAR,))
def sign_of_unsigned(op: unary.Sign, ctx: Context, x: str) -> str:
    return f"({x} != 0).to(torch.int64)"


@rows(TABLE, unary.Sign, native=FLOATS)
def sign_of_float(op: unary.Sign, ctx: Context, x: str) -> str:
    return f"torch.where({x}.isnan(), {x}, {x}.sign())"  # PyTorch gives 0 for NaN


@rows(TABLE, math.Square, native=COMPUTED, detours=(WIDE, MODULAR))
def square(op: math.Square, ctx: Context, x: str) -> str:
    return f"{x} * {x}"


@rows(TABLE, unary.IsNan, native=FLOATS, detours=(EIGHTHS,), at=(0,))
def is_nan(op: unary.IsNan, ctx: Context, x: str) -> str:
    return f"{x}.isnan()"


SIGNS = {(True, True): "isinf", (True, False): "isneginf", (False, True): "isposinf"}


@rows(TABLE, unary.IsInf, native=FLOATS, detours=(EIGHTHS,), at=(0,))
def is_inf(op: unary.IsInf, ctx: Context, x: str) -> str:
    name = SIGNS.get((op.detect_negative, op.detect_positive))
    return f"torch.zeros_like({x}, dtype=torch.bool)" if name is None else f"torch.{name}({x})"


@rows(TABLE, Not, native=INTEGERS | {DType.BOOL}, detours=(BITS,))
def not_(op: Not, ctx: Context, x: str) -> str:
    return f"~{x}"
