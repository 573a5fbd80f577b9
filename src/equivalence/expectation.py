"""What outputs are expected to be: values in float64, and how far from them a correct computation may come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np

from interlingua.ir.dtypes import DType

Array: TypeAlias = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """One tensor.

    Attributes:
        value: the reference; floats in float64 or complex128, everything else in its own dtype.
        dtype: the dtype that the tensor is declared to have.
        error: the largest error allowed, by element, in the shape of ``value``; infinite where nothing can be said;
            ``None`` where nothing may differ at all.
        rms: the largest root mean square of all errors allowed.
        signed: whether the sign of a zero is part of the answer.
        fluid: whether the shape itself hangs on a discontinuity within the error bound.
    """

    value: Array
    dtype: DType
    error: Array | None = None
    rms: float = float("inf")
    signed: bool = False
    fluid: bool = False


Expectable: TypeAlias = "Expected | list[Any] | None"
"""A tensor, a sequence of what is expected, or an empty optional."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why nothing can be said of some elements: at ``place``, ``count`` elements of the op's result."""

    kind: Literal["ambiguous", "undefined", "overflow"]
    op: str
    place: str
    count: int


@dataclass(frozen=True, slots=True)
class Contribution:
    """How much of the error to expect at one element comes from ``op`` at ``place``: ``share`` of the whole."""

    op: str
    place: str
    share: float


@dataclass(slots=True)
class Expectation:
    """The outputs by name, in interface order, and why parts of them are excused."""

    outputs: dict[str, Any] = field(default_factory=dict[str, Any])
    causes: list[Cause] = field(default_factory=list[Cause])

    @property
    def undefined(self) -> bool:
        """Whether some op was asked for what it does not define."""
        return any(c.kind == "undefined" for c in self.causes)


def exactly(outputs: Mapping[str, Any]) -> Expectation:
    """These very outputs, bit for bit."""

    def each(value: Any) -> Any:
        if isinstance(value, list):
            return [each(v) for v in value]
        return None if value is None else Expected(value, DType.of(value), signed=True)

    return Expectation({name: each(value) for name, value in outputs.items()})
