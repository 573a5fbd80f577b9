"""Comparisons, in the promoted element type, and operators on truth values and bits."""

from __future__ import annotations

from collections.abc import Sequence

from interlingua.frontends.torch.along import common_shape
from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table, Translation
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.layout import ExpandDims
from interlingua.ir.ops.logic import And, Eq, Le, Lt, Not, Or, Select, ShiftLeft, ShiftRight, Xor
from interlingua.ir.ops.math import Ge, Gt, Ne
from interlingua.ir.ops.reduction import Any
from interlingua.ir.ops.shape import Reshape

TABLE = Table()

_COMPARISONS: dict[type[Op], tuple[str, ...]] = {
    Eq: ("eq",),
    Ge: ("ge", "greater_equal"),
    Gt: ("gt", "greater"),
    Le: ("le", "less_equal"),
    Lt: ("lt", "less"),
    Ne: ("ne", "not_equal"),
}
_BITS: dict[str, type[Op]] = {"and": And, "or": Or, "xor": Xor}


def _comparison(op: type[Op]) -> Translation:
    def compare(n: TorchNode, b: Builder) -> Value:
        dtype = n.promoted("self", "other")
        return b(op(), n.value("self", dtype), n.value("other", dtype))

    return compare


def _bits(op: type[Op]) -> Translation:
    return lambda n, b: b(op(), n.value("self", n.dtype), n.value("other", n.dtype))


for _op, _names in _COMPARISONS.items():
    for _name in _names:
        TABLE.translate(f"{_name}.Tensor", f"{_name}.Scalar")(_comparison(_op))
for _name, _op in _BITS.items():
    TABLE.translate(f"bitwise_{_name}.Tensor", f"bitwise_{_name}.Scalar", f"bitwise_{_name}.Scalar_Tensor",
                    f"logical_{_name}.default", f"__{_name}__.Tensor", f"__{_name}__.Scalar")(_bits(_op))  # fmt: skip


@TABLE.translate("bitwise_left_shift.Tensor", "bitwise_left_shift.Tensor_Scalar", "bitwise_left_shift.Scalar_Tensor",
                 "__lshift__.Scalar", "__lshift__.Tensor", "bitwise_right_shift.Tensor",
                 "bitwise_right_shift.Tensor_Scalar", "bitwise_right_shift.Scalar_Tensor", "__rshift__.Scalar",
                 "__rshift__.Tensor")  # fmt: skip
def shift(n: TorchNode, b: Builder) -> Value:
    """By a number of bits that is negative or not less than there are, all leave: what stays is 0, or to the right −1
    of a negative number."""
    dtype = n.dtype
    if not dtype.is_integer:
        n.unsupported(f"of {dtype}")
    left = "left" in n.op or "lshift" in n.op
    x, bits = Expr(b, n.value("self", dtype)), Expr(b, n.value("other", dtype))
    known, last = n.known(bits.value), dtype.bits - 1
    inside = known is not None and ((known >= 0) & (known <= last)).all()
    if inside:
        return x.apply(ShiftLeft() if left else ShiftRight(), bits).value
    beyond = (bits < 0) | (bits > last) if dtype.kind == "int" else bits > last
    if left or dtype.kind == "uint":
        moved = x.apply(ShiftLeft() if left else ShiftRight(), beyond.where(bits.number(0), bits))
        return beyond.where(x.number(0), moved).value
    return x.apply(ShiftRight(), beyond.where(bits.number(last), bits)).value


@TABLE.translate("where.self", "where.ScalarOther", "where.ScalarSelf", "where.Scalar")
def where(n: TorchNode, b: Builder) -> Value:
    return b(Select(), n.value("condition", DType.BOOL), n.value("self", n.dtype), n.value("other", n.dtype))


@TABLE.translate("masked_fill.Scalar", "masked_fill.Tensor")
def masked_fill(n: TorchNode, b: Builder) -> Value:
    return b(Select(), n.value("mask", DType.BOOL), n.value("value", n.dtype), n.value("self"))


@TABLE.translate("isin.Tensor_Tensor", "isin.Tensor_Scalar", "isin.Scalar_Tensor")
def isin(n: TorchNode, b: Builder) -> Value:
    """Whether each element equals any of others."""
    names = next(k for k in n.arguments if k.startswith("element")), next(k for k in n.arguments if "test" in k)
    dtype = n.promoted(*names)
    elements, others = (n.value(name, dtype) for name in names)
    line = b(Reshape(), others, b.constant([-1]))
    rank = elements.tensor.rank
    equal = b(Eq(), b(ExpandDims(axes=(rank,)), elements), line)
    found = b(Any(axes=(rank,)), equal)
    return b(Not(), found) if n.static("invert") else found


@TABLE.translate("broadcast_tensors.default")
def broadcast_tensors(n: TorchNode, b: Builder) -> Sequence[Value]:
    return common_shape(b, [n.as_value(v) for v in n["tensors"]])
