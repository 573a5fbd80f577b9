"""Inputs that both sides are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from interlingua.equivalence.generate import Case, Generator
from interlingua.errors import UsageError
from interlingua.ir.builder import Builder
from interlingua.ir.dims import Dim, symbol
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.monomials import Symbol
from interlingua.ir.types import Tensor
from interlingua.runtimes.interface import Dims, Slot


class Pinned(Generator):
    """Draws cases of which the other side fixes some sizes."""

    def __init__(self, module: Module, seed: int, fixed: Mapping[str, int], names: Sequence[str]) -> None:
        super().__init__(module, seed)
        self.fixed = fixed
        self.names = names

    def first(self) -> list[Case]:
        """The first cases that are proposed."""
        return next(self.batches(), [])

    def _sizes(self, size: int, lead: int, small: tuple[str, ...]) -> dict[str, int]:
        return {**super()._sizes(size, lead, small), **{s: self.fixed[s] for s in self.symbols if s in self.fixed}}

    def _case(self, sizes: dict[str, int], choice: dict[str, int], key: str) -> Case | None:
        case = super()._case(sizes, choice, key)
        kept = None if case is None else {n: v for n, v in case.inputs.items() if n in self.names}
        return None if case is None or kept is None else Case(case.label, case.sizes, kept)


def stand_in(slots: Sequence[Slot]) -> Module:
    """A module with these inputs that does nothing: what :class:`Pinned` draws for where there is no graph.

    Raises:
        UsageError: too little is known of an input.
    """
    build = Builder(Graph("main"))
    for place, slot in enumerate(slots):
        if slot.dtype is None or slot.dims is None:
            raise UsageError(f"too little is known of input {slot} to draw it", hint="give examples=")
        dims = [d if isinstance(d, int) else symbol(_word(d, f"d{place}_{axis}")) for axis, d in enumerate(slot.dims)]
        build.input(Tensor(slot.dtype, tuple(dims)), slot.name)
    graph = build.outputs(build.graph.inputs, [s.name for s in slots])
    ports = [Port(s.name, s.dims) for s in slots]
    return Module({"main": graph}, ports, list(ports))


def _word(name: str | None, otherwise: str) -> str:
    return name if name is not None and name.isidentifier() else otherwise


def pins(module: Module, others: Mapping[str, Dims]) -> tuple[dict[str, int], list[str]]:
    """The sizes of symbols that the other side fixes, and those on which it contradicts itself.

    Args:
        module: declares the symbols.
        others: the other side's dims by input name, in this side's layout.
    """
    fixed: dict[str, int] = {}
    problems: list[str] = []
    for name, value in zip(module.input_names, module.main.inputs, strict=True):
        dims = others.get(name)
        if dims is None or not isinstance(value.type, Tensor) or value.type.shape is None:
            continue
        for mine, theirs in zip(value.type.shape, dims, strict=False):
            plain = _plain(mine)
            if plain is None or not isinstance(theirs, int):
                continue
            if fixed.setdefault(plain, theirs) != theirs:
                problems.append(f"{plain!r} is {fixed[plain]} and, in input {name!r}, {theirs}")
    return fixed, problems


def _plain(dim: Any) -> str | None:
    """The name of a dim that is a symbol and nothing else."""
    if not isinstance(dim, Dim):
        return None
    match dim.terms:
        case ((((Symbol(name), 1),), 1),):
            return str(name)
    return None
