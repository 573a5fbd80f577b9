"""Kernels of matrices: triangles, the identity, determinants."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.ir.kernels.array import Array
from interlingua.ir.kernels.precision import narrow, wide


def trilu(x: Array, k: Array | None = None, *, upper: bool) -> Array:
    """The upper or lower triangle of each matrix, zeros elsewhere."""
    diagonal = 0 if k is None else int(np.asarray(k).reshape(()))
    offset = np.arange(x.shape[-1])[None, :] - np.arange(x.shape[-2])[:, None]
    kept = offset >= diagonal if upper else offset <= diagonal
    return np.where(kept, x, np.zeros((), x.dtype))


def eye(rows: Array, columns: Array, *, k: int, dtype: np.dtype[Any]) -> Array:
    """1 on the ``k``-th diagonal, 0 elsewhere."""
    height, width = (int(np.asarray(n).reshape(())) for n in (rows, columns))
    return np.eye(height, width, k).astype(dtype)


def det(x: Array) -> Array:
    """The determinant of each matrix."""
    with np.errstate(all="ignore"):
        return narrow(np.asarray(np.linalg.det(wide(x))), x)
