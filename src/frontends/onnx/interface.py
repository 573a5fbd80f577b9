"""Declared types of ONNX inputs and outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interlingua.errors import InvalidModel, UsageError
from interlingua.formats.onnx import dtype_of
from interlingua.ir.builder import Symbols
from interlingua.ir.dims import UNKNOWN, DimLike, symbol
from interlingua.ir.graph import Port
from interlingua.ir.types import Optional, Sequence, Tensor, Type
from interlingua.ir.weights import Weight

MAX_DIM = 1 << 40
"""Dims above this are damage: the tensor could not exist."""


def type_of(proto: Any) -> Type:
    """The IR type of a ``TypeProto``; anonymous dims are unknown.

    Raises:
        InvalidModel: there is no type, or one that the IR lacks.
    """
    kind = proto.WhichOneof("value")
    if kind == "tensor_type":
        return _tensor(proto.tensor_type)
    if kind == "sequence_type":
        return Sequence(type_of(proto.sequence_type.elem_type))
    if kind == "optional_type":
        return Optional(type_of(proto.optional_type.elem_type))
    raise InvalidModel(
        f"an input or output is of {kind or 'no type'}", hint="tensors, sequences and optionals are known"
    )


def _tensor(proto: Any) -> Tensor:
    dtype = dtype_of(proto.elem_type)
    if not proto.HasField("shape"):
        return Tensor(dtype, None)
    return Tensor(dtype, tuple(_dim(d) for d in proto.shape.dim))


def _dim(dim: Any) -> DimLike:
    if dim.dim_param and dim.dim_param != "?":
        return symbol(dim.dim_param)
    if dim.HasField("dim_value") and dim.dim_value >= 0:
        if dim.dim_value > MAX_DIM:
            raise InvalidModel(f"a dim of {dim.dim_value} cannot be", hint="the model is damaged")
        return int(dim.dim_value)
    return UNKNOWN


def formal_type(proto: Any, name: str, symbols: Symbols) -> Type:
    """The type of an input: what is anonymous gets a symbol named after it.

    ``?`` is anonymous too: exporters write it for every dim that they do not know, equal or not.
    """
    declared = type_of(proto)
    if not isinstance(declared, Tensor) or declared.shape is None:
        return declared
    hint = "".join(c if c.isalnum() else "_" for c in name) + "_d"
    dims = tuple(symbols.fresh(hint) if d == UNKNOWN else d for d in declared.shape)
    return Tensor(declared.dtype, dims)


def port_of(info: Any, default: Weight | None = None) -> Port:
    """What the model declares of an input or output."""
    tensor = info.type.tensor_type
    dims: tuple[int | str | None, ...] | None = None
    if info.type.HasField("tensor_type") and tensor.HasField("shape"):
        dims = tuple(
            d.dim_param or (d.dim_value if d.HasField("dim_value") and d.dim_value >= 0 else None)
            for d in tensor.shape.dim
        )
    return Port(info.name, dims, default, info.doc_string)


def with_dims(info: Any, given: Any) -> Any:
    """An input's declaration with other dims: a sequence for all axes, or a mapping from axis to dim.

    Raises:
        UsageError: they are not as many as the rank, or one is neither an integer, a name nor ``None``.
    """
    copy = type(info)()
    copy.CopyFrom(info)
    declared = copy.type.tensor_type.shape.dim
    dims = dict(given) if isinstance(given, Mapping) else dict(enumerate(given))
    known = info.type.tensor_type.HasField("shape")
    if known and (
        any(not 0 <= a < len(declared) for a in dims) or (not isinstance(given, Mapping) and len(dims) != len(declared))
    ):
        raise UsageError(f"input {info.name!r} has rank {len(declared)}, the dims given are {given!r}")
    if not known:
        for _ in dims:
            declared.add()
    for axis, dim in dims.items():
        declared[axis].Clear()
        if isinstance(dim, bool) or not isinstance(dim, int | str | None) or (isinstance(dim, int) and dim < 0):
            raise UsageError(f"{dim!r} is no dim of input {info.name!r}", hint="give a size, a name, or None")
        if isinstance(dim, int):
            declared[axis].dim_value = dim
        elif dim is not None:
            declared[axis].dim_param = dim
    return copy
