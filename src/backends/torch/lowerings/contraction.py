"""Products of matrices."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, dtypes
from interlingua.backends.torch.context import Context
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.contraction import Gemm, MatMul

TABLE = Lowerings()

PRODUCTS = frozenset({*FLOATS, DType.I8, DType.I16, DType.I32, DType.I64, DType.U8})


@TABLE.lower(MatMul, when=[dtypes(PRODUCTS)])
def matmul(op: MatMul, ctx: Context, a: str, b: str) -> str:
    return f"{a} @ {b}"


def _plain(node: Node, _: Any) -> bool:
    op = node.op
    assert isinstance(op, Gemm)
    return op.alpha == 1 and op.beta == 1


@TABLE.lower(Gemm, when=[dtypes(FLOATS), Condition("a factor is not 1", _plain)])
def gemm(op: Gemm, ctx: Context, a: str, b: str, c: str = "None") -> str:
    left, right = f"{a}.T" if op.trans_a else a, f"{b}.T" if op.trans_b else b
    return f"{left} @ {right}" + ("" if c == "None" else f" + {c}")
