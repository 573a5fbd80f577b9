"""IR graphs into subgraphs, and those into a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from interlingua import __version__
from interlingua.backends.litert.channels import Turned, to_first, to_last
from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge, Subgraph
from interlingua.backends.litert.kernels import NoKernel, empty, kernels
from interlingua.backends.litert.narrow import store_narrow
from interlingua.backends.litert.target import LiteRtTarget
from interlingua.backends.litert.writer import Model, write
from interlingua.backends.lowering import Lowerings
from interlingua.backends.names import Names
from interlingua.errors import UsageError
from interlingua.ir.graph import Graph, Module, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor


def emit(module: Module, path: Path, target: LiteRtTarget, lowerings: Lowerings) -> None:
    """Write the model at ``path``."""
    graph = Subgraph("main")
    context = Context(lowerings, target, graph)
    context.names.taken.update((*module.input_names, *module.output_names))
    turned = Turned.of(module, target)
    for name, value in zip(module.input_names, module.main.inputs, strict=True):
        edge = edge_of(value, Names(), name)
        if name in turned.inputs:
            edge.shape = (edge.shape[0], *edge.shape[2:], edge.shape[1])
        graph.inputs.append(edge)
        context.edges[value] = to_first(context, edge) if name in turned.inputs else edge
    emit_nodes(module.main, context)
    last = [name in turned.outputs for name in module.output_names]
    finish(graph, module.main, context, last)
    for edge, name in zip(graph.outputs, module.output_names, strict=True):
        edge.name = name
    store_narrow(graph)
    metadata = {"interlingua": __version__.encode(), **turned.metadata}
    write(Model(graph, module.input_names, module.output_names, module.metadata.get("doc", ""), metadata), path)


def emit_region(graph: Graph, name: str, outer: Context) -> Subgraph:
    """A region as a subgraph with the same inputs and outputs."""
    made = Subgraph(name)
    context = Context(outer.lowerings, outer.target, made, outer)
    made.inputs = [edge_of(v, context.names) for v in graph.inputs]
    context.edges.update(zip(graph.inputs, made.inputs, strict=True))
    emit_nodes(graph, context)
    finish(made, graph, context)
    return made


def finish(made: Subgraph, graph: Graph, context: Context, last: Sequence[bool] = ()) -> None:
    """Set the outputs, each a tensor of its own: one that is an input, a constant or another output is copied.

    ``last`` is of which the channels are to come last."""
    for value, turned in zip(graph.outputs, last or [False] * len(graph.outputs), strict=True):
        edge = context.edge(value)
        edge = to_last(context, edge) if turned else edge
        if edge.producer is None or edge in made.outputs:
            edge = context.copy(edge)
            edge.shape = value.tensor.dims
        made.outputs.append(edge)
    made.prune()


def edge_of(value: Value, names: Names, name: str = "") -> Edge:
    """A tensor of the type of ``value``.

    Raises:
        NoKernel: LiteRT has no such tensors.
    """
    type_ = value.type
    if not isinstance(type_, Tensor):
        raise NoKernel("LiteRT has tensors alone, no sequences and no optional values")
    if type_.shape is None:
        raise NoKernel("a tensor has no known rank")
    if not kernels().holds(type_.dtype):
        raise NoKernel(f"LiteRT {kernels().runtime} computes nothing of {type_.dtype}")
    return Edge(name or names.fresh(value.name), type_.dtype, type_.shape)


def emit_nodes(graph: Graph, context: Context) -> None:
    """Lower every node in order."""
    for node in graph.nodes:
        if isinstance(node.op, Constant):
            continue  # where it is read
        try:
            read = () if empty(node) else node.operands
            operands = [None if o is None else context.edge(o) for o in read]
            made = context.lower(node, operands)
        except NoKernel as error:
            reason = f"{node.op.name} is not legal: {error}"
            raise UsageError(reason, where=node.place, hint="legalize the module first") from error
        for value, edge in zip(node.results, made, strict=True):
            context.edges[value] = edge
            if value.name and value.name not in context.names.taken and edge.producer is not None:
                context.names.taken.add(value.name)
                edge.name = value.name
