"""Elementwise ops of one operand.

Semantics: ``tensorflow/lite/kernels/elementwise.cc``, ``ceil.cc``, ``floor.cc``, ``round.cc`` (ties to even),
``neg.cc``, ``sign.cc``.
"""

from __future__ import annotations

from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import REAL, Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.logic import Not
from interlingua.ir.ops.math import Rsqrt, Square
from interlingua.ir.ops.unary import Abs, Ceil, Cos, Exp, Floor, Log, Neg, Round, Sign, Sin, Sqrt

TABLE = Table()

OPS: dict[str, Op] = {
    "ABS": Abs(),
    "CEIL": Ceil(),
    "COS": Cos(),
    "EXP": Exp(),
    "FLOOR": Floor(),
    "LOG": Log(),
    "LOGICAL_NOT": Not(),
    "NEG": Neg(),
    "ROUND": Round(),
    "RSQRT": Rsqrt(),
    "SIGN": Sign(),
    "SIN": Sin(),
    "SQRT": Sqrt(),
    "SQUARE": Square(),
}


@TABLE.translate(*OPS, quantized=REAL)
def unary(n: LiteRtNode, b: Builder) -> Value:
    return b(OPS[n.op], n[0])
