"""Quantization."""

from __future__ import annotations

from typing import Any

from interlingua.formats.onnx import dtype_of
from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.quant import Dequantize, DynamicQuantize, Quantize
from interlingua.ir.ops.quantized import ConvInteger, MatMulInteger, QLinearConv, QLinearMatMul

TABLE = Table()


def _axis(n: OnnxNode) -> int:
    """The axis, where it counts: a scalar scale may come with one that ``x`` does not have."""
    scale, x = n.tensor(1), n.tensor(0)
    counts = scale.shape is None or (scale.rank > 0 and scale.size != 1)
    return int(n.attr("axis", 1)) if counts or (x.shape is not None and x.rank > 1) else 0


def _asked(n: OnnxNode, name: str) -> DType | None:
    """A dtype attribute whose default 0 stands for none."""
    code = int(n.attr(name, 0))
    return None if code == 0 else dtype_of(code)


@TABLE.translate("QuantizeLinear", 10, 13, 19, 21, 23, 24, 25, 28)
def quantize(n: OnnxNode, b: Builder) -> Value:
    zero_point = n.get(2)
    dtype = _asked(n, "output_dtype") or DType.U8
    if zero_point is not None:
        dtype = zero_point.tensor.dtype
    op = Quantize(
        dtype=dtype,
        axis=_axis(n),
        block=n.attr("block_size", 0),
        saturate=bool(n.attr("saturate", 1)),
        precision=_asked(n, "precision"),
    )
    return b(op, n[0], n[1], _counted(n))


@TABLE.translate("DequantizeLinear", 10, 13, 19, 21, 23, 24, 25, 28)
def dequantize(n: OnnxNode, b: Builder) -> Value:
    op = Dequantize(dtype=_asked(n, "output_dtype"), axis=_axis(n), block=n.attr("block_size", 0))
    return b(op, n[0], n[1], _counted(n))


def _counted(n: OnnxNode) -> Value | None:
    """The zero point; that of a float8 is 0 by definition, and adding it would lose the sign of -0.0."""
    zero_point = n.get(2)
    if zero_point is None or not zero_point.tensor.dtype.is_float:
        return zero_point
    known = n.constant(2)
    return None if known is not None and not known.astype("float32").any() else zero_point


@TABLE.translate("DynamicQuantizeLinear", 11)
def dynamic_quantize(n: OnnxNode, b: Builder) -> tuple[Value, ...]:
    return b.add_all(DynamicQuantize(), n[0])


@TABLE.translate("MatMulInteger", 10)
def matmul_integer(n: OnnxNode, b: Builder) -> Value:
    return b(MatMulInteger(), n[0], n[1], n.get(2), n.get(3))


@TABLE.translate("QLinearMatMul", 10, 21)
def qlinear_matmul(n: OnnxNode, b: Builder) -> Value:
    return b(QLinearMatMul(), *(n[i] for i in range(8)))


@TABLE.translate("ConvInteger", 10)
def conv_integer(n: OnnxNode, b: Builder) -> Value:
    return b(ConvInteger(**_windows(n, n[0], n[1])), n[0], n[1], n.get(2), n.get(3))


@TABLE.translate("QLinearConv", 10)
def qlinear_conv(n: OnnxNode, b: Builder) -> Value:
    return b(QLinearConv(**_windows(n, n[0], n[3])), *(n[i] for i in range(8)), n.get(8))


def _windows(n: OnnxNode, x: Value, w: Value) -> dict[str, Any]:
    """The attributes of a convolution; ``auto_pad`` resolved to explicit pads where the sizes are known."""
    if w.tensor.shape is None:
        n.unsupported("the rank of the weight is unknown")
    spatial = w.tensor.rank - 2
    strides = tuple(n.attr("strides", (1,) * spatial))
    dilations = tuple(n.attr("dilations", (1,) * spatial))
    auto = n.attr("auto_pad", "NOTSET")
    pads = tuple(n.attr("pads", (0,) * (2 * spatial)))
    if auto == "VALID":
        pads = (0,) * (2 * spatial)
    elif auto != "NOTSET":
        pads = _same_pads(n, x, w, strides, dilations, lower=auto == "SAME_LOWER")
    return {"strides": strides, "dilations": dilations, "pads": pads, "groups": n.attr("group", 1)}


def _same_pads(
    n: OnnxNode, x: Value, w: Value, strides: tuple[int, ...], dilations: tuple[int, ...], *, lower: bool
) -> tuple[int, ...]:
    begins, ends = [], []
    sizes = zip(x.tensor.dims[2:], w.tensor.dims[2:], strides, dilations, strict=True)
    for size, kernel, stride, dilation in sizes:
        if not isinstance(size, int) or not isinstance(kernel, int):
            n.unsupported("auto_pad with sizes that are not known")
        total = max(0, (-(-size // stride) - 1) * stride + (kernel - 1) * dilation + 1 - size)
        begins.append(total - total // 2 if lower else total // 2)
        ends.append(total - begins[-1])
    return (*begins, *ends)
