"""Values as Python source that gives the very same bits."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.ir.dtypes import DType
from interlingua.ir.weights import Weight

MOST_ELEMENTS = 16
"""Constants of more elements are files: no reader looks at more numbers than this."""


def attribute(value: Any) -> str:
    """An attribute as a Python literal.

    Raises:
        TypeError: there is none.
    """
    if isinstance(value, np.dtype):
        return f"np.dtype({value.name!r})"
    if isinstance(value, tuple):
        return f"({', '.join(attribute(v) for v in value)}{',' if len(value) == 1 else ''})"
    if isinstance(value, float):
        return _special(repr(value))
    if value is None or isinstance(value, bool | int | str):
        return repr(value)
    raise TypeError(f"{type(value).__name__} has no literal")


def array(weight: Weight) -> str | None:
    """A constant as an expression; ``None`` where it is too large, or holds a NaN with bits of its own."""
    name = weight.dtype.numpy.name
    dtype = f"dtype=np.{name + '_' if name in ('bool', 'object') else name}"  # what NumPy 1 and 2 both have
    if weight.size == 0:
        return f"np.zeros({weight.shape!r}, {dtype})"
    view = weight.view()
    if weight.size > MOST_ELEMENTS and not (weight.dtype is DType.STRING and _cut(view)):
        return None
    elements = [_element(e) for e in view.ravel()]
    known = [e for e in elements if e is not None]
    return f"np.array({_nested(known, view.shape)}, {dtype})" if len(known) == len(elements) else None


def _cut(view: np.ndarray[Any, Any]) -> bool:
    """Whether NumPy's own strings, which end at their last character but NUL, would lose some."""
    return any(s.endswith("\0") for s in view.ravel().tolist())


def _nested(elements: list[str], shape: tuple[int, ...]) -> str:
    if not shape:
        return elements[0]
    step = len(elements) // shape[0]
    return f"[{', '.join(_nested(elements[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0]))}]"


def _element(value: Any) -> str | None:
    if isinstance(value, np.complexfloating):
        real, imaginary = _element(value.real), _element(value.imag)
        return None if real is None or imaginary is None else f"complex({real}, {imaginary})"
    if not isinstance(value, np.floating):
        return repr(value.item() if isinstance(value, np.generic) else value)
    for text in (str(value), repr(float(value))):  # the shortest digits are enough, but for a double rounding
        if type(value)(float(text)).tobytes() == value.tobytes():
            return _special(text)
    return None


def _special(text: str) -> str:
    return text.replace("inf", "np.inf").replace("nan", "np.nan")
