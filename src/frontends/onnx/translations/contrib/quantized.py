"""Ops on levels: operands with scale and zero point, computed as real numbers or int32 sums, quantized again.

What the documentation of each says as ``quantize(f(dequantize(x)))`` is written so: the levels stay levels on both
sides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.translations import pooling, quant
from interlingua.frontends.onnx.translations.contrib.activation import softmax_from
from interlingua.frontends.onnx.translations.contrib.convolution import channels_first, channels_last
from interlingua.frontends.onnx.translations.contrib.table import ContribTable
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.activation import LeakyRelu
from interlingua.ir.ops.binary import Add, Mul
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.logic import Select
from interlingua.ir.ops.math import Sigmoid
from interlingua.ir.ops.pooling import AvgPool, GlobalAvgPool
from interlingua.ir.ops.quant import Dequantize, DynamicQuantize, Quantize
from interlingua.ir.ops.quantized import MatMulInteger
from interlingua.ir.ops.reduction import Mean, ReduceSum
from interlingua.ir.ops.shape import Concat

TABLE = ContribTable()

Levels: TypeAlias = tuple[Value, Value | None, Value]
"""Levels, their zero point, their scale."""

LEAK = float(np.float32(0.01))


def real(b: Builder, x: Value, scale: Value, zero: Value | None) -> Value:
    return b(Dequantize(axis=0), x, scale, zero)


def leveled(b: Builder, y: Value, scale: Value, zero: Value | None, dtype: DType) -> Value:
    return b(Quantize(dtype=dtype, axis=0), y, scale, zero)


def real_product(b: Builder, x: Levels, y: Levels) -> Expr:
    """The matrix product of what levels stand for: int32 sums, times both scales."""
    total = Expr(b, b(MatMulInteger(), x[0], y[0], x[1], y[1])).to(x[2].tensor.dtype)
    return total * (Expr(b, x[2]) * Expr(b, y[2]))


@TABLE.translate("QuantizeLinear", 1)
def quantize(n: OnnxNode, b: Builder) -> Value:
    return quant.quantize(n, b)


@TABLE.translate("DequantizeLinear", 1)
def dequantize(n: OnnxNode, b: Builder) -> Value:
    return quant.dequantize(n, b)


def _binary(op: type[Add] | type[Mul]) -> Callable[[OnnxNode, Builder], Value]:
    def translate(n: OnnxNode, b: Builder) -> Value:
        x, y = real(b, n[0], n[1], n.get(2)), real(b, n[3], n[4], n.get(5))
        return leveled(b, b(op(), x, y), n[6], n.get(7), n.tensor(0).dtype)

    return translate


TABLE.translate("QLinearAdd", 1)(_binary(Add))
TABLE.translate("QLinearMul", 1)(_binary(Mul))


def _unary(n: OnnxNode, b: Builder, f: Callable[[Value], Value]) -> Value:
    """Operands: levels, scale and zero point of these, scale and zero point of the result."""
    return leveled(b, f(real(b, n[0], n[1], n.get(2))), n[3], n.get(4), n.tensor(0).dtype)


@TABLE.translate("QLinearSigmoid", 1)
def qlinear_sigmoid(n: OnnxNode, b: Builder) -> Value:
    return _unary(n, b, lambda x: b(Sigmoid(), x))


@TABLE.translate("QLinearLeakyRelu", 1)
def qlinear_leaky_relu(n: OnnxNode, b: Builder) -> Value:
    return _unary(n, b, lambda x: b(LeakyRelu(alpha=n.attr("alpha", LEAK)), x))


@TABLE.translate("QLinearSoftmax", 1)
def qlinear_softmax(n: OnnxNode, b: Builder) -> Value:
    """``opset`` says of which Softmax: up to 12 all axes from ``axis`` on count as one."""
    axis, rank = n.attr("axis", -1), n.rank(0)
    if n.required("opset") < 13 or axis % rank == rank - 1:
        return _unary(n, b, lambda x: softmax_from(b, x, axis))
    axis %= rank
    perm = [i for i in range(rank) if i != axis] + [axis]
    back = [perm.index(i) for i in range(rank)]
    return _unary(
        n, b, lambda x: Expr(b, softmax_from(b, Expr(b, x).transpose(*perm).value, -1)).transpose(*back).value
    )


@TABLE.translate("QLinearReduceMean", 1)
def qlinear_reduce_mean(n: OnnxNode, b: Builder) -> Value:
    op = Mean(axes=_axes(n), keepdims=bool(n.attr("keepdims", 1)))
    return _unary(n, b, lambda x: b(op, x))


def _axes(n: OnnxNode) -> tuple[int, ...]:
    """Those listed, or all."""
    return tuple(n.attr("axes", ())) or tuple(range(n.rank(0)))


def _pooled(n: OnnxNode, b: Builder, pool: Callable[[Value], Value]) -> Value:
    last = bool(n.attr("channels_last", 0))

    def f(x: Value) -> Value:
        y = pool(channels_first(b, x) if last else x)
        return channels_last(b, y) if last else y

    return _unary(n, b, f)


@TABLE.translate("QLinearAveragePool", 1)
def qlinear_average_pool(n: OnnxNode, b: Builder) -> Value:
    if n.attr("channels_last", 0) and n.attr("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        n.unsupported("auto_pad with channels last")
    ceil, counted = bool(n.attr("ceil_mode", 0)), bool(n.attr("count_include_pad", 0))
    op = AvgPool(**pooling.windows(n), ceil_mode=ceil, count_include_pad=counted)
    return _pooled(n, b, lambda x: b(op, x))


@TABLE.translate("QLinearGlobalAveragePool", 1)
def qlinear_global_average_pool(n: OnnxNode, b: Builder) -> Value:
    return _pooled(n, b, lambda x: b(GlobalAvgPool(), x))


@TABLE.translate("QLinearWhere", 1)
def qlinear_where(n: OnnxNode, b: Builder) -> Value:
    chosen = b(Select(), n[0], real(b, n[1], n[2], n[3]), real(b, n[4], n[5], n[6]))
    return leveled(b, chosen, n[7], n[8], n.tensor(8).dtype)


@TABLE.translate("QLinearConcat", 1)
def qlinear_concat(n: OnnxNode, b: Builder) -> Value:
    """Operands: scale and zero point of the result, then levels, scale and zero point of each part."""
    parts = [real(b, n[i], n[i + 1], n[i + 2]) for i in range(2, len(n), 3)]
    return leveled(b, b(Concat(axis=n.required("axis")), *parts), n[0], n[1], n.tensor(1).dtype)


@TABLE.translate("QLinearConv", 1)
def qlinear_conv(n: OnnxNode, b: Builder) -> Value:
    """As ONNX's own, but for ``channels_last``: then of data and result alone."""
    if not n.attr("channels_last", 0):
        return quant.qlinear_conv(n, b)
    first = n.given(channels_first(b, n[0]), *n.operands[1:])
    return channels_last(b, quant.qlinear_conv(first, b))


@TABLE.translate("QGemm", 1)
def qgemm(n: OnnxNode, b: Builder) -> Value:
    """``alpha`` times the product, plus int32 ``C`` at its scale; real, or levels where the result has a scale."""
    x, y = (Expr(b, n[i]).transpose(1, 0).value if n.attr(t, 0) else n[i] for i, t in ((0, "transA"), (3, "transB")))
    total = Expr(b, b(MatMulInteger(), x, y, n[2], n[5]))
    if n.get(6) is not None:
        total = total + Expr(b, n[6])
    alpha = n.attr("alpha", 1.0)
    factor = Expr(b, n[1]) * Expr(b, n[4])
    found = total.to(factor.dtype) * (factor if alpha == 1.0 else factor * alpha)
    if n.get(7) is None:
        return found.value
    return leveled(b, found.value, n[7], n.get(8), n.tensor(0).dtype if n.get(8) is None else n.tensor(8).dtype)


@TABLE.translate("MatMulIntegerToFloat", 1)
def matmul_integer_to_float(n: OnnxNode, b: Builder) -> Value:
    if n.tensor(2).size != 1:
        n.unsupported("a scale for each column of A, which is summed over")
    product = real_product(b, (n[0], n.get(4), n[2]), (n[1], n.get(5), n[3]))
    return (product if n.get(6) is None else product + Expr(b, n[6])).value


@TABLE.translate("DynamicQuantizeMatMul", 1)
def dynamic_quantize_matmul(n: OnnxNode, b: Builder) -> Value:
    """A is quantized by its own range, as DynamicQuantizeLinear does."""
    levels, scale, zero = b.add_all(DynamicQuantize(), n[0])
    product = real_product(b, (levels, zero, scale), (n[1], n.get(3), n[2]))
    return (product if n.get(4) is None else product + Expr(b, n[4])).value


@TABLE.translate("MulInteger", 1)
def mul_integer(n: OnnxNode, b: Builder) -> Value:
    return (_centred(n, b, 0) * _centred(n, b, 2)).value


def _centred(n: OnnxNode, b: Builder, index: int) -> Expr:
    x, zero = Expr(b, n[index]).to(DType.I32), n.get(index + 1)
    return x if zero is None else x - x.like(zero)


@TABLE.translate("ReduceSumInteger", 1)
def reduce_sum_integer(n: OnnxNode, b: Builder) -> Value:
    wide = Expr(b, n[0]).to(DType.U32 if n.tensor(0).dtype is DType.U8 else DType.I32)
    return b(ReduceSum(axes=_axes(n), keepdims=bool(n.attr("keepdims", 1))), wide.value)


@TABLE.translate("MatMulInteger16", 1)
def matmul_integer_16(n: OnnxNode, b: Builder) -> Value:
    x, y = (Expr(b, n[i]).to(DType.I32) for i in (0, 1))
    return (x @ y).value
