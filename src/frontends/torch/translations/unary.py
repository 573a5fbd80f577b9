"""Elementwise operators of one tensor. Integers and bools become floats first where PyTorch computes in floats."""

from __future__ import annotations

import math

import ml_dtypes

from interlingua.frontends.torch.node import TorchNode, as_dtype
from interlingua.frontends.torch.table import Table, Translation
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.convert import Bitcast
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.logic import Eq, Lt, Not, Or, Select
from interlingua.ir.ops.math import Expm1, Log1p, Ne, Reciprocal, Rsqrt, Sigmoid, Sinc, Square
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
    "sinc": Sinc,
    "sinh": Sinh,
    "sqrt": Sqrt,
    "tan": Tan,
    "tanh": Tanh,
}
"""Operators that give floats whatever they are given."""

_ROUNDED: dict[str, type[Op]] = {"ceil": Ceil, "floor": Floor, "round": Round}
"""Operators that leave integers as they are."""

_ALIASES: dict[str, str] = {
    "absolute": "abs",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctanh": "atanh",
    "fix": "trunc",
    "negative": "neg",
    "special_erf": "erf",
    "special_erfc": "erfc",
    "special_exp2": "exp2",
    "special_expit": "sigmoid",
    "special_expm1": "expm1",
    "special_log1p": "log1p",
    "special_sinc": "sinc",
}
"""Other names of operators of this family."""


def _float(op: type[Op]) -> Translation:
    return lambda n, b: b(op(), n.value("self", n.dtype))


def _rounded(op: type[Op]) -> Translation:
    return lambda n, b: b(op(), n.value("self")) if n.dtype.is_float else n.value("self")


for _name, _op in _FLOAT.items():
    TABLE.translate(f"{_name}.default")(_float(_op))
for _name, _op in _ROUNDED.items():
    TABLE.translate(f"{_name}.default")(_rounded(_op))


@TABLE.translate("abs.default")
def absolute(n: TorchNode, b: Builder) -> Value:
    return b(Abs(), n.value("self"))


@TABLE.translate("neg.default")
def negative(n: TorchNode, b: Builder) -> Value:
    return b(Neg(), n.value("self"))


@TABLE.translate("square.default")
def square(n: TorchNode, b: Builder) -> Value:
    """Of bools an integer."""
    return b(Square(), n.value("self", n.dtype))


@TABLE.translate("sign.default", "sgn.default")
def sign(n: TorchNode, b: Builder) -> Value:
    """The sign of NaN is 0 here; that of a bool is the bool."""
    x = n.value("self")
    if x.tensor.dtype is DType.BOOL:
        return x
    y = b(Sign(), x)
    return b(Select(), b(IsNan(), x), b.scalar(0, x), y) if x.tensor.dtype.is_float else y


@TABLE.translate("signbit.default")
def sign_bit(n: TorchNode, b: Builder) -> Value:
    """Of −0.0 and of negative NaN too."""
    return signed(b, n.value("self"))


def signed(b: Builder, x: Value) -> Value:
    """Whether each element has its sign bit set."""
    dtype = x.tensor.dtype
    if dtype is DType.BOOL or dtype.kind == "uint":
        return b(Ne(), x, x)
    if dtype.is_float:
        x = b(Bitcast(to=next(d for d in DType if d.kind == "int" and d.bits == dtype.bits)), x)
    return b(Lt(), x, b.scalar(0, x))


@TABLE.translate("trunc.default")
def trunc(n: TorchNode, b: Builder) -> Value:
    return truncated(b, n.value("self"))


def truncated(b: Builder, x: Value) -> Value:
    """Rounded towards zero; integers are as they are."""
    if not x.tensor.dtype.is_float:
        return x
    return b(Select(), b(Lt(), x, b.scalar(0, x)), b(Ceil(), x), b(Floor(), x))


@TABLE.translate("frac.default")
def frac(n: TorchNode, b: Builder) -> Value:
    """``x - trunc(x)``."""
    x = Expr(b, n.value("self"))
    return (x - Expr(b, truncated(b, x.value))).value


@TABLE.translate("round.decimals", "special_round.default")
def round_decimals(n: TorchNode, b: Builder) -> Value:
    """``round(x * 10**decimals) / 10**decimals``, as PyTorch computes it: overflow and all."""
    x, decimals = Expr(b, n.value("self")), int(n.static("decimals"))
    if not x.dtype.is_float:
        return x.value
    if decimals == 0:
        return x.apply(Round()).value
    scale = math.pow(10, abs(decimals))
    if decimals < 0:
        return ((x / scale).apply(Round()) * scale).value
    return ((x * scale).apply(Round()) / scale).value


@TABLE.translate("erfc.default")
def erfc(n: TorchNode, b: Builder) -> Value:
    """``1 - erf(x)``: right to the spacing at 1, not relative to a small result."""
    return (1 - Expr(b, n.value("self", n.dtype)).apply(Erf())).value


@TABLE.translate("exp2.default")
def exp2(n: TorchNode, b: Builder) -> Value:
    x = Expr(b, n.value("self", n.dtype))
    return x.number(2).pow(x).value


@TABLE.translate("log2.default", "log10.default")
def log_of_base(n: TorchNode, b: Builder) -> Value:
    base = 2 if n.op.startswith("log2") else 10
    return (Expr(b, n.value("self", n.dtype)).log() / math.log(base)).value


@TABLE.translate("deg2rad.default", "rad2deg.default")
def degrees(n: TorchNode, b: Builder) -> Value:
    factor = math.pi / 180 if n.op.startswith("deg2rad") else 180 / math.pi
    return (Expr(b, n.value("self", n.dtype)) * factor).value


@TABLE.translate("logit.default", "special_logit.default")
def logit(n: TorchNode, b: Builder) -> Value:
    """``log(x / (1 - x))``, with ``eps`` of ``x`` brought into ``[eps, 1 - eps]``."""
    x, eps = Expr(b, n.value("self", n.dtype)), n.static("eps")
    if eps is not None:
        x = x.clip(eps, 1 - eps)
    return (x / (1 - x)).log().value


@TABLE.translate("angle.default")
def angle(n: TorchNode, b: Builder) -> Value:
    """Of a real number: pi where it is negative, 0 elsewhere; NaN stays."""
    x = n.value("self", n.dtype)
    angle_ = b(Select(), b(Lt(), x, b.scalar(0, x)), b.scalar(math.pi, x), b.scalar(0, x))
    return b(Select(), b(IsNan(), x), x, angle_)


_TESTS: dict[str, Op] = {
    "isnan": IsNan(),
    "isinf": IsInf(),
    "isposinf": IsInf(detect_negative=False),
    "isneginf": IsInf(detect_positive=False),
}


def _test(op: Op) -> Translation:
    """Integers are neither infinite nor NaN."""

    def test(n: TorchNode, b: Builder) -> Value:
        x = n.value("self")
        return b(op, x) if x.tensor.dtype.is_float else b(Ne(), x, x)

    return test


for _name, _which in _TESTS.items():
    TABLE.translate(f"{_name}.default")(_test(_which))


@TABLE.translate("isfinite.default")
def is_finite(n: TorchNode, b: Builder) -> Value:
    x = n.value("self")
    return b(Not(), b(Or(), b(IsNan(), x), b(IsInf(), x))) if x.tensor.dtype.is_float else b(Eq(), x, x)


@TABLE.translate("isreal.default")
def is_real(n: TorchNode, b: Builder) -> Value:
    x = n.value("self")
    if x.tensor.dtype.kind == "complex":
        n.unsupported("of complex numbers")
    return b(Not(), b(Ne(), b(IsNan(), x), b(IsNan(), x))) if x.tensor.dtype.is_float else b(Eq(), x, x)


@TABLE.translate("nan_to_num.default")
def nan_to_num(n: TorchNode, b: Builder) -> Value:
    """NaN as ``nan`` (0), infinities as ``posinf`` and ``neginf`` (the greatest and least of the element type)."""
    x = n.value("self")
    if not x.tensor.dtype.is_float:
        return x
    info = ml_dtypes.finfo(x.tensor.dtype.numpy)
    ends = (("neginf", _TESTS["isneginf"], info.min), ("posinf", _TESTS["isposinf"], info.max), ("nan", IsNan(), 0.0))
    y = x
    for name, test, default in ends:
        given = n.static(name)
        y = b(Select(), b(test, x), b.scalar(float(default) if given is None else given, x), y)
    return y


@TABLE.translate("bitwise_not.default", "logical_not.default")
def not_(n: TorchNode, b: Builder) -> Value:
    """``logical_not`` asks whether an element is 0; ``bitwise_not`` of a bool is the same."""
    return b(Not(), as_dtype(b, n.value("self"), n.dtype) if n.op.startswith("logical") else n.value("self"))


@TABLE.translate(
    "alias.default",
    "clone.default",
    "contiguous.default",
    "detach.default",
    "lift.default",
    "lift_fresh.default",
    "lift_fresh_copy.default",
    "positive.default",
    "real.default",
    "conj.default",
    "conj_physical.default",
    "resolve_conj.default",
    "resolve_neg.default",
)
def identity(n: TorchNode, b: Builder) -> Value:
    x = n.value("self")
    if x.tensor.dtype.kind == "complex" and n.op.startswith(("real", "conj")):
        n.unsupported("of complex numbers")
    return x


for _name, _of in _ALIASES.items():
    if f"{_name}.default" not in TABLE.rows:
        TABLE.translate(f"{_name}.default")(TABLE.rows[f"{_of}.default"])
