"""Matrix products."""

from __future__ import annotations

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Add, Mul
from interlingua.ir.ops.contraction import Einsum, MatMul
from interlingua.ir.ops.reduction import ReduceSum
from interlingua.ir.ops.shape import Transpose

TABLE = Table()


@TABLE.translate("mm.default", "bmm.default", "matmul.default", "mv.default", "dot.default")
def matmul(n: TorchNode, b: Builder) -> Value:
    names = [name for name in n.arguments if name in ("self", "other", "mat2", "vec", "tensor")]
    return b(MatMul(), *(n.value(name) for name in names))


@TABLE.translate("linear.default")
def linear(n: TorchNode, b: Builder) -> Value:
    """``input @ weight.T + bias``; a weight may be a vector."""
    weight = n.value("weight")
    if weight.tensor.rank == 2:
        weight = b(Transpose(perm=(1, 0)), weight)
    y = b(MatMul(), n.value("input"), weight)
    bias = n.optional("bias")
    return y if bias is None else b(Add(), y, bias)


@TABLE.translate("addmm.default", "baddbmm.default", "addmv.default")
def addmm(n: TorchNode, b: Builder) -> Value:
    """``beta * self + alpha * (a @ b)``; where ``beta`` is 0, ``self`` is not looked at, NaN or not."""
    names = [name for name in n.arguments if name in ("mat1", "mat2", "batch1", "batch2", "mat", "vec")]
    product = _scaled(b, b(MatMul(), *(n.value(name) for name in names)), n.static("alpha"))
    beta = n.static("beta")
    return product if beta == 0 else b(Add(), _scaled(b, n.value("self"), beta), product)


def _scaled(b: Builder, x: Value, factor: float) -> Value:
    return x if factor == 1 else b(Mul(), x, b.scalar(factor, x))


@TABLE.translate("addbmm.default")
def addbmm(n: TorchNode, b: Builder) -> Value:
    """``beta * self + alpha * Σ (batch1 @ batch2)``, summed over the batch; where ``beta`` is 0, without ``self``."""
    product = b(MatMul(), n.value("batch1"), n.value("batch2"))
    total = _scaled(b, b(ReduceSum(axes=(0,), keepdims=False), product), n.static("alpha"))
    beta = n.static("beta")
    return total if beta == 0 else b(Add(), _scaled(b, n.value("self"), beta), total)


@TABLE.translate("bilinear.default")
def bilinear(n: TorchNode, b: Builder) -> Value:
    """``y[…, o] = Σ_ij input1[…, i] · weight[o, i, j] · input2[…, j] + bias[o]``."""
    y = b(Einsum(equation="...i,oij,...j->...o"), n.value("input1"), n.value("weight"), n.value("input2"))
    bias = n.optional("bias")
    return y if bias is None else b(Add(), y, bias)


@TABLE.translate("einsum.default")
def einsum(n: TorchNode, b: Builder) -> Value:
    """Axes under dots that the result does not name are summed over, as other axes are."""
    equation, operands = n.static("equation").replace(" ", ""), n["tensors"]
    terms, arrow, result = equation.partition("->")
    if not arrow or "..." not in terms or "..." in result:
        return b(Einsum(equation=equation), *operands)
    under = [
        x.tensor.rank - len(term.replace("...", ""))
        for term, x in zip(terms.split(","), operands, strict=True)
        if "..." in term
    ]
    whole = b(Einsum(equation=f"{terms}->...{result}"), *operands)
    return b(ReduceSum(axes=tuple(range(max(under))), keepdims=False), whole) if max(under) else whole
