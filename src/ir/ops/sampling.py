"""Sampling at computed places, in core ops: gathers from a flat plane, and weighted sums."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.indexing import GatherAlong
from interlingua.ir.ops.shaping import dim_of, dims_of, product_of
from interlingua.ir.ops.unary import Round
from interlingua.ir.types import UnknownRank

if TYPE_CHECKING:
    from interlingua.ir.ops.vision import AffineGrid, GridSample


class Plane:
    """``x`` (batch, channels, *in) with its spatial axes laid flat, to be read at whole coordinates (batch,
    places)."""

    def __init__(self, x: Expr) -> None:
        self.x = x
        self.sizes = [x.dim(axis) for axis in range(2, x.rank)]
        outer, inner = dims_of(x.b, x.value, 0, 1), dims_of(x.b, x.value, *range(2, x.rank))
        self.flat = x.reshape([*outer, product_of(x.b, inner)])

    def read(self, at: list[Expr], inside: Expr | None) -> Expr:
        """Elements at coordinates within bounds (batch, places) int64, 0 where not ``inside``: (batch,
        channels, places)."""
        index = at[0]
        for place, size in zip(at[1:], self.sizes[1:], strict=True):
            index = index * size + place
        x = self.x
        shape = x.shape().slice(0, 0, 2).concat(index.shape().slice(0, 1, 2))
        wide = index.expand(1).broadcast(shape)
        picked = self.flat.apply(GatherAlong(axis=2), wide)
        return picked if inside is None else inside.expand(1).where(picked, picked.number(0.0))

    def fetch(self, at: list[Expr], padding: str, align_corners: bool) -> Expr:
        """Elements at whole coordinates anywhere, floats (batch, places)."""
        index, inside = [], None
        for place, size in zip(at, self.sizes, strict=True):
            last = size.to(place.dtype) - 1.0
            p = bordered(place, last, padding, align_corners)
            index.append(p.clip(0.0, last).to(DType.I64))
            if padding == "zeros":
                good = (p >= 0.0) & (p <= last)
                inside = good if inside is None else inside & good
        return self.read(index, inside)

    def interpolate(self, places: list[Expr], mode: str, padding: str, align_corners: bool) -> Expr:
        """The weighted sum over the neighbours of each place."""
        reach = range(2) if mode == "linear" else range(-1, 3)
        lows = [p.floor() for p in places]
        taps = [
            [(low + float(c), _weight(p - (low + float(c)), mode)) for c in reach]
            for low, p in zip(lows, places, strict=True)
        ]
        total = None
        for corner in itertools.product(*taps):
            value = self.fetch([at for at, _ in corner], padding, align_corners)
            weight = corner[0][1]
            for _, factor in corner[1:]:
                weight = weight * factor
            part = value * weight.to(value.dtype).expand(1)
            total = part if total is None else total + part
        assert total is not None
        return total


def _weight(distance: Expr, mode: str) -> Expr:
    d = distance.abs()
    if mode == "linear":
        return (1.0 - d).clip(0.0, 1.0)
    near = (d * 1.25 - 2.25) * d * d + 1.0
    far = ((d * -0.75 + 3.75) * d - 6.0) * d + 3.0
    return (d <= 1.0).where(near, (d < 2.0).where(far, d.number(0.0)))


def bordered(at: Expr, last: Expr, padding: str, align_corners: bool) -> Expr:
    """Coordinates brought inside as the padding mode has it; ``zeros`` leaves them."""
    if padding == "zeros":
        return at
    if padding == "reflection":
        low = 0.0 if align_corners else -0.5
        span = last if align_corners else last + 1.0
        safe = (span > 0.0).where(span, span.number(1.0))
        away = (at - low).abs()
        # a quotient rounded up to an integer is one turn too many
        turns = (away / safe).floor()
        turns = (away < turns * safe).where(turns - 1.0, turns)
        rest = away - turns * safe
        even = (turns - (turns * 0.5).floor() * 2.0).equals(0.0)
        mirrored = even.where(rest + low, span + low - rest)
        at = (span > 0.0).where(mirrored, at * 0.0 + low)
    return at.clip(0.0, last)


def grid_sample(op: GridSample, b: Builder, x: Value, grid: Value) -> Value:
    """``vision.grid_sample`` on flat planes and flat grids."""
    a, g = Expr(b, x).wide(), Expr(b, grid).wide()
    n = a.rank - 2
    plane = Plane(a)
    points = g.reshape([dim_of(b, grid, 0), product_of(b, dims_of(b, grid, *range(1, n + 1))), n])
    places = []
    for i in range(n):
        at, size = points.take(2, n - 1 - i), plane.sizes[i].to(g.dtype)
        at = (at + 1.0) * 0.5 * (size - 1.0) if op.align_corners else ((at + 1.0) * size - 1.0) * 0.5
        places.append(at if op.mode == "cubic" else bordered(at, size - 1.0, op.padding, op.align_corners))
    if op.mode == "nearest":
        y = plane.fetch([p.apply(Round()) for p in places], op.padding, op.align_corners)
    else:
        y = plane.interpolate(places, op.mode, op.padding, op.align_corners)
    out = a.shape().slice(0, 0, 2).concat(g.shape().slice(0, 1, n + 1))
    return y.reshape(out).to(x.tensor.dtype).value


def affine_grid(op: AffineGrid, b: Builder, theta: Value, size: Value) -> Value:
    """``vision.affine_grid`` as one small matrix product over all places."""
    t, extents = Expr(b, theta).wide(), Expr(b, size)
    axes, length = theta.tensor.dims[1], size.tensor.dims[0]
    n = axes if isinstance(axes, int) else length - 2
    if not isinstance(n, int):
        raise UnknownRank
    shape = extents.slice(0, 2, n + 2)
    lines = []
    for i in range(n):
        extent = extents.take(0, i + 2)
        at, wide = extent.steps(n, i).to(t.dtype), extent.to(t.dtype)
        if op.align_corners:
            steps = (wide - 1.0).max(1.0)
            line = at * (steps.number(2.0) / steps) - (wide > 1.0).to(t.dtype)
        else:
            line = (at * 2.0 + 1.0) / wide - 1.0
        lines.append(line.broadcast(shape).reshape([-1, 1]))
    ones = lines[0] * 0.0 + 1.0
    points = lines[-1].concat(*lines[-2::-1], ones, axis=1)
    moved = points @ t.transpose(0, 2, 1)
    out = t.shape().slice(0, 0, 1).concat(shape, t.constant([n]))
    return moved.reshape(out).to(theta.tensor.dtype).value
