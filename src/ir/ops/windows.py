"""Poolings over windows in core ops, and what undoes them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.kernels.convolution import conv_output
from interlingua.ir.ops.binary import Div
from interlingua.ir.ops.convolution import Conv, Fold
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.reduction import ReduceProd
from interlingua.ir.ops.scatter import ScatterAlong, ScatterNd
from interlingua.ir.ops.shape import Pad, Slice
from interlingua.ir.ops.shaping import dim_of, dims_of, product_of, quotient_of, vector
from interlingua.ir.ops.unary import IsNan

if TYPE_CHECKING:
    from interlingua.ir.ops.pooling import LpPool, MaxPoolWithIndices, Windowed


def reaching_pads(op: Windowed) -> tuple[int, ...]:
    """Pads that no window reaches beyond: a last partial window lacks less than its stride."""
    n = len(op.window)
    if not op.ceil_mode:
        return op.pads
    return (*op.pads[:n], *(p + s - 1 for p, s in zip(op.pads[n:], op.strides, strict=True)))


def lp_pool(op: LpPool, b: Builder, x: Value) -> Value:
    """The window sums of powers, by a convolution with ones over each plane."""
    a = Expr(b, x).wide()
    n = len(op.window)
    shape = a.shape()
    planes = (a * a if op.p == 2 else a.abs().pow(float(op.p))).reshape(
        [product_of(b, dims_of(b, x, 0, 1)), 1, *dims_of(b, x, *range(2, n + 2))]
    )
    ones = b.constant(np.ones((1, 1, *op.window)), a.dtype)
    sums = Expr(b, b(Conv(op.strides, reaching_pads(op), op.dilations), planes.value, ones))
    if op.ceil_mode:
        # no window starts in the end padding
        begins = a.constant([p + s - 1 for p, s in zip(op.pads[:n], op.strides, strict=True)])
        counts = (shape.slice(0, 2, n + 2) + begins) / a.constant(list(op.strides))
        sums = sums.apply(Slice(axes=tuple(range(2, n + 2))), a.constant([0] * n), counts)
    y = sums.sqrt() if op.p == 2 else sums.pow(1.0 / op.p)
    out = shape.slice(0, 0, 2).concat(y.shape().slice(0, 2, n + 2))
    return y.reshape(out).to(x.tensor.dtype).value


def max_pool_with_indices(op: MaxPoolWithIndices, b: Builder, x: Value) -> tuple[Value, Value]:
    """The maxima, then the first place of each window that equals its maximum."""
    from interlingua.ir.ops.pooling import MaxPool

    y = Expr(b, b(MaxPool(op.window, op.strides, op.pads, op.dilations, op.ceil_mode), x))
    a, n = Expr(b, x), len(op.window)
    pads = reaching_pads(op)
    padded = a.apply(Pad(), a.constant([0, 0, *pads[:n], 0, 0, *pads[n:]]))
    counts = [y.dim(2 + i) for i in range(n)]
    found: Expr | None = None
    for offset in reversed(list(itertools.product(*(range(k) for k in op.window)))):
        starts = [o * d for o, d in zip(offset, op.dilations, strict=True)]
        stops = [(c - 1) * s + (start + 1) for c, s, start in zip(counts, op.strides, starts, strict=True)]
        stop = stops[0].reshape([1]).concat(*(s.reshape([1]) for s in stops[1:]))
        cut = Slice(axes=tuple(range(2, n + 2)))
        value = padded.apply(cut, a.constant(starts), stop, a.constant(list(op.strides)))
        inside, index = _places(op, a, counts, starts)
        match = value.equals(y)
        if a.dtype.is_float:
            match = match | (value.apply(IsNan()) & y.apply(IsNan()))
        here = inside & match
        found = here.where(index, index.number(-1) if found is None else found)
    assert found is not None
    size = a.dim(2)
    for i in range(1, n):
        size = size * a.dim(2 + i)
    planes = (a.dim(0) * a.dim(1)).steps().reshape(a.shape().slice(0, 0, 2).concat(a.constant([1] * n)))
    return y.value, (found + planes * size).value


def _places(op: MaxPoolWithIndices, a: Expr, counts: list[Expr], starts: list[int]) -> tuple[Expr, Expr]:
    """Whether each window's element is real, and its index in the plane; broadcast over (1, 1, *out)."""
    n = len(counts)
    inside: Expr | None = None
    index: Expr | None = None
    order = range(n) if op.column_major else range(n - 1, -1, -1)
    weight: Expr | None = None
    for i in order:
        at = counts[i].steps(n + 2, 2 + i) * op.strides[i] + (starts[i] - op.pads[i])
        good = (at >= 0) & (at < a.dim(2 + i))
        inside = good if inside is None else inside & good
        part = at if weight is None else at * weight
        index = part if index is None else index + part
        weight = a.dim(2 + i) if weight is None else weight * a.dim(2 + i)
    assert inside is not None and index is not None
    return inside, index


def max_unpool(b: Builder, x: Value, indices: Value, shape: Value) -> Value:
    """A scatter into zeros."""
    a, extents = Expr(b, x), Expr(b, shape)
    total = extents.take(0, 0)
    for i in range(1, a.rank):
        total = total * extents.take(0, i)
    empty = a.number(0).broadcast(total.reshape([1]))
    flat = Expr(b, indices).reshape([-1, 1])
    return empty.apply(ScatterNd(), flat, a.reshape([-1])).reshape(extents).value


def fold(op: Fold, b: Builder, x: Value, image: Value, block: Value) -> Value:
    """Each place of a block moved apart by the strides, put where it belongs, and all of them added up.

    A transposed convolution with one-hot kernels would spread an infinite element over the block (0 · inf)."""
    size, window = image.tensor.known(), block.tensor.known()
    if size is None or window is None:
        return _fold_scattered(op, b, x, image, block)
    n, area = len(size), math.prod(window)
    padded = [size[i] + op.pads[i] + op.pads[n + i] for i in range(n)]
    counts = conv_output(tuple(size), tuple(window), op.strides, op.pads, op.dilations)
    a = Expr(b, x).wide()
    outer = [dim_of(b, x, 0), quotient_of(b, dim_of(b, x, 1), area)]
    if 0 in counts:
        return a.number(0.0).broadcast(Expr(b, vector(b, [*outer, *size]))).to(x.tensor.dtype).value
    places = _apart(a.reshape([*outer, area, *counts]), outer, area, counts, op.strides)
    total: Expr | None = None
    for k, tap in enumerate(itertools.product(*(range(w) for w in window))):
        begins = [t * d for t, d in zip(tap, op.dilations, strict=True)]
        ends = [padded[i] - begins[i] - (counts[i] - 1) * op.strides[i] - 1 for i in range(n)]
        part = places.take(2, k).apply(Pad(), a.constant([0, 0, *begins, 0, 0, *ends]))
        total = part if total is None else total + part
    assert total is not None
    stops = a.constant([p + s for p, s in zip(op.pads[:n], size, strict=True)])
    y = total.apply(Slice(axes=tuple(range(2, n + 2))), a.constant(list(op.pads[:n])), stops)
    return y.to(x.tensor.dtype).value


def _fold_scattered(op: Fold, b: Builder, x: Value, image: Value, block: Value) -> Value:
    """Each element added where the run's extents put it; those in the padding, behind the image."""
    n, a, size, window = len(op.strides), Expr(b, x).wide(), Expr(b, image), Expr(b, block)
    room = [op.pads[i] + op.pads[n + i] + op.dilations[i] - 1 for i in range(n)]
    strides, slack = size.constant(op.strides), size + size.constant(room) - window * size.constant(op.dilations)
    counts = (slack.max(-strides) + strides).apply(Div(), strides)  # no quotient is negative, which rounds upwards
    at, inside = size.constant(0), size.constant(True)
    for i in range(n):
        taps, blocks = window.take(0, i).steps(2 * n, i), counts.take(0, i).steps(2 * n, n + i)
        here, extent = taps * op.dilations[i] + blocks * op.strides[i] - op.pads[i], size.take(0, i)
        at, inside = at * extent + here, inside & (here >= 0) & (here < extent)
    total, area = (v.apply(ReduceProd(axes=(0,), keepdims=True)) for v in (size, window))
    at = inside.where(at, total).reshape([1, 1, -1])
    columns = Expr(b, vector(b, [dim_of(b, x, 1)]))
    outer = [dim_of(b, x, 0), columns.apply(Div(), area).value]
    values = a.reshape([*outer, dim_of(b, at.value, 2)])
    empty = a.number(0.0).broadcast(Expr(b, vector(b, [*outer, (total + 1).value])))
    sums = empty.apply(ScatterAlong(axis=2, reduction="add"), at.broadcast(values.shape()), values)
    y = sums.apply(Slice(axes=(2,)), a.constant([0]), total)
    return y.reshape([*outer, image]).to(x.tensor.dtype).value


def _apart(x: Expr, outer: list[int | Value], area: int, counts: Sequence[int], strides: tuple[int, ...]) -> Expr:
    """``strides - 1`` zeros between neighbours along the axes from 3 on."""
    if all(s == 1 for s in strides):
        return x
    n = len(counts)
    x = x.reshape([*outer, area, *(d for c in counts for d in (c, 1))])
    amounts = [0] * (3 + 2 * n) + [0, 0, 0] + [v for s in strides for v in (0, s - 1)]
    x = x.apply(Pad(), x.constant(amounts))
    x = x.reshape([*outer, area, *(c * s for c, s in zip(counts, strides, strict=True))])
    stops = [(c - 1) * s + 1 for c, s in zip(counts, strides, strict=True)]
    return x.apply(Slice(axes=tuple(range(3, n + 3))), x.constant([0] * n), x.constant(stops))
