"""The constants of a program: short ones where they are used, others at its head, large ones in files."""

from __future__ import annotations

from dataclasses import dataclass, field

from interlingua.backends.numpy import literals
from interlingua.backends.source.names import Names
from interlingua.ir.weights import Weight

INLINE = 48
"""Characters of a literal that may stand inside an expression."""


@dataclass(slots=True)
class Constants:
    """Each handle, and each literal, once."""

    names: Names
    definitions: dict[str, str] = field(default_factory=dict)
    files: dict[str, Weight] = field(default_factory=dict)
    _by_handle: dict[int, str] = field(default_factory=dict)
    _by_text: dict[str, str] = field(default_factory=dict)

    def expression(self, weight: Weight, hint: str) -> str:
        """What stands for ``weight`` in an expression."""
        text = literals.array(weight)
        if text is None:
            return self._file(weight, hint)
        if len(text) <= INLINE:
            return text
        name = self._by_text.get(text)
        if name is None:
            name = self._by_text[text] = self.names.fresh(hint, "constant")
            self.definitions[name] = text
        return name

    def _file(self, weight: Weight, hint: str) -> str:
        name = self._by_handle.get(id(weight))
        if name is None:
            name = self._by_handle[id(weight)] = self.names.fresh(hint, "weight")
            file = f"{name}.npy"
            self.files[file] = weight
            self.definitions[name] = f"load_weight({file!r})"
        return name
