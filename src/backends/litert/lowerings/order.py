"""What depends on the order of elements: arg-reductions, the greatest few, distinct ones. All of keys, which LiteRT's
kernels compare without NaN in the way; of equal ones they take the first."""

from __future__ import annotations

from typing import Any

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.lowerings.keys import downwards, keys
from interlingua.backends.litert.lowerings.places import along, scalar
from interlingua.backends.lowering import Condition, Lowerings, filled
from interlingua.ir.dims import DimLike, product
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.indexing import TopK, Unique
from interlingua.ir.ops.reduction import ArgMax, ArgMin, ArgReduction
from interlingua.ir.types import Shape

TABLE = Lowerings()

DIRECT = frozenset({DType.I32, DType.I8, DType.U8, DType.I16})
"""Keys that ARG_MAX takes, as they are or widened; of others the greatest one is found."""


@TABLE.lower(ArgMax, ArgMin, when=[filled()])
def arg_reduction(op: ArgReduction, ctx: Context, x: Edge) -> Edge:
    axis, greatest = op.axis % x.rank, isinstance(op, ArgMax)
    found = keys(ctx, x, nan_greatest=greatest)
    if op.select_last:
        found = _backwards(ctx, found, axis)
    kept = tuple(d for i, d in enumerate(x.shape) if i != axis)
    if found.dtype in DIRECT:
        name = "ARG_MAX" if greatest else "ARG_MIN"
        made = ctx.emit(name, found, ctx.constant(axis), shape=kept, dtype=DType.I32, output_type=DType.I32)
    else:
        last = _last(ctx, found if greatest else downwards(ctx, found), axis)
        _, made = ctx.emit_all("TOPK_V2", last, ctx.constant(1), shapes=[(*kept, 1)] * 2)
        made = ctx.reshape(made, kept, made)
    if op.select_last:
        end = ctx.emit("SUB", scalar(ctx, x.shape[axis], x), ctx.constant(1))
        made = ctx.emit("SUB", end, made)
    return ctx.reshape(made, ctx.result.dims, x)


def _backwards(ctx: Context, x: Edge, axis: int) -> Edge:
    return ctx.emit("REVERSE_V2", x, ctx.constant([axis]), shape=x.shape)


def _last(ctx: Context, x: Edge, axis: int) -> Edge:
    return ctx.transpose(x, [*(i for i in range(x.rank) if i != axis), axis])


def _first(ctx: Context, x: Edge, axis: int) -> Edge:
    """The last axis put in the place of ``axis``."""
    order = list(range(x.rank - 1))
    return ctx.transpose(x, [*order[:axis], x.rank - 1, *order[axis:]])


@TABLE.lower(TopK, when=[filled()])
def top_k(op: TopK, ctx: Context, x: Edge, k: Edge) -> tuple[Edge, Edge]:
    """The kernel takes the last axis, and its values come without NaN: they are gathered."""
    axis = op.axis % x.rank
    found = keys(ctx, x)
    last = _last(ctx, found if op.largest else downwards(ctx, found), axis)
    due = ctx.node.results[0].tensor.dims
    shape: Shape = (*last.shape[:-1], due[axis])
    count = ctx.reshape(ctx.index(k), ())
    _, at = ctx.emit_all("TOPK_V2", last, count, shapes=[shape, shape])
    at = _first(ctx, at, axis)
    flat = ctx.reshape(x, (product(x.shape),), x)
    values = ctx.emit("GATHER", flat, along(ctx, x, at, axis), shape=at.shape, axis=0, batch_dims=0)
    return values, ctx.cast(at, DType.I64)


def _flat(node: Node, _: Any) -> bool:
    return node.op.attributes()["axis"] is None or node.operand(0).tensor.rank == 1


@TABLE.lower(Unique, when=[Condition("slices are compared", _flat), filled()])
def unique(op: Unique, ctx: Context, x: Edge) -> tuple[Edge, ...]:
    """The elements in order, the first of equal ones first: where one differs from that before it, one begins."""
    size, count = product(x.shape), ctx.node.results[0].tensor.dims[0]
    flat = ctx.reshape(x, (size,), x)
    ordered, order = _ascending(ctx, keys(ctx, flat), size)
    begins = _begins(ctx, ordered)
    number = ctx.emit("CUMSUM", ctx.cast(begins, DType.I32), ctx.constant(0), shape=(size,), exclusive=False,
                      reverse=False)  # fmt: skip
    number = ctx.emit("SUB", number, ctx.constant(1))
    starts = ctx.reshape(ctx.cast(ctx.emit("WHERE", begins, shape=(count, 1)), DType.I32), (count,))
    first = _taken(ctx, order, starts, count)
    distinct = ctx.emit("SHAPE", first, shape=(1,), dtype=DType.I32, out_type=DType.I32)
    distinct = ctx.reshape(distinct, ())
    if not op.sorted:
        first, place = _ascending(ctx, first, count)
        back = ctx.emit("UNSORTED_SEGMENT_MAX", _range(ctx, distinct, count), place, distinct, shape=(count,))
        number = _taken(ctx, back, number, size)
    ones = ctx.broadcast_to(ctx.constant(1), (size,), number)
    counts = ctx.emit("UNSORTED_SEGMENT_SUM", ones, number, distinct, shape=(count,))
    inverse = ctx.emit("UNSORTED_SEGMENT_MAX", number, order, scalar(ctx, size, flat), shape=(size,))
    return (_taken(ctx, flat, first, count), *(ctx.cast(e, DType.I64) for e in (first, inverse, counts)))


def _range(ctx: Context, limit: Edge, size: DimLike) -> Edge:
    return ctx.emit("RANGE", ctx.constant(0), limit, ctx.constant(1), shape=(size,))


def _taken(ctx: Context, x: Edge, at: Edge, size: DimLike) -> Edge:
    return ctx.emit("GATHER", x, at, shape=(size,), axis=0, batch_dims=0)


def _ascending(ctx: Context, found: Edge, size: DimLike) -> tuple[Edge, Edge]:
    """Keys from the least on, and where they were."""
    if isinstance(size, int):
        count = ctx.constant(size)
    else:
        shape = ctx.emit("SHAPE", found, shape=(1,), dtype=DType.I32, out_type=DType.I32)
        count = ctx.reshape(shape, ())
    down, order = ctx.emit_all("TOPK_V2", downwards(ctx, found), count, shapes=[(size,)] * 2)
    return downwards(ctx, down), order


def _begins(ctx: Context, ordered: Edge) -> Edge:
    """Where an element differs from that before it; the first does."""
    size = ordered.shape[0]
    less = size - 1
    one = ctx.constant([1])
    end = ctx.constant([0])
    rest = ctx.emit("STRIDED_SLICE", ordered, one, end, one, shape=(less,), begin_mask=0, end_mask=1)
    front = ctx.emit("STRIDED_SLICE", ordered, end, ctx.constant([-1]), one, shape=(less,), begin_mask=1, end_mask=0)
    differ = ctx.emit("NOT_EQUAL", rest, front)
    return ctx.emit("CONCATENATION", ctx.constant([True], DType.BOOL), differ, shape=(size,), axis=0)
