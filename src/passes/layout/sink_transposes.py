"""Transposes moved to where they meet and cancel, past whatever can run on permuted data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import symbols_of
from interlingua.ir.graph import Graph, Module, Node
from interlingua.ir.ops.shape import Transpose
from interlingua.ir.rewriter import Rewriter
from interlingua.passes.base import Contract
from interlingua.passes.layout.assign_layout import graphs
from interlingua.passes.layout.assignment import assign
from interlingua.passes.layout.permute import MEETING, permute
from interlingua.passes.layout.permuted import Perm, inverse
from interlingua.passes.layout.target_layout import LayoutPass


@dataclass(frozen=True, slots=True)
class SinkTransposes(LayoutPass):
    """Rounding: sums may be taken in another order. For each permutation that the graph has, the nodes between run
    permuted where that costs less as a whole; ops with a layout of their own keep it."""

    name: ClassVar[str] = "sink-transposes"
    contract: ClassVar[Contract] = "rounding"

    def run(self, module: Module, rewriter: Rewriter) -> int:
        """As :meth:`Pass.run`."""
        return sum(self._sink(graph, module, rewriter) for graph in graphs(module))

    def _sink(self, graph: Graph, module: Module, rewriter: Rewriter) -> int:
        changed = 0
        for perm in _perms(graph):
            found = assign(graph, {len(perm): perm}, _stays, self.target(module, graph))
            if found.saved > 0:
                permute(found.moved, {len(perm): perm}, rewriter, symbols_of(module))
                changed += len(found.moved) + MEETING.run(module, rewriter)
        return changed


def _stays(node: Node) -> bool | None:
    return False if hasattr(node.op, "layout") else None


def _perms(graph: Graph) -> list[Perm]:
    """The permutations worth trying: those of two transposes at least that could cancel, the most frequent first."""
    counts = Counter(n.op.perm for n in graph.nodes if isinstance(n.op, Transpose))
    twice = [p for p, count in counts.most_common() if (counts[inverse(p)] if inverse(p) != p else count > 1)]
    return list(dict.fromkeys(twice))
