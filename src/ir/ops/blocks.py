"""Composites that move blocks of a plane: depth_to_space, space_to_depth, center_crop_pad.

As the core ops of :mod:`~interlingua.ir.ops.shape`, all keep every bit and are defined for every dtype.
"""

from __future__ import annotations

from typing import Literal, get_args

from interlingua.ir.builder import Builder
from interlingua.ir.dims import UNKNOWN, exact_quotient, floordiv
from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.kernels import shape as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.binary import Add, Div, Max, Min, Sub
from interlingua.ir.ops.common import axes_in
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.layout import times_of
from interlingua.ir.ops.shape import Pad, Slice, Transpose, listed, named
from interlingua.ir.ops.shaping import dims_of, reshaped, vector
from interlingua.ir.types import Tensor

BlockOrder = Literal["dcr", "crd"]


@op("nn.depth_to_space")
class DepthToSpace(Op):
    """``[N, C, H, W]`` to ``[N, C/b², H*b, W*b]``: channels moved into squares of ``block`` × ``block``.

    C1. The rank is 4.  C2. C is a multiple of ``block``².  C3. ``block`` is positive.
    ``dcr``: channel ``(p * b + q) * C/b² + c`` goes to row p, column q of channel c; ``crd`` (PyTorch's pixel
    shuffle): channel ``(c * b + p) * b + q``.
    """

    block: int
    mode: BlockOrder = "dcr"
    kernel = kernels.depth_to_space

    def infer(self, x: Tensor) -> Tensor:
        self.require(x.rank == 4, "C1. the rank is 4", x)
        self.require(self.block > 0, "C3. block is positive", self.block)
        n, c, h, w = x.dims
        depth = exact_quotient(c, self.block**2)
        self.require(depth is not None or not isinstance(c, int), f"C2. C is a multiple of {self.block}²", x)
        return x.with_shape([n, floordiv(c, self.block**2), h * self.block, w * self.block])

    def unranked(self, x: Tensor) -> Tensor:
        return x.with_shape([UNKNOWN] * 4)

    def decompose(self, b: Builder, x: Value) -> Value:
        n, c, h, w = dims_of(b, x, 0, 1, 2, 3)
        k = self.block
        depth = c // (k * k) if isinstance(c, int) else b(Div(), c, b.constant([k * k]))
        cut, perm = (
            ([n, k, k, depth, h, w], (0, 3, 4, 1, 5, 2))
            if self.mode == "dcr"
            else ([n, depth, k, k, h, w], (0, 1, 4, 2, 5, 3))
        )
        moved = b(Transpose(perm=perm), reshaped(b, x, cut))
        return reshaped(b, moved, [n, depth, times_of(b, h, k), times_of(b, w, k)])

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        (n, depth, h, w), block = draw.shape(4, 4), draw.integer(1, 3)
        x = draw.array((n, depth * block**2, h, w), draw.dtype(DType))
        return Sample(cls(block, draw.choice(get_args(BlockOrder))), (x,))


@op("nn.space_to_depth")
class SpaceToDepth(Op):
    """``[N, C, H, W]`` to ``[N, C*b², H/b, W/b]``: squares of ``block`` × ``block`` moved into channels.

    C1. The rank is 4.  C2. H and W are multiples of ``block``.  C3. ``block`` is positive.
    ``dcr``: row p, column q of channel c goes to channel ``(p * b + q) * C + c``; ``crd``: to
    ``(c * b + p) * b + q``.
    """

    block: int
    mode: BlockOrder = "dcr"
    kernel = kernels.space_to_depth

    def infer(self, x: Tensor) -> Tensor:
        self.require(x.rank == 4, "C1. the rank is 4", x)
        self.require(self.block > 0, "C3. block is positive", self.block)
        n, c, *plane = x.dims
        h, w = (exact_quotient(d, self.block) for d in plane)
        whole = all(q is not None or not isinstance(d, int) for d, q in zip(plane, (h, w), strict=True))
        self.require(whole, f"C2. H and W are multiples of {self.block}", x)
        return x.with_shape([n, c * self.block**2, *(floordiv(d, self.block) for d in plane)])

    def unranked(self, x: Tensor) -> Tensor:
        return x.with_shape([UNKNOWN] * 4)

    def decompose(self, b: Builder, x: Value) -> Value:
        n, c, *plane = dims_of(b, x, 0, 1, 2, 3)
        k = self.block
        h, w = (d // k if isinstance(d, int) else b(Div(), d, b.constant([k])) for d in plane)
        perm = (0, 3, 5, 1, 2, 4) if self.mode == "dcr" else (0, 1, 3, 5, 2, 4)
        moved = b(Transpose(perm=perm), reshaped(b, x, [n, c, h, k, w, k]))
        return reshaped(b, moved, [n, times_of(b, c, k * k), h, w])

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        (n, c, h, w), block = draw.shape(4, 4), draw.integer(1, 3)
        x = draw.array((n, c, h * block, w * block), draw.dtype(DType))
        return Sample(cls(block, draw.choice(get_args(BlockOrder))), (x,))


@op("nn.center_crop_pad")
class CenterCropPad(Op):
    """Along each of ``axes``, the middle ``shape[i]`` elements of ``x``, or ``x`` in the middle of zeros.

    C1. Each axis is in [-rank, rank), none named twice.  C2. ``shape`` is an int32 or int64 vector, one size
    an axis.  C3. The dtype has a 0 (f8e8m0 has none). Where an odd number is cropped the window starts half an element
    early; an odd zero goes after.
    """

    axes: tuple[int, ...]
    kernel = kernels.center_crop_pad

    def infer(self, x: Tensor, shape: Tensor) -> Tensor:
        self.require(x.dtype is not DType.F8E8M0, "C3. the dtype of x has a 0", x)
        axes_in(self, self.axes, x.rank)
        sizes = listed(self, shape, "C2. shape", len(self.axes)) or [None] * len(self.axes)
        dims = list(x.dims)
        for axis, size in zip(self.axes, sizes, strict=True):
            dims[axis] = named(size)
        return x.with_shape(dims)

    def decompose(self, b: Builder, x: Value, shape: Value) -> Value:
        rank = x.tensor.rank
        size = vector(b, dims_of(b, x, *self.axes))
        zero, two = b.constant([0]), b.constant([2])
        if shape.tensor.dtype is not size.tensor.dtype:
            shape = b(Cast(to=size.tensor.dtype), shape)
        surplus = b(Max(), b(Sub(), size, shape), zero)
        start = b(Div(), surplus, two)
        kept = b(Slice(axes=self.axes), x, start, b(Add(), start, b(Min(), size, shape)))
        missing = b(Max(), b(Sub(), shape, size), zero)
        before = b(Div(), missing, two)
        after = b(Sub(), missing, before)
        places = {a % rank: i for i, a in enumerate(self.axes)}
        amounts: list[int | Value] = []
        for side in (before, after):
            for axis in range(rank):
                i = places.get(axis)
                amounts.append(
                    0 if i is None else b(Slice(axes=(0,)), side, vector(b, [i]), vector(b, [i + 1]))
                )
        return b(Pad(), kept, vector(b, amounts))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        x = draw.array(draw.shape(), draw.dtype(d for d in DType if d is not DType.F8E8M0))
        axes = draw.axes(x.ndim)
        shape = draw.integers([draw.integer(0, 9) for _ in axes])
        return Sample(cls(axes), (x, shape), draw.some((0, 1)))
