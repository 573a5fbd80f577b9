"""Arrays as NumPy source that gives the very same bits."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.backends.source.literals import MOST_ELEMENTS, Spelling
from interlingua.ir.dtypes import DType
from interlingua.ir.weights import Weight

SPELLING = Spelling("np.inf", "np.nan", lambda dtype: f"np.dtype({dtype.numpy.name!r})")


def array(weight: Weight) -> str | None:
    """A constant as an expression; ``None`` where it is too large, or holds a NaN with bits of its own."""
    name = weight.dtype.numpy.name
    dtype = f"dtype=np.{name + '_' if name in ('bool', 'object') else name}"  # what NumPy 1 and 2 both have
    if weight.size == 0:
        return f"np.zeros({weight.shape!r}, {dtype})"
    view = weight.view()
    if weight.size > MOST_ELEMENTS and not (weight.dtype is DType.STRING and _cut(view)):
        return None
    elements = SPELLING.elements(view)
    return None if elements is None else f"np.array({elements}, {dtype})"


def _cut(view: np.ndarray[Any, Any]) -> bool:
    """Whether NumPy's own strings, which end at their last character but NUL, would lose some."""
    return any(s.endswith("\0") for s in view.ravel().tolist())
