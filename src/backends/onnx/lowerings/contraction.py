"""Products of matrices, and what else ONNX has of them."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, dtypes, filled
from interlingua.backends.onnx.context import Context
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.contraction import Einsum, Gemm, MatMul
from interlingua.ir.ops.matrix import Det, Trilu

TABLE = Lowerings()

MOST = 16
"""Operands of an einsum that are looked at."""
FLOATS = frozenset({DType.F16, DType.BF16, DType.F32, DType.F64})


@TABLE.lower(MatMul)
def matmul(op: MatMul, ctx: Context, a: Any, b: Any) -> Any:
    return ctx.emit("MatMul", a, b)


def _adds_it(node: Node, _: Any) -> bool:
    return len(node.operands) < 3 or node.operands[2] is None or node.op.attributes()["beta"] != 0


BETA = Condition("ONNX Runtime leaves out what is weighed by 0", _adds_it)


@TABLE.lower(Gemm, when=[dtypes(FLOATS), BETA])
def gemm(op: Gemm, ctx: Context, a: Any, b: Any, c: Any = None) -> Any:
    alpha, beta = float(op.alpha), float(op.beta)
    right = op.trans_b != (ctx.node.operand(1) in ctx.turned)
    return ctx.emit("Gemm", a, b, c, alpha=alpha, beta=beta, transA=op.trans_a, transB=right)


def _one_ellipsis(node: Node, _: Any) -> bool:
    """Whether the ellipses stand for as many axes in every operand: ONNX's inference broadcasts none."""
    op = node.op
    assert isinstance(op, Einsum)
    terms = op.equation.partition("->")[0].replace(" ", "").split(",")
    pairs = zip(terms, node.operands, strict=True)
    ranks = {v.tensor.rank - len(t) + 3 for t, v in pairs if v is not None and "..." in t}
    return len(ranks) < 2


@TABLE.lower(Einsum, when=[filled(*range(MOST)), Condition("the ellipses differ in rank", _one_ellipsis)])
def einsum(op: Einsum, ctx: Context, *xs: Any) -> Any:
    return ctx.emit("Einsum", *xs, equation=op.equation)


@TABLE.lower(Trilu)
def trilu(op: Trilu, ctx: Context, x: Any, k: Any = None) -> Any:
    if k is not None and ctx.type(1).shape != ():
        k = ctx.emit("Reshape", k, ctx.constant([], DType.I64))
    return ctx.emit("Trilu", x, k, upper=op.upper)


@TABLE.lower(Det)
def det(op: Det, ctx: Context, x: Any) -> Any:
    return ctx.emit("Det", x)
