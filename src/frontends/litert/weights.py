"""Constants of a ``.tflite`` file as weight handles: slices of the file, none of them copied."""

from __future__ import annotations

import itertools
import struct
from functools import partial
from math import prod
from typing import Any

import numpy as np

from interlingua.errors import InvalidModel
from interlingua.formats.litert import dtype_of
from interlingua.frontends.litert.reader import Source, TensorInfo
from interlingua.ir.dtypes import DType
from interlingua.ir.weights import ArrayWeight, LazyWeight, MappedWeight, Weight


class Weights:
    """The constants of one model."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._made: dict[tuple[tuple[int, int] | None, int, tuple[int, ...]], Weight] = {}

    def of(self, info: TensorInfo) -> Weight:
        """The handle of a tensor that has contents, or no elements. Two tensors of one buffer have one handle.

        Raises:
            InvalidModel: shape and contents disagree.
        """
        key = info.data, info.code, info.shape
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = self._new(info)
        return found

    def _new(self, info: TensorInfo) -> Weight:
        dtype = dtype_of(info.code)
        if -1 in info.shape:
            raise InvalidModel(f"{info} has contents, but the shape {list(info.shape)}")
        if info.data is None:
            return ArrayWeight(np.zeros(info.shape, dtype.numpy))
        offset, size = info.data
        if dtype is DType.STRING:
            return ArrayWeight(_strings(self._source.file.span(offset, size), info))
        wanted = -(-prod(info.shape) * dtype.bits // 8)
        if size != wanted:
            raise InvalidModel(f"{info} is {dtype}{list(info.shape)}: {wanted} bytes, but the file holds {size}")
        if dtype.bits >= 8:
            return self._slice(offset, dtype, info.shape)
        return LazyWeight(
            dtype, info.shape, partial(_unpacked, self._slice(offset, DType.U8, (size,)), dtype, info.shape)
        )

    def _slice(self, offset: int, dtype: DType, shape: tuple[int, ...]) -> Weight:
        if self._source.path is not None:
            return MappedWeight(self._source.path, offset, dtype, shape)
        data = self._source.file.data[offset : offset + prod(shape) * dtype.numpy.itemsize]
        return ArrayWeight(np.frombuffer(data, np.uint8).view(dtype.numpy).reshape(shape))


def _unpacked(packed: Weight, dtype: DType, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Elements narrower than a byte, the first in the low bits."""
    per_byte = 8 // dtype.bits
    shifts = np.arange(per_byte, dtype=np.uint8) * np.uint8(dtype.bits)
    levels = (packed.view()[:, None] >> shifts) & np.uint8((1 << dtype.bits) - 1)
    flat = levels.reshape(-1)[: prod(shape)].astype(np.int8)
    if dtype.kind == "int":
        flat = np.where(flat >= 1 << (dtype.bits - 1), flat - (1 << dtype.bits), flat)
    unpacked: np.ndarray[Any, Any] = flat.astype(dtype.numpy).reshape(shape)
    return unpacked


def _strings(data: memoryview, info: TensorInfo) -> np.ndarray[Any, Any]:
    """A count, an offset for each string and one for the end, and the characters (``string_util.h``)."""
    count = prod(info.shape)
    try:
        (held,) = struct.unpack_from("<i", data)
        offsets = struct.unpack_from(f"<{count + 1}i", data, 4) if held == count else ()
        if not all(4 <= a <= b <= len(data) for a, b in itertools.pairwise(offsets)):
            raise InvalidModel(f"the strings of {info} lie outside of its buffer")
        texts = [str(data[a:b], "utf-8") for a, b in itertools.pairwise(offsets)]
    except (struct.error, UnicodeDecodeError, OverflowError, MemoryError) as error:
        raise InvalidModel(f"the strings of {info} cannot be read: {error}") from error
    if held != count:
        raise InvalidModel(f"{info} has {count} strings, but the file holds {held}")
    found = np.empty(count, object)
    found[:] = texts
    return found.reshape(info.shape)
