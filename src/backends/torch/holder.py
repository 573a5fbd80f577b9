"""What a class holds: parameters and buffers, as attributes of its modules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from interlingua.backends.source.names import Names
from interlingua.backends.torch.literals import SPELLING
from interlingua.ir.dtypes import DType
from interlingua.ir.weights import Weight


@cache
def reserved() -> frozenset[str]:
    """Names that attributes of a module must not take."""
    from torch import nn

    return frozenset(dir(nn.Module()))


@dataclass(slots=True)
class Holder:
    """The constants of one class: each handle once."""

    names: Names
    buffers: frozenset[int]
    """Identities of the weights that are not trained."""
    scope: str = ""
    held: dict[str, Weight] = field(default_factory=dict)
    """By the name of the attribute."""
    _by_handle: dict[int, str] = field(default_factory=dict)

    def attribute(self, weight: Weight, hint: str) -> str:
        """The name of the attribute that holds the constant."""
        name = self._by_handle.get(id(weight))
        if name is None:
            name = self._by_handle[id(weight)] = self.names.fresh(self._word(hint), "weight")
            self.held[name] = weight
        return name

    def _word(self, name: str) -> str:
        """What a constant is called inside the scope; a number that is no part of its place there is left out."""
        if not self.scope or name.startswith(f"{self.scope}."):
            return name[len(self.scope) :]
        return re.sub(r"[\W_]*\d+$", "", name.rpartition(".")[2])

    def keep(self, used: set[str]) -> None:
        """Forget what is not among ``used``."""
        self.held = {name: weight for name, weight in self.held.items() if name in used}


def made(name: str, weight: Weight, dims: Sequence[str], *, parameter: bool) -> str:
    """The statement of a constructor that makes room for a tensor; ``dims`` are its extents as expressions."""
    dtype = "" if weight.dtype is DType.F32 else f"dtype={SPELLING.dtype(weight.dtype)}"
    empty = f"torch.empty({', '.join(part for part in (', '.join(dims) or '()', dtype) if part)})"
    return f"self.{name} = nn.Parameter({empty})" if parameter else f'self.register_buffer("{name}", {empty})'
