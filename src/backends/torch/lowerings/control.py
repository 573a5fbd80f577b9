"""Branches and loops, as Python has them."""

from __future__ import annotations

from interlingua.backends.lowering import Lowerings
from interlingua.backends.torch.context import Context
from interlingua.backends.torch.functional import control
from interlingua.ir.graph import Graph
from interlingua.ir.ops.control import Call, If, Scan, While

TABLE = Lowerings()


@TABLE.lower(If)
def if_(op: If, ctx: Context, cond: str, *captured: str, then: Graph, orelse: Graph) -> str:
    yes, no = ctx.region(then, "then"), ctx.region(orelse, "otherwise")
    return f"({yes} if {cond} else {no})({', '.join(captured)})"


@TABLE.lower(While)
def while_(op: While, ctx: Context, trips: str, cond: str, *values: str, body: Graph) -> str:
    carried, captured = values[: op.carried], values[op.carried :]
    empty = [f"({ctx.dims(op.carried + i)}, {ctx.dtype(ctx.result(op.carried + i).dtype)})" for i in range(op.stacked)]
    lists = [f"[{', '.join(each)}]" for each in (carried, captured, empty)]
    step = ctx.region(body, "body", packed=True)
    found = ctx.call(control.while_loop, [trips, cond, *lists[:2]], None, {"body": step, "stacks": lists[2]})
    return f"{found}[0]" if op.carried + op.stacked == 1 else found


@TABLE.lower(Scan)
def scan(op: Scan, ctx: Context, *values: str, body: Graph) -> str:
    states, sequences = values[: op.states], values[op.states : op.states + op.scanned]
    results = range(op.states, len(ctx.node.results))
    empty = [
        f"({ctx.dims(i)}, {ctx.dtype(ctx.result(i).dtype)}, {axis}, {back})"
        for i, axis, back in zip(results, op.out_axes, op.out_reverse, strict=True)
    ]
    lists = [f"[{', '.join(each)}]" for each in (states, sequences, values[op.states + op.scanned :], empty)]
    step = ctx.region(body, "step", packed=True)
    attributes = {"dims": op.axes, "backwards": op.reverse}
    found = ctx.call(control.scan, lists[:3], attributes, {"body": step, "stacks": lists[3]})
    return f"{found}[0]" if len(ctx.node.results) == 1 else found


@TABLE.lower(Call)
def call(op: Call, ctx: Context, *values: str, body: Graph) -> str:
    return f"{ctx.region(body, op.callee)}({', '.join(values)})"
