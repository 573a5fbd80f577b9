"""What a class holds: parameters and buffers, as attributes of its modules."""

from __future__ import annotations

from dataclasses import dataclass, field

from interlingua.backends.source.names import Names
from interlingua.backends.torch.literals import SPELLING
from interlingua.ir.dtypes import DType
from interlingua.ir.weights import Weight, trains


def reserved() -> set[str]:
    """Names that attributes of a module must not take."""
    from torch import nn

    return {*dir(nn.Module()), "inputs", "outputs"}


@dataclass(slots=True)
class Holder:
    """The constants of one class: each handle once."""

    names: Names
    held: dict[str, Weight] = field(default_factory=dict)
    """By the name of the attribute."""
    _by_handle: dict[int, str] = field(default_factory=dict)

    def attribute(self, weight: Weight, hint: str) -> str:
        """The name of the attribute that holds the constant."""
        name = self._by_handle.get(id(weight))
        if name is None:
            name = self._by_handle[id(weight)] = self.names.fresh(hint, "weight")
            self.held[name] = weight
        return name

    def keep(self, used: set[str]) -> None:
        """Forget what is not among ``used``."""
        self.held = {name: weight for name, weight in self.held.items() if name in used}

    def lines(self) -> list[str]:
        """Statements of the constructor."""
        return [_made(name, weight) for name, weight in self.held.items()]


def _made(name: str, weight: Weight) -> str:
    dtype = "" if weight.dtype is DType.F32 else f"dtype={SPELLING.dtype(weight.dtype)}"
    dims = ", ".join(map(str, weight.shape)) or "()"
    empty = f"torch.empty({', '.join(part for part in (dims, dtype) if part)})"
    if trains(weight):
        return f"self.{name} = nn.Parameter({empty})"
    return f"self.register_buffer({name!r}, {empty})".replace("'", '"')
