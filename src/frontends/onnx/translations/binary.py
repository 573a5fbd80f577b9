"""Arithmetic nodes of two operands, or of any number."""

from __future__ import annotations

import numpy as np

from interlingua.frontends.onnx.elementwise import aligned, as_dtype
from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table, Translation
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.binary import Add, Div, Max, Min, Mul, Pow, Rem, Sub
from interlingua.ir.ops.math import Mod

TABLE = Table()


def _binary(op: type[Op]) -> Translation:
    return lambda n, b: b(op(), *aligned(n, b))


for _name, _op in (("Add", Add), ("Sub", Sub), ("Mul", Mul), ("Div", Div)):
    TABLE.translate(_name, 1, 6, 7, 13, 14)(_binary(_op))


def _variadic(op: type[Op]) -> Translation:
    def fold(n: OnnxNode, b: Builder) -> Value:
        total = n[0]
        for i in range(1, len(n)):
            total = b(op(), total, n[i])
        return total

    return fold


TABLE.translate("Max", 1, 6, 8, 12, 13)(_variadic(Max))
TABLE.translate("Min", 1, 6, 8, 12, 13)(_variadic(Min))
TABLE.translate("Sum", 1, 6, 8, 13)(_variadic(Add))


@TABLE.translate("Mean", 1, 6, 8, 13)
def mean(n: OnnxNode, b: Builder) -> Value:
    total = _variadic(Add)(n, b)
    assert isinstance(total, Value)
    return b(Div(), total, b.scalar(len(n), total))


@TABLE.translate("Mod", 10, 13, 28)
def mod(n: OnnxNode, b: Builder) -> Value:
    return b(Rem() if n.attr("fmod", 0) else Mod(), n[0], n[1])


@TABLE.translate("Pow", 1, 7, 12, 13, 15)
def power(n: OnnxNode, b: Builder) -> Value:
    """The result has the dtype of the base; base and exponent meet in a dtype that loses nothing of them."""
    x, y = aligned(n, b)
    base = x.tensor.dtype
    meeting = _meeting(n, base, y.tensor.dtype)
    return as_dtype(b, b(Pow(), as_dtype(b, x, meeting), as_dtype(b, y, meeting)), base)


def _meeting(n: OnnxNode, base: DType, exponent: DType) -> DType:
    if base is exponent:
        return base
    if base.is_integer and exponent.is_integer:
        return DType.I64
    if base.is_float and _holds(base, n.constant(1)):
        return base
    if base.is_float and exponent.is_float and DType.F64 not in (base, exponent):
        return DType.F32
    return DType.F64


def _holds(dtype: DType, value: np.ndarray[tuple[int, ...], np.dtype[np.generic]] | None) -> bool:
    """Whether every known exponent is exact in ``dtype``, as 2 or 0.5 are."""
    if value is None:
        return False
    exact = value.astype(np.float64)
    with np.errstate(all="ignore"):
        return bool(np.all(exact.astype(dtype.numpy).astype(np.float64) == exact))
