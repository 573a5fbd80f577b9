"""IR graphs into ONNX graphs, weights into initializers, all of it into a file."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import onnx
import onnx_graphsurgeon as gs

from interlingua.backends.lowering import Lowerings
from interlingua.backends.names import Names
from interlingua.backends.onnx.context import Context, OnnxTarget, Weights
from interlingua.backends.onnx.kernels import NoKernel
from interlingua.backends.onnx.signature import written
from interlingua.backends.onnx.spelling import Page, Shape, respell
from interlingua.backends.onnx.writing import write_model
from interlingua.errors import UsageError
from interlingua.formats.onnx import BY_DTYPE, IR_VERSION, OPSET
from interlingua.ir.dims import Dim
from interlingua.ir.graph import Graph, Module, Port, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Optional, Tensor, Type
from interlingua.ir.types import Sequence as SequenceType


class Emitter:
    """Emits one module."""

    def __init__(self, lowerings: Lowerings, target: OnnxTarget) -> None:
        self.lowerings = lowerings
        self.target = target

    def emit(self, module: Module, path: Path) -> None:
        """Write the model at ``path``; large weights into ``path`` + ``.data`` beside it."""
        names = Names({p.name for p in (*module.inputs, *module.outputs)})
        weights = Weights()
        context = Context(self.lowerings, self.target, names, weights)
        graph = emit_main(module, context)
        if self.target.spelling is not None:
            respell(_page(graph, context, self.target.spelling))
        proto = gs.export_onnx(graph, do_type_check=False)
        self._interface(proto.graph, module)
        self._describe(proto, module)
        defaults = {p.name: p.default for p in module.inputs if p.default is not None}
        read = {tensor.name for node in graph.nodes for tensor in _inputs_of(node)}
        constants = {name: weight for name, weight in weights.by_name.items() if name in read}
        write_model(proto, {**defaults, **constants}, path)

    def _interface(self, proto: Any, module: Module) -> None:
        for infos, ports, values in (
            (proto.input, module.inputs, module.main.inputs),
            (proto.output, module.outputs, module.main.outputs),
        ):
            del infos[:]
            for port, value in zip(ports, values, strict=True):
                info = infos.add(name=port.name, doc_string=port.doc)
                fill_type(info.type, value.type, port)

    def _describe(self, proto: Any, module: Module) -> None:
        proto.ir_version = self.target.ir_version
        proto.producer_name = "interlingua"
        proto.graph.name = module.metadata.get("graph", "main")
        proto.doc_string = module.metadata.get("doc", "")
        for key, value in module.metadata.items():
            if key.startswith("onnx.") and key not in (OPSET, IR_VERSION):
                proto.metadata_props.add(key=key.removeprefix("onnx."), value=value)


def _page(graph: Any, context: Context, seed: int) -> Page:
    """What :func:`respell` works on."""
    shapes: dict[str, Shape] = {}
    types: dict[str, str] = {}
    for value, tensor in context.tensors.items():
        types[tensor.name] = written(value.type)
        if isinstance(value.type, Tensor) and value.type.shape is not None:
            shapes[tensor.name] = tuple(d if isinstance(d, int) else None for d in value.type.shape)
    return Page(
        graph, shapes, types, context.weights.by_name, context.opset, random.Random(seed), context.target.cautious
    )


def emit_main(module: Module, context: Context) -> Any:
    """The main graph: its inputs and outputs bear the names of the interface."""
    inputs = [
        context.types.set(gs.Variable(p.name), written(v.type))
        for p, v in zip(module.inputs, module.main.inputs, strict=True)
    ]
    context.tensors.update(zip(module.main.inputs, inputs, strict=True))
    emit_nodes(module.main, context)
    outputs = []
    given: set[str] = set()
    for port, value in zip(module.outputs, module.main.outputs, strict=True):
        outputs.append(_named_output(context, value, port.name, given))
        given.add(port.name)
    context.nodes[:] = _read(context.nodes, outputs)
    domains = sorted({n.domain for n in context.nodes if n.domain})
    imports = [onnx.helper.make_opsetid("", context.opset), *(onnx.helper.make_opsetid(d, 1) for d in domains)]
    return gs.Graph(context.nodes, inputs, outputs, name="main", opset=context.opset, import_domains=imports)


def _read(nodes: list[Any], outputs: list[Any]) -> list[Any]:
    """The nodes that the outputs need: a lowering may do without an operand, such as a shape that ONNX can copy."""
    read = {id(t) for t in outputs}
    kept = []
    for node in reversed(nodes):
        if any(id(t) in read for t in node.outputs):
            kept.append(node)
            read.update(map(id, _inputs_of(node)))
    return kept[::-1]


def _inputs_of(node: Any) -> Iterator[Any]:
    """What a node reads, the graphs inside included."""
    yield from node.inputs
    for inner in node.attrs.values():
        if isinstance(inner, gs.Graph):
            yield from inner.outputs
            for each in inner.nodes:
                yield from _inputs_of(each)


def _named_output(context: Context, value: Value, name: str, given: set[str]) -> Any:
    """The tensor of an output under its own name: renamed where it is a node's and not yet an output, else copied."""
    tensor = context.tensors[value]
    if tensor.inputs and tensor.name not in given:
        tensor.name = name
        return tensor
    return _identity(context, tensor, name)


def _identity(context: Context, tensor: Any, name: str) -> Any:
    out = gs.Variable(name)
    context.nodes.append(gs.Node("Identity", context.names.fresh(f"{name}.identity"), {}, [tensor], [out]))
    return out


def emit_nodes(graph: Graph, context: Context) -> None:
    """Lower every node in order."""
    for node in graph.nodes:
        if isinstance(node.op, Constant):
            context.tensors[node.result] = context.stored(node.result, node.op.weight)
            continue
        operands = [None if o is None else context.tensors[o] for o in node.operands]
        try:
            made = context.lower(node, operands)
        except NoKernel as error:
            reason = f"{node.op.name} is not legal: {error}"
            raise UsageError(reason, where=node.place, hint="legalize the module first") from error
        for value, tensor in zip(node.results, made, strict=False):
            context.tensors[value] = tensor
            _rename(context, tensor, value.name)


def _rename(context: Context, tensor: Any, name: str) -> None:
    """Keep the source's name of a value where it is free."""
    if name and tensor.inputs and name not in context.names.taken:
        context.names.taken.add(name)
        tensor.name = name


def _formal(type_: Type, name: str) -> Any:
    """An input of an inner graph with its type: ONNX Runtime wants to know at least the scalars of a loop."""
    if not isinstance(type_, Tensor):
        return gs.Variable(name)
    dims = None if type_.shape is None else [d if isinstance(d, int) else None for d in type_.shape]
    return gs.Variable(name, dtype=type_.dtype.numpy, shape=dims)


def emit_graph(graph: Graph, context: Context, captured: Sequence[Any], formal: int) -> Any:
    """A region as an ONNX graph."""
    inputs = [
        context.types.set(_formal(v.type, context.names.fresh(v.name)), written(v.type)) for v in graph.inputs[:formal]
    ]
    context.tensors.update(zip(graph.inputs, [*inputs, *captured], strict=True))
    emit_nodes(graph, context)
    made = {id(t) for n in context.nodes for t in n.outputs}
    outputs: list[Any] = []
    for value in graph.outputs:
        tensor = context.tensors[value]
        if id(tensor) not in made or any(tensor is o for o in outputs):
            tensor = _identity(context, tensor, context.names.fresh(tensor.name))
        outputs.append(tensor)
    context.nodes[:] = _read(context.nodes, outputs)
    return gs.Graph(context.nodes, inputs, outputs, name=graph.name or "region", opset=context.opset)


def fill_type(proto: Any, type_: Type, port: Port | None = None) -> None:
    """Write a type into a ``TypeProto``, dims as the source declared them where a port says so."""
    if isinstance(type_, SequenceType):
        fill_type(proto.sequence_type.elem_type, type_.element)
    elif isinstance(type_, Optional):
        fill_type(proto.optional_type.elem_type, type_.element)
    else:
        proto.tensor_type.elem_type = BY_DTYPE[type_.dtype]
        dims = _dims(type_) if port is None else port.dims
        if dims is None:
            return
        proto.tensor_type.shape.SetInParent()
        for dim in dims:
            entry = proto.tensor_type.shape.dim.add()
            if isinstance(dim, int):
                entry.dim_value = dim
            elif dim is not None:
                entry.dim_param = dim


def _dims(type_: Tensor) -> tuple[int | str | None, ...] | None:
    if type_.shape is None:
        return None
    return tuple(str(d) if isinstance(d, Dim) else d for d in type_.shape)
