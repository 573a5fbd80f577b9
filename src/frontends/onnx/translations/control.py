"""If, Loop, Scan."""

from __future__ import annotations

from collections.abc import Sequence

from interlingua.errors import ConstraintError, InvalidModel
from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Value
from interlingua.ir.ops.control import If, Scan, While, drop_axis
from interlingua.ir.types import Tensor, Type, join

TABLE = Table()


@TABLE.translate("If", 1, 11, 13, 16, 19, 21, 23, 24, 25)
def if_(n: OnnxNode, b: Builder) -> Sequence[Value]:
    """A condition that is known now (it follows from shapes, say) leaves one branch, in place."""
    known = n.constant(0)
    if known is not None and known.size == 1:
        return _in_place(n, b, "then_branch" if bool(known.reshape(())) else "else_branch")
    then, first = n.region("then_branch", b)
    orelse, second = n.region("else_branch", b)
    captured = list(dict.fromkeys([*first, *second]))
    for region, own in ((then, first), (orelse, second)):
        _take(b, region, own, captured)
    return b.add_all(If(), n[0], *captured, regions=(then, orelse))


def _take(b: Builder, region: Graph, own: list[Value], captured: list[Value]) -> None:
    """Give ``region``, whose inputs are ``own``, the inputs ``captured``, of which ``own`` is a part, in their
    order."""
    inputs = dict(zip(own, region.inputs, strict=True))
    region.inputs.clear()
    for value in captured:
        inside = inputs.get(value)
        if inside is None:
            b.rewriter.add_input(region, value.type, value.name)
        else:
            inside.index = len(region.inputs)
            region.inputs.append(inside)


def _in_place(n: OnnxNode, b: Builder, branch: str) -> list[Value]:
    region, captured = n.region(branch, b)
    inputs = dict(zip(region.inputs, captured, strict=True))
    for node in region.nodes:
        b.rewriter.move_before(node, b.graph, b.before)
    for inside, outside in inputs.items():
        b.rewriter.replace(inside, outside)
    outputs = list(region.outputs)
    b.rewriter.set_outputs(region, ())
    return outputs


@TABLE.translate("Loop", 1, 11, 13, 16, 19, 21, 23, 24, 25)
def loop(n: OnnxNode, b: Builder) -> Sequence[Value]:
    trips, cond, initial = n.get(0), n.get(1), [n[i] for i in range(2, len(n))]
    head = (Tensor(DType.I64, ()), Tensor(DType.BOOL, ()))
    body, captured = _fixed_point(n, b, head, [_forget(v.type) for v in initial], 1)
    stacked = len(body.outputs) - 1 - len(initial)
    return b.add_all(While(len(initial), stacked), trips, cond, *initial, *captured, regions=(body,))


@TABLE.translate("Scan", 9, 11, 16, 19, 21, 23, 24, 25)
def scan(n: OnnxNode, b: Builder) -> Sequence[Value]:
    scanned = n.required("num_scan_inputs")
    states = len(n) - scanned
    if states < 0 or scanned < 1:
        raise InvalidModel(f"Scan has {len(n)} inputs and num_scan_inputs {scanned}")
    initial, sequences = [n[i] for i in range(states)], [n.tensor(i) for i in range(states, len(n))]
    axes = tuple(_axis(n, a, t) for a, t in zip(n.attr("scan_input_axes", (0,) * scanned), sequences, strict=True))
    slices = [drop_axis(t, a) for t, a in zip(sequences, axes, strict=True)]
    body, captured = _fixed_point(n, b, (), [_forget(v.type) for v in initial], 0, slices)
    outs = len(body.outputs) - states
    op = Scan(
        states,
        scanned,
        axes,
        tuple(bool(d) for d in n.attr("scan_input_directions", (0,) * scanned)),
        tuple(n.attr("scan_output_axes", (0,) * outs)),
        tuple(bool(d) for d in n.attr("scan_output_directions", (0,) * outs)),
    )
    return b.add_all(op, *initial, *(n[i] for i in range(states, len(n))), *captured, regions=(body,))


def _axis(n: OnnxNode, axis: int, t: Tensor) -> int:
    if axis >= 0:
        return axis
    if t.shape is None:
        n.unsupported("a negative scan axis of a sequence of unknown rank")
    return axis + t.rank


def _forget(type_: Type) -> Type:
    return type_.with_elements(None) if isinstance(type_, Tensor) else type_


def _fixed_point(
    n: OnnxNode, b: Builder, head: tuple[Type, ...], carried: list[Type], skip: int, tail: Sequence[Type] = ()
) -> tuple[Graph, list[Value]]:
    """The body, with types of the carried values that hold on every trip: widened until the body keeps them."""
    while True:
        body, captured = n.region("body", b, (*head, *carried, *tail))
        after = body.signature.outputs[skip : skip + len(carried)]
        if len(after) != len(carried):
            raise InvalidModel(f"the body of {n.op} gives {len(after)} carried values, not {len(carried)}")
        wider = [_join(n, c, a) for c, a in zip(carried, after, strict=True)]
        if wider == carried:  # unknown dims stay so: the body's own names of them are good for one trip alone
            return body, captured
        carried = wider


def _join(n: OnnxNode, before: Type, after: Type) -> Type:
    try:
        return join(before, after)
    except ConstraintError:
        n.unsupported(f"a carried value goes in as {before} and comes out as {after}")
