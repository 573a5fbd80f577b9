"""If, While, Call. LiteRT's inner subgraphs take what they read as inputs, as the regions of the IR do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge, Subgraph
from interlingua.backends.lowering import Condition, Lowerings
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph
from interlingua.ir.ops.control import Call, If, While
from interlingua.ir.types import join

TABLE = Lowerings()


@TABLE.lower(If)
def if_(op: If, ctx: Context, cond: Edge, *captured: Edge, then: Graph, orelse: Graph) -> Any:
    branches = {"then_subgraph_index": ctx.region(then, "then"), "else_subgraph_index": ctx.region(orelse, "else")}
    results = [r.tensor for r in ctx.node.results]
    operands = [ctx.reshape(cond, ()), *captured]
    return tuple(ctx.add("IF", 1, operands, [t.dtype for t in results], [t.dims for t in results], branches))


UNSTACKED = Condition("it stacks results", lambda node, _: node.op.attributes()["stacked"] == 0)


@TABLE.lower(While, when=[UNSTACKED])
def while_(op: While, ctx: Context, trips: Edge | None, cond: Edge | None, *values: Edge, body: Graph) -> Any:
    """The state of the loop: the number of the trip, that of the last, the condition, what is carried, and what the
    body captures, which goes through unchanged."""
    last = ctx.constant(2**63 - 1, DType.I64) if trips is None else ctx.cast(ctx.reshape(trips, ()), DType.I64)
    more = ctx.constant(True, DType.BOOL) if cond is None else ctx.reshape(cond, ())
    state = [ctx.constant(0, DType.I64), last, more, *values]
    options = {"cond_subgraph_index": _goes_on(ctx, state), "body_subgraph_index": _turn(ctx, op, state, body)}
    shapes = [e.shape for e in state]
    for i, result in enumerate(ctx.node.results):
        shapes[3 + i] = result.tensor.dims
    made = ctx.add("WHILE", 1, state, [e.dtype for e in state], shapes, options)
    return tuple(made[3 : 3 + op.carried])


def _formal(inner: Context, state: Sequence[Edge]) -> list[Edge]:
    """Inputs of a subgraph of the loop, of the types of its state."""
    inner.graph.inputs = [Edge(inner.names.fresh("state"), e.dtype, e.shape) for e in state]
    return inner.graph.inputs


def _goes_on(ctx: Context, state: Sequence[Edge]) -> Subgraph:
    """Whether there is another trip."""
    inner = ctx.inner("cond")
    number, last, more, *_ = _formal(inner, state)
    inner.graph.outputs = [inner.emit("LOGICAL_AND", more, inner.emit("LESS", number, last))]
    return inner.graph


def _turn(ctx: Context, op: While, state: Sequence[Edge], body: Graph) -> Subgraph:
    """One trip: the state after it."""
    inner = ctx.inner("body")
    loose = [*state[:3], *(_joined(e, v.tensor, b.tensor) for e, v, b in _carried(op, state, body))]
    number, last, more, *values = _formal(inner, [*loose, *state[3 + op.carried :]])
    found = inner.inline(body, [number, more, *values])
    after = [inner.emit("ADD", number, inner.constant(1, DType.I64)), last, inner.reshape(found[0], ()), *found[1:]]
    made: list[Edge] = []
    for edge in (*after, *values[op.carried :]):
        made.append(inner.copy(edge) if edge.producer is None or edge in made else edge)
    inner.graph.outputs = made
    return inner.graph


def _carried(op: While, state: Sequence[Edge], body: Graph) -> Any:
    """What is carried, as the body takes it and as it gives it."""
    inside, after = body.inputs[2 : 2 + op.carried], body.outputs[1 : 1 + op.carried]
    return zip(state[3 : 3 + op.carried], inside, after, strict=True)


def _joined(edge: Edge, *types: Any) -> Edge:
    """A tensor of what is common to the extents before a trip and after it."""
    found = types[0]
    for type_ in types[1:]:
        found = join(found, type_)
    return Edge(edge.name, edge.dtype, edge.shape if found.shape is None else found.shape)


@TABLE.lower(Call)
def call(op: Call, ctx: Context, *values: Edge, body: Graph) -> Any:
    """The body is placed where it is called."""
    return ctx.inline(body, values)
