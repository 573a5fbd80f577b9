"""Matrix products with transpositions, factors and activations fused in."""

from __future__ import annotations

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.translations import contraction
from interlingua.frontends.onnx.translations.contrib.fused import activated_by_name
from interlingua.frontends.onnx.translations.contrib.table import ContribTable
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.activation import Gelu
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.expression import Expr

TABLE = ContribTable()


@TABLE.translate("FusedMatMul", 1)
@TABLE.translate("TransposeMatMul", 1)
def fused_matmul(n: OnnxNode, b: Builder) -> Value:
    """``alpha·A·B``. ``transBatch`` moves axis 0 behind the other batch axes, before ``trans`` swaps the last two; a
    vector is not transposed."""
    x = _turned(n, b, 0, bool(n.attr("transA", 0)), bool(n.attr("transBatchA", 0)))
    y = _turned(n, b, 1, bool(n.attr("transB", 0)), bool(n.attr("transBatchB", 0)))
    alpha = n.attr("alpha", 1.0)
    product = Expr(b, b(MatMul(), x, y))
    return product.value if alpha == 1.0 else (product * alpha).value


def _turned(n: OnnxNode, b: Builder, index: int, last: bool, batch: bool) -> Value:
    if not last and not batch:
        return n[index]
    perm = list(range(n.rank(index)))
    if len(perm) < 2:
        return n[index]
    if batch:
        perm = [*perm[1:-1], 0, perm[-1]]
    if last:
        perm[-2:] = perm[:-3:-1]
    return Expr(b, n[index]).transpose(*perm).value


@TABLE.translate("FusedGemm", 1)
def fused_gemm(n: OnnxNode, b: Builder) -> Value:
    parameters = {k: n.attr(f"activation_{k}") for k in ("alpha", "beta", "gamma")}
    return activated_by_name(n, b, contraction.gemm(n, b), n.attr("activation", ""), parameters)


@TABLE.translate("GemmFastGelu", 1)
def gemm_fast_gelu(n: OnnxNode, b: Builder) -> Value:
    product = Expr(b, b(MatMul(), n[0], n[1]))
    bias = n.get(2)
    return b(Gelu(form="tanh"), (product if bias is None else product + product.like(bias)).value)
