"""Signal processing: Fourier transforms, windows, mel filters."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dims import UNKNOWN, DimLike, floordiv, maximum, same
from interlingua.ir.draw import FINITE, Draw, Sample
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Value
from interlingua.ir.kernels import signal as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.binary import Add, Div, Max, Mul, Rem, Sub
from interlingua.ir.ops.common import axis_in, elements_from, one_dtype, shaped
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.indexing import Gather, one_element
from interlingua.ir.ops.layout import Squeeze, Stack
from interlingua.ir.ops.logic import And, Eq, Le, Lt, Or, Select
from interlingua.ir.ops.reduction import ReduceSum, narrowed, widened
from interlingua.ir.ops.shape import Pad, Reshape, Slice, Transpose
from interlingua.ir.ops.shaping import dim_scalar, expanded, index_along, vector
from interlingua.ir.ops.unary import Cos, Exp, Floor, Log, Neg, Sin
from interlingua.ir.types import Tensor


@op("signal.dft")
class Dft(Op):
    """The discrete Fourier transform along ``axis``: ``X[k] = sum of x[n] * exp(-2πi k n / N)`` for k in [0,
    N).

    C1. ``x`` is floating point, its last axis of size 1 (real) or 2 (real and imaginary part).
    C2. ``axis`` is in [-rank, rank) and is not the last.  C3. ``length`` is one int32 or int64, 1 or more.
    ``inverse``: the sign of the exponent is + and the sum is divided by N. ``onesided`` forward gives k in
    [0, N//2] of a real signal (an imaginary part is undefined); ``onesided`` inverse takes these and gives
    the real signal, of N samples. N is ``length``: the axis is cropped, or padded with zeros at its end.
    Without it, N is the dim, or ``2 * (dim - 1)`` for the onesided inverse. The result has a last axis of
    size 2, but 1 for the onesided inverse. NaN and infinities make the whole transform NaN or infinite, which of
    them is undefined. N = 0 is undefined.
    """

    axis: int = -2
    inverse: bool = False
    onesided: bool = False
    kernel = kernels.dft

    def infer(self, x: Tensor, length: Tensor | None = None) -> Tensor:
        self.require(x.dtype in FLOATS, "C1. x is floating point", x)
        parts = same(x.dims[-1], 1) is not False or same(x.dims[-1], 2) is not False
        self.require(parts, "C1. the last axis has size 1 or 2", x)
        axis = axis_in(self, self.axis, x.rank)
        self.require(axis != x.rank - 1, "C2. axis is not the last", x)
        known: DimLike | None = None if length is None else one_element(self, length, "C3. length")
        if length is not None:
            elements_from(self, length, 1, "C3. length is 1 or more")
        back = self.inverse and self.onesided
        if length is None:
            known = 2 * (x.dims[axis] - 1) if back else x.dims[axis]
        size = UNKNOWN if known is None else floordiv(known, 2) + 1 if self.onesided and not back else known
        return x.with_shape([*x.dims[:axis], size, *x.dims[axis + 1 : -1], 1 if back else 2])

    def decompose(self, b: Builder, x: Value, length: Value | None = None) -> Value:
        """Products with matrices of cosines and sines."""
        rank = x.tensor.rank
        axis = self.axis % rank
        perm = (*(i for i in range(rank - 1) if i != axis), axis, rank - 1)
        real, imaginary = _parts(b, widened(b, b(Transpose(perm=perm), x)))
        back = self.inverse and self.onesided
        n = self._size(b, x, axis, length)
        half = b(Add(), b(Div(), n, b.constant(2)), b.constant(1))
        if length is not None:
            taken = half if back else n
            real = _resized(b, real, taken)
            imaginary = None if imaginary is None else _resized(b, imaginary, taken)
        bins_in, bins_out = (half, n) if back else (n, half if self.onesided else n)
        out = self._transform(b, real, imaginary, n, bins_in, bins_out)
        back_perm = tuple(perm.index(i) for i in range(rank))
        return narrowed(b, b(Transpose(perm=back_perm), out), x)

    def _size(self, b: Builder, x: Value, axis: int, length: Value | None) -> Value:
        if length is not None:
            wide = length if length.tensor.dtype is DType.I64 else b(Cast(to=DType.I64), length)
            return b(Reshape(), wide, b.constant([], DType.I64))
        size = dim_scalar(b, x, axis)
        if self.inverse and self.onesided:
            return b(Mul(), b(Sub(), size, b.constant(1)), b.constant(2))
        return size

    def _transform(
        self, b: Builder, real: Value, imaginary: Value | None, n: Value, bins_in: Value, bins_out: Value
    ) -> Value:
        dtype = real.tensor.dtype
        k, j = index_along(b, bins_in, 0, 2), index_along(b, bins_out, 1, 2)
        # the tables are small and shared by all signals: float64 keeps their error below that of the products
        f64 = Cast(to=DType.F64)
        samples = b(f64, n)
        turns = b(Div(), b(f64, b(Rem(), b(Mul(), k, j), n)), samples)
        angle = b(Mul(), turns, b.constant(2 * math.pi))
        cos, sin = b(Cos(), angle), b(Sin(), angle)
        if self.inverse:
            weight = b(Div(), self._weights(b, k, n), samples)
            cos, sin = b(Mul(), cos, weight), b(Mul(), b(Neg(), sin), weight)
        if dtype is not DType.F64:
            cos, sin = b(Cast(to=dtype), cos), b(Cast(to=dtype), sin)
        re, im = b(MatMul(), real, cos), b(Neg(), b(MatMul(), real, sin))
        if imaginary is not None:
            re = b(Add(), re, b(MatMul(), imaginary, sin))
            im = b(Add(), im, b(MatMul(), imaginary, cos))
        if self.inverse and self.onesided:
            return expanded(b, re, re.tensor.rank)
        return b(Stack(axis=-1), re, im)

    def _weights(self, b: Builder, k: Value, n: Value) -> Value:
        """How often a bin counts: twice where a onesided spectrum leaves out its mirror image."""
        if not self.onesided:
            return b.constant(1.0)
        alone = b(Or(), b(Eq(), k, b.constant(0)), b(Eq(), b(Mul(), k, b.constant(2)), n))
        return b(Select(), alone, b.constant(1.0), b.constant(2.0))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        *dims, size = draw.shape(1, 3, least=1)
        axis, inverse, onesided = draw.integer(0, len(dims)), draw.boolean(), draw.boolean()
        length = draw.scalar(draw.integer(1, 8)) if draw.boolean() else None
        dims.insert(axis, size + (inverse and onesided))
        parts = 1 if onesided and not inverse else draw.integer(1, 2)
        x = draw.array((*dims, parts), draw.dtype(FLOATS), kinds=FINITE)
        op = cls(axis - (len(dims) + 1) * draw.integer(0, 1), inverse, onesided)
        return Sample(op, (x, length), draw.some((1,)))


def _parts(b: Builder, x: Value) -> tuple[Value, Value | None]:
    """The real part and, where there is or may be one, the imaginary part."""
    last, size = x.tensor.rank - 1, x.tensor.dims[-1]
    real, rest = (b(Slice(axes=(last,)), x, b.constant([i]), b.constant([i + 1])) for i in range(2))
    drop = Squeeze(axes=(last,))
    if size == 1:
        return b(drop, real), None
    # where the part may be missing, the sum of it is 0
    return b(drop, real), b(drop if size == 2 else ReduceSum(axes=(last,)), rest)


def _resized(b: Builder, x: Value, size: Value) -> Value:
    """The last axis cropped, or padded with zeros at its end, to ``size``."""
    rank, line = x.tensor.rank, expanded(b, size, 0)
    cut = b(Slice(axes=(rank - 1,)), x, b.constant([0]), line)
    missing = b(Max(), b(Sub(), line, expanded(b, dim_scalar(b, x, rank - 1), 0)), b.constant([0]))
    return b(Pad(), cut, vector(b, [*[0] * (2 * rank - 1), missing]))


@op("signal.stft")
class Stft(Op):
    """Fourier transforms of frames: frame f is ``signal[:, f * step : f * step + size] * window``.

    C1. ``signal`` is floating point, ``[batch, samples, 1 or 2]``.  C2. ``step`` and ``length`` are one int32
    or int64 each.
    C3. ``window`` is a vector of the frame's size, of the dtype of ``signal``; all ones where absent.
    The size is ``length``, else that of ``window``, else ``samples``. There are
    ``(samples - size) // step + 1`` frames: only whole ones. The result is
    ``[batch, frames, size or (onesided) size//2 + 1, 2]``. As for signal.dft, ``onesided`` of a complex signal, a
    size of 0, and NaN and infinities inside are undefined.
    """

    onesided: bool = True
    kernel = kernels.stft

    def infer(self, signal: Tensor, step: Tensor, window: Tensor | None = None, length: Tensor | None = None) -> Tensor:
        self.require(signal.dtype in FLOATS and signal.rank == 3, "C1. signal is [batch, samples, 1 or 2]", signal)
        parts = same(signal.dims[2], 1) is not False or same(signal.dims[2], 2) is not False
        self.require(parts, "C1. the last axis of signal has size 1 or 2", signal)
        hop = one_element(self, step, "C2. step")
        elements_from(self, step, 1, "C2. step is positive")
        if length is not None:
            elements_from(self, length, 1, "C2. length is positive")
        size: DimLike | None = signal.dims[1]
        if length is not None:
            size = one_element(self, length, "C2. length")
        if window is not None:
            one_dtype(self, signal, window)
            shaped(self, window, (UNKNOWN if length is None or size is None else size,), "C3. window is of the frame")
            size = window.dims[0] if length is None else size
        frames = UNKNOWN
        if isinstance(hop, int) and hop > 0 and size is not None:
            whole = maximum(floordiv(signal.dims[1] - size, hop) + 1, 0)
            return signal.with_shape([signal.dims[0], whole, self._bins(size), 2])
        return signal.with_shape([signal.dims[0], frames, self._bins(size), 2])

    def _bins(self, size: DimLike | None) -> DimLike:
        if size is None:
            return UNKNOWN
        return floordiv(size, 2) + 1 if self.onesided else size

    def decompose(
        self, b: Builder, signal: Value, step: Value, window: Value | None = None, length: Value | None = None
    ) -> Value:
        samples = dim_scalar(b, signal, 1)
        hop = _rank0(b, step)
        if length is not None:
            size = _rank0(b, length)
        else:
            size = samples if window is None else dim_scalar(b, window, 0)
        # rounded towards zero, the quotient is 0 or less where no whole frame fits
        frames = b(Div(), b(Add(), b(Sub(), samples, size), hop), hop)
        starts = b(Mul(), index_along(b, b(Max(), frames, b.constant(0)), 0, 2), hop)
        cut = b(Gather(axis=1), signal, b(Add(), starts, index_along(b, size, 1, 2)))
        if window is not None:
            cut = b(Mul(), cut, expanded(b, window, 1))
        return b(Dft(axis=2, onesided=self.onesided), cut)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        dtype, size, onesided = draw.dtype(FLOATS), draw.integer(1, 6), draw.boolean()
        shape = (draw.integer(0, 3), draw.integer(1, 9), 1 if onesided else draw.integer(1, 2))
        window = draw.array((size,), dtype, kinds=FINITE) if draw.boolean() else None
        length = draw.scalar(size) if draw.boolean() else None
        signal = draw.array(shape, dtype, kinds=FINITE)
        return Sample(cls(onesided), (signal, draw.scalar(draw.integer(1, 4)), window, length), draw.some((1, 3)))


def _rank0(b: Builder, x: Value) -> Value:
    wide = x if x.tensor.dtype is DType.I64 else b(Cast(to=DType.I64), x)
    return b(Reshape(), wide, b.constant([], DType.I64))


@dataclass(frozen=True)
class Window(Op):
    """What window functions share: ``size`` samples of a function of ``θ = 2π i / N``, N being ``size``
    (``periodic``) or ``size - 1`` (symmetric), computed in float64 and rounded to ``dtype``. One symmetric sample is
    0/0, NaN, as in ONNX's function; PyTorch and NumPy have 1.

    C1. ``size`` is one int32 or int64. Rounded to an integer dtype, the last digit decides: undefined.
    """

    periodic: bool = True
    dtype: DType = DType.F32

    def infer(self, size: Tensor) -> Tensor:
        count = one_element(self, size, "C1. size")
        elements_from(self, size, 0, "C1. size is not negative")
        return Tensor(self.dtype, (UNKNOWN if count is None else count,))

    def cosine(self, b: Builder, size: Value, times: int) -> Value:
        """``cos(times * θ)``."""
        n = _rank0(b, size)
        period = n if self.periodic else b(Sub(), n, b.constant(1))
        step = b(Div(), b.constant(2 * math.pi * times, DType.F64), b(Cast(to=DType.F64), period))
        return b(Cos(), b(Mul(), index_along(b, n, 0, 1, DType.F64), step))

    def combined(self, b: Builder, size: Value, *weights: float) -> Value:
        """``weights[0] + weights[1] * cos θ + weights[2] * cos 2θ …``."""
        total = b.constant(weights[0], DType.F64)
        for times, weight in enumerate(weights[1:], 1):
            total = b(Add(), total, b(Mul(), self.cosine(b, size, times), b.constant(weight, DType.F64)))
        return b(Cast(to=self.dtype), total) if self.dtype is not DType.F64 else total

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        op = cls(draw.boolean(), draw.dtype(FLOATS))
        return Sample(op, (draw.scalar(draw.choice((5, 0, 1, 2, 6))),), draw.some((0,)))


@op("signal.hann_window")
class HannWindow(Window):
    """``0.5 - 0.5 * cos θ``.  C1 and θ as for every window."""

    kernel = kernels.hann_window

    def decompose(self, b: Builder, size: Value) -> Value:
        return self.combined(b, size, 0.5, -0.5)


@op("signal.hamming_window")
class HammingWindow(Window):
    """``25/46 - 21/46 * cos θ`` (others round these to 0.54 and 0.46).  C1 and θ as for every window."""

    kernel = kernels.hamming_window

    def decompose(self, b: Builder, size: Value) -> Value:
        return self.combined(b, size, 25 / 46, -21 / 46)


@op("signal.blackman_window")
class BlackmanWindow(Window):
    """``0.42 - 0.5 * cos θ + 0.08 * cos 2θ``.  C1 and θ as for every window."""

    kernel = kernels.blackman_window

    def decompose(self, b: Builder, size: Value) -> Value:
        return self.combined(b, size, 0.42, -0.5, 0.08)


@op("signal.mel_weights")
class MelWeights(Op):
    """A ``[length//2 + 1, bands]`` matrix: column j is the triangle over bins ``e[j] … e[j+2]`` that peaks
    with 1 at ``e[j+1]``.

    C1. ``bands``, ``length`` and ``rate`` are one int32 or int64 each, ``low`` and ``high`` one float each
    (hertz). The ``bands + 2`` edges lie ``(mel(high) - mel(low)) / (bands + 2)`` apart from ``mel(low)`` on,
    so that the last one stops short of ``high`` (as in ONNX's reference), with
    ``mel(f) = 2595 log10(1 + f/700)``; ``e`` is ``floor((length + 1) * hertz / rate)``. Computed in float64
    and rounded to ``dtype``.
    """

    dtype: DType = DType.F32
    kernel = kernels.mel_weights

    def infer(self, bands: Tensor, length: Tensor, rate: Tensor, low: Tensor, high: Tensor) -> Tensor:
        count, size = one_element(self, bands, "C1. bands"), one_element(self, length, "C1. length")
        one_element(self, rate, "C1. rate")
        self.require(low.dtype.is_float and high.dtype.is_float, "C1. low and high are floats", low, high)
        bins = UNKNOWN if size is None else floordiv(size, 2) + 1
        return Tensor(self.dtype, (bins, UNKNOWN if count is None else count))

    def decompose(self, b: Builder, bands: Value, length: Value, rate: Value, low: Value, high: Value) -> Value:
        left, centre, right, bin_ = self._edges(b, bands, length, rate, low, high)
        one, zero = b.constant(1.0), b.constant(0.0)

        def ratio(over: Value, under: Value) -> Value:
            flat = b(Eq(), under, zero)
            return b(Select(), flat, one, b(Div(), over, b(Select(), flat, one, under)))

        up = ratio(b(Sub(), bin_, left), b(Sub(), centre, left))
        down = ratio(b(Sub(), right, bin_), b(Sub(), right, centre))
        rising = b(And(), b(Le(), left, bin_), b(Le(), bin_, centre))
        falling = b(And(), b(Le(), centre, bin_), b(Lt(), bin_, right))
        weights = b(Select(), falling, down, b(Select(), rising, up, zero))
        return b(Cast(to=self.dtype), weights) if self.dtype is not DType.F64 else weights

    def _edges(
        self, b: Builder, bands: Value, length: Value, rate: Value, low: Value, high: Value
    ) -> tuple[Value, Value, Value, Value]:
        """The three edges of each triangle as rows, and the bins as a column, in float64."""
        f64 = Cast(to=DType.F64)
        scale = 2595 / math.log(10)

        def mel(hertz: Value) -> Value:
            wide = hertz if hertz.tensor.dtype is DType.F64 else b(f64, hertz)
            ratio = b(Div(), b(Reshape(), wide, b.constant([], DType.I64)), b.constant(700.0))
            return b(Mul(), b(Log(), b(Add(), ratio, b.constant(1.0))), b.constant(scale))

        count, size = _rank0(b, bands), _rank0(b, length)
        first, last, edges = mel(low), mel(high), b(Add(), count, b.constant(2))
        step = b(Div(), b(Sub(), last, first), b(f64, edges))
        mels = b(Add(), first, b(Mul(), index_along(b, edges, 0, 1, DType.F64), step))
        hertz = b(Mul(), b(Sub(), b(Exp(), b(Div(), mels, b.constant(scale))), b.constant(1.0)), b.constant(700.0))
        bins = b(Mul(), b(f64, b(Add(), size, b.constant(1))), hertz)
        whole = b(Floor(), b(Div(), bins, b(f64, _rank0(b, rate))))
        rows = [
            b(Slice(axes=(0,)), whole, b.constant([i]), expanded(b, b(Add(), count, b.constant(i)), 0))
            for i in range(3)
        ]
        spectrum = b(Add(), b(Div(), size, b.constant(2)), b.constant(1))
        return rows[0], rows[1], rows[2], index_along(b, spectrum, 0, 2, DType.F64)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        counts = draw.scalar(draw.integer(0, 7)), draw.scalar(draw.integer(1, 40)), draw.scalar(draw.integer(50, 9000))
        low, high = (np.array(draw.integer(*ends), draw.choice(("f4", "f8"))) for ends in ((0, 99), (100, 4000)))
        return Sample(cls(draw.dtype(FLOATS)), (*counts, low, high), draw.some(range(5)))
