"""Casts."""

from __future__ import annotations

from interlingua.formats.onnx import dtype_of
from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.convert import Cast

TABLE = Table()

FLOAT8 = frozenset({DType.F8E4M3, DType.F8E4M3FNUZ, DType.F8E5M2, DType.F8E5M2FNUZ, DType.F8E8M0})


def _cast(n: OnnxNode, b: Builder, to: DType) -> Value:
    """ONNX's ``saturate`` counts for float8 alone."""
    x = n[0]
    if x.tensor.dtype is to:
        return x
    saturate = to in FLOAT8 and bool(n.attr("saturate", 1))
    return b(Cast(to=to, saturate=saturate, rounding=n.attr("round_mode", "up")), x)


@TABLE.translate("Cast", 1, 6, 9, 13, 19, 21, 23, 24, 25, 28)
def cast(n: OnnxNode, b: Builder) -> Value:
    to = n.required("to")
    if isinstance(to, str):  # opset 1 to 5 write the name of the type
        from onnx import TensorProto

        to = TensorProto.DataType.Value(to)
    return _cast(n, b, dtype_of(int(to)))


@TABLE.translate("CastLike", 15, 19, 21, 23, 24, 25)
def cast_like(n: OnnxNode, b: Builder) -> Value:
    return _cast(n, b, n.tensor(1).dtype)
