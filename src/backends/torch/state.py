"""The state of a module: its weights by name, and what is one parameter in two places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from interlingua.backends.torch.context import reference
from interlingua.backends.torch.structure import Path
from interlingua.backends.torch.writer import Written
from interlingua.ir.weights import Weight


@dataclass(slots=True)
class State:
    """The weights of a module by their names in its state, and statements of its constructor that tie parameters."""

    root: Written
    trains: Callable[[Weight], bool]
    weights: dict[str, Weight] = field(default_factory=dict)
    ties: list[str] = field(default_factory=list)
    _places: dict[int, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._walk(self.root, ())

    def _walk(self, module: Written, path: Path) -> None:
        for inner, member in module.members.items():
            if isinstance(member, Written):
                self._walk(member, (*path, *inner))
            else:
                self._add(member.weights, (*path, *inner))
        self._add(module.held, path)

    def _add(self, weights: dict[str, Weight], path: Path) -> None:
        for name, weight in weights.items():
            place = (*path, name)
            first = self._places.setdefault(id(weight), place)
            if first is place or not self.trains(weight):
                self.weights[".".join(place)] = weight
            else:
                self.ties.append(f"{reference(place)} = {reference(first)}")
