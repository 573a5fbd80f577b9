"""A part of a graph as a module of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from interlingua.ir.clone import clone_graph
from interlingua.ir.graph import Graph, Module, Node, Port, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import Tensor, Type
from interlingua.ir.weights import ArrayWeight


def extract(
    module: Module,
    outputs: Sequence[Value],
    inputs: Sequence[Value] = (),
    *,
    constants: Mapping[Value, Any] | None = None,
) -> Module:
    """The module that computes ``outputs`` from ``inputs``: nodes and types as they are, ``module`` untouched.

    Its inputs are ``inputs``, in order and each of them, then the inputs of the graph that are reached without passing
    through one of ``inputs``. Names of the interface are those of the values; inputs and outputs share none, since
    formats such as ONNX have one space of names for both.

    Args:
        module: where all these values are; the values of one graph, be it ``main`` or a region.
        outputs: at least one.
        inputs: values that are given from outside, whatever computes them.
        constants: values that become constants, with their arrays.
    """
    graph = graph_of(outputs[0])
    fixed = {} if constants is None else constants
    nodes, reached = _needed(graph, outputs, {*inputs, *fixed})
    made = Graph("main")
    rewriter, mapping = Rewriter(), dict[Value, Value]()
    fed = [*dict.fromkeys(inputs), *(v for v in graph.inputs if v in reached and v not in inputs)]
    every = unique([v.name for v in (*fed, *outputs)])
    names, ends = every[: len(fed)], every[len(fed) :]
    for value, name in zip(fed, names, strict=True):
        mapping[value] = rewriter.add_input(made, value.type, name)
    for value, array in fixed.items():
        if value in reached:
            mapping[value] = _constant(value, array, made, rewriter)
    for node in nodes:
        _copy(node, made, mapping, rewriter)
    rewriter.set_outputs(made, [mapping[v] for v in outputs], ends)
    ports = dict(zip(module.main.inputs, module.inputs, strict=True))
    entries = [_port(name, v.type, ports.get(v)) for name, v in zip(names, fed, strict=True)]
    return Module({"main": made}, entries, [port_of(n, v.type) for n, v in zip(ends, outputs, strict=True)])


def graph_of(value: Value) -> Graph:
    """The graph that a value is in."""
    graph = value.owner.graph if isinstance(value.owner, Node) else value.owner
    if graph is None:
        raise ValueError(f"{value!r} is in no graph")
    return graph


def unique(names: Sequence[str], default: str = "v") -> list[str]:
    """The names, numbered where one is empty or comes again."""
    taken = {n for n in names if n}
    seen: set[str] = set()
    found = []
    for name in names:
        made, count = name, 0
        while not made or made in seen or (made != name and made in taken):
            made, count = f"{name or default}_{count}", count + 1
        seen.add(made)
        found.append(made)
    return found


def port_of(name: str, type_: Type) -> Port:
    """The port of a value of this type: integers as they are, every other dim anonymous."""
    if not isinstance(type_, Tensor) or type_.shape is None:
        return Port(name, None)
    return Port(name, tuple(d if isinstance(d, int) else None for d in type_.shape))


def _port(name: str, type_: Type, declared: Port | None) -> Port:
    if declared is None or declared.name != name:
        return port_of(name, type_)
    return Port(name, declared.dims, declared.default, declared.doc)


def _needed(graph: Graph, outputs: Sequence[Value], given: set[Value]) -> tuple[list[Node], set[Value]]:
    """The nodes that compute the outputs, in order, and every value that they and the outputs read."""
    reached = set(outputs)
    nodes = []
    for node in graph.reversed_nodes:
        if any(r in reached and r not in given for r in node.results):
            nodes.append(node)
            reached.update(o for o in node.operands if o is not None)
    return nodes[::-1], reached


def _constant(value: Value, array: Any, graph: Graph, rewriter: Rewriter) -> Value:
    op = Constant(ArrayWeight(array))
    node = rewriter.create(op, (), (op.infer(),), names=(value.name,))
    rewriter.insert(node, graph)
    return node.result


def _copy(node: Node, graph: Graph, mapping: dict[Value, Value], rewriter: Rewriter) -> None:
    regions = [clone_graph(region, rewriter) for region in node.regions]
    operands = [None if o is None else mapping[o] for o in node.operands]
    made = rewriter.create(node.op, operands, [r.type for r in node.results], regions, [r.name for r in node.results])
    made.origin, made.scope = node.origin, node.scope
    rewriter.insert(made, graph)
    for old, new in zip(node.results, made.results, strict=True):
        mapping.setdefault(old, new)  # what is given from outside stays so, beside other results of its node


def side_by_side(modules: Sequence[Module]) -> Module:
    """One module of many that know nothing of each other; the names of number ``k`` begin with ``k.``."""
    made = Module({"main": Graph("main")})
    rewriter = Rewriter()
    outputs: list[Value] = []
    for k, module in enumerate(modules):
        main = module.main
        mapping = {v: rewriter.add_input(made.main, v.type, f"{k}.{v.name}") for v in main.inputs}
        for node in main.nodes:
            _copy(node, made.main, mapping, rewriter)
        outputs += [mapping[v] for v in main.outputs]
        made.inputs += [replace(port, name=f"{k}.{port.name}") for port in module.inputs]
        made.outputs += [replace(port, name=f"{k}.{port.name}") for port in module.outputs]
    rewriter.set_outputs(made.main, outputs, made.output_names)
    return made
