"""If, While, Call. LiteRT's inner subgraphs take what they read as inputs, as the regions of the IR do."""

from __future__ import annotations

from typing import Any

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.lowerings.loops import Loop, close, front, known_as, loose, put, read, room, run, stack
from interlingua.backends.lowering import Lowerings
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph
from interlingua.ir.ops.control import Call, If, While

TABLE = Lowerings()


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
    rooms = [room(ctx, loop, v, trips, values) for v in body.outputs[1 + op.carried :]]

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
        made[slot] if isinstance(d, int) else front(ctx, made[slot], made[0])
        for slot, d in zip(rooms, due, strict=True)
    ]
    return (*made[3 : 3 + op.carried], *stacks)


def _goes_on(ctx: Context, loop: Loop) -> Context:
    """Whether there is another trip."""
    inner = ctx.inner("cond")
    number, last, more, *_ = loop.formal(inner)
    inner.graph.outputs = [inner.emit("LOGICAL_AND", more, inner.emit("LESS", number, last))]
    return inner


@TABLE.lower(Call)
def call(op: Call, ctx: Context, *values: Edge, body: Graph) -> Any:
    """The body is placed where it is called."""
    return ctx.inline(body, values)
