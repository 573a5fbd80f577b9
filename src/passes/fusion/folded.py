"""Weights that come of folding: computed in float64 and rounded once, however often something was folded in."""

from __future__ import annotations

from typing import Any, TypeAlias

import ml_dtypes
import numpy as np

from interlingua.ir.dtypes import DType
from interlingua.ir.weights import GLANCE, LazyWeight, Weight

Array: TypeAlias = np.ndarray[Any, Any]
PIECE = 1 << 20
"""Elements that are scaled at a time, so that float64 takes little room beside the weight itself."""


class ScaledWeight(LazyWeight):
    """Another weight times a factor that broadcasts to it."""

    def __init__(self, base: Weight, factor: Array) -> None:
        super().__init__(base.dtype, base.shape, self._rounded)
        self.base: Weight = base.base if isinstance(base, ScaledWeight) else base
        self.factor: Array = base.factor * factor if isinstance(base, ScaledWeight) else factor

    def unrounded(self) -> Array:
        """As :meth:`Weight.unrounded`."""
        return exact_of(self.base) * self.factor

    def glance(self) -> bytes | None:
        """As :meth:`Weight.glance`: it takes computing as many elements."""
        if self.base.glance() is None:
            return None
        first = self.base.view().reshape(-1)[:GLANCE].astype(np.float64)
        with np.errstate(all="ignore"):
            scaled_first = first * np.broadcast_to(self.factor, self.shape).flat[:GLANCE]
            return np.asarray(scaled_first.astype(self.dtype.numpy)).tobytes()

    def _rounded(self) -> Array:
        source, factor = self.base.view(), np.broadcast_to(self.factor, self.shape)
        out = np.empty(self.shape, self.dtype.numpy)
        rows = max(1, PIECE * self.shape[0] // max(1, self.size)) if self.shape else 1
        if not self.shape:
            return np.asarray(source.astype(np.float64) * factor).astype(self.dtype.numpy)
        with np.errstate(all="ignore"):
            for start in range(0, self.shape[0], rows):
                at = slice(start, start + rows)
                out[at] = source[at].astype(np.float64) * factor[at]
        return out


def exact_of(weight: Weight) -> Array:
    """The contents in float64, before they are rounded."""
    exact = weight.unrounded()
    return weight.view().astype(np.float64) if exact is None else exact


def scaled(weight: Weight, factor: Array) -> Weight:
    """The weight times a factor that broadcasts to it; itself where that is 1."""
    return weight if bool(np.all(factor == 1)) else ScaledWeight(weight, factor)


def representable(dtype: DType, exact: Array) -> bool:
    """Whether no element is infinite or NaN once it is rounded."""
    return bool(np.all(np.abs(exact) <= float(ml_dtypes.finfo(dtype.numpy).max)))


def keeps_range(dtype: DType, peaks: Array, factor: Array) -> bool:
    """Whether numbers of the magnitudes ``peaks`` keep their precision when multiplied.

    None is NaN or leaves the range, none becomes so small that digits are lost, unless it is 0 or was as small before.
    """
    with np.errstate(all="ignore"):
        found = peaks * np.abs(factor)
    lost = (found < float(ml_dtypes.finfo(dtype.numpy).smallest_normal)) & (peaks != 0) & (factor != 0)
    return representable(dtype, found) and not bool(np.any(lost & (np.abs(factor) < 1)))
