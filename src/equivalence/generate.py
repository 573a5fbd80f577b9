"""Inputs to compare on: every symbolic dim at several sizes, values drawn by seed.

What sizes a model takes only its source knows, so candidates are proposed and the source rejects what it cannot
take. Integer inputs also get the constants that the model itself compares them with: that is where its branches are;
those that pick elements stay within the axis that they pick from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np

from interlingua.equivalence.picks import extent
from interlingua.errors import UsageError
from interlingua.ir.dims import Dim, evaluate
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module, Node, Value
from interlingua.ir.monomials import Symbol
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor

LEADING = (1, 2, 3, 5)
"""Sizes proposed for a first dim, which is a batch more often than not."""
ROUNDS = ((1, 2, 3, 7, 16, 32, 64), (31, 96, 128, 160, 224, 256), (288, 320, 512, 576, 640))
"""Sizes proposed for other dims: one, two, primes, powers of two, multiples of 32, frames of audio; small ones
first."""
LARGE = 320
"""The large size that is tried in the end."""
MIXED = 4
"""How many mixtures of accepted sizes are tried."""
MAX_ELEMENTS = 4_000_000
"""The largest input that is proposed."""


@dataclass(frozen=True, slots=True)
class Case:
    """One set of inputs, with its name for the report and the sizes that it was drawn at."""

    label: str
    sizes: Mapping[str, int]
    inputs: dict[str, Any]


class Generator:
    """Draws cases for the interface of one module."""

    def __init__(self, module: Module, seed: int = 0) -> None:
        self.module = module
        self.seed = seed
        self.values = dict(zip(module.input_names, module.main.inputs, strict=True))
        self.compared = {name: compared_constants(value) for name, value in self.values.items()}
        self.extents = {name: extent(value) for name, value in self.values.items()}
        self.leading: set[str] = set()
        self.dims = symbolic_dims(module)
        self.symbols: dict[str, Symbol] = {}
        for value in self.values.values():
            self._collect(value)

    def _collect(self, value: Value) -> None:
        if not isinstance(value.type, Tensor):
            raise UsageError(f"input {value.name!r} is a {value.type}: give example inputs to verify on")
        if value.type.shape is None:
            raise UsageError(f"input {value.name!r} has no declared rank: give example inputs to verify on")
        for axis, dim in enumerate(value.type.shape):
            for symbol in dim.symbols if isinstance(dim, Dim) else ():
                if symbol.name not in self.symbols:
                    self.symbols[symbol.name] = symbol
                    if axis == 0 and value.type.rank > 1:
                        self.leading.add(symbol.name)

    def batches(self) -> Iterator[list[Case]]:
        """Cases to propose, batch by batch: sizes of one ladder for all dims alike, then with some dims as small as the
        leading ones (which they may have to equal)."""
        if not self.symbols:
            yield self._cases([{}], "fixed")
            return
        others = [s for s in self.symbols if s not in self.leading]
        for small in _subsets(others):
            for number, ladder in enumerate(ROUNDS if others else ROUNDS[:1]):
                sizes = [self._sizes(size, LEADING[i % len(LEADING)], small) for i, size in enumerate(ladder)]
                yield self._cases(sizes, f"{number}-{'-'.join(small)}")

    def _sizes(self, size: int, lead: int, small: tuple[str, ...]) -> dict[str, int]:
        wanted = {s: lead if s in self.leading or s in small else size for s in self.symbols}
        return {s: within(self.symbols[s], n) for s, n in wanted.items()}

    def large(self) -> list[Case]:
        """One case at a large size of every dim: a window or a table that only small sizes fit shows there."""
        others = [s for s in self.symbols if s not in self.leading]
        return (
            [c for small in _subsets(others) for c in self._cases([self._sizes(LARGE, 1, small)], "large")]
            if others
            else []
        )

    def mixed(self, accepted: Sequence[Mapping[str, int]]) -> list[Case]:
        """Cases of sizes that were accepted, mixed between dims."""
        if len(self.symbols) < 2 or not accepted:
            return []
        rng = np.random.default_rng(self.seed)
        seen = {s: sorted({a[s] for a in accepted}) for s in self.symbols}
        return self._cases([{s: int(rng.choice(seen[s])) for s in self.symbols} for _ in range(MIXED)], "mixed")

    def _cases(self, sizes: Sequence[dict[str, int]], key: str) -> list[Case]:
        found: list[Case] = []
        for each in sizes:
            values = [evaluate(dim, each) for dim in self.dims]
            if any(v is not None and v < 1 for v in values):
                continue
            for choice in self._choices():
                case = self._case(each, choice, f"{self.seed}-{key}-{len(found)}")
                if case is not None and all(case.label != other.label for other in found):
                    found.append(case)
        return found

    def _choices(self) -> Iterator[dict[str, int]]:
        """Every combination of the constants that integer inputs are compared with, and of none."""
        names = [n for n, constants in self.compared.items() if constants]
        options = [(None, *self.compared[n][:3]) for n in names]
        for picked in product(*options):
            yield {n: c for n, c in zip(names, picked, strict=True) if c is not None}

    def _case(self, sizes: dict[str, int], choice: dict[str, int], key: str) -> Case | None:
        rng = np.random.default_rng(abs(hash_text(key)))
        inputs = {}
        for name, value in self.values.items():
            shape = [evaluate(d, sizes) or 0 for d in value.tensor.dims]
            if int(np.prod(shape, dtype=object)) > MAX_ELEMENTS:
                return None
            inputs[name] = (
                np.full(shape, choice[name], value.tensor.dtype.numpy)
                if name in choice
                else draw(rng, value.tensor.dtype, shape, self.extents[name])
            )
        label = ", ".join([*(f"{s}={n}" for s, n in sizes.items()), *(f"{n}={c}" for n, c in choice.items())])
        return Case(label or "fixed sizes", sizes, inputs)


def within(symbol: Symbol, size: int) -> int:
    """A size that ``symbol`` may have: below its range sizes count from its start, beyond its end is the end."""
    size = size if size >= symbol.lo else symbol.lo + size - 1
    return size if symbol.hi is None else min(size, symbol.hi)


def symbolic_dims(module: Module) -> list[Dim]:
    """Every symbolic dim of a value in the module, once.

    Where one of them is 0 a window was larger than what it slides over; runtimes disagree on what comes of that, so
    such sizes are not proposed."""
    types = (r.type for node in module.walk() for r in node.results)
    dims = (d for t in types if isinstance(t, Tensor) and t.shape is not None for d in t.shape if isinstance(d, Dim))
    return list(dict.fromkeys(dims))


def _subsets(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The empty set, single names, then pairs."""
    for count in range(min(2, len(names) - 1) + 1 if names else 1):
        yield from combinations(names, count)


def draw(
    rng: np.random.Generator, dtype: DType, shape: Sequence[int], below: int | None = None
) -> np.ndarray[Any, Any]:
    """Values of a dtype: standard normal floats, small non-negative integers (less than ``below``), fair bools."""
    if dtype.kind == "bool":
        return rng.random(shape) < 0.5
    if dtype.is_integer:
        most = min(256, 1 << (dtype.bits - 1), *([] if below is None else [max(below, 1)]))
        return rng.integers(0, most, shape).astype(dtype.numpy)
    if dtype.kind == "complex":
        return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(dtype.numpy)
    if dtype.kind == "string":
        return np.array(rng.choice(["a", "bc", "", "déf"], shape), dtype=object).reshape(shape)
    return rng.standard_normal(shape).astype(dtype.numpy)


def hash_text(text: str) -> int:
    """A number from text, the same in every process."""
    import hashlib

    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")


def compared_constants(value: Value) -> list[int]:
    """The integer constants that ``value`` is compared with, in its graph or as a captured value in a region."""
    found: list[int] = []
    for user, index in value.uses:
        if not isinstance(user, Node):
            continue
        if user.op.name in ("core.eq", "math.ne"):
            found.extend(_constants(user, index))
        offset = len(user.operands)
        for region in user.regions:
            inner = index - offset + len(region.inputs)
            if 0 <= inner < len(region.inputs):
                found.extend(compared_constants(region.inputs[inner]))
    return list(dict.fromkeys(found))


def _constants(node: Node, index: int) -> list[int]:
    other = node.operand(1 - index)
    if other.node is None or not isinstance(other.node.op, Constant):
        return []
    weight = other.node.op.weight
    return [int(v) for v in weight.view().ravel()] if weight.dtype.is_integer and weight.size <= 4 else []
