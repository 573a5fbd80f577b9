"""Inputs to look at: few, of moderate size, as different from one another as they can be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from interlingua.equivalence.generate import Case, Generator
from interlingua.ir.draw import values
from interlingua.ir.graph import Module

SIZE = 8_000
"""Elements of the inputs that are best: enough for every window and axis, few enough to be quick."""


def proposed(module: Module, seed: int) -> Iterator[Case]:
    """Cases, the best first. Whoever asks takes those that the source takes.

    Cases come in turns: one of each choice of the constants that integer inputs are compared with (each leads down
    another branch), then the same with heavy-tailed values.
    """
    for batch in Generator(module, seed).batches():
        ordered = sorted(batch, key=lambda case: abs(sum(v.size for v in case.inputs.values()) - SIZE))
        yield from ordered
        yield from (_heavy(case, seed) for case in ordered[:2])


def _heavy(case: Case, seed: int) -> Case:
    from interlingua.ir.dtypes import DType

    def each(number: int, array: Any) -> Any:
        dtype = DType.of(array)
        return values(array.shape, dtype, "heavy", seed + number) if dtype.is_float else array

    inputs = {name: each(i, array) for i, (name, array) in enumerate(case.inputs.items())}
    return Case(f"{case.label}, heavy tails", case.sizes, inputs)
