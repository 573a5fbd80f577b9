"""Values as Python source that gives the very same bits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from interlingua.ir.dtypes import DType

MOST_ELEMENTS = 16
"""Constants of more elements are files: no reader looks at more numbers than this."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a program writes what Python has no literal for: infinity, what is no number, and an element type."""

    infinity: str
    nan: str
    dtype: Callable[[DType], str]
    text: Callable[[str], str] = repr

    def attribute(self, value: Any) -> str:
        """An attribute as a Python literal.

        Raises:
            TypeError: there is none.
        """
        if isinstance(value, np.dtype | DType):
            return self.dtype(value if isinstance(value, DType) else DType.of(value))
        if isinstance(value, tuple):
            return f"({', '.join(self.attribute(v) for v in value)}{',' if len(value) == 1 else ''})"
        if isinstance(value, float):
            return self._special(repr(value))
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, bool | int):
            return repr(value)
        raise TypeError(f"{type(value).__name__} has no literal")

    def elements(self, view: np.ndarray[Any, Any]) -> str | None:
        """The elements of an array as lists inside each other, or as a number where it has no axes; ``None`` where one
        is a NaN with bits of its own."""
        elements = [self._element(e) for e in view.ravel()]
        known = [e for e in elements if e is not None]
        return _nested(known, view.shape) if len(known) == len(elements) else None

    def _element(self, value: Any) -> str | None:
        if isinstance(value, np.complexfloating):
            real, imaginary = self._element(value.real), self._element(value.imag)
            return None if real is None or imaginary is None else f"complex({real}, {imaginary})"
        if not DType.of(np.asarray(value)).is_float:
            return repr(value.item() if isinstance(value, np.generic) else value)
        for text in (str(value), repr(float(value))):  # the shortest digits are enough, but for a double rounding
            if type(value)(float(text)).tobytes() == value.tobytes():
                return self._special(text)
        return None

    def _special(self, text: str) -> str:
        return text.replace("inf", self.infinity).replace("nan", self.nan)


def _nested(elements: list[str], shape: tuple[int, ...]) -> str:
    if not shape:
        return elements[0]
    step = len(elements) // shape[0]
    return f"[{', '.join(_nested(elements[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0]))}]"
