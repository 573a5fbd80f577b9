"""Weight handles: what a constant is, without its bytes in memory.

A handle knows its dtype and shape, and gives its bytes as a read-only view, in pieces, or as a digest, each only when
asked. Nothing copies a weight to look at it.
"""

from __future__ import annotations

import errno
import hashlib
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from interlingua.errors import InvalidExternalData
from interlingua.ir.dtypes import FLOATS, DType

CHUNK = 1 << 24
"""Bytes read at a time when a weight is streamed: enough for full disk speed, small beside any limit."""
ROWS = 128
"""Rows of a transposed matrix that are put in order at a time: the lines of memory that are read stay in the cache."""
GLANCE = 64
"""Elements that are looked at before a weight is read as a whole."""
_NOT_SENT = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSOCK, errno.ENOTSUP})
"""What a system says that sends no file to a file, before it sent anything."""


def _blocks(view: np.ndarray[Any, Any]) -> Iterator[np.ndarray[Any, Any]]:
    """The contents as C-ordered arrays, one after the other."""
    while view.ndim > 1 and len(view) == 1:
        view = view[0]
    if view.ndim < 2 or view.flags.c_contiguous or view.size == 0:
        yield np.ascontiguousarray(view)
        return
    rows = max(ROWS, CHUNK * len(view) // view.nbytes)
    for first in range(0, len(view), rows):
        yield np.ascontiguousarray(view[first : first + rows])


class Weight(ABC):
    """A constant tensor. Equality is identity; contents are compared by :attr:`digest`."""

    dtype: DType
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """Number of elements."""
        return prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of the view (an int4 takes a byte there, as NumPy stores it)."""
        return self.size * self.dtype.numpy.itemsize

    def unrounded(self) -> np.ndarray[Any, Any] | None:
        """The contents in float64 before they were rounded to the dtype, of a weight that was computed of others."""
        return None

    @abstractmethod
    def view(self) -> np.ndarray[Any, Any]:
        """The contents, read-only. May map a file; copies nothing."""

    def chunks(self) -> Iterator[bytes | memoryview]:
        """The contents as little-endian C-ordered bytes, in pieces."""
        for block in _blocks(self.view()):
            flat = block.reshape(-1).view(np.uint8).data
            for start in range(0, len(flat), CHUNK):
                yield flat[start : start + CHUNK]

    def write_to(self, file: BinaryIO) -> None:
        """Append the contents to ``file``."""
        for chunk in self.chunks():
            file.write(chunk)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over dtype, shape and contents."""
        sha = hashlib.sha256(f"{self.dtype}{self.shape}".encode())
        if self.dtype is DType.STRING:
            sha.update(repr(self.view().tolist()).encode())
        else:
            for chunk in self.chunks():
                sha.update(chunk)
        return sha.hexdigest()

    def glance(self) -> bytes | None:
        """The first bytes: equal where the contents are. ``None`` where looking takes computing."""
        return None if self.dtype is DType.STRING else self.view().flat[:GLANCE].tobytes()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.dtype}{list(self.shape)})"


class ArrayWeight(Weight):
    """An array that somebody else owns, borrowed."""

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self.dtype = DType.of(array)
        self.shape = tuple(array.shape)
        if array.flags.writeable:
            array = array.view()
            array.flags.writeable = False
        self._array = array

    def view(self) -> np.ndarray[Any, Any]:
        return self._array


class MappedWeight(Weight):
    """A slice of a file, mapped when looked at and copied by the kernel when written out."""

    def __init__(self, path: Path, offset: int, dtype: DType, shape: tuple[int, ...]) -> None:
        self.path = path
        self.offset = offset
        self.dtype = dtype
        self.shape = shape
        status = path.stat()
        self._version = (status.st_ino, status.st_size, status.st_mtime_ns)
        available = status.st_size - offset
        if offset < 0 or self.nbytes > available:
            raise InvalidExternalData(
                f"a {dtype}{list(shape)} weight needs {self.nbytes} bytes at offset {offset}, "
                f"but {max(available, 0)} are there",
                where=str(path),
                hint="the file is shorter than the model says; fetch it again",
            )

    def _check(self) -> None:
        """Refuse a file that was written anew: the offset means nothing in it."""
        try:
            status = self.path.stat()
        except OSError as error:
            raise InvalidExternalData(f"the weights cannot be read: {error.strerror}", where=str(self.path)) from error
        if self._version != (status.st_ino, status.st_size, status.st_mtime_ns):
            raise InvalidExternalData(
                "the file changed since the model was loaded",
                where=str(self.path),
                hint="load the model again",
            )

    def view(self) -> np.ndarray[Any, Any]:
        self._check()
        if self.size == 0:
            return np.zeros(self.shape, self.dtype.numpy)
        array = np.memmap(self.path, dtype=np.uint8, mode="r", offset=self.offset, shape=(self.nbytes,))
        return np.asarray(array).view(self.dtype.numpy).reshape(self.shape)

    def chunks(self) -> Iterator[bytes | memoryview]:
        self._check()
        with self.path.open("rb", buffering=0) as file:
            file.seek(self.offset)
            left = self.nbytes
            while left:
                piece = file.read(min(left, CHUNK))
                if not piece:
                    raise InvalidExternalData("the file became shorter while it was read", where=str(self.path))
                left -= len(piece)
                yield piece

    def write_to(self, file: BinaryIO) -> None:
        """Let the kernel copy the bytes where it can: they never pass through this process."""
        self._check()
        try:
            target = file.fileno()
        except (AttributeError, OSError):
            return super().write_to(file)
        file.flush()
        try:
            self._send(target)
        except OSError as error:
            if error.errno not in _NOT_SENT:
                raise
            return super().write_to(file)
        file.seek(0, os.SEEK_CUR)
        return None

    def _send(self, target: int) -> None:
        with self.path.open("rb", buffering=0) as source:
            position, end = self.offset, self.offset + self.nbytes
            while position < end:
                sent = os.sendfile(target, source.fileno(), position, min(end - position, 1 << 30))
                if sent == 0:
                    raise InvalidExternalData("the file became shorter while it was read", where=str(self.path))
                position += sent


class LazyWeight(Weight):
    """An expression of other weights, computed each time that it is looked at and never kept."""

    def __init__(self, dtype: DType, shape: tuple[int, ...], compute: Callable[[], np.ndarray[Any, Any]]) -> None:
        self.dtype = dtype
        self.shape = shape
        self._compute = compute

    def glance(self) -> bytes | None:
        """As :meth:`Weight.glance`."""
        return None

    def view(self) -> np.ndarray[Any, Any]:
        array = self._compute()
        if tuple(array.shape) != self.shape or DType.of(array) is not self.dtype:
            raise ValueError(f"a lazy {self.dtype}{list(self.shape)} weight came out {array.dtype}{list(array.shape)}")
        view = array.view()
        view.flags.writeable = False
        return view


class RoundedWeight(LazyWeight):
    """A constant that was computed in float64: what is computed of it goes on from there."""

    def __init__(self, dtype: DType, exact: np.ndarray[Any, Any]) -> None:
        super().__init__(dtype, exact.shape, self._rounded)
        self._exact = exact

    def unrounded(self) -> np.ndarray[Any, Any]:
        """As :meth:`Weight.unrounded`."""
        return self._exact

    def _rounded(self) -> np.ndarray[Any, Any]:
        with np.errstate(all="ignore"):
            return self._exact.astype(self.dtype.numpy)


def trains(weight: Weight) -> bool:
    """Whether a constant is a parameter, as far as its type tells: floats with axes."""
    return weight.dtype in FLOATS and weight.shape != ()
