"""Poolings. A stride that is left out is the window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table
from interlingua.frontends.torch.translations.convolution import batched, refuse_integers
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Mul, Rem
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.indexing import GatherAlong
from interlingua.ir.ops.layout import Squeeze
from interlingua.ir.ops.math import FloorDiv
from interlingua.ir.ops.pooling import AvgPool, MaxPool, MaxPoolWithIndices
from interlingua.ir.ops.reduction import ArgMax, Mean
from interlingua.ir.ops.shaping import dims_of, product_of, scalar_of

TABLE = Table()


def windows(n: TorchNode, count: int) -> dict[str, Any]:
    """What max and average poolings have in common."""
    window = n.spread("kernel_size", count)
    given = n["stride"]
    strides = window if given is None or (isinstance(given, list) and not given) else n.spread("stride", count)
    return {"window": window, "strides": strides, "pads": n.spread("padding", count) * 2}


def planes(n: TorchNode) -> int:
    """The number of spatial axes, which stands in the name of the operator."""
    return next(int(c) for c in n.op if c.isdigit())


@TABLE.translate("max_pool1d.default", "max_pool2d.default", "max_pool3d.default")
def max_pool(n: TorchNode, b: Builder) -> Value:
    count = planes(n)
    op = MaxPool(**windows(n, count), dilations=n.spread("dilation", count), ceil_mode=bool(n.static("ceil_mode")))
    return batched(b, n.value("self"), count + 2, lambda x: b(op, x))


@TABLE.translate("max_pool1d_with_indices.default", "max_pool2d_with_indices.default",
                 "max_pool3d_with_indices.default")  # fmt: skip
def max_pool_with_indices(n: TorchNode, b: Builder) -> Sequence[Value]:
    """The indices count the elements of one plane."""
    count, x = planes(n), n.value("self")
    dilations = n.spread("dilation", count)
    op = MaxPoolWithIndices(**windows(n, count), dilations=dilations, ceil_mode=bool(n.static("ceil_mode")))
    found: list[Value] = []

    def compute(x: Value) -> Value:
        y, indices = b.add_all(op, x)
        plane = product_of(b, dims_of(b, x, *range(2, count + 2)))
        found.append(b(Rem(), indices, scalar_of(b, plane)))
        return y

    y = batched(b, x, count + 2, compute)
    indices = found[0]
    return [y, indices if x.tensor.rank == count + 2 else batched(b, x, count + 2, lambda _: indices)]


@TABLE.translate("avg_pool1d.default", "avg_pool2d.default", "avg_pool3d.default")
def avg_pool(n: TorchNode, b: Builder) -> Value:
    """With ``divisor_override`` sums are divided by that."""
    refuse_integers(n, n.value("self"))
    count = planes(n)
    divisor = n.static("divisor_override") if "divisor_override" in n.arguments else None
    own = windows(n, count)
    op = AvgPool(
        **own,
        dilations=(1,) * count,
        ceil_mode=bool(n.static("ceil_mode")),
        count_include_pad=bool(n.static("count_include_pad")) or divisor is not None,
    )
    if divisor is not None and op.ceil_mode:
        n.unsupported("divisor_override together with ceil_mode")
    y = batched(b, n.value("self"), count + 2, lambda x: b(op, x))
    if divisor is None:
        return y
    size = 1
    for extent in own["window"]:
        size *= extent
    return b(Mul(), y, b.scalar(size / divisor, y))


@TABLE.translate("adaptive_avg_pool1d.default", "adaptive_avg_pool2d.default", "adaptive_avg_pool3d.default",
                 "_adaptive_avg_pool2d.default", "_adaptive_avg_pool3d.default")  # fmt: skip
def adaptive_avg_pool(n: TorchNode, b: Builder) -> Value:
    count = planes(n)
    outs = n.spread("output_size", count)
    return batched(b, n.value("self"), count + 2, lambda x: _averaged(b, x, outs))


def _averaged(b: Builder, x: Value, outs: Sequence[int]) -> Value:
    axes = range(2, len(outs) + 2)
    if all(out == 1 for out in outs):
        return b(Mean(axes=tuple(axes), keepdims=True), x)
    regular = regular_windows(x, outs)
    if regular is not None:
        return b(AvgPool(**regular), x)
    y = Expr(b, x)
    for axis, out in zip(axes, outs, strict=True):
        if y.value.tensor.dims[axis] != out:
            at, ends, starts = adaptive_windows(y, axis, out)
            inside = _beside(at < ends.expand(1), axis, y.rank)
            taken = y.gather(at.min(y.dim(axis) - 1), axis)
            total = inside.where(taken, y.number(0)).sum((axis + 1,)).squeeze(axis + 1)
            y = total / (ends - starts).to(y.dtype).along(axis, y.rank)
    return y.value


def _beside(mask: Expr, axis: int, rank: int) -> Expr:
    """A matrix as what broadcasts over ``axis`` and the one after it, of one axis more than ``rank``."""
    return mask.expand(*range(2, rank + 1 - axis)) if rank > axis + 1 else mask


def regular_windows(x: Value, outs: Sequence[int]) -> dict[str, Any] | None:
    """The windows of adaptive pooling where they are all alike and do not overlap."""
    window: list[int] = []
    for size, out in zip(x.tensor.dims[2:], outs, strict=True):
        if not isinstance(size, int) or out == 0 or size == 0 or size % out:
            return None
        window.append(size // out)
    n = len(window)
    return {"window": tuple(window), "strides": tuple(window), "pads": (0,) * (2 * n), "dilations": (1,) * n}


def adaptive_windows(x: Expr, axis: int, out: int) -> tuple[Expr, Expr, Expr]:
    """Output element ``i`` of ``out`` sees the elements from ``floor(i*size/out)`` up to ``ceil((i+1)*size/out)``.

    Places (out, longest window), some of them beyond the end of their window; the ends and the starts, (out,).
    """
    steps, size = x.constant(np.arange(out)), x.dim(axis)
    starts = (steps * size).apply(FloorDiv(), out)
    ends = ((steps + 1) * size + (out - 1)).apply(FloorDiv(), out)
    known = x.value.tensor.dims[axis]
    if isinstance(known, int):
        most = max((-(-(i + 1) * known // out) - i * known // out for i in range(out)), default=0)
        length = x.constant(most)
    else:
        length = (ends - starts).greatest((0,)).squeeze(0)
    return starts.expand(1) + length.steps(), ends, starts


@TABLE.translate("adaptive_max_pool1d.default", "adaptive_max_pool2d.default", "adaptive_max_pool3d.default")
def adaptive_max_pool(n: TorchNode, b: Builder) -> Sequence[Value]:
    """The values, and where in its plane each of them is."""
    count, x = planes(n), n.value("self")
    outs = n.spread("output_size", count)
    alone = x.tensor.rank < count + 2
    whole = Expr(b, x).expand(0) if alone else Expr(b, x)
    regular = regular_windows(whole.value, outs)
    if regular is not None:
        y, places = b.add_all(MaxPoolWithIndices(**regular), whole.value)
        plane = product_of(b, dims_of(b, whole.value, *range(2, count + 2)))
        found = [y, b(Rem(), places, scalar_of(b, plane))]
    else:
        found = _greatest(whole, outs)
    return [b(Squeeze(axes=(0,)), v) for v in found] if alone else found


def _greatest(x: Expr, outs: Sequence[int]) -> list[Value]:
    """Every window of each axis side by side, then the greatest of each; a place beyond its window is its last."""
    b, count = x.b, len(outs)
    taken, places = x, x.constant(0)
    for i, out in enumerate(outs):
        at, ends, _ = adaptive_windows(x, 2 + i, out)
        at = at.min(ends.expand(1) - 1)
        taken = taken.gather(at, 2 + 2 * i)
        places = places.expand(-2, -1) * x.dim(2 + i) + at if i else at
    order = (*range(0, 2 * count, 2), *range(1, 2 * count, 2))
    turned = taken.transpose(0, 1, *(2 + p for p in order))
    windows = turned.reshape([*dims_of(b, turned.value, *range(2 + count)), -1])
    best = windows.apply(ArgMax(axis=-1, keepdims=True))
    flat = places.transpose(*order).reshape([*outs, -1])
    where = flat.broadcast(windows.shape()).apply(GatherAlong(axis=-1), best)
    return [v.squeeze(-1).value for v in (windows.apply(GatherAlong(axis=-1), best), where)]
