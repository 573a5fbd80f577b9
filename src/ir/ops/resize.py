"""Resizing by separable interpolation."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Literal, TypeAlias, get_args

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dims import UNKNOWN, DimLike, floordiv, same
from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import FLOATS, INTEGERS, NUMBERS, DType
from interlingua.ir.graph import Value
from interlingua.ir.kernels import resize as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops import resampling
from interlingua.ir.ops.common import axis_in
from interlingua.ir.types import Tensor

Coordinates: TypeAlias = Literal[
    "half_pixel",
    "half_pixel_symmetric",
    "pytorch_half_pixel",
    "align_corners",
    "asymmetric",
    "tf_crop_and_resize",
]
Mode: TypeAlias = Literal["nearest", "linear", "cubic"]
Aspect: TypeAlias = Literal["stretch", "not_larger", "not_smaller"]
Nearest: TypeAlias = Literal["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]

EXACT_DENOMINATOR = 1024
"""A scale with a denominator up to this is a small dyadic fraction: its product with any extent below 2**14
is exact in float32."""


def scaled_extent(size: DimLike, factor: float) -> DimLike:
    """``floor(size * factor)``, the product taken in float32."""
    single = float(np.float32(factor))
    if isinstance(size, int):
        return math.floor(float(np.float32(size) * np.float32(factor)))
    ratio = Fraction(single)
    if ratio.denominator > EXACT_DENOMINATOR:
        return UNKNOWN
    return floordiv(size * ratio.numerator, ratio.denominator)


@op("vision.resize")
class Resize(Op):
    """``x`` resampled along ``axes``: each result element is a weighted sum of input elements around its
    coordinate.

    The output extent comes from exactly one of: ``sizes`` (int64, one an axis; bent by ``keep_aspect`` as
    ONNX has it), ``scales`` (float32, one an axis), ``factors`` (the same, constant):
    ``floor(extent * scale)`` in float32. With sizes, ``scale = out / in``. Coordinate of output element
    ``i``, ``length = scale * in``: half_pixel ``(i + .5)/scale - .5``; pytorch_half_pixel the same, -0.5 for
    length 1; half_pixel_symmetric adds ``in/2*(1 - out/length)``; align_corners ``i*(in-1)/(length-1)``, 0
    for length 1; asymmetric ``i/scale``; tf_crop_and_resize by ``roi`` (starts, then ends, in units of
    ``in - 1``), elements whose coordinate is outside being ``extrapolation``. ``nearest`` rounds the
    coordinate by ``nearest``; ``linear`` and ``cubic`` (Keys' kernel with ``cubic_coeff``) weigh neighbours;
    input indices are clamped, or, ``exclude_outside``, weights outside dropped and the rest rescaled.
    ``antialias`` stretches the kernel by ``1/scale`` when shrinking. Coordinates are computed in double
    precision.
    C1. Exactly one of sizes, scales and factors.  C2. One entry an axis (``roi`` two).  C3. ``axes`` are in
    [-rank, rank). C4. ``x`` is a number (integers round towards zero and saturate).  C5. ``antialias``
    excludes nearest. ONNX Runtime computes coordinates in float32, so that ties of ``nearest`` may fall
    elsewhere for scales that are not dyadic. PyTorch: align_corners or pytorch_half_pixel; nearest is
    asymmetric with floor; TensorFlow 2: half_pixel.
    """

    axes: tuple[int, ...]
    factors: tuple[float, ...] | None = None
    mode: Mode = "nearest"
    coordinates: Coordinates = "half_pixel"
    nearest: Nearest = "round_prefer_floor"
    cubic_coeff: float = -0.75
    exclude_outside: bool = False
    extrapolation: float = 0.0
    antialias: bool = False
    keep_aspect: Aspect = "stretch"
    kernel = kernels.resize

    def infer(
        self, x: Tensor, sizes: Tensor | None = None, scales: Tensor | None = None, roi: Tensor | None = None
    ) -> Tensor:
        given = (sizes is not None) + (scales is not None) + (self.factors is not None)
        self.require(given == 1, "C1. exactly one of sizes, scales and factors is given")
        self.require(x.dtype in FLOATS or x.dtype in INTEGERS, "C4. x is a number", x)
        self.require(not (self.antialias and self.mode == "nearest"), "C5. antialias excludes nearest")
        n = len(self.axes)
        for t, count in ((sizes, n), (scales, n), (roi, 2 * n)):
            if t is not None and t.shape is not None:
                self.require(
                    t.rank == 1 and same(t.dims[0], count) is not False, f"C2. vectors of {count}", t
                )
        axes = [axis_in(self, axis, x.rank) for axis in self.axes]
        dims = list(x.dims)
        for axis, extent in zip(axes, self._extents(x, axes, sizes), strict=True):
            dims[axis] = extent
        return x.with_shape(dims)

    def _extents(self, x: Tensor, axes: list[int], sizes: Tensor | None) -> list[DimLike]:
        if self.factors is not None:
            self.require(len(self.factors) == len(axes), "C2. one factor an axis", self.factors)
            return [scaled_extent(x.dims[axis], f) for axis, f in zip(axes, self.factors, strict=True)]
        if sizes is None or sizes.elements is None:
            return [UNKNOWN] * len(axes)
        wanted = [UNKNOWN if e is None else e for e in sizes.elements.ravel().tolist()]
        if self.keep_aspect == "stretch":
            return wanted
        known, extents = sizes.known(), [x.dims[axis] for axis in axes]
        fixed = tuple(e for e in extents if isinstance(e, int))
        if known is None or len(fixed) != len(extents):
            return [UNKNOWN] * len(axes)
        plan = kernels.resize_plan(fixed, tuple(range(len(fixed))), np.array(known), None, self.keep_aspect)
        return [extent for extent, _ in plan]

    def decompose(
        self,
        b: Builder,
        x: Value,
        sizes: Value | None = None,
        scales: Value | None = None,
        roi: Value | None = None,
    ) -> Value:
        return resampling.decompose(self, b, x, sizes, scales, roi)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        x = draw.array(draw.shape(1, 4, least=1), draw.dtype(NUMBERS))
        axes = draw.axes(x.ndim)
        mode = draw.choice(get_args(Mode))
        antialias = mode != "nearest" and draw.boolean()
        given = draw.choice(("factors", "sizes", "scales"))
        known = draw.some((1, 2, 3)) | ({1, 2} if antialias else set())
        # noise on products of run-time scales would change extents: those stay integers
        options = (1.0, 2.0, 3.0) if given == "scales" and 2 not in known else (1.0, 2.0, 0.5, 1.5, 0.6, 2.3)
        ratios = tuple(draw.choice(options) for _ in axes)
        sizes = np.array([draw.integer(1, 7) for _ in axes], np.int64) if given == "sizes" else None
        scales = np.array(ratios, np.float32) if given == "scales" else None
        coordinates, keep = draw.choice(get_args(Coordinates)), draw.choice(get_args(Aspect))
        roi = None
        if coordinates == "tf_crop_and_resize" and draw.boolean():
            roi = draw.array((2 * len(axes),), DType.F32, kinds=("small", "normal"), lo=-1, hi=2)
        op = cls(
            axes,
            ratios if given == "factors" else None,
            mode,
            coordinates,
            draw.choice(get_args(Nearest)),
            draw.choice((-0.75, -0.5)),
            draw.boolean(),
            draw.choice((0.0, -3.0)),
            antialias,
            keep if given == "sizes" else "stretch",
        )
        return Sample(op, (x, sizes, scales, roi), known)
