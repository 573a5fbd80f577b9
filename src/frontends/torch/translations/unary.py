"""Elementwise operators of one tensor. Integers and bools become floats first where PyTorch computes in floats."""

from __future__ import annotations

from interlingua.frontends.torch.node import TorchNode, as_dtype
from interlingua.frontends.torch.table import Table, Translation
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.logic import Not
from interlingua.ir.ops.math import Expm1, Log1p, Reciprocal, Rsqrt, Sigmoid, Square
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

_FLOAT: dict[str, type[Op]] = {
    "acos": Acos,
    "acosh": Acosh,
    "asin": Asin,
    "asinh": Asinh,
    "atan": Atan,
    "atanh": Atanh,
    "cos": Cos,
    "cosh": Cosh,
    "erf": Erf,
    "exp": Exp,
    "expm1": Expm1,
    "log": Log,
    "log1p": Log1p,
    "reciprocal": Reciprocal,
    "rsqrt": Rsqrt,
    "sigmoid": Sigmoid,
    "sin": Sin,
    "sinh": Sinh,
    "sqrt": Sqrt,
    "tan": Tan,
    "tanh": Tanh,
}
"""Operators that give floats whatever they are given."""

_KEPT: dict[str, type[Op]] = {"abs": Abs, "neg": Neg, "sgn": Sign, "sign": Sign, "square": Square}
"""Operators that keep the element type."""

_ROUNDED: dict[str, type[Op]] = {"ceil": Ceil, "floor": Floor, "round": Round}
"""Operators that leave integers as they are."""


def _float(op: type[Op]) -> Translation:
    return lambda n, b: b(op(), n.value("self", n.dtype))


def _kept(op: type[Op]) -> Translation:
    return lambda n, b: b(op(), n.value("self"))


def _rounded(op: type[Op]) -> Translation:
    return lambda n, b: b(op(), n.value("self")) if n.dtype.is_float else n.value("self")


for _name, _op in _FLOAT.items():
    TABLE.translate(f"{_name}.default")(_float(_op))
for _name, _op in _KEPT.items():
    TABLE.translate(f"{_name}.default")(_kept(_op))
for _name, _op in _ROUNDED.items():
    TABLE.translate(f"{_name}.default")(_rounded(_op))


@TABLE.translate("isnan.default")
def is_nan(n: TorchNode, b: Builder) -> Value:
    return b(IsNan(), n.value("self")) if n.value("self").tensor.dtype.is_float else n.unsupported("of integers")


@TABLE.translate("isinf.default")
def is_inf(n: TorchNode, b: Builder) -> Value:
    return b(IsInf(), n.value("self")) if n.value("self").tensor.dtype.is_float else n.unsupported("of integers")


@TABLE.translate("bitwise_not.default", "logical_not.default")
def not_(n: TorchNode, b: Builder) -> Value:
    """``logical_not`` asks whether an element is 0; ``bitwise_not`` of a bool is the same."""
    return b(Not(), as_dtype(b, n.value("self"), n.dtype) if n.op.startswith("logical") else n.value("self"))


@TABLE.translate(
    "alias.default",
    "clone.default",
    "contiguous.default",
    "detach.default",
    "lift_fresh.default",
    "lift_fresh_copy.default",
    "positive.default",
)
def identity(n: TorchNode, b: Builder) -> Value:
    return n.value("self")
