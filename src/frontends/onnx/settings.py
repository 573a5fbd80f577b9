"""Values of attributes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from interlingua.errors import InvalidModel
from interlingua.frontends.onnx.node import Unsupported
from interlingua.frontends.onnx.weights import Weights

READERS: dict[int, Callable[[Any, Weights], Any]] = {
    1: lambda a, _: a.f,
    2: lambda a, _: a.i,
    3: lambda a, _: a.s.decode(),
    4: lambda a, weights: weights.of(a.t),
    6: lambda a, _: tuple(a.floats),
    7: lambda a, _: tuple(a.ints),
    8: lambda a, _: tuple(s.decode() for s in a.strings),
    11: lambda a, weights: weights.of(a.sparse_tensor),
    13: lambda a, _: a.tp,
}
"""FLOAT, INT, STRING, TENSOR, FLOATS, INTS, STRINGS, SPARSE_TENSOR, TYPE_PROTO."""
_UNREAD = {9: "TENSORS", 10: "GRAPHS", 12: "SPARSE_TENSORS", 14: "TYPE_PROTOS"}


def setting(name: str, attribute: Any, weights: Weights) -> Any:
    """The value of an attribute that is no graph: int, float, str, a tuple of these, a weight or a type.

    Raises:
        Unsupported: its kind is not read.
        InvalidModel: it refers to an attribute of a function, and there are none any more; or it is no text.
    """
    if attribute.ref_attr_name:
        raise InvalidModel(f"attribute {name} refers to {attribute.ref_attr_name!r} of a function, but is in none")
    kind = attribute.type
    read = READERS.get(kind)
    if read is not None:
        try:
            return read(attribute, weights)
        except UnicodeDecodeError as error:
            raise InvalidModel(f"attribute {name} is no UTF-8", hint="fetch or export the model again") from error
    raise Unsupported(f"its attribute {name} is of kind {_UNREAD.get(kind, f'number {kind}')}, which cannot be read")
