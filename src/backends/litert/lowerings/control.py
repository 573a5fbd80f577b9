"""If, While, Call. LiteRT's inner subgraphs take what they read as inputs, as the regions of the IR do."""

from __future__ import annotations

from typing import Any

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.lowering import Lowerings
from interlingua.ir.graph import Graph
from interlingua.ir.ops.control import Call, If

TABLE = Lowerings()


@TABLE.lower(If)
def if_(op: If, ctx: Context, cond: Edge, *captured: Edge, then: Graph, orelse: Graph) -> Any:
    branches = {
        "then_subgraph_index": ctx.region(then, "then"),
        "else_subgraph_index": ctx.region(orelse, "else"),
    }
    results = [r.tensor for r in ctx.node.results]
    flag = cond if cond.rank == 0 else ctx.reshape(cond, ())
    return tuple(
        ctx.add("IF", 1, [flag, *captured], [t.dtype for t in results], [t.dims for t in results], branches)
    )


@TABLE.lower(Call)
def call(op: Call, ctx: Context, *values: Edge, body: Graph) -> Any:
    """The body is placed where it is called."""
    return ctx.inline(body, values)
