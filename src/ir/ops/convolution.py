"""Convolutions: N-d, grouped, strided, dilated, with explicit pads."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dims import UNKNOWN, Dim, DimLike, exact_quotient, floordiv, maximum, product, same
from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Value
from interlingua.ir.kernels import convolution as kernels
from interlingua.ir.kernels.convolution import conv_output
from interlingua.ir.op import Op, op
from interlingua.ir.ops.common import elements_from, one_dtype
from interlingua.ir.types import Shape, Tensor

Layout: TypeAlias = Literal["channels_first", "channels_last"]
Padding: TypeAlias = Literal["none", "any", "same_upper", "same_lower"]
"""How samples are padded: not at all, by any amounts, or as SAME does at their size."""
KERNELS, STRIDES, DILATIONS = (1, 2, 3, 2, 3), (1, 2, 3, 1), (1, 2, 1)
"""Of samples, along one axis: those that matter most more often."""
CONV_INTEGERS = frozenset({DType.I8, DType.U8, DType.I16, DType.U16, DType.I32})


def split_layout(x: Tensor, layout: Layout) -> tuple[DimLike, DimLike, Shape]:
    """Batch, channels and spatial extents."""
    if layout == "channels_first":
        return x.dims[0], x.dims[1], x.dims[2:]
    return x.dims[0], x.dims[-1], x.dims[1:-1]


def join_layout(batch: DimLike, channels: DimLike, spatial: Shape, layout: Layout) -> Shape:
    """The inverse of :func:`split_layout`."""
    return (batch, channels, *spatial) if layout == "channels_first" else (batch, *spatial, channels)


def draw_layout(draw: Draw) -> Layout:
    """A layout: most often that of most runtimes, where an op of the other comes between transposes."""
    return "channels_last" if draw.integer(0, 3) == 3 else "channels_first"


def check_windows(op: Op, n: int, **attributes: tuple[int, ...]) -> None:
    """One entry a spatial axis (two for ``pads``); strides, dilations and kernel positive."""
    for name, value in attributes.items():
        wanted = 2 * n if name == "pads" else n
        op.require(len(value) == wanted, f"C1. {name} has {wanted} entries, for {n} spatial axes", value)
        if name in ("strides", "dilations", "window"):
            op.require(all(v > 0 for v in value), f"C2. {name} are positive", value)


def conv_extent(op: Op, size: DimLike, kernel: DimLike, stride: int, pad: int, dilation: int) -> DimLike:
    """``floor((size + pad - dilation*(kernel-1) - 1) / stride) + 1``; the window must fit for certain misfit
    only."""
    room = size + pad - (kernel - 1) * dilation - 1
    if isinstance(room, int):
        op.require(room >= 0 or size == 0, "C3. the window fits into the padded input", size, kernel)
        return max(0, room // stride + 1)
    count = floordiv(room, stride) + 1
    return maximum(count, 0) if isinstance(size, int) and size == 0 else count


def conv_dtype(op: Op, x: Tensor, w: Tensor) -> DType:
    """Floats give their own dtype, integers int32."""
    if x.dtype in CONV_INTEGERS and w.dtype in CONV_INTEGERS:
        return DType.I32
    op.require(x.dtype in FLOATS, "C4. x is a float, or an integer of at most 32 bits", x)
    return one_dtype(op, x, w)


def check_weights(op: Op, w: Tensor) -> None:
    """Something to multiply with."""
    op.require(w.shape is None or 0 not in w.dims, "C5. w has elements", w)


def check_bias(op: Op, bias: Tensor | None, channels: DimLike, dtype: DType) -> None:
    """The bias is a vector with one element an output channel, of the result's dtype."""
    if bias is None:
        return
    op.require(bias.dtype is dtype, f"C6. bias is {dtype}", bias)
    op.require(
        bias.rank == 1 and same(bias.dims[0], channels) is not False,
        f"C6. bias has {channels} elements",
        bias,
    )


def _by_groups(dim: DimLike, groups: int) -> DimLike | None:
    if isinstance(dim, Dim):
        return None
    return dim // groups if dim % groups == 0 else -1


@dataclass(frozen=True)
class SampledWindows:
    """Spatial extents, and windows that fit them."""

    size: tuple[int, ...]
    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    pads: tuple[int, ...]
    dilations: tuple[int, ...]
    ceil: bool = False

    @property
    def count(self) -> int:
        """The elements of a window."""
        return math.prod(self.kernel)

    @property
    def out(self) -> tuple[int, ...]:
        """The windows along each axis, none of them partial."""
        return conv_output(self.size, self.kernel, self.strides, self.pads, self.dilations)

    @classmethod
    def draw(cls, draw: Draw, *, ceil: bool = False, real: bool = False, empty: bool = True) -> SampledWindows:
        """``ceil``: with partial windows now and then; ``real``: no window is wholly in padding."""
        n, partial = draw.rank(1, 3, others=2), ceil and draw.boolean()
        amount = draw.choice(get_args(Padding))
        most = 2 if n == 3 else len(KERNELS)
        axes = [_sampled_axis(draw, most, partial, real, empty and draw.rarely(), amount) for _ in range(n)]
        size, kernel, strides, begins, ends, dilations = zip(*axes, strict=True)
        return cls(size, kernel, strides, (*begins, *ends), dilations, partial)


def same_padding(size: int, kernel: int, stride: int, dilation: int, *, lower: bool = False) -> tuple[int, int]:
    """What SAME pads before and after an axis, so that there is a window every ``stride`` elements: an odd element goes
    to the end or, with ``lower``, to the front."""
    total = max(0, (-(-size // stride) - 1) * stride + (kernel - 1) * dilation + 1 - size)
    less, more = total // 2, total - total // 2
    return (more, less) if lower else (less, more)


def _sampled_axis(draw: Draw, most: int, partial: bool, real: bool, empty: bool, amount: Padding) -> tuple[int, ...]:
    """Size, kernel, stride, pads and dilation along one axis."""
    kernel, stride, dilation = draw.choice(KERNELS[:most]), draw.choice(STRIDES), draw.choice(DILATIONS)
    span = (kernel - 1) * dilation
    if amount.startswith("same") and not empty:
        size = draw.integer(1, 6) + (span if real else 0)
        begin, end = same_padding(size, kernel, stride, dilation, lower=amount == "same_lower")
        return size, kernel, stride, begin, end, dilation
    begin, end = (min(draw.integer(0, 2), span if real else 2) if amount == "any" else 0 for _ in range(2))
    least = max(1, dilation, span + 1 - begin - end - (stride - 1 if partial else 0))
    return 0 if empty else least + draw.integer(0, 3), kernel, stride, begin, end, dilation


def _sampled_operands(
    draw: Draw, x: tuple[int, ...], w: tuple[int, ...], outputs: int, layout: Layout
) -> tuple[Any, ...]:
    """Data (batch, channels, *size), weights and perhaps a bias, all floats or all integers."""
    dtype = draw.dtype(FLOATS | CONV_INTEGERS)
    floating = dtype in FLOATS
    weights = dtype if floating else draw.dtype(CONV_INTEGERS)
    bias = draw.array((outputs,), dtype if floating else DType.I32) if draw.boolean() else None
    shape = join_layout(x[0], x[1], x[2:], layout)
    return draw.array([d for d in shape if isinstance(d, int)], dtype), draw.array(w, weights), bias


@op("core.conv")
class Conv(Op):
    """N-d cross-correlation:
    ``y[b, m, o] = bias[m] + Σ_c,k w[m, c, k] · x[b, g(m)+c, o*strides + k*dilations - pads]``.

    ``x`` is (batch, channels, *spatial) or, ``layout = channels_last``, (batch, *spatial, channels), and the
    result like it; ``w`` is (out, channels / groups, *kernel) in either layout. Padding counts as 0. ``pads``
    are all begins, then all ends.
    C1. strides, dilations, pads have an entry (pads two) a spatial axis.  C2. strides, dilations, groups are
    positive, pads not negative.  C3. The window fits into the padded input. C4. Floats of one dtype; or
    integers of at most 32 bits, whose result is int32, wrapping.  C5. ``groups`` divides the channels of both
    sides.  C6. ``bias``: (out,), of the result's dtype. Float16 and bfloat16 accumulate in float32 and round
    once. A zero of padding times an infinite weight is NaN. Frontends resolve SAME and VALID into pads;
    TensorFlow's kernel (*kernel, in, out) is transposed.
    """

    strides: tuple[int, ...]
    pads: tuple[int, ...]
    dilations: tuple[int, ...]
    groups: int = 1
    layout: Layout = "channels_first"
    kernel = kernels.conv

    def infer(self, x: Tensor, w: Tensor, bias: Tensor | None = None) -> Tensor:
        dtype, n = conv_dtype(self, x, w), len(self.strides)
        check_weights(self, w)
        if w.shape is not None:
            self.require(w.rank == n + 2, f"C1. w has rank {n + 2}", w)
            check_bias(self, bias, w.dims[0], dtype) if bias is not None and bias.shape is not None else None
        check_windows(self, n, strides=self.strides, dilations=self.dilations, pads=self.pads)
        self.require(self.groups > 0 and min(self.pads, default=0) >= 0, "C2. groups > 0 and pads >= 0", self.pads)
        if x.shape is None:
            return Tensor(dtype, None if w.shape is None else _unknown(n, w.dims[0], self.layout))
        self.require(x.rank == n + 2, f"C1. x has rank {n + 2}", x)
        batch, channels, size = split_layout(x, self.layout)
        each = _by_groups(channels, self.groups)
        kernel = w.dims[2:] if w.shape is not None else (UNKNOWN,) * n
        if w.shape is not None:
            self.require(each is None or same(each, w.dims[1]) is not False, "C5. w takes channels / groups", x, w)
            self.require(_by_groups(w.dims[0], self.groups) != -1, "C5. groups divides w's outputs", w)
        out = tuple(
            conv_extent(self, size[i], kernel[i], self.strides[i], self.pads[i] + self.pads[n + i], self.dilations[i])
            for i in range(n)
        )
        return Tensor(dtype, join_layout(batch, UNKNOWN if w.shape is None else w.dims[0], out, self.layout))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        at = SampledWindows.draw(draw)
        groups, each, layout = draw.integer(1, 3), draw.integer(1, 3), draw_layout(draw)
        outputs = groups * draw.integer(1, 3)
        x = (0 if draw.rarely() else draw.integer(1, 2), groups * each, *at.size)
        op = cls(at.strides, at.pads, at.dilations, groups, layout)
        return Sample(op, _sampled_operands(draw, x, (outputs, each, *at.kernel), outputs, layout))


def _unknown(n: int, channels: DimLike, layout: Layout) -> Shape:
    return join_layout(UNKNOWN, channels, (UNKNOWN,) * n, layout)


@op("core.conv_transpose")
class ConvTranspose(Op):
    """The adjoint of ``core.conv`` in its data:
    ``y[b, m, i*strides + k*dilations - pads] += w[c, m, k] · x[b, c, i]``, plus bias.

    Extents: ``(size - 1)*strides + dilations*(kernel - 1) + 1 + output_padding - pads``. ``w`` is (in, out /
    groups, *kernel) in either layout. ``output_padding`` makes room at the end, filled like any place (often
    by nothing but the bias). C1.–C6. as ``core.conv``, but pads may be negative: then there is more room; and
    C3. no extent is negative. Frontends resolve ``output_shape`` and SAME into pads. Gradients of conv1d/2d/3d
    in TensorFlow and torch.nn.ConvTranspose are this op.
    """

    strides: tuple[int, ...]
    pads: tuple[int, ...]
    dilations: tuple[int, ...]
    output_padding: tuple[int, ...]
    groups: int = 1
    layout: Layout = "channels_first"
    kernel = kernels.conv_transpose

    def infer(self, x: Tensor, w: Tensor, bias: Tensor | None = None) -> Tensor:
        dtype, n = conv_dtype(self, x, w), len(self.strides)
        check_windows(
            self,
            n,
            strides=self.strides,
            dilations=self.dilations,
            pads=self.pads,
            output_padding=self.output_padding,
        )
        self.require(self.groups > 0, "C2. groups is positive")
        if w.shape is None:
            return Tensor(dtype, _unknown(n, UNKNOWN, self.layout))
        check_weights(self, w)
        self.require(w.rank == n + 2, f"C1. w has rank {n + 2}", w)
        outputs = w.dims[1] * self.groups
        if bias is not None and bias.shape is not None:
            check_bias(self, bias, outputs, dtype)
        if x.shape is None:
            return Tensor(dtype, _unknown(n, outputs, self.layout))
        self.require(x.rank == n + 2, f"C1. x has rank {n + 2}", x)
        batch, channels, size = split_layout(x, self.layout)
        self.require(same(channels, w.dims[0]) is not False, "C5. w takes the channels of x", x, w)
        self.require(_by_groups(w.dims[0], self.groups) != -1, "C5. groups divides the channels", w)
        out = tuple(
            (size[i] - 1) * self.strides[i]
            + (w.dims[2 + i] - 1) * self.dilations[i]
            + (1 + self.output_padding[i] - self.pads[i] - self.pads[n + i])
            for i in range(n)
        )
        fits = all(not isinstance(d, int) or d >= 0 for d in out)
        self.require(fits, "C3. the pads leave an extent", x, w)
        return Tensor(dtype, join_layout(batch, outputs, out, self.layout))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        n, layout = draw.rank(1, 3, others=2), draw_layout(draw)
        size, kernel, strides, dilations = (tuple(draw.integer(1, m) for _ in range(n)) for m in (4, 3, 3, 2))
        size = tuple(0 if draw.rarely() else s for s in size)
        more = tuple(draw.integer(0, 2) for _ in range(n))
        spans = [(s - 1) * t + (k - 1) * d for s, k, t, d in zip(size, kernel, strides, dilations, strict=True)]
        begins = [draw.integer(-3 if s < 0 else -1, min(2, s + 2 + m)) for s, m in zip(spans, more, strict=True)]
        ends = [draw.integer(-1, min(2, s + 1 + m - b)) for s, m, b in zip(spans, more, begins, strict=True)]
        groups, each = draw.integer(1, 3), draw.integer(1, 3)
        inputs = groups * draw.integer(1, 2)
        x = (0 if draw.rarely() else draw.integer(1, 2), inputs, *size)
        op = cls(strides, (*begins, *ends), dilations, more, groups, layout)
        return Sample(op, _sampled_operands(draw, x, (inputs, each, *kernel), groups * each, layout))


@op("nn.fold")
class Fold(Op):
    """Sum sliding blocks, given as columns, into the image that they were cut from (``col2im``;
    torch.nn.Fold).

    ``x`` is (batch, channels · Π block, blocks); the result (batch, channels, *image). Blocks are enumerated
    with the last axis fastest, as a convolution over the image with ``strides``, ``pads`` and ``dilations``
    would visit them.
    C1. ``image`` and ``block`` are int64 vectors with an element a spatial axis.  C2. ``x`` has rank 3 and is
    a float.  C3. Its columns and blocks are those of the image.
    """

    strides: tuple[int, ...]
    pads: tuple[int, ...]
    dilations: tuple[int, ...]
    kernel = kernels.fold

    def infer(self, x: Tensor, image: Tensor, block: Tensor) -> Tensor:
        n = len(self.strides)
        check_windows(self, n, strides=self.strides, dilations=self.dilations, pads=self.pads)
        self.require(x.dtype in FLOATS and (x.shape is None or x.rank == 3), "C2. x is a float of rank 3", x)
        for t in (image, block):
            good = t.dtype is DType.I64 and (t.shape is None or (t.rank == 1 and same(t.dims[0], n) is not False))
            self.require(good, f"C1. image and block are int64 vectors of {n}", t)
        elements_from(self, block, 1, "C1. a block has elements")
        elements_from(self, image, 0, "C1. an image has no negative extent")
        size: Shape = (UNKNOWN,) * n
        if image.elements is not None:
            size = tuple(UNKNOWN if e is None else e for e in image.elements.tolist())
        known = block.known()
        channels: DimLike = UNKNOWN
        if known is not None and x.shape is not None:
            area = 1
            for extent in known:
                area *= extent
            channels = floordiv(x.dims[1], area)
            divides = exact_quotient(x.dims[1], area) is not None or not isinstance(x.dims[1], int)
            self.require(divides, "C3. a column has channels · Π block elements", x, block)
            if (extents := image.known()) is not None:
                out = conv_output(tuple(extents), tuple(known), self.strides, self.pads, self.dilations)
                fits = same(x.dims[2], product(out)) is not False
                self.require(fits, f"C3. x has {product(out)} blocks", x, image)
        return Tensor(x.dtype, (UNKNOWN if x.shape is None else x.dims[0], channels, *size))

    def decompose(self, b: Builder, x: Value, image: Value, block: Value) -> Value:
        from interlingua.ir.ops import windows

        return windows.fold(self, b, x, image, block)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        at = SampledWindows.draw(draw)
        shape = (0 if draw.rarely() else draw.integer(1, 2), draw.integer(1, 3) * at.count, math.prod(at.out))
        x = draw.array(shape, draw.dtype(FLOATS))
        image, block = np.array(at.size, np.int64), np.array(at.kernel, np.int64)
        return Sample(cls(at.strides, at.pads, at.dilations), (x, image, block), draw.some((1, 2)))
