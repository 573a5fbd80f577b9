"""Scattering: each reduction with NaN, infinities and duplicates, and places from the end."""

import numpy as np
import pytest

from interlingua.errors import UnsupportedOps
from interlingua.ir.ops.scatter import ScatterAlong, ScatterNd
from support.litert import computed

INF, NAN = np.inf, np.nan
AT = np.array([0, 0, -1, 2, 2], np.int64)
BY = {"add": np.add, "mul": np.multiply, "min": np.minimum, "max": np.maximum}


def scattered(reduction, x, at, new):
    return computed(lambda b, x, at, u: b(ScatterAlong(axis=0, reduction=reduction), x, at, u), x, at, new)


@pytest.mark.parametrize("reduction", list(BY))
@pytest.mark.parametrize("dtype", ["float32", "float16", "int32", "int8", "uint8"])
def test_duplicates_are_combined(reduction, dtype):
    x, new = np.array([1, 2, 3, 100], dtype), np.array([5, 0, 7, 2, 4], dtype)
    due = x.copy()
    BY[reduction].at(due, AT, new)
    np.testing.assert_array_equal(scattered(reduction, x, AT, new), due)


@pytest.mark.parametrize("reduction", ["min", "max"])
def test_extremes_keep_nan_and_infinities(reduction):
    x = np.array([-INF, INF, NAN, -INF, 1], np.float32)
    new = np.array([-INF, -INF, 3, 5, -6], np.float32)
    due = x.copy()
    with np.errstate(invalid="ignore"):
        BY[reduction].at(due, AT, new)
    np.testing.assert_array_equal(scattered(reduction, x, AT, new), due)
    np.testing.assert_array_equal(
        scattered(reduction, np.full(2, INF, np.float32), np.array([1]), np.array([NAN], np.float32)), [INF, NAN]
    )


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint64", "bool"])
def test_elements_are_replaced(dtype):
    x, new = np.array([1, 0, 1], dtype), np.array([[0], [1]], dtype)
    found = computed(lambda b, x, at, u: b(ScatterNd(), x, at, u), x, np.array([[[-3]], [[1]]]), new)
    np.testing.assert_array_equal(found, np.array([0, 1, 1], dtype))


def test_rows_are_replaced_and_the_sign_of_a_zero_is_kept():
    x, new = np.ones((3, 2), np.float32), np.array([[-0.0, NAN]], np.float32)
    found = computed(lambda b, x, u: b(ScatterNd(), x, b.constant([[-1]]), u), x, new)
    np.testing.assert_array_equal(found, [[1, 1], [1, 1], [0, NAN]])
    assert np.signbit(found[2, 0])


def test_nothing_is_scattered():
    x = np.ones((3, 2), np.float32)
    found = computed(lambda b, x, u: b(ScatterNd(), x, b.constant(np.zeros((0, 1), np.int64)), u), x, x[:0])
    np.testing.assert_array_equal(found, x)


def test_what_has_no_kernel_is_refused():
    with pytest.raises(UnsupportedOps, match="UNSORTED_SEGMENT_PROD"):
        scattered("mul", np.ones(3, np.int64), AT[:1], np.ones(1, np.int64))
