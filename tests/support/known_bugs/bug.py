"""Bugs that other converters had, each as the smallest model that shows it.

A :class:`Bug` holds a graph, inputs on which the bug shows, the right results written with NumPy alone, and the results
that the bug gave. That these two can be told apart is tested as well: it is what makes the row evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from support.versions import Row

Array = np.ndarray[Any, Any]
F4, F8, I8 = np.float32, np.float64, np.int64


@dataclass(frozen=True)
class Bug:
    """One bug.

    Attributes:
        name: of the class of bugs.
        row: the model, in the opset that its one version names.
        right: the results, from the inputs.
        wrong: the results of the bug; fewer where it concerns the first ones alone.
    """

    name: str
    row: Row
    right: tuple[Array, ...]
    wrong: tuple[Array, ...]


def bug(name: str, text: str, arrays: tuple[Array, ...], right: Any, wrong: Any, opset: int = 17, **more: Any) -> Bug:
    """A row; single results need no tuple."""
    row = Row(name, (opset,), text, arrays, **more)
    return Bug(name, row, *(tuple(map(np.asarray, v if isinstance(v, tuple) else (v,))) for v in (right, wrong)))


def values(*shape: int, seed: int = 0) -> Array:
    """Normal float32 numbers."""
    return np.random.default_rng(seed).standard_normal(shape).astype(F4)
