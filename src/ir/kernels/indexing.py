"""Kernels that read and write elements by index."""

from __future__ import annotations

import math

import numpy as np

from interlingua.ir.kernels.array import Array
from interlingua.ir.kernels.precision import narrow, wide


def gather(x: Array, indices: Array, *, axis: int) -> Array:
    """The slices of ``x`` at ``indices`` along ``axis``."""
    return np.asarray(np.take(x, np.asarray(indices).astype(np.int64), axis=axis), np.asarray(x).dtype)


def gather_nd(x: Array, indices: Array, *, batch_dims: int) -> Array:
    """The parts of ``x`` that the rows of ``indices`` name."""
    rows = np.asarray(indices).astype(np.int64)
    rank = rows.ndim - 1
    index = [np.arange(rows.shape[i]).reshape((-1,) + (1,) * (rank - 1 - i)) for i in range(batch_dims)]
    index += [rows[..., i] for i in range(rows.shape[-1])]
    if rows.shape[-1] == 0:
        rest = np.shape(x)[batch_dims:]
        spread = np.reshape(x, np.shape(x)[:batch_dims] + (1,) * (rank - batch_dims) + rest)
        return np.array(np.broadcast_to(spread, rows.shape[:-1] + rest))
    return np.asarray(np.asarray(x)[tuple(index)], np.asarray(x).dtype)


def along(indices: Array, axis: int) -> tuple[Array, ...]:
    """Index arrays that name, at each place of ``indices``, this place with ``axis`` replaced by the index
    there."""
    index: list[Array] = list(np.indices(np.shape(indices), sparse=True))
    index[axis] = np.asarray(indices).astype(np.int64)
    return tuple(index)


def gather_along(x: Array, indices: Array, *, axis: int) -> Array:
    """At each place of ``indices``, the element of ``x`` with its coordinate along ``axis`` replaced by the
    index."""
    return np.asarray(np.asarray(x)[along(indices, axis)])


def accumulate(x: Array, index: tuple[Array, ...], updates: Array, reduction: str) -> Array:
    """A copy of ``x`` with ``updates`` written, or combined, at ``index``."""
    if reduction == "none":
        out = np.array(x)
        out[index] = updates
        return out
    out = np.array(wide(x))
    combine = {"add": np.add, "mul": np.multiply, "min": np.minimum, "max": np.maximum}[reduction]
    with np.errstate(all="ignore"):
        combine.at(out, index, wide(updates))
    return narrow(out, x)


def scatter_nd(x: Array, indices: Array, updates: Array, *, reduction: str) -> Array:
    """``x`` with the parts that the rows of ``indices`` name replaced by, or combined with, ``updates``."""
    rows = np.asarray(indices).astype(np.int64)
    if rows.shape[-1] == 0:
        lead = rows.shape[:-1]
        flat = np.reshape(updates, (math.prod(lead), *np.shape(x)))
        grown = accumulate(np.asarray(x)[None], (np.zeros(len(flat), np.int64),), flat, reduction)
        return np.asarray(grown[0])
    return accumulate(x, tuple(rows[..., i] for i in range(rows.shape[-1])), updates, reduction)


def scatter_along(x: Array, indices: Array, updates: Array, *, axis: int, reduction: str) -> Array:
    """``x`` with each update written at its own place, the coordinate along ``axis`` replaced by the
    index."""
    return accumulate(x, along(indices, axis), updates, reduction)


def top_k(x: Array, k: Array, *, axis: int, largest: bool, sorted: bool) -> tuple[Array, Array]:
    """The ``k`` greatest (or least) elements along ``axis`` in order, and where they are."""
    w = wide(x)
    count = int(np.asarray(k).reshape(()))
    if largest:
        # ascending and stable on the flipped axis, read backwards: descending, ties by lowest index
        order = w.shape[axis] - 1 - np.flip(np.argsort(np.flip(w, axis), axis=axis, kind="stable"), axis)
    else:
        order = np.argsort(w, axis=axis, kind="stable")
    chosen = np.take(order, np.arange(count), axis=axis)
    return np.take_along_axis(np.asarray(x), chosen, axis=axis), chosen.astype(np.int64)


def non_zero(x: Array) -> Array:
    """The coordinates of the elements that are not zero, one column an element."""
    if np.ndim(x) == 0:
        return np.zeros((0, int(bool(x))), np.int64)
    return np.stack(np.nonzero(wide(x))).astype(np.int64)


def unique(x: Array, *, axis: int | None, sorted: bool) -> tuple[Array, Array, Array, Array]:
    """The distinct elements (or slices), where each is first, which each element is, and how often each
    occurs."""
    w = wide(x)
    if w.dtype == np.object_ and axis is not None:  # NumPy compares slices of numbers alone: number the strings
        w = np.reshape(np.unique(w, return_inverse=True)[1], w.shape)
    _, first, inverse, counts = np.unique(
        w, return_index=True, return_inverse=True, return_counts=True, axis=axis
    )
    inverse = np.ravel(inverse)
    if not sorted:
        order = np.argsort(first, kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        first, inverse, counts = first[order], place[inverse], counts[order]
    indices = (first.astype(np.int64), inverse.astype(np.int64), counts.astype(np.int64))
    return np.asarray(np.take(np.asarray(x), first, axis=axis)), *indices


def one_hot(indices: Array, depth: Array, values: Array, *, axis: int) -> Array:
    """``values[1]`` where the new axis' coordinate is the index, ``values[0]`` elsewhere."""
    size = int(np.asarray(depth).reshape(()))
    place = axis % (np.ndim(indices) + 1)
    ids = np.asarray(indices).astype(np.int64)
    wanted = np.expand_dims(np.where(ids < 0, ids + size, ids), place)
    coordinate = np.arange(size).reshape((-1,) + (1,) * (np.ndim(indices) - place))
    return np.asarray(np.where(wanted == coordinate, values[1], values[0]), values.dtype)


def embedding(table: Array, ids: Array) -> Array:
    """The rows of ``table`` at ``ids``."""
    return np.asarray(np.take(table, np.asarray(ids).astype(np.int64), axis=0))


def compress(x: Array, condition: Array, *, axis: int | None) -> Array:
    """The slices of ``x`` (or, without an axis, the elements) where ``condition`` is true."""
    return np.compress(condition, x, axis=axis)


def reverse_sequence(x: Array, lengths: Array, *, batch_axis: int, time_axis: int) -> Array:
    """Each sequence of the batch backwards up to its length, the rest as it was."""
    moved = np.moveaxis(np.asarray(x), (batch_axis, time_axis), (0, 1))
    t = np.arange(moved.shape[1])[None, :]
    n = np.asarray(lengths).astype(np.int64)[:, None]
    source = np.where(t < n, n - 1 - t, t)
    out = moved[np.arange(moved.shape[0])[:, None], source]
    return np.moveaxis(out, (0, 1), (batch_axis, time_axis))


def tensor_scatter(
    cache: Array, update: Array, starts: Array | None = None, *, axis: int, mode: str
) -> Array:
    """``cache`` with ``update`` written along ``axis`` from each sample's start."""
    size, length = cache.shape[axis], update.shape[axis]
    begin = np.zeros(cache.shape[0], np.int64) if starts is None else np.asarray(starts).astype(np.int64)
    place = begin[:, None] + np.arange(length)[None, :]
    if mode == "circular":
        place = place % size
    out = np.array(np.moveaxis(cache, axis, 1))
    out[np.arange(len(begin))[:, None], place] = np.moveaxis(update, axis, 1)
    return np.moveaxis(out, 1, axis)
