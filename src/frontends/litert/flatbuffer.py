"""FlatBuffers, read with every offset checked before it is followed.

A table that is read is known to lie in the file, vtable and fields included; a vector is known to have the bytes that
its length claims. What is read in all is bounded by the size of the file: in a damaged one a hundred vectors may be the
same megabyte, or a table its own child.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from interlingua.errors import InvalidModel

Form: TypeAlias = Literal["bool", "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f32"]
FORMS: dict[Form, struct.Struct] = {
    "bool": struct.Struct("<?"),
    "i8": struct.Struct("<b"),
    "u8": struct.Struct("<B"),
    "i16": struct.Struct("<h"),
    "u16": struct.Struct("<H"),
    "i32": struct.Struct("<i"),
    "u32": struct.Struct("<I"),
    "i64": struct.Struct("<q"),
    "u64": struct.Struct("<Q"),
    "f32": struct.Struct("<f"),
}
_GENEROUS = 16
"""Builders may share vectors and strings, and some do; that every byte is read so often, none makes happen."""
_LEAST = 1 << 20
_ADVICE = "fetch or export the model again"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a table: its place in the vtable; ``form`` and ``default`` of a scalar, ``None`` of anything else."""

    slot: int
    form: Form | None
    default: Any


class File:
    """The bytes of a file, and how many may still be read."""

    def __init__(self, data: memoryview, label: str) -> None:
        self.data = data
        self.label = label
        self._left = _LEAST + _GENEROUS * len(data)

    def damaged(self, what: str) -> InvalidModel:
        return InvalidModel(f"not a valid LiteRT file: {what}", where=self.label, hint=_ADVICE)

    def span(self, at: int, size: int) -> memoryview:
        """Bytes that are in the file."""
        if at < 0 or size < 0 or at + size > len(self.data):
            raise self.damaged(f"{size} bytes at {at} are beyond its end at {len(self.data)}")
        self._left -= size
        if self._left < 0:
            raise self.damaged("its parts lie one over the other")
        return self.data[at : at + size]

    def number(self, at: int, form: Form) -> Any:
        kind = FORMS[form]
        return kind.unpack(self.span(at, kind.size))[0]

    def table(self, at: int, fields: Mapping[str, Field]) -> Table:
        return Table(self, at, fields)


class Table:
    """A table whose vtable is in the file."""

    __slots__ = ("_at", "_fields", "_file", "_places")

    def __init__(self, file: File, at: int, fields: Mapping[str, Field]) -> None:
        self._file, self._at, self._fields = file, at, fields
        vtable = at - file.number(at, "i32")
        size, extent = file.number(vtable, "u16"), file.number(vtable + 2, "u16")
        if size < 4 or size % 2:
            raise file.damaged(f"the vtable at {vtable} has {size} bytes")
        file.span(at, extent)
        entries = struct.unpack(f"<{size // 2 - 2}H", file.span(vtable + 4, size - 4))
        if any(e >= extent for e in entries if e):
            raise file.damaged(f"the table at {at} has a field outside of it")
        self._places = entries

    def has(self, name: str) -> bool:
        """Whether the table has a field of that name, set or not."""
        return name in self._fields

    def _place(self, slot: int) -> int | None:
        offset = self._places[slot] if slot < len(self._places) else 0
        return self._at + offset if offset else None

    def scalar(self, name: str) -> Any:
        """A number, or its default."""
        field = self._fields[name]
        place = self._place(field.slot)
        return field.default if place is None or field.form is None else self._file.number(place, field.form)

    def _target(self, name: str) -> int | None:
        place = self._place(self._fields[name].slot)
        return None if place is None else place + int(self._file.number(place, "u32"))

    def span(self, name: str) -> tuple[int, int] | None:
        """Where the bytes of a vector of bytes lie: from where, and how many."""
        at = self._target(name)
        if at is None:
            return None
        size = self._file.number(at, "u32")
        if at + 4 + size > len(self._file.data):
            raise self._file.damaged(f"{size} bytes at {at + 4} are beyond its end at {len(self._file.data)}")
        return at + 4, size

    def vector(self, name: str, form: Form) -> tuple[Any, ...]:
        """The numbers of a vector, none where it is left out."""
        at = self._target(name)
        if at is None:
            return ()
        count = self._file.number(at, "u32")
        kind = FORMS[form]
        data = self._file.span(at + 4, count * kind.size)
        return struct.unpack(f"<{count}{kind.format[-1]}", data)

    def text(self, name: str) -> str:
        """A string, empty where it is left out."""
        where = self.span(name)
        if where is None:
            return ""
        try:
            return str(self._file.span(*where), "utf-8")
        except UnicodeDecodeError as error:
            raise self._file.damaged(f"the string at {where[0]} is not UTF-8") from error

    def child(self, name: str, fields: Mapping[str, Field]) -> Table | None:
        """A table that this one refers to."""
        at = self._target(name)
        return None if at is None else Table(self._file, at, fields)

    def children(self, name: str, fields: Mapping[str, Field]) -> Iterator[Table]:
        """The tables of a vector of them."""
        at = self._target(name)
        if at is None:
            return
        count = self._file.number(at, "u32")
        offsets = struct.unpack(f"<{count}I", self._file.span(at + 4, 4 * count))
        for i, offset in enumerate(offsets):
            yield Table(self._file, at + 4 + 4 * i + offset, fields)
