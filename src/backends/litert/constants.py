"""Constants, each once, and constants that are computed of others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from interlingua.backends.litert.graph import Edge, Levels
from interlingua.backends.litert.kernels import NoKernel, kernels
from interlingua.ir.dtypes import DType
from interlingua.ir.weights import ArrayWeight, LazyWeight, Weight

SMALL = 4096
"""Elements of a constant that is computed at once where it is cast or reshaped; larger ones when they are written."""
MOVES = frozenset({"transpose", "reshape"})
"""What is computed of a constant by moving its elements alone."""


class Constants:
    """Makes them for all subgraphs of a file."""

    def __init__(self, constants: dict[Any, Edge] | None = None) -> None:
        self.constants: dict[Any, Edge] = {} if constants is None else constants

    def constant(self, value: Any, dtype: DType = DType.I32) -> Edge:
        """A constant from anything that NumPy takes."""
        return self.weight(ArrayWeight(np.asarray(value, dtype=dtype.numpy)), "const")

    def weight(self, weight: Weight, hint: str = "") -> Edge:
        """The constant of a weight handle; small ones of equal contents are one."""
        key: Any = weight
        if weight.nbytes <= SMALL and weight.dtype is not DType.STRING:
            key = (weight.dtype, weight.shape, weight.view().tobytes())
        found = self.constants.get(key)
        if found is None:
            if not kernels().holds(weight.dtype):
                raise NoKernel(f"LiteRT {kernels().runtime} computes nothing of {weight.dtype}")
            name = hint or f"const_{len(self.constants)}"
            found = self.constants[key] = Edge(name, weight.dtype, weight.shape, weight)
        return found

    def computed(self, x: Edge, dtype: DType, shape: tuple[int, ...], function: Any, key: tuple[Any, ...]) -> Edge:
        """A constant computed of another: at once where it is small, else when it is written, and once for all uses of
        ``key``."""
        source = x.weight
        assert source is not None
        found = self.constants.get((source, *key))
        if found is not None:
            return found

        def compute() -> np.ndarray[Any, Any]:
            with np.errstate(all="ignore"):
                return np.ascontiguousarray(function(source.view())).reshape(shape)

        if source.size <= SMALL:
            made = self.weight(ArrayWeight(compute()), x.name)
        else:
            made = self.weight(LazyWeight(dtype, shape, compute), x.name)
            made.narrow = None if x.narrow is None else _moved(x.narrow, shape, function, key)
        self.constants[(source, *key)] = made
        return made

    def converted(self, x: Edge, to: DType) -> Edge:
        """A constant in another dtype, as NumPy casts."""
        assert x.weight is not None
        return self.computed(x, to, x.weight.shape, lambda array: array.astype(to.numpy), ("cast", to))

    def widened(self, x: Edge) -> Edge:
        """A float16 constant in float32."""
        return _from(self.converted(x, DType.F32), x)

    def dequantized(self, x: Edge, levels: Levels) -> Edge:
        """What the integers of a constant stand for, each product rounded once to float32."""
        assert x.weight is not None
        scales = np.asarray(levels.scales, np.float32)
        if scales.size > 1:
            scales = scales.reshape([-1 if a == levels.axis else 1 for a in range(x.rank)])
        key = ("dequantize", levels)
        made = self.computed(x, DType.F32, x.weight.shape, lambda a: a.astype(np.float32) * scales, key)
        return _from(made, Edge(x.name, x.dtype, x.shape, x.weight, levels=levels))


def _from(wide: Edge, narrow: Edge) -> Edge:
    """``wide``, which is stored as ``narrow`` where that is worth an operator."""
    if narrow.weight is not None and narrow.weight.size > SMALL:
        wide.narrow = narrow
    return wide


def _moved(x: Edge, shape: tuple[int, ...], function: Any, key: tuple[Any, ...]) -> Edge | None:
    """What is stored of a constant whose elements move; ``None`` where they do not only do that, or scales along an
    axis lose it."""
    weight, levels = x.weight, x.levels
    assert weight is not None
    if key[0] not in MOVES:
        return None
    if levels is not None and len(levels.scales) > 1:
        if key[0] != "transpose":
            return None
        levels = replace(levels, axis=key[1].index(levels.axis))

    def compute() -> np.ndarray[Any, Any]:
        return np.ascontiguousarray(function(weight.view())).reshape(shape)

    return Edge(x.name, x.dtype, shape, LazyWeight(x.dtype, shape, compute), levels=levels)

