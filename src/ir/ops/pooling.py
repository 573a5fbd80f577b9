"""Poolings: maximum, mean and p-norm over windows, or over all of a plane."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dims import UNKNOWN, DimLike, ceildiv, floordiv, minimum, same
from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import FLOATS, INTEGERS, NUMBERS, DType
from interlingua.ir.graph import Value
from interlingua.ir.kernels import pooling as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops import windows
from interlingua.ir.ops.common import elements_from, shaped
from interlingua.ir.ops.convolution import (
    Layout,
    SampledWindows,
    check_windows,
    draw_layout,
    join_layout,
    split_layout,
)
from interlingua.ir.ops.expression import Expr
from interlingua.ir.types import Tensor


def pool_extent(
    op: Op, size: DimLike, window: int, stride: int, begin: int, end: int, dilation: int, ceil: bool
) -> DimLike:
    """The number of windows along one axis; a last partial one counts in ``ceil`` mode, unless it starts in
    the end padding."""
    room = size + (begin + end - (window - 1) * dilation - 1)
    if isinstance(room, int):
        op.require(room >= 0 or ceil or size == 0, "C3. the window fits into the padded input", size)
    count = floordiv(room, stride) + 1
    if ceil:
        count = minimum(ceildiv(room, stride) + 1, ceildiv(size + begin, stride))
    return max(0, count) if isinstance(count, int) else count


@dataclass(frozen=True)
class Windowed(Op):
    """Attributes and type rule of the poolings over windows."""

    window: tuple[int, ...]
    strides: tuple[int, ...]
    pads: tuple[int, ...]
    dilations: tuple[int, ...]
    ceil_mode: bool = False

    samples: ClassVar[Collection[DType]] = FLOATS
    """The dtypes that samples have."""
    real: ClassVar[bool] = False
    """Whether samples have no window wholly in padding."""

    @classmethod
    def more(cls, draw: Draw) -> dict[str, Any]:
        """The other attributes of a sample."""
        flags = {f.name: draw.boolean() for f in fields(cls) if f.name in ("count_include_pad", "column_major")}
        return flags | {f.name: draw_layout(draw) for f in fields(cls) if f.name == "layout"}

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        at, more = SampledWindows.draw(draw, ceil=True, real=cls.real, empty=not cls.real), cls.more(draw)
        batch, channels = (0 if draw.rarely() else draw.integer(1, 3) for _ in range(2))
        shape = join_layout(batch, channels, at.size, more.get("layout", "channels_first"))
        x = draw.array([d for d in shape if isinstance(d, int)], draw.dtype(cls.samples))
        return Sample(cls(at.kernel, at.strides, at.pads, at.dilations, at.ceil, **more), (x,))

    def pooled(self, x: Tensor, layout: Layout = "channels_first") -> Tensor:
        """The type of the result: one element a window."""
        n = len(self.window)
        check_windows(self, n, window=self.window, strides=self.strides, dilations=self.dilations, pads=self.pads)
        self.require(min(self.pads, default=0) >= 0, "C2. pads are not negative", self.pads)
        if x.shape is None:
            return Tensor(x.dtype, (UNKNOWN,) * (n + 2))
        self.require(x.rank == n + 2, f"C1. x has rank {n + 2}", x)
        batch, channels, size = split_layout(x, layout)
        out = tuple(
            pool_extent(
                self,
                size[i],
                self.window[i],
                self.strides[i],
                self.pads[i],
                self.pads[n + i],
                self.dilations[i],
                self.ceil_mode,
            )
            for i in range(n)
        )
        return Tensor(x.dtype, join_layout(batch, channels, out, layout))


@op("core.max_pool")
class MaxPool(Windowed):
    """The largest element of each window of the spatial axes; padding never counts.

    ``pads`` are all begins, then all ends. The count of windows along an axis is
    ``floor((size + pads - dilation*(window-1) - 1) / stride) + 1``; with ``ceil_mode`` it is rounded up,
    except that no window starts in the end padding (as PyTorch, ONNX and ONNX Runtime have it).
    C1. The attributes have an entry (pads two) a spatial axis.  C2. strides, dilations and window are
    positive, pads not negative.  C3. The window fits into the padded input.  C4. ``x`` is a float or an
    integer. NaN in a window gives NaN. A window wholly in padding gives -inf, or an integer's least value.
    """

    layout: Layout = "channels_first"
    samples = NUMBERS
    kernel = kernels.max_pool

    def infer(self, x: Tensor) -> Tensor:
        self.require(x.dtype in FLOATS or x.dtype in INTEGERS, "C4. x is a float or an integer", x)
        return self.pooled(x, self.layout)


@op("core.avg_pool")
class AvgPool(Windowed):
    """The mean of each window of the spatial axes.

    Windows as in ``core.max_pool``. The sum takes padding as 0 and is divided by the number of real elements
    of the window or, with ``count_include_pad``, of those inside the padded input; what ``ceil_mode`` adds
    beyond it never counts. C1.–C3. as ``core.max_pool``.  C4. ``x`` is a float. A window with nothing to
    count gives 0/0, NaN. Float16 and bfloat16 accumulate in float32.
    """

    count_include_pad: bool = False
    layout: Layout = "channels_first"
    kernel = kernels.avg_pool

    def infer(self, x: Tensor) -> Tensor:
        self.require(x.dtype in FLOATS, "C4. x is a float", x)
        return self.pooled(x, self.layout)


@op("nn.max_pool_with_indices")
class MaxPoolWithIndices(Windowed):
    """``core.max_pool``, and as second result where each maximum is, as an int64 index into the flat ``x``.

    The index is ``(b*channels + c)*plane + i``, where ``i`` counts the plane in row-major order or,
    ``column_major``, with the first spatial axis fastest. Channels first. Of equal elements the first in
    row-major order of the window is taken; -0.0 equals 0.0; the first NaN is taken where there is one. A
    window wholly in padding has an undefined index. C1.–C4. as ``core.max_pool``.
    """

    column_major: bool = False
    samples = NUMBERS
    real = True
    kernel = kernels.max_pool_with_indices

    def infer(self, x: Tensor) -> tuple[Tensor, Tensor]:
        self.require(x.dtype in FLOATS or x.dtype in INTEGERS, "C4. x is a float or an integer", x)
        y = self.pooled(x)
        return y, y.with_dtype(DType.I64)

    def unranked(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x.with_shape(None), Tensor(DType.I64, None)

    def decompose(self, b: Builder, x: Value) -> tuple[Value, Value]:
        return windows.max_pool_with_indices(self, b, x)


@op("nn.lp_pool")
class LpPool(Windowed):
    """The p-norm of each window: ``(Σ |x|^p)^(1/p)``; padding counts as 0. Windows as in ``core.max_pool``.
    Channels first.

    C1.–C3. as ``core.max_pool``.  C4. ``x`` is a float.  C5. ``p`` is positive.
    """

    p: int = 2
    kernel = kernels.lp_pool

    @classmethod
    def more(cls, draw: Draw) -> dict[str, Any]:
        return {"p": draw.choice((2, 1, 3))}

    def infer(self, x: Tensor) -> Tensor:
        self.require(x.dtype in FLOATS, "C4. x is a float", x)
        self.require(self.p > 0, "C5. p is positive", self.p)
        return self.pooled(x)

    def decompose(self, b: Builder, x: Value) -> Value:
        return windows.lp_pool(self, b, x)


def _global(op: Op, x: Tensor) -> Tensor:
    op.require(x.dtype in FLOATS, "C1. x is a float", x)
    op.require(x.rank >= 2, "C2. x has rank 2 or more", x)
    return x.with_shape((*x.dims[:2], *(1,) * (x.rank - 2)))


def _planes(draw: Draw, least: int = 0) -> np.ndarray[Any, Any]:
    """Planes of ``least`` elements or more, for a sample."""
    outer = tuple(0 if draw.rarely() else draw.integer(1, 3) for _ in range(2))
    return draw.array((*outer, *draw.shape(0, 3, least=least, others=2)), draw.dtype(FLOATS))


@op("nn.global_avg_pool")
class GlobalAvgPool(Op):
    """The mean over every axis but the first two, which stay with extent 1. Of nothing: NaN.

    C1. ``x`` is a float.  C2. ``x`` has rank 2 or more. Float16 and bfloat16 accumulate in float32.
    """

    kernel = kernels.global_avg_pool

    def infer(self, x: Tensor) -> Tensor:
        return _global(self, x)

    def decompose(self, b: Builder, x: Value) -> Value:
        return Expr(b, x).mean(range(2, x.tensor.rank)).value

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        return Sample(cls(), (_planes(draw),))


@op("nn.global_max_pool")
class GlobalMaxPool(Op):
    """The maximum over every axis but the first two, which stay with extent 1. NaN propagates; of nothing:
    undefined.

    C1. ``x`` is a float.  C2. ``x`` has rank 2 or more.
    """

    kernel = kernels.global_max_pool

    def infer(self, x: Tensor) -> Tensor:
        return _global(self, x)

    def decompose(self, b: Builder, x: Value) -> Value:
        return Expr(b, x).greatest(range(2, x.tensor.rank)).value

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        return Sample(cls(), (_planes(draw, least=1),))


@op("nn.global_lp_pool")
class GlobalLpPool(Op):
    """The p-norm over every axis but the first two, which stay with extent 1: ``(Σ |x|^p)^(1/p)``. Of
    nothing: 0.

    C1. ``x`` is a float.  C2. ``x`` has rank 2 or more.  C3. ``p`` is positive.
    """

    p: int = 2
    kernel = kernels.global_lp_pool

    def infer(self, x: Tensor) -> Tensor:
        self.require(self.p > 0, "C3. p is positive", self.p)
        return _global(self, x)

    def decompose(self, b: Builder, x: Value) -> Value:
        return Expr(b, x).wide().p_norm(range(2, x.tensor.rank), self.p).to(x.tensor.dtype).value

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        return Sample(cls(draw.choice((2, 1, 3))), (_planes(draw),))


@op("nn.max_unpool")
class MaxUnpool(Op):
    """A tensor of ``shape`` that holds each element of ``x`` at its flat index, and 0 elsewhere.

    C1. ``indices`` is int64 and shaped like ``x``.  C2. ``shape`` is an int64 vector. An index out of bounds,
    or one that occurs twice, is undefined. ONNX's ``output_shape`` is a pad of the result.
    """

    kernel = kernels.max_unpool

    def infer(self, x: Tensor, indices: Tensor, shape: Tensor) -> Tensor:
        self.require(indices.dtype is DType.I64, "C1. indices are int64", indices)
        self.require(shape.dtype is DType.I64, "C2. shape is an int64 vector", shape)
        shaped(self, shape, (UNKNOWN if x.shape is None else x.rank,), "C2. shape has an element an axis")
        elements_from(self, shape, 0, "C2. no extent is negative")
        if x.shape is not None and indices.shape is not None:
            fits = x.rank == indices.rank and all(
                same(p, q) is not False for p, q in zip(x.dims, indices.dims, strict=True)
            )
            self.require(fits, "C1. indices are shaped like x", x, indices)
        if shape.elements is not None:
            return x.with_shape([UNKNOWN if e is None else e for e in shape.elements.ravel().tolist()])
        return x.with_shape((UNKNOWN,) * x.rank)

    def decompose(self, b: Builder, x: Value, indices: Value, shape: Value) -> Value:
        return windows.max_unpool(b, x, indices, shape)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        x = draw.array(draw.shape(1, 4), draw.dtype(NUMBERS))
        shape = np.array([d + draw.integer(0, 2) for d in x.shape], np.int64)
        places = np.random.default_rng(draw.integer(0, 2**16)).permutation(math.prod(shape.tolist()))
        indices = places[: x.size].reshape(x.shape).astype(np.int64)
        return Sample(cls(), (x, indices, shape), draw.some((1, 2)))
