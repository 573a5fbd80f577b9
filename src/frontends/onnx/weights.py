"""Tensors of an ONNX file as weight handles."""

from __future__ import annotations

from functools import cache, partial
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.numpy_helper

from interlingua.errors import InvalidExternalData, InvalidModel
from interlingua.formats.onnx import dtype_of
from interlingua.frontends.onnx.reader import Source, external_file
from interlingua.ir.dtypes import DType
from interlingua.ir.weights import ArrayWeight, LazyWeight, MappedWeight, Weight

MAX_ELEMENTS = 1 << 48
"""More elements than any file holds; beyond, not even an empty array can have the shape."""


MIN_DENSITY = 1 << 14
"""A sparse tensor has one element in so many that is stored: with fewer, few bytes would claim all memory …"""
SMALL = 1 << 20
"""… unless it has no more elements than this."""


INTERNED = 32
"""Elements up to which embedded weights of the same contents are one: exporters write the same axes, shapes and scalars
over and over."""


class Weights:
    """The weights of one model."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._named: dict[int, Weight] = {}
        self._interned: dict[tuple[int, tuple[int, ...], bytes], Weight] = {}

    def of(self, tensor: Any) -> Weight:
        """As :func:`weight_of`."""
        source = self._source
        if isinstance(tensor, onnx.SparseTensorProto):
            return weight_of(tensor, None, source.label)
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            return weight_of(tensor, source.folder, source.label)
        shape = tuple(tensor.dims)
        if prod(shape) > INTERNED:
            return weight_of(tensor, None, source.label)
        key = tensor.data_type, shape, tensor.raw_data
        found = self._interned.get(key) if key[2] else None
        if found is None:
            found = weight_of(tensor, None, source.label)
            if key[2]:
                self._interned[key] = found
        return found

    def named(self, tensor: Any) -> Weight:
        """The same for an initializer, whose message is kept: the handle is made once."""
        found = self._named.get(id(tensor))
        if found is None:
            found = self._named[id(tensor)] = self.of(tensor)
        return found


def weight_of(tensor: Any, folder: Path | None, label: str) -> Weight:
    """The handle of a ``TensorProto`` or ``SparseTensorProto``. External data is mapped, embedded data borrowed, and
    what is sparse made dense each time that it is looked at.

    Raises:
        InvalidModel: dims and data disagree.
    """
    if isinstance(tensor, onnx.SparseTensorProto):
        return _sparse(tensor, label)
    shape = tuple(tensor.dims)
    dtype = dtype_of(tensor.data_type)
    if shape and min(shape) < 0:
        raise InvalidModel(f"weight {tensor.name!r} has a negative dim: {list(shape)}", where=label)
    if prod(shape) > MAX_ELEMENTS or (0 in shape and prod(d for d in shape if d) > MAX_ELEMENTS):
        raise InvalidModel(
            f"weight {tensor.name!r} is too large to be: {list(shape)}", where=label, hint="the model is damaged"
        )
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        return _external(tensor, dtype, shape, folder, label)
    if tensor.HasField("raw_data") and dtype.bits >= 8:
        return ArrayWeight(_raw(tensor, dtype, shape, label))
    _check_count(tensor, dtype, shape, label)
    return ArrayWeight(np.asarray(onnx.numpy_helper.to_array(tensor)).astype(dtype.numpy, copy=False).reshape(shape))


def _sparse(tensor: Any, label: str) -> Weight:
    name, shape = tensor.values.name, tuple(tensor.dims)
    for part in (tensor.values, tensor.indices):
        if part.data_location == onnx.TensorProto.EXTERNAL:
            raise InvalidExternalData(f"sparse weight {name!r}: only dense weights can be external", where=label)
    if any(d < 0 for d in shape):
        raise InvalidModel(f"sparse weight {name!r} has a negative dim: {list(shape)}", where=label)
    values = weight_of(tensor.values, None, label).view()
    size = prod(shape)
    if size > max(SMALL, MIN_DENSITY * values.size):
        raise InvalidModel(
            f"sparse weight {name!r} is {list(shape)} with {values.size} element(s) stored: too few",
            where=label,
            hint="the model is damaged; or store it as a dense weight",
        )
    places = _places(tensor, values.size, shape, label)
    return LazyWeight(DType.of(values), shape, partial(_dense, values, places, shape))


def _places(tensor: Any, count: int, shape: tuple[int, ...], label: str) -> np.ndarray[Any, Any]:
    """The place of each stored element in the flat tensor, from indices that count them or the axes."""
    name = tensor.values.name
    indices = weight_of(tensor.indices, None, label).view()
    if indices.dtype != np.int64 or indices.shape not in ((count,), (count, len(shape))):
        raise InvalidModel(
            f"sparse weight {name!r} has {count} element(s), but indices {indices.dtype}{list(indices.shape)}",
            where=label,
        )
    limit = np.asarray(shape if indices.ndim == 2 else prod(shape), np.int64)
    if ((indices < 0) | (indices >= limit)).any():
        raise InvalidModel(f"sparse weight {name!r} has an element outside of {list(shape)}", where=label)
    flat = np.ravel_multi_index(tuple(indices.T), shape) if indices.ndim == 2 and shape else indices.reshape(count)
    if (np.diff(flat) <= 0).any():
        raise InvalidModel(f"the indices of sparse weight {name!r} do not ascend", where=label)
    return np.asarray(flat)


def _dense(values: np.ndarray[Any, Any], places: np.ndarray[Any, Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    found = np.full(prod(shape), "" if values.dtype == object else values.dtype.type(0), values.dtype)
    found[places] = values
    return found.reshape(shape)


def _raw(tensor: Any, dtype: DType, shape: tuple[int, ...], label: str) -> np.ndarray[Any, Any]:
    data = tensor.raw_data
    wanted = prod(shape) * dtype.numpy.itemsize
    if len(data) != wanted:
        raise InvalidModel(
            f"weight {tensor.name!r} is {dtype}{list(shape)}: {wanted} bytes, but the file holds {len(data)}",
            where=label,
        )
    return np.frombuffer(data, dtype=_little_endian(dtype)).reshape(shape)


@cache
def _little_endian(dtype: DType) -> np.dtype[Any]:
    return dtype.numpy.newbyteorder("<") if dtype.numpy.kind != "V" else dtype.numpy


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
