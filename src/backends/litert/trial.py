"""What may be lowered: a table whose rows are tried on nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.emitter import edge_of
from interlingua.backends.litert.graph import Edge, Subgraph
from interlingua.backends.litert.kernels import NoKernel, empty, kernels
from interlingua.backends.litert.target import LiteRtTarget
from interlingua.backends.lowering import Lowerings, Row
from interlingua.backends.names import Names
from interlingua.errors import Refusal
from interlingua.ir.graph import Graph, Module, Node, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor


def _nothing(*_: Any, **__: Any) -> None:
    raise AssertionError("what has no elements is not lowered")


class Trial(Context):
    """Lowers one node to nowhere, to see whether LiteRT takes what comes out. Regions are tried node by node."""

    def __init__(self, lowerings: Lowerings, target: LiteRtTarget) -> None:
        super().__init__(lowerings, target, Subgraph("trial"))

    def refusal(self, node: Node) -> str | None:
        """Why ``node`` cannot be lowered, or ``None``."""

        def operand(value: Value | None) -> Edge | None:
            if value is None:
                return None
            made = value.node is not None and isinstance(value.node.op, Constant)
            return self.edge(value) if made else edge_of(value, self.names)

        try:
            for value in node.results:
                edge_of(value, self.names)
            self.lower(node, [operand(v) for v in node.operands])
        except NoKernel as error:
            return str(error)
        return None

    def given(self) -> list[Edge]:
        """As :meth:`Context.given`."""
        graph = self.node.graph
        inputs = [] if graph is None else graph.inputs
        tensors = [v for v in inputs if isinstance(v.type, Tensor) and v.type.shape is not None]
        return [edge_of(v, self.names) for v in tensors if kernels().holds(v.tensor.dtype)]

    def region(self, graph: Graph, name: str) -> Subgraph:
        """Nothing: the nodes inside are tried by themselves."""
        return Subgraph(name)

    def inner(self, name: str) -> Context:
        """Another trial."""
        made = Trial(self.lowerings, self.target)
        made.node = self.node
        return made

    def inline(self, graph: Graph, operands: Sequence[Edge]) -> tuple[Edge, ...]:
        """As :meth:`region`."""
        return tuple(edge_of(v, self.names) for v in graph.outputs)


class LiteRtLowerings(Lowerings):
    """Rows whose nodes LiteRT has kernels for."""

    def find(self, node: Node, target: Any) -> Row | str:
        """As in any table; what the conditions let through is tried."""
        if empty(node):
            return Row(type(node.op), _nothing, ())
        found = super().find(node, target)
        if isinstance(found, str):
            return found
        reason = Trial(self, target).refusal(node)
        return found if reason is None else reason

    def interface(self, module: Module, target: Any) -> Iterator[Refusal]:
        """Types that LiteRT has no tensors of, and defaults, which it has not either."""
        for ports, values in ((module.inputs, module.main.inputs), (module.outputs, module.main.outputs)):
            for port, value in zip(ports, values, strict=True):
                try:
                    edge_of(value, Names())
                except NoKernel as error:
                    yield Refusal("interface", str(error), port.name)
                if port.default is not None:
                    yield Refusal("interface", "LiteRT has no inputs that may be left out", port.name)
