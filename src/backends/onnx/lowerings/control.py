"""If, Loop, Scan. Captured values are known to ONNX's inner graphs by name, so they are no inputs there."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings
from interlingua.backends.onnx.context import Context
from interlingua.ir.graph import Graph, Node
from interlingua.ir.ops.control import Call, If, Scan, While

TABLE = Lowerings()


@TABLE.lower(If)
def if_(op: If, ctx: Context, cond: Any, *captured: Any, then: Graph, orelse: Graph) -> Any:
    branches = {"then_branch": ctx.region(then, captured), "else_branch": ctx.region(orelse, captured)}
    return ctx.emit("If", cond, outputs=len(then.outputs), **branches)


@TABLE.lower(While)
def while_(op: While, ctx: Context, trips: Any = None, cond: Any = None, *values: Any, body: Graph) -> Any:
    inner = ctx.region(body, values[op.carried :], 2 + op.carried)
    outputs = op.carried + op.stacked
    return ctx.emit("Loop", trips, cond, *values[: op.carried], outputs=outputs, body=inner)


def _turns(node: Node, _: Any) -> bool:
    """Whether nothing that is scanned is known to be empty: ONNX Runtime then fails."""
    op = node.op
    assert isinstance(op, Scan)
    scanned = node.operands[op.states : op.states + op.scanned]
    shapes = [v.tensor.shape for v in scanned if v is not None]
    return all(s is None or s[axis] != 0 for s, axis in zip(shapes, op.axes, strict=True))


@TABLE.lower(Scan, when=[Condition("what is scanned is empty", _turns)])
def scan(op: Scan, ctx: Context, *values: Any, body: Graph) -> Any:
    given = op.states + op.scanned
    return ctx.emit(
        "Scan",
        *values[:given],
        outputs=len(body.outputs),
        body=ctx.region(body, values[given:], given),
        num_scan_inputs=op.scanned,
        scan_input_axes=op.axes,
        scan_input_directions=tuple(int(r) for r in op.reverse),
        scan_output_axes=op.out_axes or None,
        scan_output_directions=tuple(int(r) for r in op.out_reverse) or None,
    )


@TABLE.lower(Call)
def call(op: Call, ctx: Context, *values: Any, body: Graph) -> Any:
    """ONNX has functions, but no runtime gains by them: the body is placed where it is called."""
    return ctx.inline(body, values)
