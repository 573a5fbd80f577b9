"""Tensors of an ONNX file as weight handles."""

from __future__ import annotations

from functools import partial
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.numpy_helper

from interlingua.errors import InvalidExternalData, InvalidModel
from interlingua.formats.onnx import dtype_of
from interlingua.frontends.onnx.reader import external_file
from interlingua.ir.dtypes import DType
from interlingua.ir.weights import ArrayWeight, LazyWeight, MappedWeight, Weight

MAX_ELEMENTS = 1 << 48
"""More elements than any file holds; beyond, not even an empty array can have the shape."""


def weight_of(tensor: Any, folder: Path | None, label: str) -> Weight:
    """The handle of a ``TensorProto``. External data is mapped, embedded data borrowed.

    Raises:
        InvalidModel: dims and data disagree.
    """
    shape = tuple(tensor.dims)
    dtype = dtype_of(tensor.data_type)
    if any(d < 0 for d in shape):
        raise InvalidModel(f"weight {tensor.name!r} has a negative dim: {list(shape)}", where=label)
    if prod(d for d in shape if d) > MAX_ELEMENTS:
        raise InvalidModel(
            f"weight {tensor.name!r} is too large to be: {list(shape)}", where=label, hint="the model is damaged"
        )
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        return _external(tensor, dtype, shape, folder, label)
    if tensor.HasField("raw_data") and dtype.bits >= 8:
        return ArrayWeight(_raw(tensor, dtype, shape, label))
    _check_count(tensor, dtype, shape, label)
    return ArrayWeight(np.asarray(onnx.numpy_helper.to_array(tensor)).astype(dtype.numpy, copy=False).reshape(shape))


def _raw(tensor: Any, dtype: DType, shape: tuple[int, ...], label: str) -> np.ndarray[Any, Any]:
    data = tensor.raw_data
    wanted = prod(shape) * dtype.numpy.itemsize
    if len(data) != wanted:
        raise InvalidModel(
            f"weight {tensor.name!r} is {dtype}{list(shape)}: {wanted} bytes, but the file holds {len(data)}",
            where=label,
        )
    return np.frombuffer(data, dtype=dtype.numpy.newbyteorder("<") if dtype.numpy.kind != "V" else dtype.numpy).reshape(
        shape
    )


_FIELDS = ("float_data", "int32_data", "string_data", "int64_data", "double_data", "uint64_data")


def _check_count(tensor: Any, dtype: DType, shape: tuple[int, ...], label: str) -> None:
    """A damaged tensor must not make the reader allocate what its dims claim."""
    per_byte = 8 // dtype.bits if dtype.kind != "string" and dtype.bits < 8 else 1
    held = len(tensor.raw_data) * per_byte or sum(len(getattr(tensor, f)) for f in _FIELDS) * per_byte
    if dtype.kind == "complex" and not tensor.raw_data:
        held //= 2
    wanted = prod(shape)
    if not wanted <= held < wanted + per_byte:
        raise InvalidModel(f"weight {tensor.name!r} has {wanted} elements, but the file holds {held}", where=label)


def _external(tensor: Any, dtype: DType, shape: tuple[int, ...], folder: Path | None, label: str) -> Weight:
    entries = {entry.key: entry.value for entry in tensor.external_data}
    path = external_file(folder, entries.get("location", ""), label)
    try:
        offset = int(entries.get("offset", "0"))
        length = int(entries["length"]) if "length" in entries else None
    except ValueError as error:
        raise InvalidExternalData(f"weight {tensor.name!r}: offset and length must be integers", where=label) from error
    if dtype.kind == "string":
        raise InvalidExternalData(f"weight {tensor.name!r}: strings cannot be external", where=label)
    if dtype.bits < 8:
        return _packed(tensor, dtype, shape, path, offset)
    weight = MappedWeight(path, offset, dtype, shape)
    if length is not None and length != weight.nbytes:
        raise InvalidExternalData(
            f"weight {tensor.name!r} is {dtype}{list(shape)}: {weight.nbytes} bytes, but the model says {length}",
            where=label,
        )
    return weight


def _packed(tensor: Any, dtype: DType, shape: tuple[int, ...], path: Path, offset: int) -> Weight:
    per_byte = 8 // dtype.bits
    packed = MappedWeight(path, offset, DType.U8, (-(-prod(shape) // per_byte),))
    return LazyWeight(dtype, shape, partial(_unpack, packed, tensor.data_type, shape))


def _unpack(packed: Weight, code: int, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    proto = onnx.TensorProto(data_type=code, dims=shape, raw_data=packed.view().tobytes())
    return np.asarray(onnx.numpy_helper.to_array(proto))
