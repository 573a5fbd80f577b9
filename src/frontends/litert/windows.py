"""SAME and VALID as pads.

``tensorflow/lite/kernels/padding.h``: with SAME there are ``ceil(size / stride)`` windows, and what they need beyond
the input is put half before it and half, or one more, behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from interlingua.errors import InvalidModel
from interlingua.frontends.litert.node import LiteRtNode
from interlingua.ir.builder import Builder
from interlingua.ir.dims import DimLike, ceildiv
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Add, Max, Mul, Sub
from interlingua.ir.ops.math import FloorDiv
from interlingua.ir.ops.shape import Pad
from interlingua.ir.ops.shaping import dim_of, vector


@dataclass(frozen=True)
class Windows:
    """Windows over the spatial axes of a channels-last tensor.

    Attributes:
        x: the input, padded already where its pads are known to the run alone.
        pads: what is still to be padded, all begins and then all ends.
        counts: for ``x`` padded already, how much of each window is input; ``None`` where ``pads`` say all.
    """

    x: Value
    pads: tuple[int, ...]
    padded: Value | None = None


def spatial(n: LiteRtNode, *names: str) -> tuple[int, ...]:
    """Options that are positive, in the order of the axes."""
    found = tuple(int(n.required(name)) for name in names)
    if min(found) < 1:
        raise InvalidModel(f"{n.op} has {dict(zip(names, found, strict=True))}")
    return found


def _excess(size: DimLike, stride: int, extent: int) -> int | None:
    """What the windows of SAME need beyond the input; ``None`` where only the run knows."""
    if stride == 1:
        return extent - 1
    rest = size - (ceildiv(size, stride) - 1) * stride
    return max(extent - rest, 0) if isinstance(rest, int) else None


def windows(
    n: LiteRtNode,
    b: Builder,
    x: Value,
    extents: Sequence[int],
    strides: Sequence[int],
    *,
    fill: Any = 0,
) -> Windows:
    """The pads of an op, ``extents`` being those of its windows with dilation; ``fill`` is what a pad counts as where
    it has to be written out."""
    if n.choice("padding", "Padding") == "VALID":
        return Windows(x, (0,) * (2 * len(extents)))
    sizes = x.tensor.dims[1:-1]
    found = [_excess(d, s, e) for d, s, e in zip(sizes, strides, extents, strict=True)]
    known = [e for e in found if e is not None]
    if len(known) == len(found):
        return Windows(x, (*(e // 2 for e in known), *(e - e // 2 for e in known)))
    amounts = _amounts(b, x, found, strides, extents)
    return Windows(b(Pad(), x, amounts, b.scalar(fill, x)), (0,) * (2 * len(extents)), amounts)


def _amounts(
    b: Builder, x: Value, found: Sequence[int | None], strides: Sequence[int], extents: Sequence[int]
) -> Value:
    """The amounts of a pad that only the run knows, for every axis."""
    before: list[int | Value] = [0]
    after: list[int | Value] = [0]
    for axis, (excess, stride, extent) in enumerate(zip(found, strides, extents, strict=True), 1):
        if excess is not None:
            before.append(excess // 2)
            after.append(excess - excess // 2)
            continue
        size = dim_of(b, x, axis)
        assert isinstance(size, Value)
        last = b(Mul(), b(FloorDiv(), b(Sub(), size, _one(b, 1)), _one(b, stride)), _one(b, stride))
        total = b(Max(), b(Sub(), b(Add(), last, _one(b, extent)), size), _one(b, 0))
        before.append(b(FloorDiv(), total, _one(b, 2)))
        after.append(b(Sub(), total, before[-1]) if isinstance(before[-1], Value) else total)
    return vector(b, [*before, 0, *after, 0])


def _one(b: Builder, value: int) -> Value:
    return b.constant([value], DType.I64)
