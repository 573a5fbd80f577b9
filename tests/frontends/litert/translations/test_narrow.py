"""Tensors of elements narrower than a byte, two or four to each, against LiteRT's kernels."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import interlingua
from interlingua.errors import UnsupportedOps
from interlingua.ir.dtypes import DType
from interlingua.report import Verdict
from support.litert_cases import RNG, Case, Fed, Fixed, check, interpreted, noise, packed
from support.litert_models import Scale

I2, I4, U4, I8 = DType.I2, DType.I4, DType.U4, DType.I8
RANGES = {I2: (-2, 2), I4: (-8, 8), U4: (0, 16)}
OUT = [(I8, Scale(0.3, 3))]


def narrow(dtype: DType, *shape: int, channels: int | None = None) -> Fixed:
    """A constant of every level; with scales along an axis where that is given."""
    low, high = RANGES[dtype]
    count = 1 if channels is None else shape[channels]
    scales = np.linspace(0.02, 0.06, count).tolist()
    levels = np.resize(RNG.permutation(np.arange(low, high)), shape).astype(np.int8)
    return Fixed(levels, Scale(scales, [0] * count, channels or 0), dtype)


def fed(*shape: int) -> Fed:
    return Fed(RNG.integers(-128, 128, shape).astype(np.int8), Scale(0.05, 3))


def bias(filters: Fixed, count: int) -> Fixed:
    assert filters.scale is not None
    scales = 0.05 * np.broadcast_to(filters.scale.scale, count)
    return Fixed(RNG.integers(-90, 90, count).astype(np.int32), Scale(scales.tolist(), [0] * count))


def contraction(
    op: str, x: Fed, filters: Fixed, count: int, options: tuple[str, dict[str, Any]], version: int, offset: bool = True
) -> Case:
    operands = [x, filters, bias(filters, count) if offset else None]
    return Case(op, operands, options, OUT, version=version, note=f"{filters.dtype} {filters.array.shape} {offset}")


def fully_connected(dtype: DType, depth: int, channels: int | None, offset: bool) -> Case:
    filters = narrow(dtype, 6, depth, channels=channels)
    options: tuple[str, dict[str, Any]] = ("FullyConnectedOptions", {})
    offset = offset and channels is not None  # a bias has scales for each channel here
    return contraction("FULLY_CONNECTED", fed(4, depth), filters, 6, options, 10, offset)


STRIDES: dict[str, Any] = {"stride_h": 1, "stride_w": 1}
CASES = [
    *(
        Case("DEQUANTIZE", [narrow(d, *shape, channels=c)], ("DequantizeOptions", {}), version=6,
             note=f"{d} {shape} {c}")
        for d, (shape, c) in product((I2, I4, U4), [((3, 5), None), ((3, 5), 0), ((2, 3, 4), 2), ((1,), None)])
    ),
    *(Case("CAST", [Fixed(narrow(d, 3, 5).array, None, d)], version=6, note=str(d)) for d in (I2, I4, U4)),
    *(fully_connected(d, depth, c, o) for d, depth, c, o in product((I2, I4), (9, 12), (None, 0), (False, True))),
    contraction("CONV_2D", fed(2, 5, 4, 3), narrow(I4, 4, 3, 3, 3, channels=0), 4, ("Conv2DOptions", STRIDES), 7),
    contraction(
        "DEPTHWISE_CONV_2D", fed(2, 5, 4, 3), narrow(I4, 1, 3, 3, 3, channels=3), 3,
        ("DepthwiseConv2DOptions", {**STRIDES, "depth_multiplier": 1}), 7,
    ),
    *(
        Case("EMBEDDING_LOOKUP", [np.int32([2, 0, 2]), narrow(d, 3, n, channels=c)], version=4, note=f"{d} {n} {c}")
        for d, n, c in product((I2, I4), (4, 8), (None, 0))
    ),
    Case("GATHER", [narrow(I4, 4, 6), np.int32([2, 0])], ("GatherOptions", {}), [(I4, Scale(0.02))], 7, exact=True),
    *(
        Case("TRANSPOSE", [narrow(d, 3, 5), Fixed(np.int32([1, 0]))], ("TransposeOptions", {}), [(d, Scale(0.02))], 7,
             exact=True, note=str(d))
        for d in (I4, U4)
    ),
    *(
        Case("QUANTIZE", [noise(60)], ("QuantizeOptions", {}), [(d, Scale(0.2, z))], 4, exact=True, note=f"{d} {z}")
        for d, z in [(I4, 0), (I4, -3), (U4, 0), (U4, 7)]
    ),
]  # fmt: skip
REFUSED = [
    (Case("EMBEDDING_LOOKUP", [np.int32([2, 0]), narrow(U4, 3, 4)]), "beyond the table"),
    (Case("FULLY_CONNECTED", [noise(4, 8), narrow(I4, 6, 8), None], ("FullyConnectedOptions", {})), "as it runs"),
]
WITHOUT_KERNEL = [
    Case("GATHER", [narrow(I2, 4, 6), np.int32([2, 0])], ("GatherOptions", {}), [(I2, Scale(0.02))], 7),
    Case("TRANSPOSE", [narrow(I2, 3, 5), Fixed(np.int32([1, 0]))], ("TransposeOptions", {}), [(I2, Scale(0.02))], 7),
    Case("BATCH_MATMUL", [fed(2, 3, 4), narrow(I4, 2, 4, 6)], ("BatchMatMulOptions", {}), OUT, 2),
    Case("CONV_2D", [fed(2, 5, 4, 3), narrow(I2, 4, 3, 3, 3), None], ("Conv2DOptions", STRIDES), OUT, 7),
    Case("FULLY_CONNECTED", [fed(4, 8), narrow(U4, 6, 8), None], ("FullyConnectedOptions", {}), OUT, 10),
]
"""What LiteRT has no kernel of: nothing is claimed of these."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_as_the_kernel(case: Case) -> None:
    check(case)


@pytest.mark.parametrize(("case", "reason"), REFUSED, ids=lambda value: getattr(value, "label", ""))
def test_refused(case: Case, reason: str) -> None:
    with pytest.raises(UnsupportedOps, match=reason):
        interlingua.load(packed(case)[0])


@pytest.mark.parametrize("case", WITHOUT_KERNEL, ids=lambda case: case.label)
def test_nothing_runs_these(case: Case) -> None:
    with pytest.raises((RuntimeError, ValueError)):
        interpreted(*packed(case))


@pytest.mark.parametrize("dtype", [I2, I4])
def test_converted(dtype: DType) -> None:
    data, _ = packed(fully_connected(dtype, 9, 0, True))
    assert interlingua.convert(data, to="onnx").verdict is Verdict.VERIFIED
