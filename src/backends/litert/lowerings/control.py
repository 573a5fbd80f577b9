"""If, While, Scan, Call. LiteRT's inner subgraphs take what they read as inputs, as the regions of the IR do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.kernels import NoKernel
from interlingua.backends.litert.lowerings.loops import Loop, close, known_as, loose, put, read, run, stack
from interlingua.backends.litert.lowerings.places import scalar
from interlingua.backends.lowering import Lowerings
from interlingua.ir.dims import UNKNOWN
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Value
from interlingua.ir.ops.control import Call, If, Scan, While

TABLE = Lowerings()

MOST = 1 << 20
"""Trips for which room is made: a limit beyond it is none."""


@TABLE.lower(If)
def if_(op: If, ctx: Context, cond: Edge, *captured: Edge, then: Graph, orelse: Graph) -> Any:
    branches = {"then_subgraph_index": ctx.region(then, "then"), "else_subgraph_index": ctx.region(orelse, "else")}
    results = [r.tensor for r in ctx.node.results]
    operands = [ctx.reshape(cond, ()), *captured]
    return tuple(ctx.add("IF", 1, operands, [t.dtype for t in results], [t.dims for t in results], branches))


@TABLE.lower(While)
def while_(op: While, ctx: Context, trips: Edge | None, cond: Edge | None, *values: Edge, body: Graph) -> Any:
    """The state of the loop: the number of the trip, that of the last, the condition, what is carried, what the body
    captures, and what is stacked, put into tensors made before."""
    last = ctx.constant(2**63 - 1, DType.I64) if trips is None else ctx.cast(ctx.reshape(trips, ()), DType.I64)
    more = ctx.constant(True, DType.BOOL) if cond is None else ctx.reshape(cond, ())
    if trips is not None and trips.known is not None and trips.known[0] <= 0:
        return (*values[: op.carried], *(stack(ctx, v, 0, *values) for v in body.outputs[1 + op.carried :]))
    loop = Loop()
    for edge in (ctx.constant(0, DType.I64), last, more):
        loop.slot(edge)
    inside, after = body.inputs[2 : 2 + op.carried], body.outputs[1 : 1 + op.carried]
    for edge, *types in zip(values[: op.carried], inside, after, strict=True):
        loop.slot(edge, loose(edge, *types))
    captured = [loop.held(e) for e in values[op.carried :]]
    rooms = [_room(ctx, loop, v, trips, values) for v in body.outputs[1 + op.carried :]]

    inner = ctx.inner("body")
    inputs = loop.formal(inner)
    number, _, going, *carried = inputs[: 3 + op.carried]
    known_as(carried, inside)
    found = inner.inline(body, [number, going, *carried, *(read(inputs, s) for s in captured)])
    changed = {0: inner.emit("ADD", number, inner.constant(1, DType.I64)), 2: inner.reshape(found[0], ())}
    changed |= {3 + k: e for k, e in enumerate(found[1 : 1 + op.carried])}
    for slot, element in zip(rooms, found[1 + op.carried :], strict=True):
        changed[slot] = put(inner, inputs[slot], element, inner.cast(number, DType.I32))
    close(inner, changed, inputs)
    made = run(ctx, loop, _goes_on(ctx, loop), inner)
    due = [r.tensor.dims[0] for r in ctx.node.results[op.carried :]]
    stacks = [
        made[slot] if isinstance(d, int) else _front(ctx, made[slot], made[0])
        for slot, d in zip(rooms, due, strict=True)
    ]
    return (*made[3 : 3 + op.carried], *stacks)


def _room(ctx: Context, loop: Loop, element: Value, trips: Edge | None, given: Sequence[Edge]) -> int:
    """Room for as many elements as there may be trips, and one at least: the body is prepared though none runs."""
    if trips is None or (trips.known is not None and trips.known[0] > MOST):
        raise NoKernel("how many results are stacked is known at its end alone")
    if trips.known is not None:
        return loop.slot(stack(ctx, element, trips.known[0], *given))
    count = ctx.emit("MAXIMUM", ctx.index(ctx.reshape(trips, (1,))), ctx.constant([1]))
    return loop.slot(stack(ctx, element, UNKNOWN, *given, count=count))


def _front(ctx: Context, room: Edge, count: Edge) -> Edge:
    """What was put into it."""
    rest = room.rank - 1
    size = ctx.reshape(ctx.index(count), (1,))
    if rest:
        size = ctx.emit("CONCATENATION", size, ctx.constant([-1] * rest), shape=(room.rank,), axis=0)
    return ctx.emit("SLICE", room, ctx.constant([0] * room.rank), size, shape=(UNKNOWN, *room.shape[1:]))


def _goes_on(ctx: Context, loop: Loop) -> Context:
    """Whether there is another trip."""
    inner = ctx.inner("cond")
    number, last, more, *_ = loop.formal(inner)
    inner.graph.outputs = [inner.emit("LOGICAL_AND", more, inner.emit("LESS", number, last))]
    return inner


@TABLE.lower(Scan)
def scan(op: Scan, ctx: Context, *values: Edge, body: Graph) -> Any:
    """A loop over the places of the sequences; results are put into tensors, of which the axis is moved at last."""
    n, m = op.states, op.scanned
    sequences, axes = values[n : n + m], [a % e.rank for a, e in zip(op.axes, values[n : n + m], strict=True)]
    length = sequences[0].shape[axes[0]]
    if length == 0:
        empty = [stack(ctx, v, 0, *values) for v in body.outputs[n:]]
        return (*values[:n], *(_placed(ctx, e, axis) for e, axis in zip(empty, op.out_axes, strict=True)))
    loop = Loop()
    loop.slot(ctx.constant(0))
    limit = scalar(ctx, length, sequences[0])
    last = loop.held(limit)
    for edge, *types in zip(values[:n], body.inputs[:n], body.outputs[:n], strict=True):
        loop.slot(edge, loose(edge, *types))
    first = len(loop.before) - n
    held = [loop.held(e) for e in values[n:]]
    rooms = [_room(ctx, loop, v, limit, values) for v in body.outputs[n:]]

    inner = ctx.inner("body")
    inputs = loop.formal(inner)
    known_as(inputs[first : first + n], body.inputs[:n])
    end = read(inputs, last)
    at = {False: inputs[0], True: inputs[0]}
    if any((*op.reverse, *op.out_reverse)):
        at[True] = inner.emit("SUB", inner.emit("SUB", end, inner.constant(1)), inputs[0])
    cut = [
        _slice(inner, read(inputs, s), at[back], a) for s, a, back in zip(held[:m], axes, op.reverse, strict=True)
    ]  # fmt: skip
    found = inner.inline(body, [*inputs[first : first + n], *cut, *(read(inputs, s) for s in held[m:])])
    changed = {0: inner.emit("ADD", inputs[0], inner.constant(1))}
    changed |= {first + k: e for k, e in enumerate(found[:n])}
    for slot, element, back in zip(rooms, found[n:], op.out_reverse, strict=True):
        changed[slot] = put(inner, inputs[slot], element, at[back])
    close(inner, changed, inputs)

    cond = ctx.inner("cond")
    formal = loop.formal(cond)
    cond.graph.outputs = [cond.emit("LESS", formal[0], read(formal, last))]
    made = run(ctx, loop, cond, inner)
    whole = [made[slot] if isinstance(length, int) else _front(ctx, made[slot], made[0]) for slot in rooms]
    stacks = [_placed(ctx, e, axis) for e, axis in zip(whole, op.out_axes, strict=True)]
    return (*made[first : first + n], *stacks)


def _slice(inner: Context, x: Edge, at: Edge, axis: int) -> Edge:
    shape = tuple(d for i, d in enumerate(x.shape) if i != axis)
    return inner.emit("GATHER", x, at, shape=shape, axis=axis, batch_dims=0)


def _placed(ctx: Context, x: Edge, axis: int) -> Edge:
    """The first axis put in the place of ``axis``."""
    order = list(range(1, x.rank))
    order.insert(axis % x.rank, 0)
    return ctx.transpose(x, order)


@TABLE.lower(Call)
def call(op: Call, ctx: Context, *values: Edge, body: Graph) -> Any:
    """The body is placed where it is called."""
    return ctx.inline(body, values)
