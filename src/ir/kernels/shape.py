"""Kernels that move elements about without computing on them."""

from __future__ import annotations

import numpy as np

from interlingua.ir.kernels.array import Array


def reshape(x: Array, shape: Array) -> Array:
    """``x`` in another shape, in row-major order."""
    return np.reshape(x, tuple(int(d) for d in shape))


def transpose(x: Array, *, perm: tuple[int, ...]) -> Array:
    """Axis ``i`` of the result is axis ``perm[i]`` of ``x``."""
    return np.transpose(x, perm)


def broadcast_to(x: Array, shape: Array) -> Array:
    """``x`` repeated along axes of size 1, to the broadcast of its shape and ``shape``."""
    target = np.broadcast_shapes(np.shape(x), tuple(int(d) for d in shape))
    return np.array(np.broadcast_to(x, target))


def concat(*xs: Array, axis: int) -> Array:
    """The operands one after the other along ``axis``."""
    return np.concatenate(xs, axis=axis)


def slice_(
    x: Array, starts: Array, stops: Array, steps: Array | None = None, *, axes: tuple[int, ...]
) -> Array:
    """``x[start:stop:step]`` along each axis."""
    index = [slice(None)] * np.ndim(x)
    for i, axis in enumerate(axes):
        size = np.shape(x)[axis]
        step = 1 if steps is None else int(steps[i])
        start, stop, step = slice(int(starts[i]), int(stops[i]), step).indices(size)
        # slice.indices says -1 for "before the first element", which a slice would read as the last one
        index[axis] = slice(start if start >= 0 else -size - 1, stop if stop >= 0 else -size - 1, step)
    return np.asarray(np.asarray(x)[tuple(index)], np.asarray(x).dtype)


def pad(x: Array, amounts: Array, value: Array | None = None, *, mode: str) -> Array:
    """``x`` with elements added (or, by negative amounts, taken away) at both ends of each axis."""
    rank = np.ndim(x)
    before, after = [int(a) for a in amounts[:rank]], [int(a) for a in amounts[rank:]]
    out = np.asarray(x)
    if mode == "constant":
        texts = out.dtype == np.object_ and all(isinstance(v, str) for v in out.flat)
        fill = ("" if texts else 0) if value is None else np.asarray(value).reshape(())[()]
        full = np.full([b + n + a for b, n, a in zip(before, out.shape, after, strict=True)], fill, out.dtype)
        ends = list(zip(before, out.shape, after, strict=True))
        kept = out[tuple(slice(max(-b, 0), max(n + min(a, 0), 0)) for b, n, a in ends)]
        full[tuple(slice(max(b, 0), max(b + min(n, n + a), 0)) for b, n, a in ends)] = kept
        return full
    for axis in range(rank):
        if before[axis] or after[axis]:
            out = np.take(out, pad_source(out.shape[axis], before[axis], after[axis], mode), axis=axis)
    return np.array(out)


def pad_source(size: int, before: int, after: int, mode: str) -> Array:
    """Which element of an axis each element of the padded axis repeats."""
    place = np.arange(-before, size + after)
    if mode == "edge":
        return np.clip(place, 0, size - 1)
    if mode == "wrap":
        return place % size
    if size == 1:
        return np.zeros_like(place)
    period = 2 * (size - 1)
    folded = place % period
    return np.minimum(folded, period - folded)


def reverse(x: Array, *, axes: tuple[int, ...]) -> Array:
    """``x`` backwards along ``axes``."""
    return np.asarray(np.flip(x, axis=axes), np.asarray(x).dtype)


def expand_dims(x: Array, *, axes: tuple[int, ...]) -> Array:
    """``x`` with axes of size 1 put in, where they are in the result."""
    return np.expand_dims(x, axes)


def squeeze(x: Array, *, axes: tuple[int, ...]) -> Array:
    """``x`` without the named axes, all of size 1."""
    return np.squeeze(x, axis=axes)


def stack(*xs: Array, axis: int) -> Array:
    """The operands side by side along a new axis."""
    return np.stack(xs, axis=axis)


def split(x: Array, sizes: Array | None = None, *, axis: int, parts: int) -> tuple[Array, ...]:
    """Consecutive pieces of ``x`` along ``axis``."""
    size = np.shape(x)[axis]
    if sizes is None:
        chunk = -(-size // parts)
        ends = [min((i + 1) * chunk, size) for i in range(parts)]
    else:
        ends = [int(e) for e in np.cumsum(sizes)]
    return tuple(np.array(piece) for piece in np.split(x, ends[:-1], axis=axis))


def tile(x: Array, repeats: Array) -> Array:
    """``x`` repeated whole along each axis."""
    return np.tile(x, tuple(int(r) for r in repeats))


def flatten(x: Array, *, axis: int) -> Array:
    """``x`` as a matrix: the axes before ``axis`` are its rows, the others its columns."""
    rows = int(np.prod(np.shape(x)[:axis], dtype=np.int64))
    columns = int(np.prod(np.shape(x)[axis:], dtype=np.int64))
    return np.reshape(x, (rows, columns))


def depth_to_space(x: Array, *, block: int, mode: str) -> Array:
    """Channels moved into ``block`` × ``block`` squares of the plane."""
    n, c, h, w = x.shape
    depth = c // (block * block)
    if mode == "dcr":
        moved = x.reshape(n, block, block, depth, h, w).transpose(0, 3, 4, 1, 5, 2)
    else:
        moved = x.reshape(n, depth, block, block, h, w).transpose(0, 1, 4, 2, 5, 3)
    return moved.reshape(n, depth, h * block, w * block)


def space_to_depth(x: Array, *, block: int, mode: str) -> Array:
    """Squares of ``block`` × ``block`` moved into channels."""
    n, c, h, w = x.shape
    cut = x.reshape(n, c, h // block, block, w // block, block)
    moved = cut.transpose(0, 3, 5, 1, 2, 4) if mode == "dcr" else cut.transpose(0, 1, 3, 5, 2, 4)
    return moved.reshape(n, c * block * block, h // block, w // block)


def center_crop_pad(x: Array, shape: Array, *, axes: tuple[int, ...]) -> Array:
    """The middle of ``x``, or ``x`` in the middle of zeros, along each axis."""
    out = np.asarray(x)
    for named, wanted in zip(axes, (int(s) for s in shape), strict=True):
        axis = named % out.ndim
        size = out.shape[axis]
        if wanted <= size:
            first = (size - wanted) // 2
            out = np.take(out, np.arange(first, first + wanted), axis=axis)
        else:
            widths = [0] * (2 * out.ndim)
            widths[axis] = (wanted - size) // 2
            widths[out.ndim + axis] = wanted - size - widths[axis]
            out = pad(out, np.asarray(widths), mode="constant")
    return out
