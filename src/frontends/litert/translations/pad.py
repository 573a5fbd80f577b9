"""Padding.

Semantics: ``tensorflow/lite/kernels/{pad,mirror_pad}.cc``. Padded levels are the zero point, which stands for 0.
"""

from __future__ import annotations

from interlingua.errors import InvalidModel
from interlingua.frontends.litert.levels import checked, quantized
from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import LEVELS, Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.shape import Concat, Pad, Reshape, Reverse, Slice, Transpose

TABLE = Table()


def _amounts(n: LiteRtNode, b: Builder) -> Value:
    """The rows (before, after), an axis each, as all befores and then all afters."""
    return b(Reshape(), b(Transpose(perm=(1, 0)), n[1]), b.constant([-1]))


def _checked(n: LiteRtNode) -> None:
    rank = n.rank(0)
    if n.tensor(1).shape is None or n.tensor(1).dims != (rank, 2):
        raise InvalidModel(f"{n.op} of {n[0].type} by {n[1].type}")


@TABLE.translate("PAD", quantized=LEVELS)
def pad(n: LiteRtNode, b: Builder) -> Value:
    _checked(n)
    result = n.result(0)
    fill = checked(result).zero_points[0] if quantized(result) else 0
    return b(Pad(), n[0], _amounts(n, b), b.scalar(fill, n[0]) if fill else None)


@TABLE.translate("PADV2", quantized=LEVELS)
def pad_v2(n: LiteRtNode, b: Builder) -> Value:
    _checked(n)
    return b(Pad(), n[0], _amounts(n, b), b(Reshape(), n[2], b.constant((), n.tensor(1).dtype)))


@TABLE.translate("MIRROR_PAD", quantized=LEVELS)
def mirror_pad(n: LiteRtNode, b: Builder) -> Value:
    """REFLECT leaves out the edge. SYMMETRIC repeats it, which the IR's pad does not do: pieces are put before and
    behind."""
    _checked(n)
    if n.choice("mode", "MirrorPadMode") == "REFLECT":
        return b(Pad(mode="reflect"), n[0], _amounts(n, b))
    x, given = n[0], n.ints(1)
    for axis, (before, after) in enumerate(zip(given[::2], given[1::2], strict=True)):
        size = x.tensor.dims[axis]
        if before < 0 or after < 0 or (isinstance(size, int) and max(before, after) > size):
            raise InvalidModel(f"MIRROR_PAD of {n[0].type} by {given}")
        parts = [x]
        if before:
            parts.insert(0, _mirrored(b, x, axis, 0, before))
        if after:
            parts.append(_mirrored(b, x, axis, -after, (1 << 63) - 1))
        x = parts[0] if len(parts) == 1 else b(Concat(axis=axis), *parts)
    return x


def _mirrored(b: Builder, x: Value, axis: int, start: int, stop: int) -> Value:
    return b(Reverse(axes=(axis,)), b(Slice(axes=(axis,)), x, b.constant([start]), b.constant([stop])))
