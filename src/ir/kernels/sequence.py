"""Kernels of sequences (Python lists) and optionals (the value, or None)."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.ir.kernels.array import Array


def sequence_construct(*xs: Any) -> list[Any]:
    """The operands as a sequence."""
    return list(xs)


def sequence_empty(*, dtype: np.dtype[Any]) -> list[Any]:
    """No elements."""
    return []


def sequence_insert(sequence: list[Any], x: Any, position: Array | None = None) -> list[Any]:
    """``x`` put in before ``position``, or at the end."""
    at = len(sequence) if position is None else int(np.asarray(position).reshape(()))
    if not -len(sequence) <= at <= len(sequence):
        raise IndexError(f"position {at} of a sequence of {len(sequence)}")
    at = at + len(sequence) if at < 0 else at
    return [*sequence[:at], x, *sequence[at:]]


def sequence_erase(sequence: list[Any], position: Array | None = None) -> list[Any]:
    """The sequence without the element at ``position``, or without its last."""
    left = list(sequence)
    left.pop(-1 if position is None else int(np.asarray(position).reshape(())))
    return left


def sequence_at(sequence: list[Any], position: Array) -> Any:
    """The element at ``position``."""
    return sequence[int(np.asarray(position).reshape(()))]


def sequence_length(sequence: list[Any]) -> Array:
    """The number of elements."""
    return np.asarray(len(sequence), np.int64)


def sequence_concat(sequence: list[Any], *, axis: int, new_axis: bool) -> Array:
    """The elements one after the other along ``axis``, or side by side along a new one."""
    return np.stack(sequence, axis) if new_axis else np.concatenate(sequence, axis)


def sequence_split(x: Array, sizes: Array | None = None, *, axis: int, keepdims: bool) -> list[Any]:
    """Pieces of ``x`` along ``axis``."""
    size = np.shape(x)[axis]
    if sizes is None:
        pieces = np.split(x, size, axis) if size else []
        return [np.array(p if keepdims else np.squeeze(p, axis)) for p in pieces]
    if np.ndim(sizes) == 0:
        return [np.array(p) for p in np.split(x, range(int(sizes), size, int(sizes)), axis)]
    return [np.array(p) for p in np.split(x, np.cumsum(sizes)[:-1], axis)]


def optional_wrap(x: Any) -> Any:
    """An optional that holds ``x``."""
    return x


def optional_empty(*, dtype: np.dtype[Any], sequence: bool) -> Any:
    """An optional that holds nothing."""
    return None


def optional_has_element(x: Any) -> Array:
    """Whether the optional holds something."""
    return np.asarray(x is not None)


def optional_get(x: Any) -> Any:
    """What the optional holds."""
    if x is None:
        raise ValueError("the optional holds nothing")
    return x
