"""Deformable convolution in core ops: its columns sampled tap by tap, then one matrix product."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from interlingua.errors import ConstraintError
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.sampling import Plane
from interlingua.ir.ops.shaping import dim_of, dims_of, product_of, quotient_of

if TYPE_CHECKING:
    from interlingua.ir.ops.vision import DeformConv


def deform_conv(
    op: DeformConv, b: Builder, x: Value, w: Value, offset: Value, bias: Value | None, mask: Value | None
) -> Value:
    """``nn.deform_conv``; the kernel's extents must be known."""
    kernel = [d for d in w.tensor.dims[2:] if isinstance(d, int)]
    n, og = len(op.strides), op.offset_groups
    if len(kernel) != n:
        raise ConstraintError(f"{op.name}: it decomposes for a kernel of known extents only")
    a, area = Expr(b, x).wide(), 1
    for extent in kernel:
        area *= extent
    sizes = [dim_of(b, x, 2 + i) for i in range(n)]
    first = dim_of(b, x, 0)
    batch = product_of(b, [first, og])
    plane = Plane(a.reshape([batch, quotient_of(b, dim_of(b, x, 1), og), *sizes]))
    moves = Expr(b, offset).wide()
    outs = moves.shape().slice(0, 2, n + 2)
    places_out = product_of(b, dims_of(b, offset, *range(2, n + 2)))
    moves = moves.reshape([batch, area, n, places_out])
    columns = []
    for k, tap in enumerate(itertools.product(*(range(e) for e in kernel))):
        tapped = moves.take(1, k)
        places = [_base(op, moves, outs, i, tap[i]) + tapped.take(1, i) for i in range(n)]
        columns.append(plane.interpolate(places, "linear", "zeros", True).expand(2))
    cols = columns[0].concat(*columns[1:], axis=2) if len(columns) > 1 else columns[0]
    if mask is not None:
        strengths = Expr(b, mask).wide().reshape([batch, 1, area, places_out])
        cols = cols * strengths
    weights = Expr(b, w).wide().reshape([op.groups, -1, _product(w, area)])
    cols = cols.reshape([first, op.groups, _product(w, area), places_out])
    y = weights @ cols
    y = y.reshape([first, dim_of(b, w, 0), *dims_of(b, offset, *range(2, n + 2))])
    if bias is not None:
        y = y + y.like(bias).along(1, n + 2)
    return y.to(x.tensor.dtype).value


def _product(w: Value, area: int) -> int:
    channels = w.tensor.dims[1]
    if not isinstance(channels, int):
        raise ConstraintError("nn.deform_conv: it decomposes for a known number of channels only")
    return channels * area


def _base(op: DeformConv, moves: Expr, outs: Expr, axis: int, tap: int) -> Expr:
    """Where a tap is along one axis before it is moved, (1, places)."""
    n = len(op.strides)
    at = outs.take(0, axis).steps(n, axis) * op.strides[axis] + (tap * op.dilations[axis] - op.pads[axis])
    return at.broadcast(outs).reshape([1, -1]).to(moves.dtype)
