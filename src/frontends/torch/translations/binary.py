"""Elementwise arithmetic of two tensors, or of a tensor and a number: in the element type that PyTorch promotes to."""

from __future__ import annotations

import math

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table, Translation
from interlingua.frontends.torch.translations.unary import signed, truncated
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.binary import Add, Atan2, Div, Max, Min, Mul, Pow, Rem, Sub
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.logic import And, Or, Select
from interlingua.ir.ops.math import FloorDiv, Log1p, Mod, Ne, Reciprocal, Rsqrt, Square
from interlingua.ir.ops.unary import Abs, IsInf, IsNan, Neg, Round, Sqrt

TABLE = Table()

_PLAIN: dict[type[Op], tuple[str, ...]] = {
    Atan2: ("atan2.default", "arctan2.default"),
    Rem: ("fmod.Tensor", "fmod.Scalar"),
    Mod: ("remainder.Tensor", "remainder.Scalar", "remainder.Scalar_Tensor"),
}
"""IR ops that are these operators, once both sides have the element type of the result."""

_LOGICAL: dict[type[Op], tuple[type[Op], tuple[str, ...]]] = {
    Mul: (And, ("mul.Tensor", "mul.Scalar", "multiply.Tensor", "multiply.Scalar")),
    Max: (Or, ("maximum.default", "max.other")),
    Min: (And, ("minimum.default", "min.other")),
}
"""IR ops, what they are of bools, and the operators."""


def operands(n: TorchNode) -> tuple[Value, Value]:
    """Both sides in the element type that is computed in, the result's."""
    return n.value("self", n.dtype), n.value("other" if "other" in n.arguments else "exponent", n.dtype)


def pair(n: TorchNode, b: Builder) -> tuple[Expr, Expr]:
    """Both sides, for formulas."""
    x, y = operands(n)
    return Expr(b, x), Expr(b, y)


def _plain(op: type[Op]) -> Translation:
    return lambda n, b: b(op(), *operands(n))


def _logical(op: type[Op], of_bools: type[Op]) -> Translation:
    return lambda n, b: b(of_bools() if n.dtype is DType.BOOL else op(), *operands(n))


for _op, _names in _PLAIN.items():
    TABLE.translate(*_names)(_plain(_op))
for _op, (_of_bools, _names) in _LOGICAL.items():
    TABLE.translate(*_names)(_logical(_op, _of_bools))


@TABLE.translate("add.Tensor", "add.Scalar", "sub.Tensor", "sub.Scalar", "subtract.Tensor", "subtract.Scalar",
                 "rsub.Tensor", "rsub.Scalar")  # fmt: skip
def add(n: TorchNode, b: Builder) -> Value:
    """``self ± alpha * other``; of bools ``add`` is or, and with an ``alpha`` of false it is ``self``."""
    x, y = operands(n)
    alpha = n.static("alpha")
    if n.dtype is DType.BOOL:
        return b(Or(), x, y if alpha else b(Ne(), y, y))
    if n.op.startswith("rsub"):
        return b(Sub(), y, _scaled(b, x, alpha))
    return b(Sub() if n.op.startswith("sub") else Add(), x, _scaled(b, y, alpha))


def _scaled(b: Builder, x: Value, alpha: float) -> Value:
    return x if alpha == 1 else b(Mul(), x, b.scalar(alpha, x))


@TABLE.translate("div.Tensor", "div.Scalar", "divide.Tensor", "divide.Scalar", "true_divide.Tensor",
                 "true_divide.Scalar")  # fmt: skip
def div(n: TorchNode, b: Builder) -> Value:
    """True division: of integers in floats."""
    return b(Div(), *operands(n))


@TABLE.translate("div.Tensor_mode", "div.Scalar_mode", "divide.Tensor_mode", "divide.Scalar_mode")
def div_mode(n: TorchNode, b: Builder) -> Value:
    mode = n.static("rounding_mode")
    if mode == "floor":
        return floor_divide(n, b)
    quotient = b(Div(), *operands(n))
    return quotient if mode is None else truncated(b, quotient)


@TABLE.translate("floor_divide.default", "floor_divide.Scalar")
def floor_divide(n: TorchNode, b: Builder) -> Value:
    """The exact quotient's floor, as Python has it: that of floats comes by the remainder, which is exact, since the
    quotient may round up to an integer that the exact one does not reach."""
    x, y = pair(n, b)
    if not n.dtype.is_float:
        return b(FloorDiv(), x.value, y.value)
    rest = x.apply(Rem(), y)
    zero = x.number(0)
    opposed = (rest < zero).apply(Ne(), y < zero) & ~rest.equals(zero)
    quotient = (x - rest) / y
    floored = opposed.where(quotient - 1, quotient).apply(Round())
    return y.equals(zero).where(x / y, floored).value


@TABLE.translate("pow.Tensor_Tensor", "pow.Scalar", "float_power.Tensor_Tensor", "float_power.Scalar")
def power(n: TorchNode, b: Builder) -> Value:
    """An integer 0 to a negative power is 0 here."""
    x, y = pair(n, b)
    if not n.dtype.is_float and isinstance(n["self"], Value):
        x = (x.equals(0) & (y < 0)).where(x.number(2), x)
    return x.pow(y).value


_POWERS: dict[float, Op] = {0.5: Sqrt(), -0.5: Rsqrt(), -1.0: Reciprocal(), 2.0: Square()}
"""Exponents that PyTorch has its own functions for, which differ from ``pow`` at −0.0 and −inf."""


@TABLE.translate("pow.Tensor_Scalar", "float_power.Tensor_Scalar")
def power_scalar(n: TorchNode, b: Builder) -> Value:
    x, exponent = n.value("self", n.dtype), n["exponent"]
    if isinstance(exponent, int | float) and (n.dtype.is_float or exponent == 2):
        found = _POWERS.get(float(exponent))
        if found is not None:
            return b(found, x)
    return b(Pow(), x, n.value("exponent", n.dtype))


@TABLE.translate("fmax.default", "fmin.default")
def fmax(n: TorchNode, b: Builder) -> Value:
    """The greater, or the less; a number where the other is NaN."""
    x, y = operands(n)
    greatest = n.op.startswith("fmax")
    if n.dtype is DType.BOOL:
        return b(Or() if greatest else And(), x, y)
    found = b(Max() if greatest else Min(), x, y)
    if not n.dtype.is_float:
        return found
    return b(Select(), b(IsNan(), x), y, b(Select(), b(IsNan(), y), x, found))


@TABLE.translate("clamp.default", "clamp.Tensor", "clip.default", "clip.Tensor", "clamp_min.default",
                 "clamp_min.Tensor", "clamp_max.default", "clamp_max.Tensor")  # fmt: skip
def clamp(n: TorchNode, b: Builder) -> Value:
    """``min(max(x, min), max)``: ``max`` wins, and NaN in any of them."""
    from interlingua.ir.ops.activation import Clip

    x = n.value("self", n.dtype)
    low, high = (n.optional(name, n.dtype) if name in n.arguments else None for name in ("min", "max"))
    if n.dtype is DType.BOOL:
        x = x if low is None else b(Or(), x, low)
        return x if high is None else b(And(), x, high)
    if all(bound is None or bound.tensor.rank == 0 for bound in (low, high)):
        return b(Clip(), x, low, high)
    y = x if low is None else b(Max(), x, low)
    return y if high is None else b(Min(), y, high)


@TABLE.translate("hypot.default")
def hypot(n: TorchNode, b: Builder) -> Value:
    """``sqrt(x*x + y*y)`` without overflow; infinite where either is, even beside NaN."""
    x, y = (side.abs() for side in pair(n, b))
    top, least = x.max(y), x.min(y)
    ratio = least / top.equals(0).where(top.number(1), top)
    length = top * (ratio * ratio + 1).sqrt()
    infinite = x.apply(IsInf()) | y.apply(IsInf())
    return infinite.where(length.number(math.inf), length).value


@TABLE.translate("logaddexp.default", "logaddexp2.default")
def logaddexp(n: TorchNode, b: Builder) -> Value:
    """``log(base**x + base**y)``: of two equal infinities that infinity."""
    x, y = pair(n, b)
    scale = math.log(2) if n.op.startswith("logaddexp2") else 1.0
    distance = -(x - y).abs()
    if scale == 1.0:
        more = distance.exp().apply(Log1p())
    else:
        more = distance.number(2).pow(distance).apply(Log1p()) / scale
    same = x.equals(y) & x.apply(IsInf())
    return same.where(x, x.max(y) + more).value


@TABLE.translate("xlogy.Tensor", "xlogy.Scalar_Other", "xlogy.Scalar_Self", "special_xlogy.default",
                 "special_xlogy.other_scalar", "special_xlogy.self_scalar", "special_xlog1py.default",
                 "special_xlog1py.other_scalar", "special_xlog1py.self_scalar")  # fmt: skip
def xlogy(n: TorchNode, b: Builder) -> Value:
    """``x * log(y)``, 0 where ``x`` is 0; NaN where ``y`` is."""
    x, y = pair(n, b)
    log = y.apply(Log1p()) if "1p" in n.op else y.log()
    product = x.equals(0).where(x.number(0), x * log)
    return y.apply(IsNan()).where(y, product).value


@TABLE.translate("copysign.Tensor", "copysign.Scalar")
def copysign(n: TorchNode, b: Builder) -> Value:
    """``|x|`` with the sign of ``y``, be that one zero or NaN."""
    x, y = operands(n)
    size = b(Abs(), x)
    return b(Select(), signed(b, y), b(Neg(), size), size)


@TABLE.translate("ldexp.Tensor")
def ldexp(n: TorchNode, b: Builder) -> Value:
    """``x * 2**y``, the power computed first."""
    x, y = pair(n, b)
    return (x * x.number(2).pow(y)).value


@TABLE.translate("heaviside.default")
def heaviside(n: TorchNode, b: Builder) -> Value:
    """0 below zero and of NaN, 1 above, ``values`` at zero."""
    x, values = n.value("self"), n.value("values", n.dtype)
    if n.dtype is DType.BOOL:
        return b(Or(), x, values)
    above = Expr(b, x) > 0
    return Expr(b, x).equals(0).where(Expr(b, values), above.to(n.dtype)).value
