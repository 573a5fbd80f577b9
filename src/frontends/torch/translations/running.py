"""Running reductions along an axis. A scalar counts as a vector of one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from interlingua.frontends.torch.along import lined, unlined
from interlingua.frontends.torch.node import TorchNode, as_dtype
from interlingua.frontends.torch.table import Table, Translation
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.reduction import CumProd, CumSum, LogSumExp, ReduceMax, ReduceMin
from interlingua.ir.ops.shaping import dim_scalar, expanded, index_along
from interlingua.ir.ops.unary import IsNan

TABLE = Table()


def _running(op: type[Op]) -> Translation:
    def run(n: TorchNode, b: Builder) -> Value:
        x = n.value("self", n.dtype)
        line = lined(b, x)
        return unlined(b, b(op(axis=n.axis("dim", line.tensor.rank)), line), x)  # type: ignore[call-arg]

    return run


TABLE.translate("cumsum.default")(_running(CumSum))
TABLE.translate("cumprod.default")(_running(CumProd))


class Square:
    """An axis against itself: each element ``j`` beside each place ``i``, and whether ``j <= i``."""

    def __init__(self, b: Builder, x: Value, axis: int) -> None:
        rank = x.tensor.rank + 1
        size = dim_scalar(b, x, axis)
        self.axis = axis + 1
        self.place = Expr(b, index_along(b, size, axis + 1, rank))
        self.taken = self.place <= Expr(b, index_along(b, size, axis, rank))
        self.elements = Expr(b, expanded(b, x, axis))


@TABLE.translate("logcumsumexp.default")
def logcumsumexp(n: TorchNode, b: Builder) -> Value:
    """``log(sum of exp(x[j]) for j <= i)``: quadratic, since the greatest so far is taken out of every sum."""
    x = n.value("self")
    line = lined(b, x)
    square = Square(b, line, n.axis("dim", line.tensor.rank))
    terms = square.taken.where(square.elements, square.elements.number(-math.inf))
    return unlined(b, terms.apply(LogSumExp(axes=(square.axis,))).value, x)


@TABLE.translate("cummax.default", "cummin.default")
def cummax(n: TorchNode, b: Builder) -> Sequence[Value]:
    """The extreme so far, and where it was last; NaN counts as the extreme. Quadratic."""
    x = n.value("self")
    line = lined(b, x)
    dtype = line.tensor.dtype
    numbers = as_dtype(b, line, DType.U8) if dtype is DType.BOOL else line
    greatest = n.op.startswith("cummax")
    square = Square(b, numbers, n.axis("dim", line.tensor.rank))
    nothing = square.elements.number(bound(numbers.tensor.dtype, least=greatest))
    terms = square.taken.where(square.elements, nothing)
    op = ReduceMax if greatest else ReduceMin
    found = terms.apply(op(axes=(square.axis,), keepdims=True))
    same = square.elements.equals(found)
    if dtype.is_float:
        same = same | (square.elements.apply(IsNan()) & found.apply(IsNan()))
    place = (square.taken & same).where(square.place, square.place.number(-1)).apply(ReduceMax(axes=(square.axis,)))
    values = as_dtype(b, found.squeeze(square.axis).value, dtype)
    return [unlined(b, values, x), unlined(b, place.value, x)]


def bound(dtype: DType, least: bool) -> float | int:
    """The least number of an element type, or the greatest: the infinities of floats."""
    if dtype.is_float:
        return -math.inf if least else math.inf
    low = -(1 << (dtype.bits - 1)) if dtype.kind == "int" else 0
    return low if least else low + (1 << dtype.bits) - 1
