"""The first tolerance model, behind the seam that a better one will take: :class:`Tolerance`.

Errors of rounding grow like a random walk along the path from input to output: over ``depth`` ops of unit roundoff
``u`` an output of size ``s`` carries about ``u·√depth·s``. ``s`` is taken as the element itself plus the root mean
square of its tensor, since sums cancel. ``MARGIN`` covers contractions, whose own error is several ``u``.
"""

from __future__ import annotations

from math import sqrt
from typing import Any, Protocol

import numpy as np

from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor
from interlingua.runtimes.numerics import smallest_subnormal, unit_roundoff

MARGIN = 16.0


class Tolerance(Protocol):
    """How far an output may be from its reference."""

    def bound(self, output: str, reference: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The largest error allowed, by element; shape of ``reference``."""


class DepthTolerance:
    """Bounds from the depth of the graph and the coarsest dtype in it."""

    def __init__(self, module: Module) -> None:
        coarsest = coarsest_float(module)
        self.roundoff = unit_roundoff(coarsest)
        self.floor = smallest_subnormal(coarsest)
        self.depth = max(1, depth(module.main))

    def bound(self, output: str, reference: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        wide = np.abs(reference.astype(np.complex128 if reference.dtype.kind == "c" else np.float64))
        finite = wide[np.isfinite(wide)]
        scale = float(np.sqrt(np.mean(np.square(finite)))) if finite.size else 0.0
        size = np.where(np.isfinite(wide), wide, 0.0) + scale
        return MARGIN * sqrt(self.depth) * (self.roundoff * size + self.floor)

    def __str__(self) -> str:
        return f"{MARGIN:g}·{self.roundoff:.2g}·√{self.depth}·(|y| + rms(y))"


def coarsest_float(module: Module) -> DType:
    """The float dtype of the widest spacing among the module's values."""
    found = [DType.F64]
    for node in module.walk():
        found.extend(r.type.dtype for r in node.results if isinstance(r.type, Tensor) and r.type.dtype.is_float)
    return max(found, key=unit_roundoff)


def depth(graph: Graph) -> int:
    """The number of ops on the longest path through ``graph``; a region counts with its own."""
    reached: dict[Value, int] = {}
    for node in graph.nodes:
        inside = max((depth(region) for region in node.regions), default=0)
        step = 0 if isinstance(node.op, Constant) else 1 + inside
        here = step + max((reached.get(o, 0) for o in node.operands if o is not None), default=0)
        reached.update(dict.fromkeys(node.results, here))
    return max(reached.values(), default=0)
