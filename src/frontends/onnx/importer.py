"""ONNX graphs into IR graphs, node by node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

import onnx

from interlingua.errors import ConstraintError, InterlinguaError, InvalidModel, Refusal, UnsupportedOps, UsageError
from interlingua.formats.onnx import IR_VERSION, OPSET
from interlingua.frontends.onnx.body import Body, Node
from interlingua.frontends.onnx.interface import formal_type, port_of, type_of, with_dims
from interlingua.frontends.onnx.node import OnnxNode, Unsupported
from interlingua.frontends.onnx.opaque import NO_TRANSLATION, declared_type, keep
from interlingua.frontends.onnx.reader import Source
from interlingua.frontends.onnx.settings import setting
from interlingua.frontends.onnx.table import Table, Translation
from interlingua.frontends.onnx.weights import Weights
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


@dataclass(slots=True)
class Scope:
    """What the names of one graph stand for; ``outer`` is the graph around it, ``path`` goes before the names of its
    tensors to tell them from those of other graphs.

    A weight becomes a value once it is used; one that is ``None`` is of an unsupported node, or withheld. A value of an
    outer graph that is used inside becomes an input of the region: ``captured`` lists them.
    """

    builder: Builder
    body: Body
    outer: Scope | None = None
    path: str = ""
    values: dict[str, Value | None] = field(default_factory=dict)
    withheld: dict[str, Refusal] = field(default_factory=dict)
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
        self._weights = Weights(source)
        self._found: dict[tuple[str, str], tuple[int, Translation | None]] = {}
        self._left = _RETRIES_LEAST + _RETRIES * sum(len(body.nodes) for body in source.bodies)

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
        proto, body = self.source.proto, self.source.bodies[0]
        main = Graph("main")
        module = Module({"main": main})
        scope = Scope(Builder(main, symbols=self.symbols), body)
        self._interface(module, scope)
        self._nodes(body, scope)
        names = [info.name for info in proto.graph.output]
        values = [self._value(scope, name) for name in names]
        if self.refusals:
            found = dict.fromkeys([*self.kept, *self.refusals])
            raise UnsupportedOps(found, subject="the onnx frontend", where=self.source.label)
        outputs = [v for v in values if v is not None]
        scope.builder.outputs(outputs, names)
        settle_ranks(module, self.symbols)
        self._settle_outputs(module, scope)
        module.metadata = {"source": "onnx", **_metadata(proto)}
        return module

    def _interface(self, module: Module, scope: Scope) -> None:
        proto = self.source.proto
        overridable = proto.ir_version >= 4
        for info in proto.graph.input:
            default = scope.body.weights.get(info.name)
            if default is not None and not overridable:
                continue  # before IR version 4 every weight had to be listed as an input
            given = self.shapes.pop(info.name, None)
            if given is not None:
                info = with_dims(info, given)
            type_ = formal_type(info.type, info.name, self.symbols)
            scope.values[info.name] = scope.builder.input(type_, info.name)
            handle = None if default is None else self._weights.of(default)
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

    def _nodes(self, body: Body, scope: Scope) -> None:
        for node in body.nodes:
            self._node(node, scope)

    def _node(self, node: Node, scope: Scope) -> None:
        self._left -= 1
        results: Sequence[Value | None] = ()
        try:
            results = self._translated(node, scope)
        except Unsupported as declined:
            domain = _domain(node)
            label = f"{domain}:{node.op}" if domain else node.op
            self.refusals.append(Refusal(label, declined.reason, _place(node)))
        except InterlinguaError as error:
            where = f"{self.source.label}, {_place(node)} ({node.op})"
            if isinstance(error, ConstraintError):
                raise InvalidModel(error.what, where=where, hint=error.hint) from error
            error.where = error.where or where
            raise
        except MemoryError:
            raise
        except Exception as error:
            raise InvalidModel(
                f"{node.op} cannot be read: {type(error).__name__}: {error}",
                where=f"{self.source.label}, {_place(node)}",
                hint="its attributes or inputs are not what ONNX says they are",
            ) from error
        self._define(node, results, scope)

    def _translated(self, node: Node, scope: Scope) -> Sequence[Value | None]:
        """What the outputs have become; none of them where an input is of an unsupported node."""
        operands = [self._value(scope, name) if name else None for name in node.inputs]
        poisoned = None in operands and any(name and v is None for name, v in zip(node.inputs, operands, strict=True))
        domain = _domain(node)
        version, translation = self._translation(domain, node.op)
        if translation is None and (poisoned or not domain or self.table.versions(domain, node.op)):
            raise Unsupported(self._no_translation(domain, node.op, version))
        if poisoned:
            return ()
        names, builder = node.outputs, scope.builder
        settings = self._settings(node)
        region = partial(self._region, node, scope)
        wrapped = OnnxNode(node.op, version, operands, settings, names, translate_graph=region)
        found: Value | Sequence[Value | None]
        before = builder.origin, builder.scope
        builder.origin = Origin(node.name or (names[0] if names else ""), node.op)
        builder.scope = _scope_of(node.name)
        try:
            if translation is None:
                found = keep(wrapped, builder, domain, self._declared(node, scope))
                self.kept.append(Refusal(f"{domain}:{node.op}", NO_TRANSLATION, _place(node)))
            else:
                found = translation(wrapped, builder)
            results = (found,) if isinstance(found, Value) else found
            if self.observe is not None:
                self._tell(builder.origin, [scope.path + n if n else "" for n in names], results)
        finally:
            builder.origin, builder.scope = before
        if len(results) < len(names) or None in results:
            self._withhold(node, results, scope)
        return results

    def _tell(self, origin: Origin, keys: Sequence[str], results: Sequence[Value | None]) -> None:
        if self.observe is not None:
            pairs = zip(keys, results, strict=False)
            self.observe(Step(origin, tuple((key, value) for key, value in pairs if key and value is not None)))

    def _withhold(self, node: Node, results: Sequence[Value | None], scope: Scope) -> None:
        """Outputs that the translation does not give are refused once somebody wants them."""
        for index, name in enumerate(node.outputs):
            if name and (index >= len(results) or results[index] is None):
                scope.withheld[name] = Refusal(node.op, f"output {index} cannot be computed", _place(node))

    def _define(self, node: Node, results: Sequence[Value | None], scope: Scope) -> None:
        for index, name in enumerate(node.outputs):
            if name:
                value = scope.values[name] = results[index] if index < len(results) else None
                if value is not None and not value.name:
                    value.name = name

    def _declared(self, node: Node, scope: Scope) -> list[Type | None]:
        named = {name for port in self.source.proto.graph.input for name in _symbols_of(port)}
        return [declared_type(scope.body.infos.get(name), named) if name else None for name in node.outputs]

    def _translation(self, domain: str, op: str) -> tuple[int, Translation | None]:
        found = self._found.get((domain, op))
        if found is None:
            version = self._version(domain, op)
            found = self._found[domain, op] = version, self.table.find(domain, op, version)
        return found

    def _version(self, domain: str, op: str) -> int:
        opset = self.opsets.get(domain)
        if opset is None:
            raise InvalidModel(
                f"{op} is of domain {domain!r}, which the model does not import", where=self.source.label
            )
        since = _since(domain, op, opset)
        if since is not None:
            return since
        older = [v for v in self.table.versions(domain, op) if v <= opset]
        if older:  # a domain without schemas, or an op that ONNX has withdrawn
            return max(older)
        if domain:
            return int(opset)
        raise Unsupported(f"unknown op of domain 'ai.onnx', opset {opset}")

    def _no_translation(self, domain: str, op: str, version: int) -> str:
        versions = self.table.versions(domain, op)
        if not versions:
            return NO_TRANSLATION
        return f"version {version} has no translation (versions {', '.join(map(str, versions))} have)"

    def _settings(self, node: Node) -> dict[str, Any]:
        found = node.settings
        if found is None:
            weights, graphs = self._weights, node.graphs
            found = {name: graphs.get(name) or setting(name, a, weights) for name, a in node.attributes}
            node.settings = found
        return found

    def _weight(self, name: str, tensor: Any) -> Weight:
        """The handle of the weight ``name``, made once."""
        return self._weights.named(tensor)

    def _value(self, scope: Scope, name: str, *, inside: bool = False) -> Value | None:
        """The value of a name, brought in from an outer graph that defines it (unless it must be defined ``inside``);
        ``None`` where it is poisoned."""
        value = scope.values.get(name)
        if value is not None:
            return value
        if name in scope.values:
            withheld = scope.withheld.pop(name, None)
            if withheld is not None:
                self.refusals.append(withheld)
            return None
        home = self._home(scope, name, inside)
        if name not in home.values:
            value = self._constant(scope, name, home.body.weights[name])
        elif scope.outer is not None:
            outer = self._value(scope.outer, name)
            value = None if outer is None else self._capture(scope, outer)
        scope.values[name] = value
        return value

    def _home(self, scope: Scope, name: str, inside: bool) -> Scope:
        """The innermost graph, from that of ``scope`` outwards, where ``name`` is a weight or has a value."""
        home = scope
        while name not in home.body.weights and name not in home.values:
            if inside or home.outer is None:
                raise InvalidModel(f"{name!r} is used before it is defined")
            home = home.outer
        return home

    def _constant(self, scope: Scope, name: str, tensor: Any) -> Value:
        value = scope.builder.weight(self._weight(name, tensor), name)
        self._tell(Origin(name), [name], [value])
        return value

    def _capture(self, scope: Scope, outer: Value) -> Value:
        if outer.node is not None and isinstance(outer.node.op, Constant):
            return scope.builder.add(outer.node.op, name=outer.name)
        inside = scope.captured.get(outer)
        if inside is None:
            inside = scope.builder.input(outer.type, outer.name)
            scope.captured[outer] = inside
        return inside

    def _region(
        self, node: Node, outer: Scope, attribute: str, b: Builder, types: Sequence[Type]
    ) -> tuple[Graph, list[Value]]:
        body = node.graphs.get(attribute)
        if body is None:
            raise InvalidModel("an attribute that must be a graph is none")
        if self._left < 0:
            raise Unsupported("its loops nest so deeply that their types do not settle")
        inner = Scope(b.region(body.name), body, outer, region_path(outer.path, node.outputs, attribute))
        inputs = [info.name for info in body.proto.input if info.name not in body.weights]
        if len(inputs) != len(types):
            raise InvalidModel(f"graph {body.name!r} has {len(inputs)} inputs where {len(types)} are given")
        for name, type_ in zip(inputs, types, strict=True):
            inner.values[name] = inner.builder.input(type_, name)
        self._nodes(body, inner)
        names = [info.name for info in body.proto.output]
        values = [self._value(inner, name, inside=True) for name in names]
        if any(v is None for v in values):
            raise Unsupported("its graph holds unsupported nodes")
        region = inner.builder.outputs([v for v in values if v is not None], names)
        return region, list(inner.captured)


def _domain(node: Node) -> str:
    return "" if node.domain in _DEFAULT_DOMAINS else node.domain


def _place(node: Node) -> str:
    """A node in messages."""
    if node.name:
        return f"node {node.name!r}"
    return f"the node that gives {node.outputs[0]!r}" if node.outputs else "a node"


@lru_cache(maxsize=4096)
def _since(domain: str, op: str, opset: int) -> int | None:
    """The opset in which ONNX last changed an op, as seen from ``opset``; ``None`` where it has no schema."""
    try:
        return int(onnx.defs.get_schema(op, max_inclusive_version=opset, domain=domain).since_version)
    except onnx.defs.SchemaError:
        return None


def _scope_of(name: str) -> str:
    """The module path in a node name such as ``/model/layers.3/attn/MatMul``."""
    if "/" not in name:
        return ""
    parts = [p for p in name.split("/") if p]
    return ".".join(parts[:-1])


def _declared_symbols(graph: Any) -> list[str]:
    infos = [*graph.input, *graph.output]
    return [name for info in infos for name in _symbols_of(info)]


def _symbols_of(info: Any) -> list[str]:
    return [d.dim_param for d in info.type.tensor_type.shape.dim if d.dim_param]


def _metadata(proto: Any) -> dict[str, str]:
    found = {"producer": proto.producer_name, "producer_version": proto.producer_version, "graph": proto.graph.name}
    found |= {"doc": proto.doc_string, **{f"onnx.{p.key}": p.value for p in proto.metadata_props}}
    found[OPSET] = str(next((o.version for o in proto.opset_import if o.domain in _DEFAULT_DOMAINS), ""))
    found[IR_VERSION] = str(proto.ir_version)
    return {k: v for k, v in found.items() if v}
