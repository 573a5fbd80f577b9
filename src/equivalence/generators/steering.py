"""A draw that aims at a shape, a rank or a dtype, and remembers how operands were drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from interlingua.ir.draw import FINITE, KINDS, Draw, Kind
from interlingua.ir.dtypes import DType


@dataclass(frozen=True, slots=True)
class Free:
    """How an operand was drawn: any array of its shape and dtype may take its place that is within [lo, hi] and, if
    ``finite``, holds no NaN or infinity."""

    array: np.ndarray[Any, Any]
    dtype: DType
    finite: bool
    lo: float | None = None
    hi: float | None = None

    def admits(self, other: np.ndarray[Any, Any]) -> bool:
        """Whether the values of ``other`` (of the same shape and dtype) are such values."""
        limited = self.finite or self.lo is not None or self.hi is not None
        if self.dtype is DType.STRING or not other.size or not limited:
            return True
        if self.dtype.kind not in ("float", "int", "uint"):
            return bool(np.isfinite(other).all())
        wide = other.astype(np.float64)
        known = wide[~np.isnan(wide)]
        if self.finite and not (known.size == wide.size and np.isfinite(known).all()):
            return False
        below = self.lo is not None and known.size and known.min() < self.lo
        above = self.hi is not None and known.size and known.max() > self.hi
        return not below and not above


class Steered(Draw):
    """Answers from ``source``, but for the first questions of shape, rank and dtype: those as wished, where the wish
    is among the allowed answers.

    Attributes:
        options: the dtypes that the first question of a dtype allowed; empty where there was none.
        free: what was drawn as arrays, by identity.
    """

    def __init__(
        self,
        source: Draw,
        *,
        shape: tuple[int, ...] | None = None,
        dtype: DType | None = None,
        rank: int | None = None,
        special: bool = True,
    ) -> None:
        self.source = source
        self._shape, self._dtype, self._rank = shape, dtype, len(shape) if rank is None and shape is not None else rank
        self._special = special
        self.options: tuple[DType, ...] = ()
        self.answered: DType | None = None
        self.free: dict[int, Free] = {}

    def integer(self, lo: int, hi: int) -> int:
        return self.source.integer(lo, hi)

    def rank(self, lo: int, hi: int, *, others: int = 0) -> int:
        wished, self._rank = self._rank, None
        if wished is not None and lo <= wished - others <= hi:
            return wished - others
        return super().rank(lo, hi, others=others)

    def shape(self, lo: int = 0, hi: int = 4, *, least: int = 0, others: int = 0) -> tuple[int, ...]:
        wished, self._shape = self._shape, None
        if wished is None or not lo <= len(wished) - others <= hi or (least and 0 in wished):
            return super().shape(lo, hi, least=least, others=others)
        self._rank = None
        return wished[others:]

    def dtype(self, allowed: Iterable[DType]) -> DType:
        options = tuple(allowed)
        if not self.options:
            self.options = options
        wished, self._dtype = self._dtype, None
        found = wished if wished in options else super().dtype(options)
        if self.answered is None:
            self.answered = found
        return found

    def array(
        self,
        shape: Sequence[int],
        dtype: DType,
        *,
        kinds: Sequence[Kind] = KINDS,
        lo: float | None = None,
        hi: float | None = None,
    ) -> np.ndarray[Any, Any]:
        narrowed = kinds if self._special else tuple(k for k in kinds if k in FINITE)
        drawn = super().array(shape, dtype, kinds=narrowed or kinds, lo=lo, hi=hi)
        self.free[id(drawn)] = Free(drawn, dtype, "special" not in kinds, lo, hi)
        return drawn
