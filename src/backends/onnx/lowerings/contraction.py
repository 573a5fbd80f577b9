"""Products of matrices, and what else ONNX has of them."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Lowerings, dtypes, since
from interlingua.backends.onnx.context import Context
from interlingua.backends.onnx.lowerings.reduction import REDUCED, through
from interlingua.backends.onnx.lowerings.shape import as_int64
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.contraction import Einsum, Gemm, MatMul
from interlingua.ir.ops.matrix import Det, Trilu

TABLE = Lowerings()

FLOATS = frozenset({DType.F16, DType.BF16, DType.F32, DType.F64})
EINSUM = frozenset({DType.F32, DType.F64, DType.I32, DType.I64})
"""What ONNX Runtime's Einsum is built for."""


@TABLE.lower(MatMul)
def matmul(op: MatMul, ctx: Context, a: Any, b: Any) -> Any:
    """Small integers multiply in int32 and are cut back, which wraps them as if they had wrapped at every
    step."""
    dtype = ctx.type(0).dtype
    if dtype in REDUCED:
        return ctx.emit("MatMul", a, b)
    right = ctx.emit("Cast", b, to=ctx.code(DType.I32))
    return through(ctx, a, dtype, DType.I32, lambda left: ctx.emit("MatMul", left, right))


@TABLE.lower(Gemm, when=[dtypes(FLOATS)])
def gemm(op: Gemm, ctx: Context, a: Any, b: Any, c: Any = None) -> Any:
    alpha, beta = float(op.alpha), float(op.beta)
    return ctx.emit("Gemm", a, b, c, alpha=alpha, beta=beta, transA=op.trans_a, transB=op.trans_b)


@TABLE.lower(Einsum, when=[dtypes(EINSUM)])
def einsum(op: Einsum, ctx: Context, *xs: Any) -> Any:
    return ctx.emit("Einsum", *xs, equation=op.equation)


@TABLE.lower(Trilu, when=[since(14)])
def trilu(op: Trilu, ctx: Context, x: Any, k: Any = None) -> Any:
    if k is not None:
        k = as_int64(ctx, 1, k)
        if ctx.type(1).shape != ():
            k = ctx.emit("Reshape", k, ctx.constant([], DType.I64))
    return ctx.emit("Trilu", x, k, upper=op.upper)


@TABLE.lower(Det, when=[dtypes({DType.F32})])
def det(op: Det, ctx: Context, x: Any) -> Any:
    return ctx.emit("Det", x)
