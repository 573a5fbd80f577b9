"""What a model takes and gives, as far as whoever can run it knows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from interlingua.ir.dtypes import DType

Dims: TypeAlias = "tuple[int | str | None, ...] | None"
"""As a source declares them: a size, a name, or ``None`` for an open dim; ``None`` as a whole for an unknown rank."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One input or output.

    Attributes:
        name: as the runtime takes or gives it.
        dtype: ``None`` where it is unknown, or where it is no tensor.
        dims: as they are declared.
        aliases: other names by which the same is known, such as the tensor's name beside that of a signature.
        optional: whether a caller may leave it out.
        note: what else is worth knowing: the scale of a quantized tensor.
    """

    name: str
    dtype: DType | None = None
    dims: Dims = None
    aliases: tuple[str, ...] = ()
    optional: bool = False
    note: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that it is called."""
        return (self.name, *self.aliases)

    def __str__(self) -> str:
        dims = "[*]" if self.dims is None else f"[{', '.join('?' if d is None else str(d) for d in self.dims)}]"
        kind = "?" if self.dtype is None else f"{self.dtype}{dims}"
        return f"{self.name}: {kind}{f' ({self.note})' if self.note else ''}"


@dataclass(frozen=True, slots=True)
class Interface:
    """The inputs and outputs, in order."""

    inputs: tuple[Slot, ...]
    outputs: tuple[Slot, ...]

    def to_json(self) -> str:
        """Text for another process."""
        plain = {kind: [_plain(s) for s in slots] for kind, slots in (("in", self.inputs), ("out", self.outputs))}
        return json.dumps(plain)

    @staticmethod
    def from_json(text: str) -> Interface:
        """What :meth:`to_json` wrote."""
        data = json.loads(text)
        return Interface(_slots(data["in"]), _slots(data["out"]))


def _plain(slot: Slot) -> dict[str, Any]:
    return {
        "name": slot.name,
        "dtype": None if slot.dtype is None else slot.dtype.value,
        "dims": slot.dims,
        "aliases": slot.aliases,
        "optional": slot.optional,
        "note": slot.note,
    }


def _slots(entries: Sequence[Mapping[str, Any]]) -> tuple[Slot, ...]:
    return tuple(
        Slot(
            e["name"],
            None if e["dtype"] is None else DType(e["dtype"]),
            None if e["dims"] is None else tuple(e["dims"]),
            tuple(e["aliases"]),
            e["optional"],
            e["note"],
        )
        for e in entries
    )
