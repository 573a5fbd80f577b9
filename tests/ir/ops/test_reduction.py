"""Reductions: values, identities, NaN, ties, narrow floats, decompositions."""

from __future__ import annotations

import math

import ml_dtypes
import numpy as np
import pytest

from interlingua.errors import ConstraintError
from interlingua.ir.dtypes import DType
from interlingua.ir.ops import reduction as r
from interlingua.ir.types import Tensor
from support.single import apply, apply_decomposed, close, f32, infer, shape_vector

X = np.array([[3.0, -1.0, 2.0], [0.5, 4.0, -2.0]], np.float32)
COMPOSITES = [r.Mean, r.LogSumExp, r.L1, r.L2, r.SumSquare]


@pytest.mark.parametrize(
    ("op", "empty"), [(r.ReduceSum, 0), (r.ReduceProd, 1), (r.ReduceMax, -math.inf), (r.ReduceMin, math.inf)]
)
def test_reducing_nothing_gives_the_identity(op, empty):
    got = apply(op((1,)), np.zeros((2, 0), np.float32))
    assert got.dtype == np.float32 and got.tolist() == [empty, empty]


@pytest.mark.parametrize(
    ("op", "empty"), [(r.ReduceMax, -128), (r.ReduceMin, 127), (r.ReduceSum, 0), (r.ReduceProd, 1)]
)
def test_identities_of_integers(op, empty):
    assert apply(op((0,)), np.zeros(0, np.int8)).item() == empty


@pytest.mark.parametrize(("op", "empty"), [(r.ReduceMax, False), (r.ReduceMin, True), (r.Any, False), (r.All, True)])
def test_identities_of_bools(op, empty):
    assert apply(op((0,)), np.zeros(0, bool)).item() is empty


@pytest.mark.parametrize("op", [r.ReduceSum, r.ReduceProd, r.ReduceMax, r.ReduceMin, *COMPOSITES])
def test_nan_spreads(op):
    got = apply(op((1,), True), np.array([[1.0, math.nan], [1.0, 2.0]], np.float32))
    assert got.shape == (2, 1) and np.isnan(got[0, 0]) and not np.isnan(got[1, 0])


def test_no_axes_reduce_nothing_but_the_function_is_applied():
    assert np.array_equal(apply(r.ReduceSum(()), X), X)
    assert np.array_equal(apply(r.L1(()), X), np.abs(X))
    assert np.array_equal(apply_decomposed(r.L1(()), X), np.abs(X))


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16])
def test_narrow_floats_are_added_in_float32(dtype):
    x = np.full(4096, 0.1, dtype)
    assert apply(r.ReduceSum((0,)), x) == np.float32(np.sum(x.astype(np.float64))).astype(dtype)


def test_a_mean_does_not_overflow_where_its_sum_would():
    x = np.full(4, 60000, np.float16)
    assert apply(r.Mean((0,)), x) == apply_decomposed(r.Mean((0,)), x) == np.float16(60000)


def test_integer_sums_wrap():
    got = apply(r.ReduceSum((0,)), np.array([100, 100], np.int8))
    assert got.dtype == np.int8 and got == np.int8(200 - 256)


@pytest.mark.parametrize("values", [[1000.0, 1000.0], [-math.inf, -math.inf], [math.inf, 1.0], []])
def test_logsumexp_neither_overflows_nor_makes_nan(values):
    x = np.array(values, np.float64)
    exact = np.logaddexp.reduce(x) if values else -math.inf
    for keepdims in (False, True):
        for run in (apply, apply_decomposed):
            assert close(run(r.LogSumExp((0,), keepdims), x).reshape(()), exact, times=4)


@pytest.mark.parametrize("op", COMPOSITES)
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("dynamic", [False, True])
def test_decompositions_of_reductions(op, keepdims, dynamic):
    for axes in [(0,), (-1,), (0, 1)]:
        got = apply_decomposed(op(axes, keepdims), X, dynamic=dynamic)
        wanted = apply(op(axes, keepdims), X.astype(np.float64))
        assert got.shape == wanted.shape and close(got, wanted, times=8)


def test_arg_reductions_take_the_first_tie_or_the_last_and_nan_first():
    x = np.array([1.0, 5.0, 5.0, 1.0], np.float32)
    found = [apply(op(0, False, last), x).item() for op in (r.ArgMax, r.ArgMin) for last in (False, True)]
    assert found == [1, 2, 0, 3]
    nan = np.array([1.0, math.nan, 9.0, math.nan], np.float32)
    assert apply(r.ArgMax(0), nan) == 1 and apply(r.ArgMin(0), nan) == 1 and apply(r.ArgMax(0, False, True), nan) == 3


@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("axis", [0, -1])
def test_running_sums_and_products(exclusive, reverse, axis):
    for op, function, first in ((r.CumSum, np.cumsum, 0), (r.CumProd, np.cumprod, 1)):
        x = np.flip(X, axis) if reverse else X
        wanted = function(x, axis)
        if exclusive:
            edge = np.full_like(np.take(x, [0], axis), first)
            wanted = np.concatenate([edge, np.take(wanted, range(x.shape[axis] - 1), axis)], axis)
        wanted = np.flip(wanted, axis) if reverse else wanted
        got = apply(op(axis, exclusive, reverse), X)
        assert np.array_equal(got, wanted)
        assert close(apply_decomposed(op(axis, exclusive, reverse), X, dynamic=True), wanted, times=4)


def test_axes_are_checked():
    with pytest.raises(ConstraintError):
        infer(r.ReduceSum((2,)), f32(2, 3))
    with pytest.raises(ConstraintError, match="twice"):
        infer(r.ReduceSum((0, -2)), f32(2, 3))
    with pytest.raises(ConstraintError, match="C2"):
        infer(r.Mean((0,)), Tensor(DType.I32, (2,)))


def test_the_product_of_a_symbolic_shape_is_known():
    element = infer(r.ReduceProd((0,)), shape_vector("n", 3, "m")).elements.item()
    assert str(element) == "m*n*3"
