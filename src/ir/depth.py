"""How deep a graph is."""

from __future__ import annotations

from interlingua.ir.graph import Graph, Value
from interlingua.ir.ops.source import Constant


def depth(graph: Graph) -> int:
    """The number of ops on the longest path through ``graph``; one that carries regions counts with the deepest."""
    reached: dict[Value, int] = {}
    for node in graph.nodes:
        inside = max((depth(region) for region in node.regions), default=0)
        step = 0 if isinstance(node.op, Constant) else 1 + inside
        here = step + max((reached.get(o, 0) for o in node.operands if o is not None), default=0)
        reached.update(dict.fromkeys(node.results, here))
    return max(reached.values(), default=0)
