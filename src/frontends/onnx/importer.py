"""ONNX graphs into IR graphs, node by node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import onnx
import onnx_graphsurgeon as gs

from interlingua.errors import ConstraintError, InterlinguaError, InvalidModel, Refusal, UnsupportedOps, UsageError
from interlingua.formats.onnx import IR_VERSION, OPSET
from interlingua.frontends.onnx.interface import formal_type, port_of, type_of, with_dims
from interlingua.frontends.onnx.node import OnnxNode, Unsupported
from interlingua.frontends.onnx.opaque import NO_TRANSLATION, declared_type, keep
from interlingua.frontends.onnx.reader import Source
from interlingua.frontends.onnx.structure import Lost, bodies, restore_lost
from interlingua.frontends.onnx.table import Table
from interlingua.frontends.onnx.weights import weight_of
from interlingua.frontends.trace import Step, region_path
from interlingua.ir.builder import Builder, Symbols
from interlingua.ir.graph import Graph, Module, Origin, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.ranks import settle_ranks
from interlingua.ir.types import Tensor, Type
from interlingua.ir.weights import Weight

_DEFAULT_DOMAINS = ("", "ai.onnx")
_RETRIES = 16
"""How often, on average, a node may be translated: the body of a loop is until its types settle, and loops that nest
multiply."""
_RETRIES_LEAST = 20_000


@dataclass
class Scope:
    """The values that the tensors of one graph have become; ``outer`` is the graph around it, ``path`` goes before the
    names of its tensors to tell them from those of other graphs.

    A value of an outer graph that is used inside becomes an input of the region: ``captured`` lists them.
    """

    builder: Builder
    outer: Scope | None = None
    path: str = ""
    values: dict[int, Value | None] = field(default_factory=dict)
    captured: dict[Value, Value] = field(default_factory=dict)


class Importer:
    """Imports one model."""

    def __init__(
        self,
        source: Source,
        table: Table,
        shapes: Mapping[str, Any] | None = None,
        observe: Callable[[Step], None] | None = None,
    ) -> None:
        self.source = source
        self.shapes = dict(shapes or {})
        self.table = table
        self.observe = observe
        self.opsets = {"" if o.domain in _DEFAULT_DOMAINS else o.domain: o.version for o in source.proto.opset_import}
        self.refusals: list[Refusal] = []
        self.kept: list[Refusal] = []
        """Nodes that became opaque: refused with the others, if there are others."""
        self.symbols = Symbols(set(_declared_symbols(source.proto.graph)))
        self._weights: dict[int, Weight] = {}
        self._versions: dict[tuple[str, str], int] = {}
        self._withheld: dict[int, Refusal] = {}
        self._left = _RETRIES_LEAST + _RETRIES * sum(len(body.node) for body in bodies(source.proto))

    def run(self) -> Module:
        """The module.

        Raises:
            InvalidModel: the model breaks the rules of ONNX.
            UnsupportedOps: all nodes that have no translation.
        """
        try:
            return self._run()
        except InterlinguaError as error:
            error.where = error.where or self.source.label
            raise

    def _run(self) -> Module:
        proto = self.source.proto
        graph = self._graph(proto)
        main = Graph("main")
        module = Module({"main": main})
        scope = Scope(Builder(main, symbols=self.symbols))
        self._interface(module, graph, scope)
        self._nodes(graph, scope)
        values = [self._value(scope, t) for t in graph.outputs]
        if self.refusals:
            found = dict.fromkeys([*self.kept, *self.refusals])
            raise UnsupportedOps(found, subject="the onnx frontend", where=self.source.label)
        outputs = [v for v in values if v is not None]
        scope.builder.outputs(outputs, [t.name for t in graph.outputs])
        settle_ranks(module, self.symbols)
        self._settle_outputs(module, scope)
        module.metadata = {"source": "onnx", **_metadata(proto)}
        return module

    def _graph(self, proto: Any) -> Any:
        try:
            graph = gs.import_onnx(proto)
        except Exception as error:
            raise InvalidModel(
                f"onnx-graphsurgeon cannot read it: {type(error).__name__}: {error}",
                hint="an attribute or a type in the model is not what ONNX allows",
            ) from error
        restore_lost(graph, proto.graph)
        return graph

    def _interface(self, module: Module, graph: Any, scope: Scope) -> None:
        proto = self.source.proto
        weights = {t.name: t for t in proto.graph.initializer}
        weights |= {t.values.name: t for t in proto.graph.sparse_initializer}
        overridable = proto.ir_version >= 4
        tensors = {t.name: t for t in graph.tensors().values()} if overridable and weights else {}
        by_name = {t.name: t for t in graph.inputs}
        for info in proto.graph.input:
            default = weights.get(info.name)
            if default is not None and not overridable:
                continue  # before IR version 4 every weight had to be listed as an input
            given = self.shapes.pop(info.name, None)
            if given is not None:
                info = with_dims(info, given)
            type_ = formal_type(info.type, info.name, self.symbols)
            value = scope.builder.input(type_, info.name)
            tensor = by_name.get(info.name) or tensors.get(info.name)
            if tensor is not None:
                scope.values[id(tensor)] = value
            handle = None if default is None else weight_of(default, self.source.folder, self.source.label)
            module.inputs.append(port_of(info, handle))
        if self.shapes:
            names = [i.name for i in proto.graph.input]
            raise UsageError(f"the model has no input {next(iter(self.shapes))!r}", hint=f"its inputs are {names}")
        module.outputs = [port_of(info) for info in proto.graph.output]

    def _settle_outputs(self, module: Module, scope: Scope) -> None:
        for info, value in zip(self.source.proto.graph.output, module.main.outputs, strict=True):
            declared = type_of(info.type)
            if isinstance(declared, Tensor) and isinstance(value.type, Tensor) and declared.dtype != value.type.dtype:
                raise InvalidModel(
                    f"output {info.name!r} is declared {declared.dtype} but computed as {value.type.dtype}",
                    where=self.source.label,
                )

    def _nodes(self, graph: Any, scope: Scope) -> None:
        for node in graph.nodes:
            self._node(node, scope)

    def _node(self, node: Any, scope: Scope) -> None:
        domain = "" if node.domain in (None, *_DEFAULT_DOMAINS) else node.domain
        place = (
            f"node {node.name!r}"
            if node.name
            else f"the node that gives {node.outputs[0].name!r}"
            if node.outputs
            else "a node"
        )
        results: Sequence[Value | None] = [None] * len(node.outputs)
        self._left -= 1
        try:
            operands = [None if t.is_empty() else self._value(scope, t) for t in node.inputs]
            poisoned = any(v is None and not t.is_empty() for v, t in zip(operands, node.inputs, strict=True))
            version = self._version(domain, node.op)
            translation = self.table.find(domain, node.op, version)
            if translation is None and (poisoned or not domain or self.table.versions(domain, node.op)):
                raise Unsupported(self._no_translation(domain, node.op, version))
            if not poisoned:
                names = [t.name for t in node.outputs]
                wrapped = OnnxNode(
                    node.op,
                    version,
                    operands,
                    self._attributes(node),
                    names,
                    translate_graph=lambda g, b, types: self._region(g, b, types, scope, _path(scope, node, g)),
                )
                origin = Origin(node.name or (names[0] if names else ""), node.op)
                with scope.builder.at(origin, _scope_of(node.name)):
                    found: Value | Sequence[Value | None]
                    if translation is None:
                        found = keep(wrapped, scope.builder, domain, self._declared(node))
                        self.kept.append(Refusal(f"{domain}:{node.op}", NO_TRANSLATION, place))
                    else:
                        found = translation(wrapped, scope.builder)
                results = [found] if isinstance(found, Value) else list(found)
                self._withhold(node, results, place)
                self._tell(origin, [scope.path + n if n else "" for n in names], results)
        except Unsupported as declined:
            label = f"{domain}:{node.op}" if domain else node.op
            self.refusals.append(Refusal(label, declined.reason, place))
        except InterlinguaError as error:
            if isinstance(error, ConstraintError):
                raise InvalidModel(
                    error.what, where=f"{self.source.label}, {place} ({node.op})", hint=error.hint
                ) from error
            error.where = error.where or f"{self.source.label}, {place} ({node.op})"
            raise
        except MemoryError:
            raise
        except Exception as error:
            raise InvalidModel(
                f"{node.op} cannot be read: {type(error).__name__}: {error}",
                where=f"{self.source.label}, {place}",
                hint="its attributes or inputs are not what ONNX says they are",
            ) from error
        self._define(node, results, scope)

    def _tell(self, origin: Origin, keys: Sequence[str], results: Sequence[Value | None]) -> None:
        if self.observe is not None:
            pairs = zip(keys, results, strict=False)
            self.observe(Step(origin, tuple((key, value) for key, value in pairs if key and value is not None)))

    def _withhold(self, node: Any, results: Sequence[Value | None], place: str) -> None:
        """Outputs that the translation does not give are refused once somebody wants them."""
        for index, tensor in enumerate(node.outputs):
            if not tensor.is_empty() and (index >= len(results) or results[index] is None):
                self._withheld[id(tensor)] = Refusal(node.op, f"output {index} cannot be computed", place)

    def _define(self, node: Any, results: Sequence[Value | None], scope: Scope) -> None:
        for index, tensor in enumerate(node.outputs):
            if tensor.is_empty():
                continue
            value = results[index] if index < len(results) else None
            scope.values[id(tensor)] = value
            if value is not None and not value.name:
                value.name = tensor.name

    def _declared(self, node: Any) -> list[Type | None]:
        named = {name for port in self.source.proto.graph.input for name in _symbols_of(port)}
        return [None if t.is_empty() else declared_type(t, named) for t in node.outputs]

    def _version(self, domain: str, op: str) -> int:
        found = self._versions.get((domain, op))
        if found is None:
            found = self._versions[domain, op] = self._schema_version(domain, op)
        return found

    def _schema_version(self, domain: str, op: str) -> int:
        opset = self.opsets.get(domain)
        if opset is None:
            raise InvalidModel(
                f"{op} is of domain {domain!r}, which the model does not import", where=self.source.label
            )
        try:
            return int(onnx.defs.get_schema(op, max_inclusive_version=opset, domain=domain).since_version)
        except onnx.defs.SchemaError as error:
            versions = self.table.versions(domain, op)
            older = [v for v in versions if v <= opset]
            if older:  # a domain without schemas, or an op that ONNX has withdrawn
                return max(older)
            if domain:
                return int(opset)
            raise Unsupported(f"unknown op of domain 'ai.onnx', opset {opset}") from error

    def _no_translation(self, domain: str, op: str, version: int) -> str:
        versions = self.table.versions(domain, op)
        if not versions:
            return NO_TRANSLATION
        return f"version {version} has no translation (versions {', '.join(map(str, versions))} have)"

    def _attributes(self, node: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in node.attrs.items():
            if isinstance(value, gs.Constant):
                found[name] = self._weight(value).view()
            elif isinstance(value, onnx.SparseTensorProto):
                found[name] = weight_of(value, self.source.folder, self.source.label)
            elif isinstance(value, list):
                found[name] = tuple(value)
            elif isinstance(value, Lost):
                raise Unsupported(f"its attribute {name} is of kind {value.kind}, which cannot be read")
            elif isinstance(value, gs.Node.AttributeRef):
                raise InvalidModel(f"attribute {name} refers to {value.name!r} of a function, but is in none")
            else:
                found[name] = value
        return found

    def _weight(self, constant: Any) -> Weight:
        found = self._weights.get(id(constant))
        if found is None:
            values = constant._values  # the proto behind a lazy constant: `.values` would load it
            tensor = getattr(values, "tensor", None)
            if not isinstance(tensor, onnx.TensorProto | onnx.SparseTensorProto):
                raise Unsupported(f"a weight that is a {type(values).__name__}")
            found = weight_of(tensor, self.source.folder, self.source.label)
            self._weights[id(constant)] = found
        return found

    def _value(self, scope: Scope, tensor: Any) -> Value | None:
        """The value of a tensor, brought in from an outer graph that defines it; ``None`` where it is poisoned."""
        if id(tensor) in scope.values:
            withheld = self._withheld.pop(id(tensor), None)
            if withheld is not None:
                self.refusals.append(withheld)
            return scope.values[id(tensor)]
        if isinstance(tensor, gs.Constant):
            value = self._constant(scope, tensor)
        elif scope.outer is None:
            raise InvalidModel(f"{tensor.name!r} is used before it is defined")
        else:
            outer = self._value(scope.outer, tensor)
            value = None if outer is None else self._capture(scope, outer)
        scope.values[id(tensor)] = value
        return value

    def _constant(self, scope: Scope, tensor: Any) -> Value | None:
        try:
            value = scope.builder.add(Constant(self._weight(tensor)), name=tensor.name)
            self._tell(Origin(tensor.name), [tensor.name], [value])
            return value
        except Unsupported as declined:
            self.refusals.append(Refusal("initializer", declined.reason, f"weight {tensor.name!r}"))
            return None

    def _capture(self, scope: Scope, outer: Value) -> Value:
        if outer.node is not None and isinstance(outer.node.op, Constant):
            return scope.builder.add(outer.node.op, name=outer.name)
        inside = scope.captured.get(outer)
        if inside is None:
            inside = scope.builder.input(outer.type, outer.name)
            scope.captured[outer] = inside
        return inside

    def _region(
        self, graph: Any, b: Builder, types: Sequence[Type], outer: Scope, path: str
    ) -> tuple[Graph, list[Value]]:
        if not isinstance(graph, gs.Graph):
            raise InvalidModel("an attribute that must be a graph is none")
        if self._left < 0:
            raise Unsupported("its loops nest so deeply that their types do not settle")
        inner = Scope(b.region(graph.name or ""), outer, path)
        if len(graph.inputs) != len(types):
            raise InvalidModel(f"graph {graph.name!r} has {len(graph.inputs)} inputs where {len(types)} are given")
        for tensor, type_ in zip(graph.inputs, types, strict=True):
            inner.values[id(tensor)] = inner.builder.input(type_, tensor.name)
        self._nodes(graph, inner)
        values = [self._value(inner, t) for t in graph.outputs]
        if any(v is None for v in values):
            raise Unsupported("its graph holds unsupported nodes")
        region = inner.builder.outputs([v for v in values if v is not None], [t.name for t in graph.outputs])
        return region, list(inner.captured)


def _path(scope: Scope, node: Any, graph: Any) -> str:
    """What tells the tensors of ``graph``, an attribute of ``node``, from others of their names."""
    attribute = next((name for name, value in node.attrs.items() if value is graph), "")
    return region_path(scope.path, [t.name for t in node.outputs], attribute)


def _scope_of(name: str) -> str:
    """The module path in a node name such as ``/model/layers.3/attn/MatMul``."""
    parts = [p for p in name.split("/") if p]
    return ".".join(parts[:-1])


def _declared_symbols(graph: Any) -> list[str]:
    infos = [*graph.input, *graph.output, *graph.value_info]
    return [name for info in infos for name in _symbols_of(info)]


def _symbols_of(info: Any) -> list[str]:
    return [d.dim_param for d in info.type.tensor_type.shape.dim if d.dim_param]


def _metadata(proto: Any) -> dict[str, str]:
    found = {"producer": proto.producer_name, "producer_version": proto.producer_version, "graph": proto.graph.name}
    found |= {"doc": proto.doc_string, **{f"onnx.{p.key}": p.value for p in proto.metadata_props}}
    found[OPSET] = str(next((o.version for o in proto.opset_import if o.domain in _DEFAULT_DOMAINS), ""))
    found[IR_VERSION] = str(proto.ir_version)
    return {k: v for k, v in found.items() if v}
