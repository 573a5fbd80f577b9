"""Kernels of the sources."""

from __future__ import annotations

import math

import numpy as np

from interlingua.ir.kernels.array import Array


def shape_of(x: Array) -> Array:
    """The shape of ``x`` as an int64 vector."""
    return np.array(np.shape(x), dtype=np.int64)


def iota(start: Array, limit: Array, step: Array) -> Array:
    """``start + step*i`` up to ``limit``, exclusive; empty where ``step`` leads away from it."""
    first, by = np.asarray(start)[()], np.asarray(step)[()]
    if np.issubdtype(np.asarray(start).dtype, np.integer):
        count = max(0, -((int(start) - int(limit)) // int(step)))
    else:
        count = max(0, math.ceil((float(limit) - float(start)) / float(step)))
    return np.asarray(first + by * np.arange(count).astype(np.asarray(start).dtype), dtype=np.asarray(start).dtype)
