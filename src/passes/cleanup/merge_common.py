"""Let equal computations be done once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar

from interlingua.ir.graph import Graph, Module, Node
from interlingua.ir.ops.source import Constant
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.weights import Weight, trains
from interlingua.passes.base import Pass


@dataclass(frozen=True, slots=True)
class MergeCommon(Pass):
    """Exact. Never a random op, never across a region's border; constants are merged by contents."""

    name: ClassVar[str] = "merge-common-subexpressions"

    def run(self, module: Module, rewriter: Rewriter) -> int:
        weights = [n.op.weight for n in module.walk() if isinstance(n.op, Constant) and self.by_contents(n.op.weight)]
        alike = Counter(look for w in weights for look in _looks(w))
        return sum(self._merge(function, rewriter, alike) for function in module.functions.values())

    def by_contents(self, weight: Weight) -> bool:
        """Whether a constant is merged with others of the same contents, not with itself alone."""
        return True

    def _merge(self, graph: Graph, rewriter: Rewriter, alike: Counter[tuple[Any, ...]]) -> int:
        seen: dict[Any, Node] = {}
        merged = 0
        for node in graph.nodes:
            merged += sum(self._merge(region, rewriter, alike) for region in node.regions)
            if node.op.effects or node.regions:
                continue
            first = seen.setdefault(self._key(node, alike), node)
            if first is not node:
                rewriter.replace_node(node, first.results)
                merged += 1
        return merged

    def _key(self, node: Node, alike: Counter[tuple[Any, ...]]) -> Any:
        if not isinstance(node.op, Constant):
            return (type(node.op), tuple(_exact(v) for v in node.op.attributes().values()), node.operands)
        weight = node.op.weight
        if not self.by_contents(weight):
            return weight
        if weight.size <= 64 and weight.dtype.value != "string":
            return (weight.dtype, weight.shape, weight.view().tobytes())
        return weight if _unlike(weight, alike) else weight.digest


@dataclass(frozen=True, slots=True)
class MergeComputations(MergeCommon):
    """As ``merge-common-subexpressions``; parameters that are equal by chance, as all biases are before training, stay
    apart."""

    name: ClassVar[str] = "merge-computations"

    def by_contents(self, weight: Weight) -> bool:
        """As :meth:`MergeCommon.by_contents`."""
        return not trains(weight)


def _looks(weight: Weight) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The type, and the type with a glance at the contents."""
    type_ = (weight.dtype, weight.shape)
    return type_, (*type_, weight.glance())


def _unlike(weight: Weight, alike: Counter[tuple[Any, ...]]) -> bool:
    """Whether no other weight can have these contents: large ones are read, and lazy ones computed, where they must."""
    type_, look = _looks(weight)
    if alike[type_] == 1:
        return True
    return look[-1] is not None and alike[look] == 1 and not alike[*type_, None]


def _exact(attribute: Any) -> Any:
    """What tells attributes apart bit by bit: ``0.0 == -0.0``, and ``1 == 1.0 == True``."""
    if isinstance(attribute, tuple):
        return tuple(_exact(v) for v in attribute)
    return (type(attribute), attribute.hex() if isinstance(attribute, float) else attribute)
