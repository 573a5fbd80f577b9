"""Products of matrices."""

from __future__ import annotations

from typing import Any

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.lowering import Condition, Lowerings, dtypes, filled
from interlingua.ir.dims import product
from interlingua.ir.dtypes import FLOATS, INTEGERS
from interlingua.ir.graph import Node
from interlingua.ir.ops.contraction import Gemm, MatMul
from interlingua.ir.types import Shape, Tensor, broadcast

TABLE = Lowerings()


@TABLE.lower(MatMul, when=[dtypes(INTEGERS), filled(0, 1)])
def integer_matmul(op: MatMul, ctx: Context, a: Edge, b: Edge) -> Edge:
    """A sum of products: LiteRT multiplies no matrices of integers."""
    left = a if a.rank > 1 else ctx.reshape(a, (1, *a.shape))
    right = b if b.rank > 1 else ctx.reshape(b, (*b.shape, 1))
    columns = ctx.reshape(left, (*left.shape, 1), left)
    rows = ctx.reshape(right, (*right.shape[:-2], 1, *right.shape[-2:]), right)
    terms = ctx.emit("MUL", columns, rows)
    shape = (*terms.shape[:-2], terms.shape[-1])
    made = ctx.emit("SUM", terms, ctx.constant([terms.rank - 2]), shape=shape, keep_dims=False)
    return ctx.reshape(made, ctx.result.dims, a, b)


@TABLE.lower(MatMul, when=[dtypes(FLOATS), filled(0, 1)])
def matmul(op: MatMul, ctx: Context, a: Edge, b: Edge) -> Edge:
    due = ctx.result.dims
    if b.weight is not None and b.rank == 2 and a.rank >= 2:
        return fully_connected(ctx, a, ctx.transpose(b, (1, 0)), None, due)
    left = a if a.rank > 1 else ctx.reshape(a, (1, *a.shape))
    right = b if b.rank > 1 else ctx.reshape(b, (*b.shape, 1))
    if right.rank == 2 < left.rank:
        return _as_matrix(ctx, left, right, due)
    return ctx.reshape(_batched(ctx, left, right), due, left, right)


def _as_matrix(ctx: Context, a: Edge, b: Edge, due: Shape) -> Edge:
    """One matrix on the right: the rows of all on the left are of one matrix."""
    rows: Shape = (product(a.shape[:-1]), a.shape[-1])
    made = ctx.emit("BATCH_MATMUL", ctx.reshape(a, rows, a), b, shape=(rows[0], b.shape[-1]), adj_x=False, adj_y=False)
    return ctx.reshape(made, due, a, b)


def _batched(ctx: Context, a: Edge, b: Edge) -> Edge:
    """Leading axes that agree are one where there are too many."""
    lead = broadcast(Tensor(a.dtype, a.shape[:-2]), Tensor(b.dtype, b.shape[:-2]))
    shape = (*lead, a.shape[-2], b.shape[-1])
    rank = len(shape)
    if rank > 5:
        wide = [ctx.broadcast_to(x, (*lead, *x.shape[-2:]), a, b) for x in (a, b)]
        groups = [list(range(rank - 2)), [rank - 2], [rank - 1]]
        left, right = (ctx.merged(x, groups, rank) for x in wide)
        made = _batched(ctx, left, right)
        return ctx.reshape(made, shape, a, b)
    return ctx.emit("BATCH_MATMUL", a, b, shape=shape, adj_x=False, adj_y=False)


def fully_connected(ctx: Context, x: Edge, weights: Edge, bias: Edge | None, due: Shape) -> Edge:
    """``x`` times constant ``weights`` (out, in), transposed; all but the last axis of ``x`` are rows."""
    if x.rank > 4:
        rows: Shape = (product(x.shape[:-1]), x.shape[-1])
        small = fully_connected(ctx, ctx.reshape(x, rows, x), weights, bias, (rows[0], due[-1]))
        return ctx.reshape(small, due, x)
    return ctx.emit("FULLY_CONNECTED", x, weights, bias, shape=due, keep_num_dims=x.rank > 2)


def _plain(node: Node, _: Any) -> bool:
    """Whether it is a product with constant weights, and a vector added."""
    op, c = node.op, node.operands[2] if len(node.operands) > 2 else None
    assert isinstance(op, Gemm)
    columns = node.result.tensor.dims[1]
    return (
        op.alpha == 1
        and not op.trans_a
        and (c is None or (op.beta == 1 and c.tensor.dims in ((columns,), (1, columns))))
        and node.operand(1).node is not None
    )


def _constants(node: Node, _: Any) -> bool:
    from interlingua.ir.ops.source import Constant

    return all(v is None or (v.node is not None and isinstance(v.node.op, Constant)) for v in node.operands[1:])


@TABLE.lower(
    Gemm,
    when=[
        dtypes(FLOATS),
        Condition("weights or bias are not constant", _constants),
        Condition("it is scaled or transposed, or the bias is no vector", _plain),
        filled(0, 1),
    ],
)
def gemm(op: Gemm, ctx: Context, a: Edge, b: Edge, c: Edge | None = None) -> Edge:
    weights = b if op.trans_b else ctx.transpose(b, (1, 0))
    bias = None if c is None else ctx.reshape(c, c.shape[-1:])
    from interlingua.backends.litert.lowerings.common import single

    def emit(x: Edge) -> Edge:
        wide = [None if e is None else ctx.cast(e, x.dtype) for e in (weights, bias)]
        assert wide[0] is not None
        return fully_connected(ctx, x, wide[0], wide[1], ctx.result.dims)

    return single(ctx, a, emit)
