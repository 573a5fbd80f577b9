"""Copies of modules: nodes are new, ops, types and weights are shared."""

from __future__ import annotations

from interlingua.ir.graph import Graph, Module, Value
from interlingua.ir.rewriter import Rewriter


def clone_module(module: Module) -> Module:
    """A module that can be changed without changing ``module``."""
    rewriter = Rewriter()
    functions = {name: clone_graph(graph, rewriter) for name, graph in module.functions.items()}
    return Module(functions, list(module.inputs), list(module.outputs), dict(module.metadata))


def clone_graph(graph: Graph, rewriter: Rewriter) -> Graph:
    """A copy of ``graph``, regions included."""
    copy = Graph(graph.name)
    values: dict[Value, Value] = {v: rewriter.add_input(copy, v.type, v.name) for v in graph.inputs}
    for node in graph.nodes:
        operands = [None if o is None else values[o] for o in node.operands]
        regions = [clone_graph(region, rewriter) for region in node.regions]
        types, names = [r.type for r in node.results], [r.name for r in node.results]
        made = rewriter.create(node.op, operands, types, regions, names)
        made.origin, made.scope = node.origin, node.scope
        rewriter.insert(made, copy)
        values.update(zip(node.results, made.results, strict=True))
    rewriter.set_outputs(copy, [values[v] for v in graph.outputs], graph.output_names)
    return copy
