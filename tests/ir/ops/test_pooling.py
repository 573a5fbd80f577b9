"""Poolings: rounding of extents, padding, counts, NaN, ties, indices, decompositions."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from interlingua.errors import ConstraintError
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.pooling import (
    AvgPool,
    GlobalAvgPool,
    GlobalLpPool,
    GlobalMaxPool,
    LpPool,
    MaxPool,
    MaxPoolWithIndices,
    MaxUnpool,
)
from interlingua.ir.types import Tensor
from support.single import apply, apply_decomposed, close, infer

RNG = np.random.default_rng(0)


def line(*values):
    return np.array(values, np.float32).reshape(1, 1, -1)


@pytest.mark.parametrize(
    ("size", "pads", "ceil", "extent"),
    # window 2, stride 2: whole windows, then a partial one, unless it would start in the end padding
    [(5, (0, 0), False, 2), (5, (0, 0), True, 3), (4, (0, 1), True, 2), (4, (1, 1), True, 3)],
)
def test_no_window_starts_in_the_end_padding(size, pads, ceil, extent):
    op = MaxPool((2,), (2,), pads, (1,), ceil)
    assert apply(op, line(*range(size))).shape[2] == extent
    assert infer(op, Tensor(DType.F32, (1, 1, size))).dims[2] == extent


def test_symbolic_extent_with_ceil():
    x = Tensor(DType.F32, (1, 1, symbol("L", 4)))
    assert str(infer(MaxPool((2,), (2,), (0, 0), (1,), False), x)) == "f32[1, 1, floordiv(L, 2)]"
    assert str(infer(MaxPool((2,), (2,), (0, 0), (1,), True), x)) == "f32[1, 1, floordiv(L + 1, 2)]"


def test_padding_never_is_the_maximum():
    assert apply(MaxPool((3,), (1,), (1, 1), (1,)), line(-5, -7, -9)).ravel().tolist() == [-5, -5, -7]
    x = np.full((1, 1, 2), -128, np.int8)
    assert apply(MaxPool((2,), (1,), (1, 1), (1,)), x).ravel().tolist() == [-128] * 3


def test_nan_is_the_maximum():
    got = apply(MaxPool((2,), (1,), (0, 0), (1,)), line(1, math.nan, 3, 4)).ravel()
    assert np.isnan(got).tolist() == [True, True, False]


def test_counts_of_the_mean():
    x = line(2, 4, 6)
    assert apply(AvgPool((2,), (2,), (1, 0), (1,), False), x).ravel().tolist() == [2, 5]
    assert apply(AvgPool((2,), (2,), (1, 0), (1,), False, True), x).ravel().tolist() == [1, 5]
    # what ceil_mode adds beyond the padded input is never counted
    assert apply(AvgPool((2,), (2,), (0, 0), (1,), True, True), x).ravel().tolist() == [3, 6]


def test_a_mean_of_nothing_is_nan():
    assert np.isnan(apply(AvgPool((1,), (1,), (1, 0), (1,)), line(1)).ravel()).tolist() == [True, False]


def test_float16_means_do_not_overflow():
    x = np.full((1, 1, 64), 60000, np.float16)
    assert apply(AvgPool((64,), (1,), (0, 0), (1,)), x).item() == np.float16(60000)
    assert apply(GlobalAvgPool(), x).item() == np.float16(60000)


def test_layouts_agree():
    x = RNG.standard_normal((2, 3, 5, 6)).astype(np.float32)
    for cls in (MaxPool, AvgPool):
        first = cls((2, 3), (1, 2), (0, 1, 1, 1), (2, 1))
        last = cls((2, 3), (1, 2), (0, 1, 1, 1), (2, 1), layout="channels_last")
        assert np.array_equal(np.moveaxis(apply(last, np.moveaxis(x, 1, -1)), -1, 1), apply(first, x))


def test_the_first_of_equals_is_indexed():
    op = MaxPoolWithIndices((2,), (2,), (0, 0), (1,))
    values, indices = apply(op, line(3, 3, -0.0, 0.0))
    assert values.ravel().tolist() == [3, 0] and indices.ravel().tolist() == [0, 2]


GRID = list(itertools.product((False, True), (False, True), (1, 2), ((0, 0), (1, 1))))


@pytest.mark.parametrize(("ceil", "column_major", "dilation", "pads"), GRID)
def test_indices_decompose(ceil, column_major, dilation, pads):
    op = MaxPoolWithIndices((2, 3), (2, 2), (*pads, *pads), (dilation, 1), ceil, column_major)
    x = RNG.integers(0, 4, (2, 3, 7, 6)).astype(np.float32)
    x[0, 0, 2, 2] = math.nan
    for got, want in zip(apply_decomposed(op, x), apply(op, x), strict=True):
        assert got.dtype == want.dtype and np.array_equal(got, want, equal_nan=True)


def test_indices_put_back():
    x = RNG.permutation(36).reshape(1, 1, 6, 6).astype(np.float32)
    values, indices = apply(MaxPoolWithIndices((2, 2), (2, 2), (0, 0, 0, 0), (1, 1)), x)
    back = apply(MaxUnpool(), values, indices, np.array(x.shape))
    assert np.array_equal(np.where(back != 0, x, 0), back) and np.count_nonzero(back) == 9
    assert np.array_equal(apply_decomposed(MaxUnpool(), values, indices, np.array(x.shape)), back)


@pytest.mark.parametrize("p", [1, 2, 3])
@pytest.mark.parametrize("ceil", [False, True])
def test_p_norms_decompose(p, ceil):
    x = RNG.standard_normal((2, 3, 7, 6)).astype(np.float32)
    op = LpPool((2, 3), (2, 2), (1, 1, 0, 1), (1, 2), ceil, p)
    assert close(apply_decomposed(op, x), apply(op, x), times=64)
    assert close(apply_decomposed(GlobalLpPool(p), x), apply(GlobalLpPool(p), x), times=64)


def test_global_pools():
    x = RNG.standard_normal((2, 3, 4, 5)).astype(np.float32)
    assert np.array_equal(apply(GlobalMaxPool(), x), x.max(axis=(2, 3), keepdims=True))
    assert close(apply(GlobalAvgPool(), x), x.mean(axis=(2, 3), keepdims=True, dtype=np.float64), times=64)


def test_misfits_are_refused():
    with pytest.raises(ConstraintError, match="C3"):
        infer(MaxPool((4,), (1,), (0, 0), (1,)), Tensor(DType.F32, (1, 1, 3)))
    with pytest.raises(ConstraintError, match="C1"):
        infer(MaxPool((4,), (1, 1), (0, 0), (1,)), Tensor(DType.F32, (1, 1, 3)))
