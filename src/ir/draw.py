"""Drawing samples of ops: what ``Op.sample`` asks for, whoever answers.

A source of randomness (Hypothesis in tests, a plain generator in campaigns) answers the few questions of
:class:`Draw`; all else derives from them. Hypothesis sees structure alone: dtype, rank, dims, attributes. The values
of an array come from a kind and a seed, so that examples are fast and shrink.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypeVar

import numpy as np

from interlingua.ir.dtypes import DType
from interlingua.ir.op import Op

T = TypeVar("T")
Kind: TypeAlias = Literal["arange", "small", "normal", "ties", "heavy", "special"]
KINDS: tuple[Kind, ...] = ("arange", "small", "normal", "ties", "heavy", "special")
"""How values are made, in the order in which they shrink: counting, small integers, standard normal, few distinct
values, heavy tails, and normal with NaN, infinities, −0.0 and subnormals among them."""
FINITE: tuple[Kind, ...] = KINDS[:-1]

POINTS = (0.0, 1.0, -1.0, 2.0, 0.5, -0.0, float("nan"), float("inf"), float("-inf"))
"""What single elements are overridden with, those that every kind may hold first."""
FINITE_POINTS = 5
MAX_OVERRIDES = 8

SIZES = (3, 4, 5, 2, 6, 7)
"""Dims are drawn from these without repetition: equal dims hide errors of axes."""

_PREFERENCE = (DType.F32, DType.I64, DType.F64, *(d for d in DType if d not in (DType.F32, DType.I64, DType.F64)))


@dataclass(frozen=True, slots=True)
class Held:
    """An operand of optional type, with what it holds; ``None`` for nothing."""

    value: Any


@dataclass(frozen=True, slots=True)
class Sample:
    """An op and operands that it takes: arrays, lists of arrays (sequences), :class:`Held` (optionals),
    ``None`` for an absent one.

    ``known`` are the operands that have to be constants of the graph, for the type rule reads their values."""

    op: Op
    operands: tuple[Any, ...]
    known: frozenset[int] = frozenset()


class Draw(ABC):
    """Answers the questions of a sample."""

    @abstractmethod
    def integer(self, lo: int, hi: int) -> int:
        """An integer in [lo, hi]; shrinks towards ``lo``."""

    def choice(self, options: Sequence[T]) -> T:
        """One of the options; shrinks towards the first."""
        return options[self.integer(0, len(options) - 1)]

    def boolean(self) -> bool:
        """Shrinks towards false."""
        return bool(self.integer(0, 1))

    def rarely(self) -> bool:
        """True about once in eight draws."""
        return self.integer(0, 7) == 7

    def rank(self, lo: int, hi: int, *, others: int = 0) -> int:
        """A number of axes, beside ``others`` that are always there."""
        return self.integer(lo, hi)

    def shape(self, lo: int = 0, hi: int = 4, *, least: int = 0, others: int = 0) -> tuple[int, ...]:
        """A shape of rank ``lo`` to ``hi`` (that of ``others`` before it aside): dims pairwise distinct, now and then
        one of them 1 or (if ``least`` is 0) 0."""
        rank = self.rank(lo, hi, others=others)
        sizes = list(SIZES)
        dims = [sizes.pop(self.integer(0, len(sizes) - 1)) for _ in range(rank)]
        if rank and self.rarely():
            dims[self.integer(0, rank - 1)] = 1
        if rank and least == 0 and self.rarely():
            dims[self.integer(0, rank - 1)] = 0
        return tuple(dims)

    def axis(self, rank: int) -> int:
        """An axis of a tensor of rank ``rank`` (at least 1), counted from either end."""
        axis = self.integer(0, rank - 1)
        return axis - rank if self.boolean() else axis

    def axes(self, rank: int, *, least: int = 0) -> tuple[int, ...]:
        """Distinct axes, at least ``least`` of them, in any order, counted from either end."""
        left = list(range(rank))
        count = self.integer(least, rank)
        picked = [left.pop(self.integer(0, len(left) - 1)) for _ in range(count)]
        return tuple(a - rank if self.boolean() else a for a in picked)

    def array(
        self,
        shape: Sequence[int],
        dtype: DType,
        *,
        kinds: Sequence[Kind] = KINDS,
        lo: float | None = None,
        hi: float | None = None,
    ) -> np.ndarray[Any, Any]:
        """Values of a dtype by (kind, seed) and now and then a few overrides, clipped to [lo, hi] where given (NaN
        stays)."""
        kind, seed = self.choice(kinds), self.integer(0, 2**16)
        drawn = values(tuple(shape), dtype, kind, seed, lo, hi)
        if drawn.size and dtype is not DType.STRING and self.rarely():
            points = POINTS if "special" in kinds and dtype.is_float else POINTS[:FINITE_POINTS]
            for _ in range(self.integer(1, MAX_OVERRIDES)):
                place, point = self.integer(0, drawn.size - 1), _between(self.choice(points), lo, hi)
                drawn.reshape(-1)[place] = point if dtype.is_float else values((), dtype, "arange", 0, point, point)
        return drawn

    def strings(self, shape: Sequence[int], pieces: Sequence[str], *, most: int = 4) -> np.ndarray[Any, Any]:
        """Strings of up to ``most`` of the ``pieces`` each."""
        rng = np.random.default_rng(self.integer(0, 2**16))
        drawn = np.empty(tuple(shape), object)
        drawn.reshape(-1)[:] = ["".join(rng.choice(pieces, rng.integers(most + 1))) for _ in range(drawn.size)]
        return drawn

    def dtype(self, allowed: Iterable[DType]) -> DType:
        """One of ``allowed``; f32, or what comes next to it, in half of the draws."""
        ordered = sorted(allowed, key=_PREFERENCE.index)
        return self.choice(ordered) if self.boolean() else ordered[0]

    def integers(self, elements: Sequence[int]) -> np.ndarray[Any, Any]:
        """These integers as an int64 or int32 vector, as sizes, amounts and places are given."""
        return np.array(elements, self.choice((np.int64, np.int32)))

    def scalar(self, element: int) -> np.ndarray[Any, Any]:
        """One int64 or int32 of rank 0 or 1."""
        return self.integers([element]).reshape((1,) if self.boolean() else ())

    def indices(self, shape: Sequence[int], size: int) -> np.ndarray[Any, Any]:
        """Indices into an axis of ``size`` (at least 1), counted from either end."""
        return self.array(shape, self.choice((DType.I64, DType.I32)), lo=-size, hi=size - 1)

    def rows(self, lead: Sequence[int], dims: Sequence[int]) -> np.ndarray[Any, Any]:
        """Rows of indices, one into each of ``dims`` (none of them 0)."""
        columns = [self.indices(lead, size).astype(np.int64) for size in dims]
        return np.stack(columns, -1) if columns else np.zeros((*lead, 0), np.int64)

    def some(self, operands: Iterable[int]) -> frozenset[int]:
        """Some of the operands, now none and now all: those that are to be constants."""
        return frozenset(i for i in operands if self.boolean())

    def broadcastable(self, shape: Sequence[int]) -> tuple[int, ...]:
        """A shape that broadcasts to ``shape``: leading dims left out, or some of them 1."""
        kept = list(shape[self.integer(0, len(shape)) :]) if self.boolean() else list(shape)
        return tuple(1 if self.rarely() else d for d in kept)


class RandomDraw(Draw):
    """Answers from a generator of random numbers: for campaigns, where nothing shrinks."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def integer(self, lo: int, hi: int) -> int:
        return int(self.rng.integers(lo, hi, endpoint=True))


def _between(point: float, lo: float | None, hi: float | None) -> float:
    raised = point if lo is None or not point < lo else lo
    return raised if hi is None or not raised > hi else hi


def values(
    shape: tuple[int, ...], dtype: DType, kind: Kind, seed: int, lo: float | None = None, hi: float | None = None
) -> np.ndarray[Any, Any]:
    """The values that (kind, seed) stand for."""
    rng = np.random.default_rng(seed)
    size = int(np.prod(shape, dtype=np.int64))
    if dtype is DType.STRING:
        return np.array(rng.choice(["a", "bc", "", "déf"], shape), dtype=object).reshape(shape)
    if dtype.kind == "bool":
        return np.asarray(rng.random(shape) < 0.5)
    wide = _floats(rng, size, kind)
    if lo is not None or hi is not None:
        with np.errstate(all="ignore"):
            wide = np.where(np.isnan(wide), wide, np.clip(wide, lo, hi))
    if dtype.is_integer:
        return _integers(wide, dtype, lo, hi).reshape(shape)
    if dtype.kind == "complex":
        return (wide + 1j * _floats(rng, size, "normal")).astype(dtype.numpy).reshape(shape)
    with np.errstate(all="ignore"):
        return wide.astype(dtype.numpy).reshape(shape)


def _floats(rng: np.random.Generator, size: int, kind: Kind) -> np.ndarray[Any, Any]:
    if kind == "arange":
        return np.arange(1, size + 1, dtype=np.float64)
    if kind == "small":
        return rng.integers(-4, 5, size).astype(np.float64)
    if kind == "ties":
        return rng.choice([-1.0, 0.0, 0.5, 2.0], size)
    normal = rng.standard_normal(size)
    if kind == "heavy":
        return normal * np.exp(2 * rng.standard_normal(size))
    if kind == "special" and size:
        special = np.array([np.nan, np.inf, -np.inf, -0.0, 0.0, 1e-310, -1e-40])
        chosen = rng.random(size) < 0.3
        normal = np.where(chosen, rng.choice(special, size), normal)
    return normal


def _integers(wide: np.ndarray[Any, Any], dtype: DType, lo: float | None, hi: float | None) -> np.ndarray[Any, Any]:
    """Integers of the values: those of a unit normal spread a little, nothing out of range."""
    import ml_dtypes

    info = ml_dtypes.iinfo(dtype.numpy)
    scaled = np.nan_to_num(np.where(np.abs(wide) < 4, wide * 3, wide), nan=0.0, posinf=100.0, neginf=-100.0)
    least = max(float(info.min), -1000.0 if lo is None else lo)
    most = min(float(info.max), 1000.0 if hi is None else hi)
    whole: np.ndarray[Any, Any] = np.clip(np.rint(scaled), np.ceil(least), np.floor(most)).astype(dtype.numpy)
    return whole
