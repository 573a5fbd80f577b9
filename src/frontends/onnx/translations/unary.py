"""Elementwise nodes of one operand."""

from __future__ import annotations

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table, Translation
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.math import Reciprocal, Sigmoid
from interlingua.ir.ops.unary import (
    Abs,
    Acos,
    Acosh,
    Asin,
    Asinh,
    Atan,
    Atanh,
    Ceil,
    Cos,
    Cosh,
    Erf,
    Exp,
    Floor,
    IsInf,
    IsNan,
    Log,
    Neg,
    Round,
    Sign,
    Sin,
    Sinh,
    Sqrt,
    Tan,
    Tanh,
)

TABLE = Table()

_SAME: dict[str, tuple[type[Op], tuple[int, ...]]] = {
    "Abs": (Abs, (1, 6, 13)),
    "Acos": (Acos, (7, 22)),
    "Acosh": (Acosh, (9, 22)),
    "Asin": (Asin, (7, 22)),
    "Asinh": (Asinh, (9, 22)),
    "Atan": (Atan, (7, 22)),
    "Atanh": (Atanh, (9, 22)),
    "Ceil": (Ceil, (1, 6, 13)),
    "Cos": (Cos, (7, 22)),
    "Cosh": (Cosh, (9, 22)),
    "Erf": (Erf, (9, 13)),
    "Exp": (Exp, (1, 6, 13)),
    "Floor": (Floor, (1, 6, 13)),
    "IsNaN": (IsNan, (9, 13, 20)),
    "Log": (Log, (1, 6, 13)),
    "Neg": (Neg, (1, 6, 13)),
    "Reciprocal": (Reciprocal, (1, 6, 13)),
    "Round": (Round, (11, 22)),
    "Sigmoid": (Sigmoid, (1, 6, 13)),
    "Sign": (Sign, (9, 13)),
    "Sin": (Sin, (7, 22)),
    "Sinh": (Sinh, (9, 22)),
    "Sqrt": (Sqrt, (1, 6, 13)),
    "Tan": (Tan, (7, 22)),
    "Tanh": (Tanh, (1, 6, 13)),
}
"""ONNX ops that are an IR op without attributes, and their versions."""


def _same(op: type[Op]) -> Translation:
    return lambda n, b: b(op(), n[0])


for _name, (_op, _versions) in _SAME.items():
    TABLE.translate(_name, *_versions)(_same(_op))


@TABLE.translate("IsInf", 10, 20)
def is_inf(n: OnnxNode, b: Builder) -> Value:
    negative, positive = n.attr("detect_negative", 1), n.attr("detect_positive", 1)
    return b(IsInf(detect_negative=bool(negative), detect_positive=bool(positive)), n[0])


@TABLE.translate("Identity", 1, 13, 14, 16, 19, 21, 23, 24, 25)
def identity(n: OnnxNode, b: Builder) -> Value:
    return n[0]
