"""Poolings. A stride that is left out is the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table
from interlingua.frontends.torch.translations.convolution import batched
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.binary import Mul, Rem
from interlingua.ir.ops.pooling import AvgPool, MaxPool, MaxPoolWithIndices
from interlingua.ir.ops.reduction import Mean, ReduceMax
from interlingua.ir.ops.shape import Concat, Slice
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
    reduce = lambda x, axes: b(Mean(axes=axes, keepdims=True), x)  # noqa: E731
    return batched(b, n.value("self"), count + 2, lambda x: _adaptive(n, b, x, count, reduce, AvgPool))


def _adaptive(
    n: TorchNode, b: Builder, x: Value, count: int, reduce: Callable[[Value, tuple[int, ...]], Value], pool: type[Op]
) -> Value:
    """Output element ``i`` of ``out`` sees the input from ``floor(i*in/out)`` up to ``ceil((i+1)*in/out)``."""
    wanted = n.spread("output_size", count)
    if all(w == 1 for w in wanted):
        return reduce(x, tuple(range(2, count + 2)))
    sizes = x.tensor.dims[2:]
    known = [s for s in sizes if isinstance(s, int)]
    if len(known) != count:
        n.unsupported("adaptive pooling of extents that only the run knows")
    if all(w > 0 and s % w == 0 for s, w in zip(known, wanted, strict=True)):
        window = tuple(s // w for s, w in zip(known, wanted, strict=True))
        return b(pool(window=window, strides=window, pads=(0,) * 2 * count, dilations=(1,) * count), x)  # type: ignore[call-arg]
    for axis, (size, out) in enumerate(zip(known, wanted, strict=True), start=2):
        if size != out:
            bounds = [(i * size // out, -(-(i + 1) * size // out)) for i in range(out)]
            parts = [b(Slice(axes=(axis,)), x, b.constant([lo]), b.constant([hi])) for lo, hi in bounds]
            x = b(Concat(axis=axis), *(reduce(p, (axis,)) for p in parts))
    return x


@TABLE.translate("adaptive_max_pool1d.default", "adaptive_max_pool2d.default", "adaptive_max_pool3d.default")
def adaptive_max_pool(n: TorchNode, b: Builder) -> Sequence[Value | None]:
    """The values; the indices are of no use to most, and are none here."""
    count = planes(n)
    reduce = lambda x, axes: b(ReduceMax(axes=axes, keepdims=True), x)  # noqa: E731
    return [batched(b, n.value("self"), count + 2, lambda x: _adaptive(n, b, x, count, reduce, MaxPool)), None]
