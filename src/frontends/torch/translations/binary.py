"""Elementwise arithmetic of two tensors, or of a tensor and a number: in the element type that PyTorch promotes to."""

from __future__ import annotations

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table, Translation
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.binary import Add, Atan2, Div, Max, Min, Mul, Pow, Rem, Sub
from interlingua.ir.ops.logic import Or
from interlingua.ir.ops.math import FloorDiv, Mod
from interlingua.ir.ops.unary import Abs, Floor, Sign

TABLE = Table()

_PLAIN: dict[type[Op], tuple[str, ...]] = {
    Mul: ("mul.Tensor", "mul.Scalar", "multiply.Tensor", "multiply.Scalar"),
    Atan2: ("atan2.default", "arctan2.default"),
    Max: ("maximum.default", "max.other"),
    Min: ("minimum.default", "min.other"),
    Pow: ("pow.Tensor_Tensor", "pow.Tensor_Scalar"),
    Rem: ("fmod.Tensor", "fmod.Scalar"),
    Mod: ("remainder.Tensor", "remainder.Scalar"),
    FloorDiv: ("floor_divide.default", "floor_divide.Scalar"),
}
"""IR ops that are these operators, once both sides have the element type of the result."""


def operands(n: TorchNode) -> tuple[Value, Value]:
    """Both sides in the element type that is computed in, the result's."""
    return n.value("self", n.dtype), n.value("other" if "other" in n.arguments else "exponent", n.dtype)


def _plain(op: type[Op]) -> Translation:
    return lambda n, b: b(op(), *operands(n))


for _op, _names in _PLAIN.items():
    TABLE.translate(*_names)(_plain(_op))


@TABLE.translate("add.Tensor", "add.Scalar", "sub.Tensor", "sub.Scalar", "rsub.Tensor", "rsub.Scalar")
def add(n: TorchNode, b: Builder) -> Value:
    """``self ± alpha * other``; of bools ``add`` is or, and with an ``alpha`` of false it is ``self``."""
    x, y = operands(n)
    alpha = n.static("alpha")
    if n.dtype is DType.BOOL:
        return b(Or(), x, y) if alpha else x
    if n.op.startswith("rsub"):
        return b(Sub(), y, _scaled(b, x, alpha))
    return b(Sub() if n.op.startswith("sub") else Add(), x, _scaled(b, y, alpha))


def _scaled(b: Builder, x: Value, alpha: float) -> Value:
    return x if alpha == 1 else b(Mul(), x, b.scalar(alpha, x))



@TABLE.translate("div.Tensor", "div.Scalar", "divide.Tensor", "true_divide.Tensor")
def div(n: TorchNode, b: Builder) -> Value:
    """True division: of integers in floats."""
    return b(Div(), *operands(n))


@TABLE.translate("div.Tensor_mode", "div.Scalar_mode")
def div_mode(n: TorchNode, b: Builder) -> Value:
    mode = n.static("rounding_mode")
    if mode is None:
        return div(n, b)
    x, y = operands(n)
    if mode == "floor":
        return b(FloorDiv(), x, y)
    quotient = b(Div(), x, y)
    return quotient if not n.dtype.is_float else truncated(b, quotient)


def truncated(b: Builder, x: Value) -> Value:
    """Floats rounded towards zero; the sign of a zero is kept."""
    return b(Mul(), b(Sign(), x), b(Floor(), b(Abs(), x)))


@TABLE.translate("pow.Scalar")
def pow_scalar(n: TorchNode, b: Builder) -> Value:
    return b(Pow(), n.value("self", n.dtype), n.value("exponent", n.dtype))
