"""How exactly a runtime computes, as it declares. Bounds on errors are derived from it, and from nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import ml_dtypes

from interlingua.ir.dtypes import DType


@dataclass(frozen=True, slots=True)
class Numerics:
    """A runtime's arithmetic, with its settings.

    Attributes:
        accumulators: by element dtype, the unit roundoff that sums are kept in; where it is absent, that of the dtype
            itself, and of float32 for float16 and bfloat16, as ops are defined. TF32 is ``2**-11`` for float32; sums
            of float16 kept in float16 are ``2**-11``.
        ulps: by op name, the largest relative error of one result in unit roundoffs, where it is another than the
            op's own.
        absolute: by op name, the size below which the error no longer shrinks with the result: an op that is computed
            as ½ plus something is as exact as ½ is.
        flushes: whether subnormal operands and results may be taken for 0.
        partial_sums: how many parts a long sum is kept in at the least, each of them added up one by one; ``None``
            where there are so many that errors do not grow with the number of terms.
    """

    accumulators: Mapping[DType, float] = field(default_factory=dict[DType, float])
    ulps: Mapping[str, float] = field(default_factory=dict[str, float])
    absolute: Mapping[str, float] = field(default_factory=dict[str, float])
    flushes: bool = False
    partial_sums: int | None = None

    def accumulator(self, dtype: DType) -> float:
        """The unit roundoff of sums over elements of ``dtype``."""
        found = self.accumulators.get(dtype)
        if found is not None:
            return found
        return unit_roundoff(DType.F32 if dtype in (DType.F16, DType.BF16) else dtype)

    def growth(self, terms: int) -> float:
        """How much larger the error of a sum of so many terms is than one rounding of the root of their squares.

        Partial sums grow as the root of their terms, and each is rounded: ``√(Σ k)`` over the ``terms/parts`` terms of
        one, and the errors of the parts add up in squares.
        """
        parts = self.partial_sums
        return 1.0 if parts is None else max(1.0, math.sqrt(terms / (2 * parts)))

    def floor(self, dtype: DType) -> float:
        """The size of an error that is none: a subnormal more or less, or all of them where they are flushed."""
        return smallest_normal(dtype) if self.flushes else smallest_subnormal(dtype)

    def coarser(self, other: Numerics) -> Numerics:
        """The larger error of either, for results of the two that are held against each other."""
        return Numerics(
            _larger(self.accumulators, other.accumulators, self.accumulator, other.accumulator),
            _larger(self.ulps, other.ulps),
            _larger(self.absolute, other.absolute),
            self.flushes or other.flushes,
            min((n.partial_sums for n in (self, other) if n.partial_sums is not None), default=None),
        )


def _larger(
    a: Mapping[Any, float],
    b: Mapping[Any, float],
    default_a: Callable[[Any], float] = lambda _: 0.0,
    default_b: Callable[[Any], float] = lambda _: 0.0,
) -> dict[Any, float]:
    return {key: max(a.get(key, default_a(key)), b.get(key, default_b(key))) for key in {**a, **b}}


IEEE = Numerics()
"""Every op rounds once, sums are kept in the dtype of their terms, those of narrow floats in float32."""


def unit_roundoff(dtype: DType) -> float:
    """Half the spacing of floats at 1."""
    return float(ml_dtypes.finfo(dtype.numpy).eps) / 2


def smallest_subnormal(dtype: DType) -> float:
    """The smallest positive number."""
    return float(ml_dtypes.finfo(dtype.numpy).smallest_subnormal)


def smallest_normal(dtype: DType) -> float:
    """The smallest positive number of full precision."""
    return float(ml_dtypes.finfo(dtype.numpy).smallest_normal)


def largest(dtype: DType) -> float:
    """The largest finite number."""
    return float(ml_dtypes.finfo(dtype.numpy).max)
