"""Blocks of space moved into channels or the batch, channels last.

Semantics: ``tensorflow/lite/kernels/{space_to_depth,depth_to_space,space_to_batch_nd,batch_to_space_nd}.cc``.
"""

from __future__ import annotations

from interlingua.errors import InvalidModel
from interlingua.frontends.litert.levels import checked, quantized
from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import LEVELS, Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.blocks import DepthToSpace, SpaceToDepth
from interlingua.ir.ops.shape import Pad, Slice, Transpose
from interlingua.ir.ops.shaping import dims_of, product_of, quotient_of, reshaped, vector

TABLE = Table()

_FIRST, _LAST = (0, 3, 1, 2), (0, 2, 3, 1)


def _channels_first(b: Builder, op: Op, x: Value) -> Value:
    return b(Transpose(perm=_LAST), b(op, b(Transpose(perm=_FIRST), x)))


@TABLE.translate("SPACE_TO_DEPTH", quantized=LEVELS)
def space_to_depth(n: LiteRtNode, b: Builder) -> Value:
    return _channels_first(b, SpaceToDepth(block=int(n.required("block_size"))), n[0])


@TABLE.translate("DEPTH_TO_SPACE", quantized=LEVELS)
def depth_to_space(n: LiteRtNode, b: Builder) -> Value:
    return _channels_first(b, DepthToSpace(block=int(n.required("block_size"))), n[0])


def _block(n: LiteRtNode) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The block, and pads or crops as pairs, flat."""
    block, edges = n.ints(1), n.ints(2)
    if len(edges) != 2 * len(block) or not 1 <= len(block) < n.rank(0) or min(block) < 1 or min(edges) < 0:
        raise InvalidModel(f"{n.op} of {n[0].type} by blocks of {block} and {edges}")
    return block, edges


@TABLE.translate("SPACE_TO_BATCH_ND", quantized=LEVELS)
def space_to_batch(n: LiteRtNode, b: Builder) -> Value:
    """``[N, H, W, …]`` padded, then cut into blocks: what has one place in its block makes one part of the batch."""
    block, edges = _block(n)
    rank, m = n.rank(0), len(block)
    result = n.result(0)
    fill = checked(result).zero_points[0] if quantized(result) else 0
    rest = [0] * (rank - m - 1)
    amounts = b.constant([0, *edges[::2], *rest, 0, *edges[1::2], *rest])
    x = b(Pad(), n[0], amounts, b.scalar(fill, n[0]) if fill else None)
    sizes = dims_of(b, x, *range(rank))
    split = [part for s, k in zip(sizes[1 : m + 1], block, strict=True) for part in (quotient_of(b, s, k), k)]
    wide = reshaped(b, x, [sizes[0], *split, *sizes[m + 1 :]])
    inside, outside = range(2, 2 * m + 2, 2), range(1, 2 * m + 1, 2)
    moved = b(Transpose(perm=(*inside, 0, *outside, *range(2 * m + 1, rank + m))), wide)
    return reshaped(b, moved, [product_of(b, [*block, sizes[0]]), *split[::2], *sizes[m + 1 :]])


@TABLE.translate("BATCH_TO_SPACE_ND", quantized=LEVELS)
def batch_to_space(n: LiteRtNode, b: Builder) -> Value:
    """The inverse, its result cropped."""
    block, edges = _block(n)
    rank, m = n.rank(0), len(block)
    x, total = n[0], 1
    for k in block:
        total *= k
    sizes = dims_of(b, x, *range(rank))
    if isinstance(sizes[0], int) and sizes[0] % total:
        raise InvalidModel(f"BATCH_TO_SPACE_ND of {x.type} by blocks of {block}")
    batch = quotient_of(b, sizes[0], total)
    wide = reshaped(b, x, [*block, batch, *sizes[1:]])
    pairs = [axis for i in range(m) for axis in (m + 1 + i, i)]
    moved = b(Transpose(perm=(m, *pairs, *range(2 * m + 1, rank + m))), wide)
    grown = [product_of(b, [s, k]) for s, k in zip(sizes[1 : m + 1], block, strict=True)]
    flat = reshaped(b, moved, [batch, *grown, *sizes[m + 1 :]])
    if not any(edges):
        return flat
    ends = [-e if e else (1 << 63) - 1 for e in edges[1::2]]
    return b(Slice(axes=tuple(range(1, m + 1))), flat, vector(b, list(edges[::2])), vector(b, list(ends)))
