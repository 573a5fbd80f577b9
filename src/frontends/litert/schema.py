"""What the schema of LiteRT says of its tables, taken from the bindings that come with the runtime.

The bindings read without looking where, so they read nothing here: their writers are asked which place of the vtable
each field has, and of what form and default it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from interlingua.errors import InvalidModel
from interlingua.formats.litert import schema
from interlingua.frontends.litert.flatbuffer import Field, Form

_WRITERS: dict[str, Form] = {
    "PrependBoolSlot": "bool",
    "PrependInt8Slot": "i8",
    "PrependUint8Slot": "u8",
    "PrependInt16Slot": "i16",
    "PrependUint16Slot": "u16",
    "PrependInt32Slot": "i32",
    "PrependUint32Slot": "u32",
    "PrependInt64Slot": "i64",
    "PrependUint64Slot": "u64",
    "PrependFloat32Slot": "f32",
}
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class _Listener:
    """Stands where a writer expects a builder, and notes what it is told to write."""

    def __init__(self) -> None:
        self.field: Field | None = None

    def __getattr__(self, method: str) -> Any:
        def note(slot: int, _value: Any, default: Any) -> None:
            self.field = Field(slot, _WRITERS.get(method), default if method in _WRITERS else None)

        return note


@cache
def fields(table: str) -> Mapping[str, Field]:
    """The fields of a table by their names in the schema: ``stride_w`` of ``Conv2DOptions``."""
    bindings = schema()
    found: dict[str, Field] = {}
    for writer in dir(bindings):
        if writer.startswith(f"{table}Add"):
            heard = _Listener()
            getattr(bindings, writer)(heard, 0)
            if heard.field is not None:
                found[_WORDS.sub("_", writer[len(table) + 3 :]).lower()] = heard.field
    return found


@cache
def names(enumeration: str) -> Mapping[int, str]:
    """The names of the members of an enumeration."""
    members = vars(getattr(schema(), enumeration)).items()
    return {value: name for name, value in members if isinstance(value, int) and not name.startswith("_")}


def name_of(enumeration: str, code: int) -> str:
    """The name of a member.

    Raises:
        InvalidModel: there is none of that number.
    """
    found = names(enumeration).get(code)
    if found is None:
        raise InvalidModel(f"{code} is no {enumeration} that is known here")
    return found
