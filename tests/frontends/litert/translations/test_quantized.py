"""Quantized ops against LiteRT's kernels: each level a nearest one of the real that the translation gives.

The kernels of DEQUANTIZE that LiteRT has beside XNNPACK compute ``scale * q - scale * zero``, which rounds twice where
XNNPACK rounds once: they are tried with a zero point of 0. A QUANTIZE of levels rescales by a fixed-point number, so
its ratio is one without ties.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import interlingua
from interlingua.errors import InvalidModel, UnsupportedOps
from interlingua.ir.dtypes import DType
from support.litert_cases import RNG, Case, Fed, Fixed, check, noise, packed
from support.litert_models import Scale

I8, U8, I16, I32 = DType.I8, DType.U8, DType.I16, DType.I32
FIRST = {"ELU", "HARD_SWISH", "RESHAPE"}
"""Ops of which LiteRT has one version alone."""
ZERO = {I8: 3, U8: 131, I16: 0}


def scale_of(dtype: DType, scale: float = 0.05, zero: int | None = None) -> Scale:
    return Scale(scale, ZERO[dtype] if zero is None else zero)


def levels(dtype: DType, *shape: int) -> Any:
    info = np.iinfo(dtype.numpy)
    low, high = (-3000, 3000) if dtype is I16 else (info.min, info.max + 1)
    return RNG.integers(low, high, shape).astype(dtype.numpy)


def fed(dtype: DType, *shape: int, scale: float = 0.05) -> Fed:
    return Fed(levels(dtype, *shape), scale_of(dtype, scale))


def unary(op: str, dtype: DType, out: Scale, options: Any = None, *, scale: float = 0.05) -> Case:
    version = 1 if op in FIRST else 2
    operands = [fed(dtype, 3, 40, scale=scale)]
    return Case(op, operands, options, [(dtype, out)], version=version, note=str(dtype))


def fully_connected(dtype: DType, *, channels: bool, bias: bool = True, activation: int = 0) -> Case:
    out = np.linspace(0.01, 0.03, 6) if channels else np.float64(0.02)
    filters = Fixed(levels(I8, 6, 10), Scale(out.tolist(), [0] * 6 if channels else 0))
    if dtype is U8:
        filters = Fixed(levels(U8, 6, 10), Scale(0.02, 128))
    offset = Fixed(
        RNG.integers(-900, 900, 6).astype(np.int32), Scale((0.05 * out).tolist(), [0] * 6 if channels else 0)
    )
    operands = [fed(dtype, 4, 10), filters, offset if bias else None]
    options = ("FullyConnectedOptions", {"fused_activation_function": activation})
    return Case(
        "FULLY_CONNECTED",
        operands,
        options,
        [(dtype, scale_of(dtype, 0.2))],
        version=4,
        note=f"{dtype} {channels} {bias}",
    )


def conv(dtype: DType, *, depthwise: bool = False, channels: bool, activation: int = 0, padding: int = 0) -> Case:
    kind, count = ("DEPTHWISE_CONV_2D", 3) if depthwise else ("CONV_2D", 4)
    shape = (1, 3, 3, 3) if depthwise else (4, 3, 3, 3)
    scales = np.linspace(0.01, 0.03, count) if channels else np.float64(0.02)
    zeros: Any = [0] * count if channels else 0
    filters = Fixed(levels(I8, *shape), Scale(scales.tolist(), zeros, 3 if depthwise else 0))
    if dtype is U8:
        filters = Fixed(levels(U8, *shape), Scale(0.02, 120))
    bias = Fixed(RNG.integers(-900, 900, count).astype(np.int32), Scale((0.05 * scales).tolist(), zeros))
    options: dict[str, Any] = {"padding": padding, "stride_h": 2, "stride_w": 1}
    options |= {"fused_activation_function": activation, **({"depth_multiplier": 1} if depthwise else {})}
    operands = [fed(dtype, 2, 6, 5, 3), filters, bias]
    name = "DepthwiseConv2DOptions" if depthwise else "Conv2DOptions"
    return Case(kind, operands, (name, options), [(dtype, scale_of(dtype, 0.3))], version=3, note=f"{dtype} {channels}")


def pool(op: str, dtype: DType, activation: int = 0) -> Case:
    options = {"padding": 0, "filter_height": 3, "filter_width": 2, "stride_h": 2, "stride_w": 1}
    options |= {"fused_activation_function": activation}
    operands, outputs = [fed(dtype, 2, 6, 5, 3)], [(dtype, scale_of(dtype))]
    exact = op == "MAX_POOL_2D" and not activation
    return Case(op, operands, ("Pool2DOptions", options), outputs, version=2, exact=exact, note=str(dtype))


MOVED = [
    ("RESHAPE", [Fixed(np.int32([4, 6]))], ("ReshapeOptions", {})),
    ("TRANSPOSE", [Fixed(np.int32([1, 0]))], ("TransposeOptions", {})),
    ("PAD", [Fixed(np.int32([[1, 2], [0, 1]]))], ("PadOptions", {})),
    ("SLICE", [Fixed(np.int32([1, 2])), Fixed(np.int32([2, -1]))], ("SliceOptions", {})),
    ("GATHER", [Fixed(np.int32([2, 0]))], ("GatherOptions", {})),
    ("TILE", [Fixed(np.int32([2, 1]))], ("TileOptions", {})),
]
ARITHMETIC = {"ADD": "AddOptions", "SUB": "SubOptions", "MUL": "MulOptions"}
EIGHTHS = 2.0**-4 + 1e-3
"""Of 20 elements the kernel of MEAN rounds to eighths of a level first: its fixed-point multiplier, which the count is
a part of, leaves ``floor(log2(20)) - 1`` bits (``QuantizedMeanOrSum`` in ``reference/reduce.h``)."""
CASES = [
    *(
        Case(op, [fed(d, 4, 30), fed(d, 30, scale=0.02)], (kind, {"fused_activation_function": a}),
             [(d, scale_of(d, 0.11))], version=2, note=str(d))
        for (op, kind), d, a in product(ARITHMETIC.items(), (I8, U8), (0, 1, 3))
    ),
    *(
        Case(op, [fed(I8, 4, 6), *more], options, [(I8, scale_of(I8))], version=1 if op in FIRST else 2, exact=True)
        for op, more, options in MOVED
    ),
    *(
        Case("MAXIMUM", [fed(d, 4, 6), fed(d, 4, 6)], None, [(d, scale_of(d))], version=2, note=str(d))
        for d in (I8, U8)
    ),
    *(fully_connected(I8, channels=c, bias=b, activation=a) for c, b, a in product((0, 1), (0, 1), (0, 1))),
    fully_connected(U8, channels=False),
    fully_connected(U8, channels=False, activation=3),
    *(conv(I8, depthwise=w, channels=c, activation=a) for w, c, a in product((False, True), (True,), (0, 3))),
    *(conv(U8, depthwise=w, channels=False, padding=p) for w, p in product((False, True), (0, 1))),
    *(pool(op, d) for op, d in product(("AVERAGE_POOL_2D", "MAX_POOL_2D"), (I8, U8))),
    pool("MAX_POOL_2D", I8, 1),
    pool("AVERAGE_POOL_2D", I8, 1),
    *(unary("LOGISTIC", d, Scale(1 / 256, -128 if d is I8 else 0)) for d in (I8, U8)),
    *(unary("TANH", d, Scale(1 / 128, 0 if d is I8 else 128)) for d in (I8, U8)),
    *(unary("SOFTMAX", d, Scale(1 / 256, -128 if d is I8 else 0), ("SoftmaxOptions", {"beta": 1.0}))
      for d in (I8, U8)),
    *(unary("RELU", d, scale_of(d, 0.03)) for d in (I8, U8)),
    unary("RELU6", I8, scale_of(I8, 0.03)),
    unary("HARD_SWISH", I8, scale_of(I8, 0.03)),
    unary("ABS", I8, scale_of(I8, 0.06)),
    unary("ELU", I8, scale_of(I8, 0.03)),
    Case("QUANTIZE", [noise(50)], ("QuantizeOptions", {}), [(I8, scale_of(I8))], exact=True),
    Case("QUANTIZE", [fed(I8, 50)], ("QuantizeOptions", {}), [(I8, scale_of(I8, 0.03))], version=2, exact=True,
         note="again"),
    Case("QUANTIZE", [fed(U8, 50)], ("QuantizeOptions", {}), [(I8, Scale(0.05, 3))], version=2, exact=True,
         note="moved"),
    *(
        Case("DEQUANTIZE", [Fed(levels(d, 50), Scale(0.05, 0))], ("DequantizeOptions", {}), version=2, note=str(d))
        for d in (I8, U8, I16)
    ),
    Case("CONCATENATION", [fed(I8, 2, 3), fed(I8, 2, 3)], ("ConcatenationOptions", {"axis": 1}), [(I8, scale_of(I8))],
         version=2),
    *(
        Case(op, [fed(I8, 30, 20), Fixed(np.int32([1]))], ("ReducerOptions", {"keep_dims": k}), [(I8, scale_of(I8, s))],
             version=2, slack=EIGHTHS if op == "MEAN" else 1e-3)
        for op, s in [("MEAN", 0.05), ("MEAN", 0.03), ("SUM", 0.4), ("REDUCE_MAX", 0.05)]
        for k in (False, True)
    ),
    Case("BATCH_MATMUL", [fed(I8, 2, 3, 4), fed(I8, 2, 4, 5, scale=0.02)], ("BatchMatMulOptions", {}),
         [(I8, scale_of(I8, 0.2))], version=2),
    Case("ARG_MAX", [fed(I8, 3, 20), Fixed(np.int32(1))], ("ArgMaxOptions", {"output_type": 2}), [I32], version=2),
    Case("EQUAL", [fed(I8, 4, 40), fed(I8, 4, 40)], ("EqualOptions", {}), [DType.BOOL], version=2, exact=True),
    Case("RESIZE_NEAREST_NEIGHBOR", [fed(I8, 1, 3, 4, 2), Fixed(np.int32([6, 5]))],
         ("ResizeNearestNeighborOptions", {}), [(I8, scale_of(I8))], version=2, exact=True),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_levels_are_nearest(case: Case) -> None:
    check(case)


ROUNDED_IN_STAGES = [
    unary("LEAKY_RELU", I8, scale_of(I8, 0.03), ("LeakyReluOptions", {"alpha": 0.2})),
    Case("RESIZE_BILINEAR", [fed(I8, 1, 3, 4, 2), Fixed(np.int32([6, 5]))], ("ResizeBilinearOptions", {}),
         [(I8, scale_of(I8))], version=2),
]  # fmt: skip
"""Ops whose kernels give other levels than the nearest ones, beside ties."""


@pytest.mark.parametrize("case", ROUNDED_IN_STAGES, ids=lambda case: case.op)
def test_levels_that_are_rounded_in_stages_are_refused(case: Case) -> None:
    with pytest.raises(UnsupportedOps, match="quantized"):
        interlingua.load(packed(case)[0])


def test_weights_that_are_quantized_alone_are_refused() -> None:
    """The kernel quantizes what is fed to it."""
    filters = Fixed(levels(I8, 6, 10), Scale(0.02, 0))
    case = Case("FULLY_CONNECTED", [noise(4, 10), filters, None], ("FullyConnectedOptions", {}))
    with pytest.raises(UnsupportedOps, match="quantizes the input as it runs"):
        interlingua.load(packed(case)[0])


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_a_scale_that_cannot_be_is_damage(scale) -> None:
    case = Case("DEQUANTIZE", [Fed(levels(I8, 4), Scale(scale, 0))], ("DequantizeOptions", {}))
    with pytest.raises(InvalidModel, match="scale"):
        interlingua.load(packed(case)[0])


def test_a_zero_point_that_is_no_level_is_damage() -> None:
    case = Case("DEQUANTIZE", [Fed(levels(I8, 4), Scale(0.1, 300))], ("DequantizeOptions", {}))
    with pytest.raises(InvalidModel, match="zero point"):
        interlingua.load(packed(case)[0])
