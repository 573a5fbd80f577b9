"""What is to be written: subgraphs of operators over tensors, with weights as handles and extents that may be open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from interlingua.ir.dims import DimLike
from interlingua.ir.dtypes import DType
from interlingua.ir.types import Shape
from interlingua.ir.weights import Weight


@dataclass(frozen=True, slots=True)
class Levels:
    """What the integers of a tensor stand for: ``scale * integer``, with one scale or one for each place along
    ``axis``."""

    scales: tuple[float, ...]
    axis: int = 0


@dataclass(eq=False, slots=True)
class Edge:
    """A tensor: an input, a result of an operator, or a constant (``weight``), which any subgraph may read. ``narrow``
    is the constant that it was widened from, which is what is stored."""

    name: str
    dtype: DType
    shape: Shape
    weight: Weight | None = None
    producer: Operator | None = None
    narrow: Edge | None = None
    levels: Levels | None = None

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def known(self) -> list[int] | None:
        """The elements of a small integer constant, flat."""
        if self.weight is None or not self.dtype.is_integer or self.weight.size > 64:
            return None
        return [int(e) for e in self.weight.view().ravel()]


@dataclass(eq=False, slots=True)
class Operator:
    """One builtin op. Options are by name as the schema has them; a subgraph stands for its index, a text for a member
    of its enumeration."""

    op: str
    version: int
    inputs: list[Edge | None]
    outputs: list[Edge]
    options: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def inner(self) -> Iterator[Subgraph]:
        """The subgraphs that it runs."""
        return (value for value in self.options.values() if isinstance(value, Subgraph))


@dataclass(eq=False, slots=True)
class Subgraph:
    """Operators in order, and the tensors that go in and come out."""

    name: str
    inputs: list[Edge] = field(default_factory=list[Edge])
    outputs: list[Edge] = field(default_factory=list[Edge])
    operators: list[Operator] = field(default_factory=list[Operator])

    def edges(self) -> Iterator[Edge]:
        """Every tensor, each once: inputs first, then as they are met."""
        groups: list[Iterable[Edge | None]] = [self.inputs]
        for operator in self.operators:
            groups += [operator.inputs, operator.outputs]
        groups.append(self.outputs)
        return iter(dict.fromkeys(e for group in groups for e in group if e is not None))

    def prune(self) -> None:
        """Leave out operators that no output needs."""
        read = set(self.outputs)
        kept: list[Operator] = []
        for operator in reversed(self.operators):
            if not read.isdisjoint(operator.outputs):
                kept.append(operator)
                read.update(e for e in operator.inputs if e is not None)
        self.operators = kept[::-1]


def dims_of(shape: Shape) -> tuple[list[int], list[int] | None]:
    """``shape`` and ``shape_signature`` of a tensor: an open extent is 1 in the one, -1 in the other."""
    if all(isinstance(d, int) for d in shape):
        return [_extent(d) for d in shape], None
    return [_extent(d) for d in shape], [d if isinstance(d, int) else -1 for d in shape]


def _extent(dim: DimLike) -> int:
    return dim if isinstance(dim, int) else 1
