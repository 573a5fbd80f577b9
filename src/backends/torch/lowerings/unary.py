"""Elementwise ops of one operand."""

from __future__ import annotations

from interlingua.backends.lowering import Lowerings, dtypes
from interlingua.backends.torch.context import Context
from interlingua.ir.dtypes import FLOATS
from interlingua.ir.op import Op
from interlingua.ir.ops import math, unary

TABLE = Lowerings()

FUNCTIONS: dict[type[Op], str] = {
    unary.Floor: "torch.floor",
    unary.Ceil: "torch.ceil",
    unary.Round: "torch.round",
    unary.Sqrt: "torch.sqrt",
    unary.Exp: "torch.exp",
    unary.Log: "torch.log",
    unary.Erf: "torch.erf",
    unary.Sin: "torch.sin",
    unary.Cos: "torch.cos",
    unary.Tan: "torch.tan",
    unary.Tanh: "torch.tanh",
    math.Sigmoid: "torch.sigmoid",
    math.Reciprocal: "torch.reciprocal",
}


@TABLE.lower(*FUNCTIONS, when=[dtypes(FLOATS)])
def function(op: Op, ctx: Context, x: str) -> str:
    return f"{FUNCTIONS[type(op)]}({x})"
