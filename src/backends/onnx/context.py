"""What a lowering to ONNX works with: tensors of onnx-graphsurgeon, and functions that add nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx_graphsurgeon as gs

from interlingua.backends.base import Target
from interlingua.backends.lowering import Lowerings
from interlingua.formats.onnx import BY_DTYPE
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Node, Value
from interlingua.ir.types import Tensor
from interlingua.ir.weights import ArrayWeight, Weight


@dataclass(frozen=True, slots=True)
class OnnxTarget(Target):
    """An opset of the default domain and the IR version that goes with it."""

    opset: int
    ir_version: int


@dataclass(slots=True)
class Names:
    """Unique tensor and node names across a model and all graphs inside it."""

    taken: set[str] = field(default_factory=set)

    def fresh(self, hint: str) -> str:
        """``hint``, or it with a number behind."""
        name, suffix = hint, 1
        while not name or name in self.taken:
            name, suffix = f"{hint or 'v'}_{suffix}", suffix + 1
        self.taken.add(name)
        return name


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
        self.outer = outer
        self.node: Node
        self._constants: dict[str, Any] = {} if outer is None else outer._constants

    @property
    def opset(self) -> int:
        """The opset of the default domain that is emitted for."""
        return self.target.opset

    def emit(self, op: str, *inputs: Any, outputs: int = 1, domain: str = "", **attributes: Any) -> Any:
        """Add an ONNX node; gives its output, or a tuple of them where ``outputs`` is more than 1."""
        operands = [gs.Variable.empty() if t is None else t for t in inputs]
        while operands and operands[-1].is_empty():
            operands.pop()
        hint = self.node.results[0].name if self.node.results else op
        made = [gs.Variable(self.names.fresh(f"{hint}.{op.lower()}" if hint else op.lower())) for _ in range(outputs)]
        attrs = {k: _attribute(v) for k, v in attributes.items() if v is not None}
        name = self.names.fresh(self.node.origin.name or f"{op}_{len(self.nodes)}")
        self.nodes.append(gs.Node(op, name, attrs, operands, made, domain or None))
        return made[0] if outputs == 1 else tuple(made)

    def constant(self, value: Any, dtype: DType | None = None) -> Any:
        """A constant from anything that NumPy takes; Python integers are int64 unless ``dtype`` says otherwise."""
        return self.weight(ArrayWeight(np.asarray(value, dtype=None if dtype is None else dtype.numpy)), "const")

    def weight(self, weight: Weight, hint: str) -> Any:
        """The initializer for a weight handle, whichever graph it is used in."""
        name = self.weights.name(weight, hint or "weight", self.names)
        tensor = self._constants.get(name)
        if tensor is None:
            tensor = self._constants[name] = gs.Variable(name)
        return tensor

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


def _attribute(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return int(value) if isinstance(value, bool) else value
