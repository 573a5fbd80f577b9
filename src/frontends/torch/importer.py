"""Exported programs into IR graphs, call by call."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

from interlingua.errors import ConstraintError, InterlinguaError, IRError, Refusal, UnsupportedOps
from interlingua.formats.torch import dtype_of
from interlingua.frontends.torch.mutation import Aliases
from interlingua.frontends.torch.node import TorchNode, Unfilled, Unsupported, as_dtype
from interlingua.frontends.torch.places import location, scope
from interlingua.frontends.torch.schema import bind, mutated, overload_name
from interlingua.frontends.torch.signature import Signature, after
from interlingua.frontends.torch.symbols import Sizes
from interlingua.frontends.torch.table import Table
from interlingua.frontends.torch.views import written
from interlingua.frontends.torch.weights import Weights
from interlingua.frontends.trace import Step
from interlingua.ir.builder import Builder, Symbols
from interlingua.ir.dims import UNKNOWN, same
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Origin, Port, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor

FAULT = "this is a fault of the translation: please report it"
POISON = object()
"""Stands for what an unsupported call would have given."""

_NUMBERS: dict[type, DType] = {bool: DType.BOOL, float: DType.F64, int: DType.I64}
"""Python's numbers as inputs."""


@dataclass(slots=True)
class Frame:
    """One graph that is being translated: what its nodes have become, and whose attributes it looks up."""

    builder: Builder
    owner: Any
    aliases: Aliases
    values: dict[Any, Any] = field(default_factory=dict)
    path: str = ""
    """What keys of values in it begin with."""
    weights: dict[Any, tuple[Any, str]] = field(default_factory=dict)
    """Placeholders that are parameters, buffers or constants: the tensor and its name. They become values once used."""
    epochs: dict[Any, int] = field(default_factory=dict)
    """How often the memory of a tensor was written."""
    seen: dict[Any, int] = field(default_factory=dict)
    """How many of these writes the value of a tensor has in it."""


class Importer:
    """Imports one program, every operator of which has a translation, as far as there are any.

    Args:
        program: the ``ExportedProgram``, in which writes in place are new values under old names.
        signature: the interface.
        table: the translations.
        sizes: the dims of its symbols.
        title: what the model is called.
        observe: is told what each call and weight has become.
    """

    def __init__(
        self,
        program: Any,
        signature: Signature,
        table: Table,
        sizes: Sizes,
        title: str,
        observe: Callable[[Step], None] | None = None,
    ) -> None:
        self.program = program
        self.signature = signature
        self.table = table
        self.sizes = sizes
        self.title = title
        self.observe = observe
        self._paths = count()
        self.refusals: list[Refusal] = []
        self.classes: dict[str, str] = {}
        self.buffers: list[str] = []
        self._weights = Weights()

    def run(self) -> Module:
        """The module.

        Raises:
            UnsupportedOps: all calls that have no translation.
        """
        main = Graph("main")
        module = Module({"main": main})
        graph = self.program.graph_module.graph
        builder = Builder(main, symbols=Symbols({str(d) for d in self.sizes.names.values()}))
        frame = Frame(builder, self.program.graph_module, Aliases(graph))
        self._interface(module, frame, graph)
        results = self._translate(graph, frame)
        outputs = [(n, r) for n, r in zip(self._output_names(), results, strict=True) if n is not None]
        if self.refusals:
            raise UnsupportedOps(dict.fromkeys(self.refusals), subject="the torch frontend", where=self.title)
        values = [self._output(builder, result, name) for name, result in outputs]
        names = [name for name, _ in outputs]
        builder.outputs(values, names)
        module.outputs = [Port(n, _declared(v.type)) for n, v in zip(names, values, strict=True)]
        module.metadata = self._metadata()
        return module

    def _output_names(self) -> list[str | None]:
        """A name for each result of the graph that is an output of the model."""
        from torch.export.graph_signature import OutputKind

        own = iter(self.signature.outputs)

        def name(spec: Any) -> str | None:
            if spec.kind is OutputKind.USER_OUTPUT:
                return next(own)
            if spec.kind is OutputKind.TOKEN:
                return None
            if spec.kind is OutputKind.USER_INPUT_MUTATION:
                return after(spec.target)
            return str(spec.arg.name if spec.target is None else spec.target)

        return [name(spec) for spec in self.program.graph_signature.output_specs]

    def _output(self, b: Builder, result: Any, name: str) -> Value:
        if isinstance(result, Unfilled):
            reason = "its elements are those of empty(), which nobody has set"
            raise UnsupportedOps([Refusal("output", reason, name)], subject="the torch frontend", where=self.title)
        return result if isinstance(result, Value) else b.constant(result)

    def _interface(self, module: Module, frame: Frame, graph: Any) -> None:
        specs = self.program.graph_signature.input_specs
        given = iter(zip(self.signature.inputs, self.signature.fixed, strict=True))
        nodes = (node for node in graph.nodes if node.op == "placeholder")
        for node, spec in zip(nodes, specs, strict=True):
            if spec.kind.name == "TOKEN":
                frame.values[node] = None  # what orders the effects of a program; each of them is refused by itself
                continue
            if spec.kind.name != "USER_INPUT":
                frame.weights[node] = self._tensor(spec), spec.target
                if spec.kind.name == "BUFFER":
                    self.buffers.append(spec.target)
                continue
            name, fixed = next(given)
            if name is None:
                frame.values[node] = fixed
                continue
            type_ = self._type(node.meta["val"])
            frame.values[node] = frame.builder.input(type_, name)
            module.inputs.append(Port(name, _declared(type_)))

    def _tensor(self, spec: Any) -> Any:
        for home in (self.program.state_dict, self.program.constants):
            if spec.target in home:
                return home[spec.target]
        raise IRError(f"the program holds no tensor {spec.target!r}", where=self.title)

    def _type(self, fake: Any) -> Tensor:
        """The type of an input; a symbolic number is an int64 scalar."""
        if not hasattr(fake, "dtype"):
            return Tensor(_NUMBERS[fake.node.pytype], ())
        dims = [self.sizes.dim(d) for d in fake.shape]
        return Tensor(dtype_of(fake.dtype), tuple(UNKNOWN if d is None else d for d in dims))

    def _translate(self, graph: Any, frame: Frame) -> list[Any]:
        """Every node in order; what the graph returns."""
        for node in graph.nodes:
            if node.op == "call_function":
                self._settle(node, self._call(node, frame), frame)
            elif node.op == "get_attr":
                frame.values[node] = self._attribute(node, frame)
            elif node.op == "output":
                found = node.args[0]
                listed = found if isinstance(found, list | tuple) else [found]
                return [self._argument(a, frame) for a in listed]
        return []

    def _settle(self, node: Any, result: Any, frame: Frame) -> None:
        """Keep what a call gave: under the name of the tensor that it wrote into, and in all that this is a view of."""
        aliases = frame.aliases
        write = aliases.writes.get(node)
        holder = node if write is None else write.target
        frame.values[holder] = result
        if write is None:
            frame.seen[holder] = frame.epochs.get(aliases.root(node), 0) if node in aliases.parent else 0
            return
        root = aliases.root(holder)
        epoch = frame.epochs[root] = frame.epochs.get(root, 0) + 1
        frame.seen[holder] = epoch
        for view in write.through:
            whole = aliases.parent[view]
            if result is not POISON:
                result = written(view, frame.builder, self._newest(whole, frame), result)
            frame.values[whole], frame.seen[whole] = result, epoch

    def _newest(self, holder: Any, frame: Frame) -> Any:
        """The value of a tensor: of a view, taken anew where what it is a view of was written since."""
        parent = frame.aliases.parent.get(holder)
        epoch = frame.epochs.get(frame.aliases.root(holder), 0) if parent is not None else 0
        if parent is not None and frame.seen.get(holder, 0) < epoch:
            frame.values[holder] = self._call(holder, frame)
            frame.seen[holder] = epoch
        return frame.values[holder]

    def _attribute(self, node: Any, frame: Frame) -> Any:
        found = operator.attrgetter(node.target)(frame.owner)
        if hasattr(found, "graph"):
            return found
        frame.weights[node] = found, node.target
        return self._weight(node, frame)

    def _weight(self, node: Any, frame: Frame) -> Value:
        tensor, name = frame.weights[node]
        value = frame.values[node] = frame.builder.weight(self._weights.of(tensor), name)
        if self.observe is not None:
            self.observe(Step(Origin(name), ((name, value),)))
        return value

    def _argument(self, argument: Any, frame: Frame) -> Any:
        """An argument of a call as translations take it."""
        if hasattr(argument, "users"):
            holder = frame.aliases.holder(argument)
            if holder in frame.weights and holder not in frame.values:
                return self._weight(holder, frame)
            return self._newest(holder, frame) if frame.epochs else frame.values[holder]
        if isinstance(argument, list | tuple):
            return [self._argument(a, frame) for a in argument]
        return dtype_of(argument) if type(argument).__name__ == "dtype" else argument

    def _call(self, node: Any, frame: Frame) -> Any:
        b = frame.builder
        path, kind = scope(node)
        if kind:
            self.classes.setdefault(path, kind)
        before = b.origin, b.scope
        b.origin, b.scope = Origin(node.name, str(node.target), location(node)), path
        try:
            result = self._translated(node, frame)
            self._tell(node, result, frame)
            return result
        except Unsupported as declined:
            self.refusals.append(Refusal(_label(node.target), declined.reason, _place(node)))
            return POISON
        except InterlinguaError as error:
            error.where = error.where or f"{self.title}, {_place(node)}"
            raise
        finally:
            b.origin, b.scope = before

    def _tell(self, node: Any, result: Any, frame: Frame) -> None:
        """Tell what a call has become; one of several results comes from the call that gives them all."""
        if self.observe is not None and isinstance(result, Value):
            made = node.args[0] if node.target is operator.getitem else node
            origin = Origin(made.name, str(made.target), location(made))
            self.observe(Step(origin, ((frame.path + node.name, result),)))

    def _translated(self, node: Any, frame: Frame) -> Any:
        if node.target is operator.getitem:
            return self._picked(node, self._argument(node.args[0], frame))
        name = _label(node.target)
        found = self.table.find(name)
        if found is None:
            raise Unsupported("no translation")
        positional = not hasattr(node.target, "_schema")
        raw = {str(i): a for i, a in enumerate(node.args)} if positional else bind(node.target, node.args, node.kwargs)
        arguments = {key: self._argument(a, frame) for key, a in raw.items()}
        if _poisoned(arguments):
            return POISON
        fakes = {key: a.meta.get("val") if hasattr(a, "meta") else a for key, a in raw.items()}
        wrapped = TorchNode(name, arguments, fakes, node.meta.get("val"), frame.builder, partial(self._graph, frame))
        try:
            results = found(wrapped, frame.builder)
        except ConstraintError as error:
            if any(_is_complex(fake) for fake in fakes.values()):
                raise Unsupported("of complex numbers") from error
            raise IRError(f"{name}: {error.what}", hint=FAULT) from error
        return self._checked(node, results, frame)

    def _picked(self, node: Any, several: Any) -> Any:
        """One of several results; a translation gives ``None`` for one that it cannot make."""
        found = several if several is POISON else several[node.args[1]]
        if found is None and hasattr(node.meta.get("val"), "dtype"):
            self.refusals.append(
                Refusal(_label(node.args[0].target), f"its result {node.args[1]} is not translated", _place(node))
            )
            return POISON
        return found

    def _checked(self, node: Any, results: Any, frame: Frame) -> Any:
        """The results, if they are what PyTorch says that they are."""
        fake = node.meta.get("val")
        if isinstance(results, Value):
            if hasattr(node.target, "_schema") and mutated(node.target):
                results = as_dtype(frame.builder, results, dtype_of(fake.dtype))
            self._check(node, results, fake)
            if not results.name:
                results.name = node.name
        elif isinstance(results, list | tuple) and isinstance(fake, list | tuple):
            for result, each in zip(results, fake, strict=False):
                if isinstance(result, Value):
                    self._check(node, result, each)
        return results

    def _check(self, node: Any, result: Value, fake: Any) -> None:
        type_ = result.type
        if not hasattr(fake, "dtype") or not isinstance(type_, Tensor):
            return
        dtype, dims = dtype_of(fake.dtype), [self.sizes.dim(d) for d in fake.shape]
        fits = type_.shape is not None and len(dims) == len(type_.shape) and type_.dtype is dtype
        if not fits or any(
            isinstance(p, int) and same(p, q) is False for p, q in zip(dims, type_.dims, strict=True) if p is not None
        ):
            raise IRError(
                f"{_label(node.target)} comes out as {type_}, where PyTorch has {dtype}{list(fake.shape)}",
                hint=FAULT,
            )

    def _graph(
        self, outer: Frame, owner: Any, operands: Sequence[Any], builder: Builder | None, inside: Mapping[Value, Value]
    ) -> list[Any]:
        """Translate the graph of ``owner``, a part of the program: where the call stands, or into the region of
        ``builder``, where ``inside`` are the values that stand for those outside, and constants are made anew."""
        inner = Frame(outer.builder if builder is None else builder, owner, Aliases(owner.graph))
        inner.path = f"{outer.path}{next(self._paths)}/"
        nodes = [node for node in owner.graph.nodes if node.op == "placeholder"]
        for node, operand in zip(nodes, operands, strict=True):
            value = operand
            if builder is not None and isinstance(operand, Value):
                value = inside.get(operand, operand)
                if value is operand and operand.node is not None and isinstance(operand.node.op, Constant):
                    value = builder.weight(operand.node.op.weight, operand.name)
            inner.values[node] = value
        return self._translate(owner.graph, inner)

    def _metadata(self) -> dict[str, str]:
        import torch

        found = {"source": "torch", "graph": self.title, "producer": "pytorch", "producer_version": torch.__version__}
        found["torch.classes"] = json.dumps(self.classes, sort_keys=True)
        found["torch.buffers"] = json.dumps(self.buffers)
        return found


def _is_complex(fake: Any) -> bool:
    """Whether an argument is, or holds, a tensor of complex numbers."""
    if isinstance(fake, list | tuple):
        return any(map(_is_complex, fake))
    return hasattr(fake, "dtype") and bool(fake.dtype.is_complex)


def _poisoned(found: Any) -> bool:
    if isinstance(found, Mapping):
        return any(map(_poisoned, found.values()))
    return any(map(_poisoned, found)) if isinstance(found, list | tuple) else found is POISON


def _label(target: Any) -> str:
    if hasattr(target, "_schema"):
        return overload_name(target)
    if hasattr(target, "namespace"):
        return f"{target.namespace}::{target}"
    return f"python::{target.__name__}"


def _place(node: Any) -> str:
    path, _ = scope(node)
    where = location(node)
    return " ".join([f"{node.name!r}", *([f"in {path}"] if path else []), *([f"at {where}"] if where else [])])


def _declared(type_: Any) -> tuple[int | str | None, ...]:
    return tuple(d if isinstance(d, int) else str(d) for d in type_.dims)
