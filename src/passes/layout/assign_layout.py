"""The layout that a target's kernels want, with as few transposes as can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import symbols_of
from interlingua.ir.graph import Graph, Module, Node
from interlingua.ir.ops.convolution import Layout
from interlingua.ir.rewriter import Rewriter
from interlingua.passes.base import Contract
from interlingua.passes.layout.assignment import assign
from interlingua.passes.layout.permute import MEETING, permute
from interlingua.passes.layout.permuted import to_first, to_last
from interlingua.passes.layout.target_layout import LayoutPass

RANKS = (3, 4, 5)
"""Of batches of series, images and volumes."""


@dataclass(frozen=True, slots=True)
class AssignLayout(LayoutPass):
    """Rounding: sums may be taken in another order. Convolutions and pools get ``layout``, and what lies between them
    follows where that saves transposes; the interface of the model keeps its own layout."""

    name: ClassVar[str] = "assign-layout"
    contract: ClassVar[Contract] = "rounding"
    layout: Layout = "channels_last"

    def run(self, module: Module, rewriter: Rewriter) -> int:
        """As :meth:`Pass.run`."""
        turn = to_last if self.layout == "channels_last" else to_first
        perms, symbols, changed = {rank: turn(rank) for rank in RANKS}, symbols_of(module), 0
        for graph in graphs(module):
            if any(self._wants(n) for n in graph.nodes):
                found = assign(graph, perms, self._wants, self.target(module, graph))
                permute(found.moved, perms, rewriter, symbols)
                changed += len(found.moved)
        return changed + (MEETING.run(module, rewriter) if changed else 0)

    def _wants(self, node: Node) -> bool | None:
        layout = getattr(node.op, "layout", None)
        return None if layout is None else layout != self.layout


def graphs(module: Module) -> list[Graph]:
    """Every block of the module."""
    return [*module.functions.values(), *(r for n in module.walk() for r in n.regions)]
