"""How large arrays are, whatever their scale: squares of float64 overflow from 1e154 on, and vanish below 1e-162."""

from __future__ import annotations

import numpy as np

from interlingua.equivalence.expectation import Array


def scale(array: Array) -> float:
    """The power of two that brings the largest finite absolute value into [1, 2); 1 where there is none but 0."""
    size = np.abs(array)
    top = float(np.max(size, where=np.isfinite(size), initial=0.0))
    return float(np.ldexp(1.0, np.frexp(top)[1] - 1)) if top > 0 else 1.0


def root_mean_square(array: Array) -> float:
    """Of what is finite; 0 where nothing is."""
    wide = np.abs(array.astype(np.complex128 if array.dtype.kind == "c" else np.float64))
    finite = wide[np.isfinite(wide)]
    if not finite.size:
        return 0.0
    unit = scale(finite)
    return unit * float(np.sqrt(np.mean(np.square(finite / unit))))
