"""A rewriter that also tells of edits that claim nothing by themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from interlingua.ir.graph import Graph, Node, Value
from interlingua.ir.rewriter import Listener, Rewriter


class WatchedRewriter(Rewriter):
    """Tells also of edits that claim nothing by themselves: those of single operands, and of outputs.

    Attributes:
        gutted: what regions gave back whose outputs were taken away.
    """

    def __init__(self, edited: Callable[[], object], listener: Listener) -> None:
        super().__init__((listener,))
        self._edited = edited
        self._replacing = False
        self.gutted: dict[Graph, list[Value]] = {}

    def replace(self, old: Value, new: Value) -> None:
        self._replacing = True
        try:
            super().replace(old, new)
        finally:
            self._replacing = False

    def set_operand(self, node: Node, index: int, value: Value | None) -> None:
        if not self._replacing and node.graph is not None:
            self._edited()
        super().set_operand(node, index, value)

    def set_operands(self, node: Node, operands: Sequence[Value | None]) -> None:
        if node.graph is not None:
            self._edited()
        super().set_operands(node, operands)

    def drop_result(self, node: Node, index: int) -> None:
        self._edited()
        super().drop_result(node, index)

    def set_outputs(self, graph: Graph, values: Sequence[Value], names: Sequence[str] = ()) -> None:
        if graph.outputs and not values and graph.parent is not None:
            self.gutted[graph] = list(graph.outputs)
        elif graph.outputs:
            self._edited()
        super().set_outputs(graph, values, names)
