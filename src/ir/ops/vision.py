"""Sampling at computed places: grid_sample, affine_grid, deform_conv."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dims import UNKNOWN, DimLike, floordiv, product, same
from interlingua.ir.draw import FINITE, Draw, Sample
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Value
from interlingua.ir.kernels import vision as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops import deformation, sampling
from interlingua.ir.ops.common import elements_from, one_dtype, shaped
from interlingua.ir.ops.convolution import SampledWindows, check_bias, check_weights, check_windows, conv_extent
from interlingua.ir.types import Tensor

GridMode: TypeAlias = Literal["linear", "nearest", "cubic"]
GridPadding: TypeAlias = Literal["zeros", "border", "reflection"]


@op("vision.grid_sample")
class GridSample(Op):
    """Values of ``x`` (batch, channels, *in) at the coordinates ``grid`` (batch, *out, n), the last spatial
    axis first.

    A coordinate of -1 is the first element's centre and 1 the last one's (``align_corners``), or their outer
    edges. ``nearest`` rounds half to even; ``linear`` weighs the 2ⁿ neighbours; ``cubic`` the 4ⁿ by Keys'
    kernel with -0.75. ``padding``: elements outside are 0 (``zeros``); coordinates are clamped (``border``)
    or mirrored (``reflection``), for cubic those of each neighbour.
    C1. ``x`` is a float.  C2. ``grid`` has the rank of ``x``, and n its number of spatial axes.  C3. ``grid``
    is a float. A coordinate that is not finite is undefined. PyTorch's grid_sample; ``bilinear`` and ``bicubic`` are
    ``linear`` and ``cubic``.
    """

    mode: GridMode = "linear"
    padding: GridPadding = "zeros"
    align_corners: bool = False
    kernel = kernels.grid_sample

    def infer(self, x: Tensor, grid: Tensor) -> Tensor:
        self.require(x.dtype in FLOATS, "C1. x is a float", x)
        self.require(grid.dtype in FLOATS, "C3. grid is a float", grid)
        fits = x.rank == grid.rank and same(grid.dims[-1], x.rank - 2) is not False
        self.require(fits, "C2. grid is (batch, *out, spatial axes)", x, grid)
        self.require(same(x.dims[0], grid.dims[0]) is not False, "C2. x and grid have one batch", x, grid)
        return x.with_shape((*x.dims[:2], *grid.dims[1:-1]))

    def decompose(self, b: Builder, x: Value, grid: Value) -> Value:
        return sampling.grid_sample(self, b, x, grid)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        mode, padding = draw.choice(get_args(GridMode)), draw.choice(get_args(GridPadding))
        n = draw.rank(1, 2 if mode == "cubic" else 3, others=2)
        batch, channels, *size = (draw.integer(1, 4) for _ in range(n + 2))
        out = [0 if draw.rarely() else draw.integer(1, 4) for _ in range(n)]
        x = draw.array((0 if draw.rarely() else batch, channels, *size), draw.dtype(FLOATS))
        grid = draw.array((len(x), *out, n), draw.dtype(FLOATS), kinds=FINITE, lo=-8, hi=8)
        return Sample(cls(mode, padding, draw.boolean()), (x, grid))


@op("vision.affine_grid")
class AffineGrid(Op):
    """Coordinates for ``vision.grid_sample``: ``theta · (x, y, …, 1)`` for every place of an output of shape
    ``size``.

    ``theta`` is (batch, n, n+1), ``size`` the int64 vector (batch, channels, *out), the result (batch, *out,
    n). Places run over [-1, 1], at the centres of the outer elements (``align_corners``; extent 1 gives 0)
    or at their edges.
    C1. ``theta`` is a float of rank 3.  C2. ``size`` is an int64 vector of n + 2.
    """

    align_corners: bool = False
    kernel = kernels.affine_grid

    def infer(self, theta: Tensor, size: Tensor) -> Tensor:
        self.require(theta.dtype in FLOATS and theta.rank == 3, "C1. theta is a float of rank 3", theta)
        fits = same(theta.dims[2], theta.dims[1] + 1) is not False
        self.require(fits, "C1. theta is (batch, n, n + 1)", theta)
        self.require(size.dtype is DType.I64, "C2. size is an int64 vector", size)
        n = theta.dims[1]
        vector = size.shape is None or (size.rank == 1 and same(size.dims[0], n + 2) is not False)
        self.require(vector, "C2. size has n + 2 elements", theta, size)
        elements_from(self, size, 0, "C2. no extent is negative")
        batch = None if size.elements is None else size.elements.ravel()[0]
        agree = batch is None or same(theta.dims[0], batch) is not False
        self.require(agree, "C2. size has the batch of theta", theta, size)
        if size.elements is not None:
            out: list[DimLike] = [UNKNOWN if e is None else e for e in size.elements.ravel().tolist()[2:]]
        elif isinstance(n, int):
            out = [UNKNOWN] * n
        else:
            return theta.with_shape(None)
        return theta.with_shape((theta.dims[0], *out, len(out)))

    def decompose(self, b: Builder, theta: Value, size: Value) -> Value:
        return sampling.affine_grid(self, b, theta, size)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        n = draw.rank(1, 3)
        batch = 0 if draw.rarely() else draw.integer(1, 3)
        size = np.array([batch, 1, *(0 if draw.rarely() else draw.integer(1, 5) for _ in range(n))], np.int64)
        return Sample(cls(draw.boolean()), (draw.array((batch, n, n + 1), draw.dtype(FLOATS)), size), draw.some((1,)))


@op("nn.deform_conv")
class DeformConv(Op):
    """``core.conv`` with each sample moved by ``offset`` and weighted by ``mask``: linear interpolation, 0
    outside of ``x``.

    ``x`` (batch, channels, *in); ``w`` (out, channels/groups, *kernel); ``offset`` (batch, offset_groups·Π
    kernel·n, *out), the axes of one sample together; ``mask`` (batch, offset_groups·Π kernel, *out).
    ``offset_groups`` runs of channels have offsets of their own.
    C1. The operands are floats of one dtype. C2. An attribute has an entry (pads two) an axis.  C3.
    ``groups`` and ``offset_groups`` divide the channels.  C4. The window fits into the padded input. An
    offset that is not finite is undefined.
    """

    strides: tuple[int, ...]
    pads: tuple[int, ...]
    dilations: tuple[int, ...]
    groups: int = 1
    offset_groups: int = 1
    kernel = kernels.deform_conv

    def infer(
        self, x: Tensor, w: Tensor, offset: Tensor, bias: Tensor | None = None, mask: Tensor | None = None
    ) -> Tensor:
        given = [t for t in (x, w, offset, bias, mask) if t is not None]
        self.require(one_dtype(self, *given) in FLOATS, "C1. the operands are floats of one dtype", x)
        n = len(self.strides)
        check_windows(self, n, strides=self.strides, dilations=self.dilations, pads=self.pads)
        self.require(x.rank == n + 2 and w.rank == n + 2, f"C2. x and w have rank {n + 2}", x, w)
        self.require(min(self.groups, self.offset_groups) > 0, "C3. groups and offset_groups are positive")
        check_weights(self, w)
        check_bias(self, bias, w.dims[0], x.dtype)
        for count, parts in ((x.dims[1], self.groups), (x.dims[1], self.offset_groups), (w.dims[0], self.groups)):
            divides = not isinstance(count, int) or count % parts == 0
            self.require(divides, "C3. groups and offset_groups divide the channels", x, w)
        each = floordiv(x.dims[1], self.groups)
        self.require(same(w.dims[1], each) is not False, "C3. w takes channels / groups", x, w)
        size = zip(x.dims[2:], w.dims[2:], self.strides, self.dilations, strict=True)
        pads = [p + q for p, q in zip(self.pads[:n], self.pads[n:], strict=True)]
        out = [conv_extent(self, s, k, t, p, d) for (s, k, t, d), p in zip(size, pads, strict=True)]
        places = product(w.dims[2:]) * self.offset_groups
        shaped(self, offset, (x.dims[0], places * n, *out), "C4. offset moves each axis of each place of a window")
        shaped(self, mask, (x.dims[0], places, *out), "C4. mask weighs each place of a window")
        return x.with_shape((x.dims[0], w.dims[0], *out))

    def decompose(
        self,
        b: Builder,
        x: Value,
        w: Value,
        offset: Value,
        bias: Value | None = None,
        mask: Value | None = None,
    ) -> Value:
        return deformation.deform_conv(self, b, x, w, offset, bias, mask)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        at, batch = SampledWindows.draw(draw, empty=False), 0 if draw.rarely() else draw.integer(1, 2)
        groups, moved = draw.integer(1, 2), draw.integer(1, 2)
        channels, outputs, n = groups * moved, groups * draw.integer(1, 2), len(at.size)
        shapes = (batch, channels, *at.size), (outputs, channels // groups, *at.kernel)
        places = moved * at.count
        dtype = draw.dtype(FLOATS)
        x, w = (draw.array(shape, dtype) for shape in shapes)
        offset = draw.array((batch, places * n, *at.out), dtype, kinds=FINITE, lo=-8, hi=8)
        bias = draw.array((outputs,), dtype) if draw.boolean() else None
        mask = draw.array((batch, places, *at.out), dtype) if draw.boolean() else None
        return Sample(cls(at.strides, at.pads, at.dilations, groups, moved), (x, w, offset, bias, mask))
