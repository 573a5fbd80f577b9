"""If, Loop, Scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from interlingua.errors import ConstraintError, InvalidModel
from interlingua.frontends.onnx.joins import bring_outputs, brought, common, widest
from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Value
from interlingua.ir.ops.control import Call, If, Scan, While, drop_axis
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.indexing import ReverseSequence
from interlingua.ir.ops.logic import Lt, Select
from interlingua.ir.types import Tensor, Type

TABLE = Table()


@TABLE.translate("If", 1, 11, 13, 16, 19, 21, 23, 24, 25)
def if_(n: OnnxNode, b: Builder) -> Sequence[Value]:
    """A condition that is known now (it follows from shapes, say) leaves one branch, in place."""
    known = n.constant(0)
    if known is not None and known.size == 1:
        return in_place(n, b, "then_branch" if bool(known.reshape(())) else "else_branch")
    then, first = n.region("then_branch", b)
    orelse, second = n.region("else_branch", b)
    given, other = then.signature.outputs, orelse.signature.outputs
    if len(given) != len(other):
        raise InvalidModel(f"the branches of If give {len(given)} and {len(other)} values")
    due = [common(p, q) for p, q in zip(given, other, strict=True)]
    captured = list(dict.fromkeys([*first, *second]))
    for region, own in ((then, first), (orelse, second)):
        _take(b, region, own, captured)
        bring_outputs(b, region, 0, due)
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


def in_place(n: OnnxNode, b: Builder, graph: str, *operands: Value) -> list[Value]:
    """The nodes of the graph attribute ``graph`` put here, its inputs being ``operands``; its outputs."""
    region, captured = n.region(graph, b, [v.type for v in operands])
    inputs = dict(zip(region.inputs, (*operands, *captured), strict=True))
    for node in region.nodes:
        b.rewriter.move_before(node, b.graph, b.before)
    for inside, outside in inputs.items():
        b.rewriter.replace(inside, outside)
    outputs = list(region.outputs)
    b.rewriter.set_outputs(region, ())
    return outputs


@dataclass(frozen=True)
class Body:
    """The body of a loop.

    Attributes:
        captured: what it takes from outside, beside its own inputs.
        carried: the types of the carried values, good for every trip.
        given: the types that the body itself gives them, not yet made optionals.
    """

    graph: Graph
    captured: list[Value]
    carried: list[Type]
    given: Sequence[Type]

    @classmethod
    def translate(
        cls,
        n: OnnxNode,
        b: Builder,
        head: Sequence[Type],
        initial: Sequence[Type],
        first: int,
        tail: Sequence[Type] = (),
    ) -> Body:
        """The body between inputs ``head`` and ``tail``, the carried values being its outputs from ``first`` on. Their
        types are widened until the body keeps them."""
        carried = [widest(t) for t in initial]
        while True:
            graph, captured = n.region("body", b, (*head, *carried, *tail))
            given = graph.signature.outputs[first : first + len(carried)]
            if len(given) != len(carried):
                raise InvalidModel(f"the body of {n.op} gives {len(given)} carried values, not {len(carried)}")
            wider = [_joined(n, c, g) for c, g in zip(carried, given, strict=True)]
            if wider == carried:  # unknown dims stay so: the body's own names of them are good for one trip alone
                bring_outputs(b, graph, first, carried)
                return cls(graph, captured, carried, given)
            carried = wider

    def enter(self, b: Builder, initial: Sequence[Value]) -> list[Value]:
        """The initial values as the body takes them."""
        return [brought(b, v, t) for v, t in zip(initial, self.carried, strict=True)]

    def leave(self, b: Builder, results: Sequence[Value]) -> list[Value]:
        """The results of the loop, the carried ones as the body gives them."""
        count = len(self.carried)
        last = [brought(b, v, t) for v, t in zip(results[:count], self.given, strict=True)]
        return [*last, *results[count:]]


def _joined(n: OnnxNode, before: Type, after: Type) -> Type:
    try:
        return common(before, after)
    except ConstraintError:
        n.unsupported(f"a carried value goes in as {before} and comes out as {after}")


@TABLE.translate("Loop", 1, 11, 13, 16, 19, 21, 23, 24, 25)
def loop(n: OnnxNode, b: Builder) -> Sequence[Value]:
    trips, cond, initial = n.get(0), n.get(1), [n[i] for i in range(2, len(n))]
    head = (Tensor(DType.I64, ()), Tensor(DType.BOOL, ()).with_elements(1))  # there is no trip where it is false
    body = Body.translate(n, b, head, [v.type for v in initial], 1)
    op = While(len(initial), len(body.graph.outputs) - 1 - len(initial))
    operands = (trips, cond, *body.enter(b, initial), *body.captured)
    return body.leave(b, b.add_all(op, *operands, regions=(body.graph,)))


@TABLE.translate("Scan", 9, 11, 16, 19, 21, 23, 24, 25)
def scan(n: OnnxNode, b: Builder) -> Sequence[Value]:
    operands = [n[i] for i in range(len(n))]
    states, scanned = _split(n, operands)
    axes = tuple(n.attr("scan_input_axes", (0,) * len(scanned)))
    slices = [drop_axis(v.tensor, axis) for v, axis in zip(scanned, axes, strict=True)]
    body = Body.translate(n, b, (), [v.type for v in states], 0, slices)
    outs = len(body.graph.outputs) - len(states)
    op = Scan(
        len(states),
        len(scanned),
        axes,
        _flags(n, "scan_input_directions", len(scanned)),
        tuple(n.attr("scan_output_axes", (0,) * outs)),
        _flags(n, "scan_output_directions", outs),
    )
    operands = [*body.enter(b, states), *scanned, *body.captured]
    return body.leave(b, b.add_all(op, *operands, regions=(body.graph,)))


def _split(n: OnnxNode, operands: list[Value]) -> tuple[list[Value], list[Value]]:
    """States and what is scanned."""
    scanned = n.required("num_scan_inputs")
    if not 1 <= scanned <= len(operands):
        raise InvalidModel(f"Scan has {len(operands)} inputs and num_scan_inputs {scanned}")
    return operands[:-scanned], operands[-scanned:]


def _flags(n: OnnxNode, name: str, count: int) -> tuple[bool, ...]:
    return tuple(bool(d) for d in n.attr(name, (0,) * count))


@TABLE.translate("Scan", 8)
def scan_examples(n: OnnxNode, b: Builder) -> Sequence[Value]:
    """A scan over the examples (axis 0), and in it one over the steps (axis 1) of each.

    An example with a length stops there, and what it gives is zero behind it. In reverse it starts at its last step,
    not in the padding. ONNX calls the former undefined and does not say the latter; ONNX Runtime does both.
    """
    states, scanned = _split(n, [n[i] for i in range(1, len(n))])
    lengths, reverse = n.get(0), _flags(n, "directions", len(scanned))
    if lengths is not None:
        turn = ReverseSequence(batch_axis=0, time_axis=1)
        scanned = [b(turn, v, lengths) if back else v for v, back in zip(scanned, reverse, strict=True)]
        reverse = (False,) * len(scanned)
    first, later = ([drop_axis(v.tensor, 0) for v in values] for values in (states, scanned))
    body = Body.translate(n, b, (), first, 0, [drop_axis(t, 0) for t in later])
    example = b.region("example")
    count, outs = len(states), len(body.graph.outputs) - len(states)
    values = [example.input(t) for t in (*first, *later)]
    limit = [] if lengths is None else [example.input(drop_axis(lengths.tensor, 0))]
    held = [example.input(v.type) for v in body.captured]
    region, steps = body.graph, values[count:]
    if limit:
        steps = [*steps, Expr(example, steps[0]).dim(0).steps().value]
        region = _until(example, body.graph, values[:count], steps, held)
    inner = Scan(
        count, len(steps), (0,) * len(steps), (*reverse, *([False] * len(limit))), (0,) * outs, (False,) * outs
    )
    found = example.add_all(inner, *values[:count], *steps, *held, *limit, regions=(region,))
    given = len(values) + len(limit)
    outer = Scan(0, given, (0,) * given, (False,) * given, (0,) * len(found), (False,) * len(found))
    operands = [*states, *scanned, *([] if lengths is None else [lengths]), *body.captured]
    return b.add_all(outer, *operands, regions=(example.outputs(found),))


def _until(b: Builder, body: Graph, states: list[Value], steps: list[Value], held: list[Value]) -> Graph:
    """``body`` in a region that takes the index of the step after the slices and the number of steps last: from that on
    it keeps the states and gives zeros."""
    inner = b.region("until")
    before = [inner.input(v.type) for v in states]
    *slices, index = (inner.input(drop_axis(v.tensor, 0)) for v in steps)
    captured = [inner.input(v.type) for v in held]
    limit = inner.input(Tensor(DType.I64, ()))
    found = inner.add_all(Call(callee="body"), *before, *slices, *captured, regions=(body,))
    live = inner(Lt(), index, limit)
    zeros = [inner.constant(np.zeros((), v.tensor.dtype.numpy)) for v in found[len(before) :]]
    kept = zip(found, (*before, *zeros), strict=True)
    return inner.outputs([inner(Select(), live, new, old) for new, old in kept])
