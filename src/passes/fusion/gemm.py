"""Products of matrices with what is added to them, and with the transposes before them, as one gemm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.dims import same
from interlingua.ir.dtypes import FLOATS
from interlingua.ir.graph import Node, Value
from interlingua.ir.ops.binary import Add
from interlingua.ir.ops.contraction import Gemm, MatMul
from interlingua.ir.ops.shape import Transpose
from interlingua.ir.types import Tensor
from interlingua.passes.rewrite.pattern import Match, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, When, rule

A, B, C = Var("a"), Var("b"), Var("c")


def _matrices(node: Node) -> bool:
    """Whether a node multiplies two matrices of floats, for certain."""
    types = [o.tensor for o in node.operands[:2] if o is not None]
    return all(t.shape is not None and t.rank == 2 and t.dtype in FLOATS for t in types)


def _broadcasts(c: Tensor, result: Tensor) -> bool:
    """Whether ``c`` broadcasts to ``result``, and not the other way, for certain."""
    if c.shape is None or result.shape is None or c.rank > result.rank:
        return False
    pairs = zip(reversed(c.shape), reversed(result.shape), strict=False)
    return all(d == 1 or same(d, wanted) is True for d, wanted in pairs)


FITS = When(
    "what is added broadcasts to the product for certain",
    lambda m: _broadcasts(m["c"].tensor, m.nodes["product"].result.tensor),
)


@rule(
    OpPattern(Add, OpPattern((MatMul, Gemm), A, B, name="product", where=_matrices), C),
    contract="rounding",
    when=(FITS,),
)
def add_into_gemm(m: Match, b: Builder) -> Value:
    """``a·b + c`` of matrices is a gemm. Narrow floats are then rounded once.

    Of rank 2 alone: a stack of matrices, or a vector, is no gemm.
    """
    op = m.op("product")
    return b(replace(op, beta=1.0) if isinstance(op, Gemm) else Gemm(), m["a"], m["b"], m["c"])


def _transposed(x: Value) -> Value | None:
    """What ``x`` is the transpose of, where it is that of a matrix."""
    node = x.node
    return node.operand(0) if node is not None and isinstance(node.op, Transpose) and node.op.perm == (1, 0) else None


@rule(OpPattern((MatMul, Gemm), A, B, ..., name="product", where=_matrices), contract="rounding")
def transpose_into_gemm(m: Match, b: Builder) -> Value | None:
    """``a.T · b`` and ``a · b.T`` of matrices are gemms that read ``a``, or ``b``, the other way round.

    A transpose with other readers stays for them.
    """
    op = m.op("product") if isinstance(m.op("product"), Gemm) else Gemm()
    left, right = _transposed(m["a"]), _transposed(m["b"])
    if left is None and right is None:
        return None
    turned = replace(op, trans_a=op.trans_a != (left is not None), trans_b=op.trans_b != (right is not None))
    operands = (left if left is not None else m["a"], right if right is not None else m["b"])
    return b(turned, *operands, *m.root.operands[2:])


@dataclass(frozen=True, slots=True)
class FuseGemm(RulePass):
    """Rounding."""

    name: ClassVar[str] = "fuse-gemm"
    rules: ClassVar[tuple[Rule, ...]] = (add_into_gemm, transpose_into_gemm)
