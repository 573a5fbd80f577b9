"""What is carried beside every value: how far from it a correct computation may come out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import ml_dtypes
import numpy as np

from interlingua.equivalence.expectation import Array, Cause
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.op import Op
from interlingua.runtimes.numerics import IEEE, Numerics, largest, smallest_normal

INF = float("inf")
Error: TypeAlias = "Array | None"
"""By element, in the shape of the value; ``None`` where nothing may differ, infinite where nothing can be said."""


@dataclass(slots=True)
class Bounded:
    """A tensor on its way through the graph.

    Attributes:
        value: in float64 (complex128), or its own dtype where it is no float.
        dtype: as declared.
        error: see :data:`Error`. Of bools and of choices it is 0 or infinite.
        fluid: whether the shape itself hangs on a discontinuity within the error.
        signed: whether the sign of a zero is part of the answer.
    """

    value: Array
    dtype: DType
    error: Error = None
    fluid: bool = False
    signed: bool = False
    _consumed: Error = None
    _seen: bool = False

    @property
    def exact(self) -> bool:
        return self.error is None and not self.fluid


@dataclass(slots=True)
class Rules:
    """What holds for the whole run.

    Attributes:
        numerics: of the runtime.
        strict: worst-case bounds on sums (``γ_K``) in place of ``4·√K·u``.
        only: the one node whose own rounding counts: for explanations.
        numbers: lone constants stand for what they may be the rounding of: 0.1666 in float16 for a sixth.
    """

    numerics: Numerics = IEEE
    strict: bool = False
    only: Node | None = None
    numbers: bool = False


@dataclass(slots=True)
class Step:
    """One op at work: what a rule sees.

    Attributes:
        op: as it is run, its dtypes widened.
        operands: tensors, lists of them, ``None``.
        arrays: their values.
        results: what the reference gave for them.
        dtypes: that the results are declared to have.
        inside: whether the op is part of the decomposition of another.
        rounds: whether the op's own rounding counts.
    """

    op: Op
    operands: list[Any]
    arrays: list[Any]
    results: list[Any]
    dtypes: list[Any]
    rules: Rules
    place: str
    inside: bool
    rounds: bool
    causes: list[Cause] = field(default_factory=list[Cause])
    name: str = ""
    fluid: bool = False

    @property
    def numerics(self) -> Numerics:
        return self.rules.numerics

    def errors(self) -> list[Any]:
        """Of the operands."""
        return [o.error if isinstance(o, Bounded) else None for o in self.operands]

    def note(self, kind: Literal["ambiguous", "undefined", "overflow"], count: int) -> None:
        """Record why nothing can be said of ``count`` elements."""
        if count:
            self.causes.append(Cause(kind, self.name, self.place, int(count)))

    def unknown(self, kind: Literal["ambiguous", "undefined", "overflow"] = "ambiguous") -> list[Error]:
        """Nothing can be said of any result."""
        self.note(kind, sum(r.size for r in self.results if isinstance(r, np.ndarray)))
        return [np.full(np.shape(r), INF) for r in self.results]


def consumed(x: Bounded, numerics: Numerics) -> Error:
    """The error of ``x`` as an operand: what is beyond the largest number of its dtype is infinite in a runtime,
    and no longer the number that the reference goes on with."""
    if x._seen:
        return x._consumed
    x._consumed, x._seen = x.error, True
    if x.dtype.kind != "float" or x.value.size == 0 or x.dtype.bits < 16:
        return x._consumed
    size = np.abs(x.value)
    if numerics.flushes:
        small = (size > 0) & (size < smallest_normal(x.dtype))
        if small.any():
            x._consumed = total(x._consumed, np.where(small, size, 0.0))
    if x.dtype is not DType.F64 and x.error is not None:
        over = np.isfinite(size) & (size + x.error > largest(x.dtype)) & np.isfinite(x.error)
        if over.any():
            x._consumed = np.where(over, INF, x._consumed)  # type: ignore[arg-type]
    return x._consumed


def overflowed(x: Bounded) -> int:
    """How many elements of ``x`` its dtype cannot say, though float64 can."""
    if x.dtype.kind != "float" or x.dtype.bits < 16 or x.dtype is DType.F64 or x.error is None:
        return 0
    return int(np.sum(np.isfinite(x.value) & (np.abs(x.value) > largest(x.dtype)) & np.isfinite(x.error)))


def total(*errors: Error) -> Error:
    """Errors that add up."""
    given = [e for e in errors if e is not None]
    if not given:
        return None
    out = given[0]
    for e in given[1:]:
        out = out + e
    return out


def zeros(x: Any, error: Error) -> Array:
    """``error`` as an array."""
    return np.zeros(np.shape(x)) if error is None else error


def deviation(y: Array, other: Array) -> Array:
    """How far ``other`` is from ``y``; infinite where one of them is no number and they are not the same."""
    with np.errstate(all="ignore"):
        if y.dtype.kind in "OUS":
            return np.where(y == other, 0.0, INF)
        a, b = wide(y), wide(other)
        found = np.abs(b - a)
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        found = np.where(same, 0.0, np.where(np.isnan(found), INF, found))
        return np.where(y != other, INF, 0.0) if y.dtype == np.bool_ else found


def wide(x: Array) -> Array:
    """``x`` in float64 or complex128."""
    return x.astype(np.complex128 if x.dtype.kind == "c" else np.float64, copy=False)


def shifted(x: Array, error: Array, sign: int) -> Array:
    """``x`` moved by its error, kept in its dtype; a bool that is open becomes true or false, a string stays."""
    kind = x.dtype.kind
    if kind == "O":
        return x
    if kind == "b":
        return np.where(error > 0, sign > 0, x)
    with np.errstate(all="ignore"):
        if kind in "fc":
            return np.asarray(x + sign * error)
        info = ml_dtypes.iinfo(x.dtype)
        moved = x.astype(np.float64) + sign * np.where(np.isinf(error), 2.0**63, np.rint(error))
        low, high = float(info.min), float(info.max)
        inside = np.clip(moved, low, high * (1 - 2.0**-53) if high >= 2.0**53 else high)
        return np.where(error > 0, inside.astype(x.dtype), x)


def finite(x: Array) -> Array:
    """``x`` with 0 in place of NaN and infinities."""
    if x.dtype.kind == "c":
        return np.asarray(finite(x.real) + 1j * finite(x.imag))
    return np.asarray(np.where(np.isfinite(x), x, 0))
