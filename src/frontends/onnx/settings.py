"""Values of attributes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from interlingua.errors import InvalidModel
from interlingua.frontends.onnx.body import TENSOR
from interlingua.frontends.onnx.node import Unsupported
from interlingua.frontends.onnx.weights import weight_of

SPARSE_TENSOR = 11
READERS: dict[int, Callable[[Any], Any]] = {
    1: lambda a: a.f,
    2: lambda a: a.i,
    3: lambda a: a.s.decode(),
    6: lambda a: tuple(a.floats),
    7: lambda a: tuple(a.ints),
    8: lambda a: tuple(s.decode() for s in a.strings),
    13: lambda a: a.tp,
}
"""FLOAT, INT, STRING, FLOATS, INTS, STRINGS, TYPE_PROTO."""
_UNREAD = {9: "TENSORS", 10: "GRAPHS", 12: "SPARSE_TENSORS", 14: "TYPE_PROTOS"}


def setting(name: str, attribute: Any, folder: Path | None, label: str) -> Any:
    """The value of an attribute that is no graph: int, float, str, a tuple of these, an array, a type, or a weight where
    it is sparse.

    Raises:
        Unsupported: its kind is not read.
        InvalidModel: it refers to an attribute of a function, and there are none any more.
    """
    if attribute.ref_attr_name:
        raise InvalidModel(f"attribute {name} refers to {attribute.ref_attr_name!r} of a function, but is in none")
    kind = attribute.type
    read = READERS.get(kind)
    if read is not None:
        return read(attribute)
    if kind == TENSOR:
        return weight_of(attribute.t, folder, label).view()
    if kind == SPARSE_TENSOR:
        return weight_of(attribute.sparse_tensor, folder, label)
    raise Unsupported(f"its attribute {name} is of kind {_UNREAD.get(kind, f'number {kind}')}, which cannot be read")
