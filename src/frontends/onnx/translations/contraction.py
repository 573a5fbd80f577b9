"""MatMul, Gemm, Einsum, Trilu, Det."""

from __future__ import annotations

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.contraction import Einsum, Gemm, MatMul
from interlingua.ir.ops.matrix import Det, Trilu

TABLE = Table()


@TABLE.translate("MatMul", 1, 9, 13)
def matmul(n: OnnxNode, b: Builder) -> Value:
    return b(MatMul(), n[0], n[1])


@TABLE.translate("Gemm", 1, 6, 7, 9, 11, 13)
def gemm(n: OnnxNode, b: Builder) -> Value:
    """Before version 7 a C that broadcasts says so by an attribute, with the same result."""
    op = Gemm(n.attr("alpha", 1.0), n.attr("beta", 1.0), bool(n.attr("transA", 0)), bool(n.attr("transB", 0)))
    return b(op, n[0], n[1], n.get(2))


@TABLE.translate("Einsum", 12, 28)
def einsum(n: OnnxNode, b: Builder) -> Value:
    return b(Einsum(equation=n.required("equation")), *(n[i] for i in range(len(n))))


@TABLE.translate("Trilu", 14)
def trilu(n: OnnxNode, b: Builder) -> Value:
    return b(Trilu(upper=bool(n.attr("upper", 1))), n[0], n.get(1))


@TABLE.translate("Det", 11, 22)
def det(n: OnnxNode, b: Builder) -> Value:
    return b(Det(), n[0])
