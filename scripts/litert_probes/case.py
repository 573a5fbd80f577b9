"""How an op of LiteRT is tried: cases, and factories of probes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from interlingua.ir.dtypes import DType

TYPES = ["f32", "f16", "bf16", "f64", "i64", "i32", "i16", "i8", "u64", "u32", "u16", "u8", "bool"]
RANKS = range(9)
NUMBERS = [t for t in TYPES if t != "bool"]
INDICES = ["i32", "i64"]


@dataclass
class Case:
    """One model: operands (constant where so marked), options, and what comes out."""

    operands: list[Any]
    expected: list[Any]
    options: dict[str, Any] = field(default_factory=dict)
    constant: tuple[int, ...] = ()


@dataclass
class Probe:
    """How an op is tried: the element types of its operands and results by parameter, what each parameter may be, and
    a case for a rank (``None`` where there is none). ``broadcasts`` ops are also tried on shapes that differ."""

    form: str
    make: Callable[[int, dict[str, str], bool], Case | None]
    types: dict[str, Sequence[str]] = field(default_factory=dict)
    broadcasts: bool = False

    @property
    def parameters(self) -> list[str]:
        """Those that stand for a type, in order."""
        return list(dict.fromkeys(w for w in re.findall(r"\w+", self.form) if w not in TYPES))


def numpy_of(name: str) -> Any:
    return DType(name).numpy


def data(shape: Sequence[int], name: str, seed: int = 0, low: int = 1) -> Any:
    """Small numbers, exact in any type."""
    values = np.random.default_rng(seed + len(shape)).integers(low, low + 6, tuple(shape))
    return (values % 2 if name == "bool" else values).astype(numpy_of(name))


def shape_of(rank: int, broadcast: bool = False, second: bool = False) -> tuple[int, ...]:
    """Extents of 2 and 3; of those that broadcast, one has every other one."""
    dims = [2 + axis % 2 for axis in range(rank)]
    return tuple(1 if broadcast and axis % 2 == second else d for axis, d in enumerate(dims))


def wide(x: Any) -> Any:
    return x.astype(np.float64) if x.dtype.kind == "f" or x.dtype.name == "bfloat16" else x


def unary(function: Any, types: Sequence[str] = tuple(NUMBERS), **options: Any) -> Probe:
    def make(rank: int, at: dict[str, str], _: bool) -> Case:
        x = data(shape_of(rank), at["T"])
        return Case([x], [np.asarray(function(wide(x))).astype(x.dtype)], options)

    return Probe("T -> T", make, {"T": types})


def binary(function: Any, result: str = "T", types: Sequence[str] = tuple(TYPES)) -> Probe:
    def make(rank: int, at: dict[str, str], broadcast: bool) -> Case:
        a = data(shape_of(rank, broadcast), at["T"], 1)
        b = data(shape_of(rank, broadcast, True), at["T"], 2)
        found = np.asarray(function(wide(a), wide(b)))
        return Case([a, b], [found.astype(numpy_of(at.get(result, result)))])

    return Probe(f"T T -> {result}", make, {"T": types}, True)


def moved(function: Callable[[Any, int], Any], options: Callable[[int], dict[str, Any]] | None = None,
          least: int = 0, extra: Callable[[int], list[Any]] = lambda _: []) -> Probe:  # fmt: skip
    """An op that moves elements; further operands are constants."""

    def make(rank: int, at: dict[str, str], _: bool) -> Case | None:
        if rank < least:
            return None
        x = data(shape_of(rank), at["T"])
        more = extra(rank)
        names = [at.get(n) for n in re.findall(r"\w+", form)[1:-1]]
        more = [m if n is None else np.asarray(m).astype(numpy_of(n)) for m, n in zip(more, names, strict=True)]
        constant = tuple(range(1, 1 + len(more)))
        return Case([x, *more], [function(x, rank)], options(rank) if options else {}, constant)

    form = " ".join(["T", *("i32" if len(extra(1)) else "" for _ in extra(1)), "-> T"])
    form = re.sub(" +", " ", form)
    return Probe(form, make, {"T": TYPES})


def i32(*values: Any) -> Any:
    return np.array(values, np.int32).reshape(-1)


def reducer(function: Any, types: Sequence[str] = tuple(NUMBERS)) -> Probe:
    def make(rank: int, at: dict[str, str], _: bool) -> Case | None:
        if rank == 0:
            return None
        x = data(shape_of(rank), at["T"])
        axes = tuple(range(0, rank, 2))
        return Case([x, i32(*axes)], [np.asarray(function(wide(x), axis=axes)).astype(x.dtype)], {}, (1,))

    return Probe("T i32 -> T", make, {"T": types})
