"""Constant, ConstantOfShape, Shape, Size, Range, EyeLike."""

from __future__ import annotations

import numpy as np

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.matrix import Eye
from interlingua.ir.ops.reduction import ReduceProd
from interlingua.ir.ops.shape import BroadcastTo, Reshape, Slice
from interlingua.ir.ops.shaping import dim_scalar
from interlingua.ir.ops.source import Iota, ShapeOf

TABLE = Table()

LISTS = {
    "value_int": DType.I64,
    "value_ints": DType.I64,
    "value_float": DType.F32,
    "value_floats": DType.F32,
    "value_string": DType.STRING,
    "value_strings": DType.STRING,
}


@TABLE.translate("Constant", 1, 9, 11, 12, 13, 19, 21, 23, 24, 25)
def constant(n: OnnxNode, b: Builder) -> Value:
    tensor = n.weight("value") or n.weight("sparse_value")
    if tensor is not None:
        return b.weight(tensor)
    for name, dtype in LISTS.items():
        value = n.attr(name)
        if value is not None:
            return b.constant(value, dtype)
    return n.unsupported("it has no value")


@TABLE.translate("ConstantOfShape", 9, 20, 21, 23, 24, 25)
def constant_of_shape(n: OnnxNode, b: Builder) -> Value:
    value = n.attr("value")
    element = np.zeros((), np.float32) if value is None else value.reshape(())
    return b(BroadcastTo(), b.constant(element), n[0])


@TABLE.translate("Shape", 1, 13, 15, 19, 21, 23, 24, 25)
def shape(n: OnnxNode, b: Builder) -> Value:
    whole = b(ShapeOf(), n[0])
    start, end = n.attr("start", 0), n.attr("end")
    if start == 0 and end is None:
        return whole
    stop = np.iinfo(np.int64).max if end is None else end
    return b(Slice(axes=(0,)), whole, b.constant([start]), b.constant([stop]))


@TABLE.translate("Size", 1, 13, 19, 21, 23, 24, 25)
def size(n: OnnxNode, b: Builder) -> Value:
    return b(ReduceProd(axes=(0,)), b(ShapeOf(), n[0]))


@TABLE.translate("Range", 11, 27)
def range_(n: OnnxNode, b: Builder) -> Value:
    start, limit, step = (_scalar(b, n[i]) for i in range(3))
    dtype = start.tensor.dtype
    if dtype in (DType.F16, DType.BF16) and n.attr("stash_type", 1) == 1:
        f32 = Cast(to=DType.F32)
        return b(Cast(to=dtype), b(Iota(), b(f32, start), b(f32, limit), b(f32, step)))
    return b(Iota(), start, limit, step)


def _scalar(b: Builder, x: Value) -> Value:
    """ONNX says scalar, yet runtimes take a vector of one, and exporters write it."""
    return x if x.tensor.shape == () else b(Reshape(), x, b.constant([], DType.I64))


@TABLE.translate("EyeLike", 9, 22)
def eye_like(n: OnnxNode, b: Builder) -> Value:
    if n.rank(0) != 2:
        n.unsupported("its operand is no matrix")
    dtype = n.dtype("dtype", n.tensor(0).dtype)
    return b(Eye(k=n.attr("k", 0), dtype=dtype), dim_scalar(b, n[0], 0), dim_scalar(b, n[0], 1))
