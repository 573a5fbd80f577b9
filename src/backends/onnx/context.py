"""What a lowering to ONNX works with: tensors of onnx-graphsurgeon, and functions that add nodes.

A lowering says what is to be computed; what dtypes ONNX Runtime computes it in is looked up here, for every node.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx_graphsurgeon as gs

from interlingua.backends.base import Target
from interlingua.backends.lowering import Lowerings, Row
from interlingua.backends.names import Names
from interlingua.backends.onnx.kernels import UNKNOWN, Kernels, NoKernel, kernels
from interlingua.backends.onnx.signature import Signature, signature, written
from interlingua.errors import Refusal
from interlingua.formats.onnx import BY_DTYPE
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Node, Value
from interlingua.ir.ops.contraction import Gemm
from interlingua.ir.types import Tensor
from interlingua.ir.weights import ArrayWeight, Weight


@dataclass(frozen=True, slots=True)
class OnnxTarget(Target):
    """An opset of the default domain and the IR version that goes with it.

    Attributes:
        cautious: whether lowerings keep clear of known bugs of the runtime. Off, those bugs can be found again.
        spelling: the seed of a way to write the same model (:mod:`interlingua.backends.onnx.spelling`), for fuzzing;
            ``None`` for the plain way.
    """

    opset: int
    ir_version: int
    cautious: bool = True
    spelling: int | None = None

    def __str__(self) -> str:
        return f"opset {self.opset}"


@dataclass(slots=True)
class Weights:
    """The initializers: each handle, and each small constant, once."""

    by_name: dict[str, Weight] = field(default_factory=dict)
    _handles: dict[int, str] = field(default_factory=dict)
    _small: dict[tuple[Any, ...], str] = field(default_factory=dict)

    def name(self, weight: Weight, hint: str, names: Names) -> str:
        """The name of the initializer for ``weight``."""
        key = self._key(weight)
        found = self._handles.get(id(weight)) if key is None else self._small.get(key)
        if found is None:
            found = names.fresh(hint)
            self.by_name[found] = weight
            if key is None:
                self._handles[id(weight)] = found
            else:
                self._small[key] = found
        return found

    @staticmethod
    def _key(weight: Weight) -> tuple[Any, ...] | None:
        if weight.size > 64 or weight.dtype is DType.STRING:
            return None
        return (weight.dtype, weight.shape, weight.view().tobytes())


@dataclass(slots=True)
class Types:
    """The element type of each tensor, as :func:`~interlingua.backends.onnx.signature.written`."""

    _known: dict[int, tuple[Any, str]] = field(default_factory=dict)

    def of(self, tensor: Any) -> str | None:
        """The type, where it is known."""
        found = self._known.get(id(tensor))
        return None if found is None else found[1]

    def set(self, tensor: Any, type_: str | None) -> Any:
        """Say the type of a tensor (which is kept alive, so that no other gets its identity); gives the tensor."""
        if type_ is not None:
            self._known[id(tensor)] = (tensor, type_)
        return tensor


class Context:
    """Emits into one ONNX graph. ``node`` is the IR node that is being lowered."""

    def __init__(
        self, lowerings: Lowerings, target: OnnxTarget, names: Names, weights: Weights, outer: Context | None = None
    ) -> None:
        self.lowerings = lowerings
        self.target = target
        self.names = names
        self.weights = weights
        self.nodes: list[Any] = []
        self.tensors: dict[Value, Any] = {}
        self.turned: set[Value] = set()
        self.outer = outer
        self.node: Node
        self.types: Types = Types() if outer is None else outer.types
        self.constants: dict[str, Any] = {} if outer is None else outer.constants

    @property
    def opset(self) -> int:
        """The opset of the default domain that is emitted for."""
        return self.target.opset

    @property
    def kernels(self) -> Kernels:
        """What the runtime computes."""
        return kernels()

    def lower(self, node: Node, operands: Sequence[Any]) -> tuple[Any, ...]:
        """Emit ``node``; the tensors of its results.

        Raises:
            NoKernel: no row of the table lowers it; says why.
        """
        outer = getattr(self, "node", None)
        self.node = node
        reasons = []
        regions = dict(zip(node.op.regions, node.regions, strict=True))
        for row in self.lowerings.rows.get(type(node.op), ()):
            before = len(self.nodes)
            reason = row.refusal(node, self.target)
            try:
                found = None if reason else row.lower(node.op, self, *operands, **regions)
            except NoKernel as error:
                reason = str(error)
                del self.nodes[before:]
            if reason is None:
                made = found if isinstance(found, tuple | list) else (found,)
                made = tuple(self._due(v, t) for v, t in zip(node.results, made, strict=False))
                if outer is not None:
                    self.node = outer
                return made
            reasons.append(reason)
        raise NoKernel("; ".join(dict.fromkeys(reasons)) or "no lowering")

    def _due(self, value: Value, tensor: Any) -> Any:
        """The tensor in the element type that the IR gives ``value``."""
        due, own = written(value.type), self.types.of(tensor)
        if own is None:
            return self.types.set(tensor, due)
        return tensor if own == due or not isinstance(value.type, Tensor) else self.cast(tensor, value.type.dtype)

    def emit(self, op: str, *inputs: Any, outputs: int = 1, domain: str = "", **attributes: Any) -> Any:
        """Add an ONNX node; gives its output, or a tuple of them where ``outputs`` is more than 1.

        Where ONNX Runtime has no kernel for the dtypes, the node computes in wider ones, between casts.

        Raises:
            NoKernel: there are no wider ones that it computes in and that lose nothing.
        """
        operands = [gs.Variable.empty() if t is None else t for t in inputs]
        while operands and operands[-1].is_empty():
            operands.pop()
        given = {k: v for k, v in attributes.items() if v is not None}
        at = signature(op, self.opset, domain)
        if at is None:
            raise NoKernel(f"opset {self.opset} has no {op}")
        types = [None if t.is_empty() else self.types.of(t) for t in operands]
        bound = at.bind(types, given)
        wide = self.kernels.widened(at, bound, self.opset, self.target.cautious)
        final = {**bound, **wide}
        operands = [self._agreeing(at, i, t, final) for i, t in enumerate(operands)]
        given = at.retyped(given, wide, self.code)
        made = self._add(op, operands, outputs, domain, given)
        back = tuple(self._typed(at, i, t, final, bound) for i, t in enumerate(made))
        return back[0] if outputs == 1 else back

    def _add(self, op: str, operands: list[Any], outputs: int, domain: str, attributes: dict[str, Any]) -> list[Any]:
        hint = self.node.results[0].name if self.node.results else op
        made = [gs.Variable(self.names.fresh(f"{hint}.{op.lower()}" if hint else op.lower())) for _ in range(outputs)]
        attrs = {k: _attribute(v) for k, v in attributes.items()}
        name = self.names.fresh(self.node.origin.name or f"{op}_{len(self.nodes)}")
        self.nodes.append(gs.Node(op, name, attrs, operands, made, domain or None))
        return made

    def _agreeing(self, at: Signature, index: int, tensor: Any, types: Mapping[str, str]) -> Any:
        """The operand in the type of its parameter."""
        formal, own = at.formal(index), self.types.of(tensor)
        due = own if formal is None else types.get(formal.type)
        return tensor if own is None or due is None or due == own else self.cast(tensor, DType(due))

    def _typed(self, at: Signature, index: int, tensor: Any, found: Mapping[str, str], due: Mapping[str, str]) -> Any:
        type_, own = at.result(index, found), at.result(index, due)
        self.types.set(tensor, type_)
        return tensor if type_ == own or own is None else self.cast(tensor, DType(own))

    def cast(self, tensor: Any, to: DType) -> Any:
        """The tensor in another dtype, as the IR casts: out of range, a float8 becomes what it becomes."""
        if self.types.of(tensor) == to.value:
            return tensor
        narrow = to.is_float and to.bits <= 8
        source = DType(self.types.of(tensor))
        if to is DType.BOOL and source.is_float and source.bits <= 8:
            tensor = self.cast(tensor, DType.F32)  # ONNX Runtime takes a narrow −0.0 for true
        return self.emit("Cast", tensor, to=self.code(to), saturate=0 if narrow and self.opset >= 19 else None)

    def constant(self, value: Any, dtype: DType | None = None) -> Any:
        """A constant from anything that NumPy takes; Python integers are int64 unless ``dtype`` says otherwise."""
        return self.weight(ArrayWeight(np.asarray(value, dtype=None if dtype is None else dtype.numpy)), "const")

    def weight(self, weight: Weight, hint: str) -> Any:
        """The initializer for a weight handle, whichever graph it is used in."""
        name = self.weights.name(weight, hint or "weight", self.names)
        tensor = self.constants.get(name)
        if tensor is None:
            tensor = self.constants[name] = self.types.set(gs.Variable(name), weight.dtype.value)
        return tensor

    def stored(self, value: Value, weight: Weight) -> Any:
        """The initializer of a constant; a matrix that only gemms multiply by as it lies in memory."""
        only = all(isinstance(u, Node) and isinstance(u.op, Gemm) and index == 1 for u, index in value.uses)
        if only and isinstance(weight, ArrayWeight) and len(weight.shape) == 2:
            view = weight.view()
            if view.flags.f_contiguous and not view.flags.c_contiguous:
                self.turned.add(value)
                weight = ArrayWeight(view.T)
        return self.weight(weight, value.name)

    def code(self, dtype: DType) -> int:
        """The number of an element type in ONNX."""
        return BY_DTYPE[dtype]

    def type(self, index: int) -> Tensor:
        """The type of an operand of the node."""
        return self.node.operand(index).tensor

    def region(self, graph: Graph, captured: Sequence[Any], formal: int = 0) -> Any:
        """``graph`` as an ONNX graph: its first ``formal`` inputs stay inputs, the others are the tensors
        ``captured``."""
        from interlingua.backends.onnx.emitter import emit_graph

        return emit_graph(graph, Context(self.lowerings, self.target, self.names, self.weights, self), captured, formal)

    def inline(self, graph: Graph, operands: Sequence[Any]) -> tuple[Any, ...]:
        """The nodes of ``graph`` put here; the tensors of its outputs."""
        from interlingua.backends.onnx.emitter import emit_nodes

        self.tensors.update(zip(graph.inputs, operands, strict=True))
        emit_nodes(graph, self)
        return tuple(self.tensors[v] for v in graph.outputs)


class Trial(Context):
    """Lowers one node to nowhere, to see whether the runtime takes what comes out. Regions are tried node by node."""

    def __init__(self, lowerings: Lowerings, target: OnnxTarget) -> None:
        super().__init__(lowerings, target, Names(), Weights())

    def refusal(self, node: Node) -> str | None:
        """Why ``node`` cannot be lowered, or ``None``."""
        operands = [None if v is None else self._operand(v) for v in node.operands]
        try:
            self.lower(node, operands)
        except NoKernel as error:
            return str(error)
        return None

    def _operand(self, value: Value) -> Any:
        return self.types.set(gs.Variable("operand"), written(value.type))

    def region(self, graph: Graph, captured: Sequence[Any], formal: int = 0) -> Any:
        """Nothing: the nodes inside are tried by themselves."""
        return gs.Graph()

    def inline(self, graph: Graph, operands: Sequence[Any]) -> tuple[Any, ...]:
        """As :meth:`region`."""
        return tuple(self._operand(v) for v in graph.outputs)


class OnnxLowerings(Lowerings):
    """Rows whose nodes ONNX Runtime has kernels for."""

    def find(self, node: Node, target: Any) -> Row | str:
        """As in any table; what the conditions let through is tried."""
        found = super().find(node, target)
        if isinstance(found, str):
            return found
        reason = Trial(self, target).refusal(node)
        return found if reason is None else reason

    def interface(self, module: Module, target: OnnxTarget) -> Iterator[Refusal]:
        """Types that the opset lacks, or that the runtime loads no model with."""
        identity = signature("Identity", target.opset)
        assert identity is not None
        (known,) = identity.allowed.values()
        for ports, values in ((module.inputs, module.main.inputs), (module.outputs, module.main.outputs)):
            for port, value in zip(ports, values, strict=True):
                type_ = written(value.type)
                if any(name in type_ for name in UNKNOWN):
                    yield Refusal("interface", f"ONNX Runtime loads no model with {type_}", port.name)
                elif type_.rpartition("(")[2].rstrip(")") not in known:
                    yield Refusal("interface", f"opset {target.opset} has no {type_}", port.name)


def _attribute(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return int(value) if isinstance(value, bool) else value
