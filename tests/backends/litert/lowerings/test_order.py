"""Arg-reductions, the greatest few and distinct elements: NaN, ties, zeros of both signs, every width of integers."""

import numpy as np
import pytest

from interlingua.errors import UnsupportedOps
from interlingua.ir.dims import symbol
from interlingua.ir.ops.indexing import TopK, Unique
from interlingua.ir.ops.reduction import ArgMax, ArgMin
from support.litert import computed

INF, NAN = np.inf, np.nan
ODD = np.array([1, -0.0, 0.0, INF, NAN, -INF, NAN, 1, -NAN], np.float32)


@pytest.mark.parametrize("op", [ArgMax, ArgMin])
@pytest.mark.parametrize(("last", "due"), [(False, 4), (True, 8)])
def test_nan_is_the_extreme(op, last, due):
    assert computed(lambda b, x: b(op(axis=0, select_last=last), x), ODD) == due


@pytest.mark.parametrize("dtype", ["float32", "float16", "float64", "int64", "uint64", "uint32", "int16", "int8"])
def test_ties_of_every_dtype(dtype):
    top = np.iinfo(dtype).max if dtype[0] in "iu" else INF
    x = np.array([[0, top, 1, top, 0]] * 2, dtype)
    due = {(ArgMax, False): 1, (ArgMax, True): 3, (ArgMin, False): 0, (ArgMin, True): 4}
    for (op, last), place in due.items():
        found = computed(lambda b, x, op=op, last=last: b(op(axis=1, select_last=last), x), x)
        np.testing.assert_array_equal(found, [place, place])
        assert found.dtype == np.int64


def test_zeros_tie():
    x = np.array([-0.0, 0.0, -0.0], np.float32)
    assert computed(lambda b, x: b(ArgMax(axis=0), x), x) == 0
    assert computed(lambda b, x: b(ArgMin(axis=0), x), x[1:]) == 0


@pytest.mark.parametrize(("largest", "due"), [
    (True, [4, 6, 8, 3, 0, 7, 1, 2, 5]), (False, [5, 1, 2, 0, 7, 3, 4, 6, 8]),
])  # fmt: skip
def test_top_k_orders_all(largest, due):
    values, at = computed(lambda b, x: b.add_all(TopK(axis=0, largest=largest), x, b.constant(9)), ODD, results=2)
    np.testing.assert_array_equal(at, due)
    np.testing.assert_array_equal(values, ODD[due])


def test_top_k_along_an_inner_axis_of_a_count_at_run_time():
    x = np.array([[[3, 1], [3, 2], [0, 2]]], np.int64) << 40
    values, at = computed(
        lambda b, x, k: b.add_all(TopK(axis=1), x, k), x, np.array([2]), results=2, shapes={0: (symbol("n"), 3, 2)}
    )  # fmt: skip
    np.testing.assert_array_equal(at, [[[0, 1], [1, 2]]])
    np.testing.assert_array_equal(values, np.take_along_axis(x, at, 1))


@pytest.mark.parametrize("ordered", [True, False])
def test_unique(ordered):
    x = np.array([[3, NAN, 1], [NAN, 3, -0.0], [0.0, 1, INF]], np.float32)
    values, first, inverse, counts = computed(lambda b, x: b.add_all(Unique(sorted=ordered), x), x, results=4)
    due = [0, 1, 3, INF, NAN] if ordered else [3, NAN, 1, 0, INF]
    np.testing.assert_array_equal(values, due)
    np.testing.assert_array_equal(values[inverse], x.ravel())
    np.testing.assert_array_equal(x.ravel()[first], values)
    assert dict(zip(first.tolist(), counts.tolist(), strict=True)) == {0: 2, 1: 2, 2: 2, 5: 2, 8: 1}


def test_slices_are_refused():
    with pytest.raises(UnsupportedOps, match="slices are compared"):
        computed(lambda b, x: b.add_all(Unique(axis=0), x), np.ones((2, 2), np.float32), results=4)
