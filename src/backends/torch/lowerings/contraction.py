"""Products of matrices."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, dtypes
from interlingua.backends.torch.context import Context
from interlingua.backends.torch.lowerings.detours import (
    COMPLEX,
    COMPUTED,
    INTEGERS,
    MODULAR,
    WIDE,
    Detour,
    digits,
    number,
    rows,
)
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.contraction import Einsum, Gemm, MatMul
from interlingua.ir.ops.matrix import Det

TABLE = Lowerings()


@rows(TABLE, MatMul, native=COMPUTED | COMPLEX, detours=(WIDE, MODULAR))
def matmul(op: MatMul, ctx: Context, a: str, b: str) -> str:
    return f"{a} @ {b}"


def _plain(node: Node, _: Any) -> bool:
    """What takes more than one step is rounded more than once in narrow floats."""
    op = node.op
    assert isinstance(op, Gemm)
    steps = op.alpha != 1 or len([o for o in node.operands if o is not None]) > 2
    return not steps or node.operand(0).tensor.dtype in {DType.F32, DType.F64}


@TABLE.lower(Gemm, when=[dtypes(FLOATS), Condition("it rounds more than once", _plain)])
def gemm(op: Gemm, ctx: Context, a: str, b: str, c: str = "None") -> str:
    left, right = f"{a}.T" if op.trans_a else a, f"{b}.T" if op.trans_b else b
    product = f"{left} @ {right}" if op.alpha == 1 else f"{digits(ctx, op.alpha)} * ({left} @ {right})"
    if c == "None":
        return product
    c = number(ctx, 2, c)
    return f"{product} + {c}" if op.beta == 1 else f"{product} + {digits(ctx, op.beta)} * {c}"


LONG = Detour(dict.fromkeys((INTEGERS - {DType.I64}) | WIDE.dtypes.keys(), DType.I64))
"""PyTorch adds the integers of one operand up in int64, and multiplies them with none of another dtype."""


@rows(TABLE, Einsum, native={DType.F32, DType.F64, DType.I64} | COMPLEX, detours=(LONG, MODULAR))
def einsum(op: Einsum, ctx: Context, *xs: str) -> str:
    return f'torch.einsum("{op.equation.replace(" ", "")}", {", ".join(xs)})'


@TABLE.lower(Det, when=[dtypes({DType.F32, DType.F64})])
def det(op: Det, ctx: Context, x: str) -> str:
    return f"torch.linalg.det({x})"
