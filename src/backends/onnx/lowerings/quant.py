"""Quantization: native where ONNX has the dtype and granularity at the target opset, else decomposed."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.backends.lowering import Condition, Lowerings, dtypes, filled
from interlingua.backends.onnx.context import Context
from interlingua.backends.onnx.lowerings.bytes import unsigned
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node, Value
from interlingua.ir.ops.contraction import Gemm, MatMul
from interlingua.ir.ops.quant import Dequantize, DynamicQuantize, Quantize
from interlingua.ir.ops.quantized import ConvInteger, MatMulInteger, QLinearConv, QLinearMatMul
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor

TABLE = Lowerings()

LEVELS: dict[DType, int] = {
    **dict.fromkeys((DType.I8, DType.U8), 13),
    **dict.fromkeys((DType.F8E4M3, DType.F8E4M3FNUZ, DType.F8E5M2, DType.F8E5M2FNUZ), 19),
    **dict.fromkeys((DType.I16, DType.U16, DType.I4, DType.U4), 21),
    DType.F4E2M1: 23,
    **dict.fromkeys((DType.I2, DType.U2), 25),
}
"""Dtypes of levels, and the opset since which QuantizeLinear and DequantizeLinear take them."""
NEVER = 1 << 30


def _real(dtype: DType) -> int:
    """The opset since which reals may have the dtype."""
    return 13 if dtype is DType.F32 else 19 if dtype in (DType.F16, DType.BF16) else NEVER


def _quantizes(node: Node, target: Any) -> bool:
    op, x, scale = node.op, node.operand(0).tensor, node.operand(1).tensor
    assert isinstance(op, Quantize)
    needed = [LEVELS.get(op.dtype, NEVER), _real(x.dtype), _real(scale.dtype)]
    needed.append(21 if op.block else 13)
    needed.append(23 if op.precision is not None or x.dtype is not scale.dtype else 13)
    needed.append(13 if op.precision in (None, DType.F32, DType.F16) else NEVER)  # what ONNX Runtime divides in
    if len(node.operands) < 3 and scale.static_shape is None:
        needed.append(21)
    return bool(target.opset >= max(needed))


def _dequantizes(node: Node, target: Any) -> bool:
    op, x, scale = node.op, node.operand(0).tensor, node.operand(1).tensor
    assert isinstance(op, Dequantize)
    needed = [13 if x.dtype is DType.I32 else LEVELS.get(x.dtype, NEVER), _real(scale.dtype)]
    needed += [21 if op.block else 13, 23 if op.dtype not in (None, scale.dtype) else 13]
    if x.dtype is DType.I32 and len(node.operands) > 2:
        needed.append(NEVER)  # ONNX's int32 has no zero point
    return bool(target.opset >= max(needed))


def _granularity(op: Quantize | Dequantize, scale: Tensor) -> dict[str, Any]:
    """``axis`` where the scale has one, ``block_size`` where it is blocked."""
    if scale.shape is not None and (scale.rank == 0 or scale.size == 1):
        return {}
    return {"axis": op.axis, "block_size": op.block or None}


@TABLE.lower(Quantize, when=[Condition("ONNX quantizes so since a later opset, or not at all", _quantizes)])
def quantize(op: Quantize, ctx: Context, x: Any, scale: Any, zero_point: Any = None) -> Any:
    attributes = _granularity(op, ctx.type(1))
    if op.dtype.is_float:
        attributes["saturate"] = op.saturate
    if op.precision is not None:
        attributes["precision"] = ctx.code(op.precision)
    shape = ctx.type(1).static_shape
    if zero_point is None and op.dtype is not DType.U8:
        if ctx.opset >= 21:
            attributes["output_dtype"] = ctx.code(op.dtype)
        elif shape is not None:
            zero_point = ctx.constant(np.zeros(shape, op.dtype.numpy))
    return ctx.emit("QuantizeLinear", x, scale, zero_point, **attributes)


def _invites_fusion(node: Node) -> bool:
    """Whether ONNX Runtime would fuse a dequantized weight with the product of a float operand behind it, into a kernel
    that quantizes this operand too, to 8 bits. A reshape to the same shape is in its way."""
    weight = node.operand(0)
    if weight.node is None or not isinstance(weight.node.op, Constant) or weight.tensor.rank != 2:
        return False
    return any(
        isinstance(user, Node) and isinstance(user.op, MatMul | Gemm) and index == 1 and not _levels(user.operand(0))
        for user, index in node.result.uses
    )


def _levels(value: Value) -> bool:
    """Whether it is dequantized itself: then there is a kernel that computes with both operands' levels."""
    return value.node is not None and isinstance(value.node.op, Dequantize)


@TABLE.lower(Dequantize, when=[Condition("ONNX dequantizes so since a later opset, or not at all", _dequantizes)])
def dequantize(op: Dequantize, ctx: Context, x: Any, scale: Any, zero_point: Any = None) -> Any:
    attributes = _granularity(op, ctx.type(1))
    if op.dtype not in (None, ctx.type(1).dtype):
        attributes["output_dtype"] = None if op.dtype is None else ctx.code(op.dtype)
    y = ctx.emit("DequantizeLinear", x, scale, zero_point, **attributes)
    if ctx.target.cautious and _invites_fusion(ctx.node):
        return ctx.emit("Reshape", y, ctx.constant(np.zeros(2, np.int64)))
    return y


@TABLE.lower(DynamicQuantize, when=[filled()])
def dynamic_quantize(op: DynamicQuantize, ctx: Context, x: Any) -> Any:
    return ctx.emit("DynamicQuantizeLinear", x, outputs=3)


def _single(*indices: int) -> Condition:
    """The operands are absent, or have one element."""

    def holds(node: Node, _: Any) -> bool:
        values = [node.operands[i] for i in indices if i < len(node.operands)]
        return all(v is None or (v.tensor.shape is not None and v.tensor.size == 1) for v in values)

    return Condition("a scale or zero point is no scalar", holds)


def _by_column(weight: int, *parameters: int) -> Condition:
    """A parameter of each column comes with a matrix."""

    def holds(node: Node, _: Any) -> bool:
        given = [node.operands[i] for i in parameters if i < len(node.operands)]
        return node.operand(weight).tensor.rank == 2 or all(p is None or p.tensor.size == 1 for p in given)

    return Condition("a scale or zero point for each column of more or less than a matrix", holds)


@TABLE.lower(MatMulInteger, when=[_single(2), _by_column(1, 3), filled(0, 1)])
def matmul_integer(op: MatMulInteger, ctx: Context, *operands: Any) -> Any:
    return ctx.emit("MatMulInteger", *unsigned(ctx, operands, signed=1, zero=3, by=0))


@TABLE.lower(QLinearMatMul, when=[_single(1, 2, 6, 7), _by_column(3, 4, 5), dtypes((DType.F32,), 1, 4, 6)])
def qlinear_matmul(op: QLinearMatMul, ctx: Context, *operands: Any) -> Any:
    return ctx.emit("QLinearMatMul", *unsigned(ctx, operands, signed=3, zero=5, by=0))


@TABLE.lower(ConvInteger, when=[_single(2, 3), filled()])
def conv_integer(op: ConvInteger, ctx: Context, *operands: Any) -> Any:
    return ctx.emit("ConvInteger", *unsigned(ctx, operands, signed=0, zero=2, by=1), **_windows(op))


@TABLE.lower(QLinearConv, when=[filled(), _single(1, 2, 6, 7), dtypes((DType.F32,), 1, 4, 6)])
def qlinear_conv(op: QLinearConv, ctx: Context, *operands: Any) -> Any:
    return ctx.emit("QLinearConv", *unsigned(ctx, operands, signed=3, zero=5, by=0), **_windows(op))


def _windows(op: ConvInteger | QLinearConv) -> dict[str, Any]:
    return {"strides": op.strides, "pads": op.pads, "dilations": op.dilations, "group": op.groups}
