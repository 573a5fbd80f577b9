"""Compute what is known before the model runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from interlingua.errors import EvaluationError
from interlingua.ir.builder import Builder
from interlingua.ir.dims import product
from interlingua.ir.graph import Graph, Module, Node, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import Tensor
from interlingua.passes.base import Pass


@dataclass(frozen=True, slots=True)
class FoldConstants(Pass):
    """Exact: the value is what shapes determine, or what the op's own reference gives on integer constants.

    Floats are left to the runtime: its kernels may round otherwise than the reference does. ``limit`` is the largest
    number of elements that a folded constant may have. One of more than ``small`` bytes is no larger than what it is
    made of: levels are not widened, rows not repeated.
    """

    name: ClassVar[str] = "fold-constants"
    limit: int = 1024
    small: int = 512

    def run(self, module: Module, rewriter: Rewriter) -> int:
        return sum(self._fold_graph(f, rewriter) for f in module.functions.values())

    def _fold_graph(self, graph: Graph, rewriter: Rewriter) -> int:
        folded = 0
        for node in graph.nodes:
            folded += sum(self._fold_graph(region, rewriter) for region in node.regions)
            if isinstance(node.op, Constant) or node.regions or node.op.effects or len(node.results) != 1:
                continue
            value = self._value(node)
            if value is not None:
                b = Builder(graph, before=node, rewriter=rewriter)
                with b.at(node.origin, node.scope):
                    rewriter.replace_node(node, [b.constant(value)])
                folded += 1
        return folded

    def _value(self, node: Node) -> np.ndarray[Any, Any] | None:
        type_ = node.result.type
        if not isinstance(type_, Tensor) or type_.dtype.kind not in ("int", "uint", "bool"):
            return None
        shape = type_.static_shape
        if shape is None or product(shape) > self.limit:  # type: ignore[operator]
            return None
        if self._grows(node, type_):
            return None
        if type_.elements is not None and type_.known() is not None:
            return type_.elements.astype(type_.dtype.numpy)
        operands = [self._constant(o) for o in node.operands]
        if not operands or any(o is None for o in operands):
            return None
        try:
            with np.errstate(all="ignore"):
                found = node.op.reference(*operands)
        except (EvaluationError, ArithmeticError, LookupError, ValueError):
            return None  # an error of the model's own, if the node is ever reached: it stays for the run
        fits = isinstance(found, np.ndarray) and found.shape == shape and found.dtype == type_.dtype.numpy
        return found if fits else None

    def _grows(self, node: Node, type_: Tensor) -> bool:
        """Whether the result takes more room than the constants that it is made of alone."""
        made = [o.node.op.weight for o in node.operands if o is not None and o.node and isinstance(o.node.op, Constant)]
        wanted = product(type_.dims) * type_.dtype.numpy.itemsize
        return len(made) == len(node.operands) and wanted > max(self.small, sum(w.nbytes for w in made))  # type: ignore[operator]

    def _constant(self, value: Value | None) -> np.ndarray[Any, Any] | None:
        if value is None or value.node is None or not isinstance(value.node.op, Constant):
            return None
        weight = value.node.op.weight
        integral = weight.dtype.kind in ("int", "uint", "bool")
        return weight.view() if integral and weight.size <= self.limit else None
