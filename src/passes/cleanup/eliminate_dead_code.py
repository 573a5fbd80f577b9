"""Remove nodes whose results nobody uses, and functions that are not the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.graph import Graph, Module
from interlingua.ir.rewriter import Rewriter
from interlingua.passes.base import Pass


@dataclass(frozen=True, slots=True)
class EliminateDeadCode(Pass):
    """Exact. Inputs and outputs of the model stay; a random node that nobody uses is as dead as any other, and so is a
    function beside ``main``: calls carry their bodies."""

    name: ClassVar[str] = "eliminate-dead-code"

    def run(self, module: Module, rewriter: Rewriter) -> int:
        unused = [name for name in module.functions if name != "main"]
        for name in unused:
            del module.functions[name]
        return len(unused) + _sweep(module.main, rewriter)


def _sweep(graph: Graph, rewriter: Rewriter) -> int:
    erased = 0
    for node in graph.reversed_nodes:
        if not any(r.uses for r in node.results):
            rewriter.erase(node)
            erased += 1
        else:
            erased += sum(_sweep(region, rewriter) for region in node.regions)
    return erased
