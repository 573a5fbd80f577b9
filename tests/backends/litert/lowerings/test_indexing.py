"""Gathering and non-zeros: every rank, indices from the end, open extents, dtypes that LiteRT moves as others."""

import numpy as np
import pytest

from interlingua.ir.dims import symbol
from interlingua.ir.ops.indexing import Gather, GatherAlong, GatherNd, NonZero
from support.litert import computed

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
@pytest.mark.parametrize("dtype", ["float32", "float64", "uint64", "int16", "bool"])
def test_gather_along(axis, dtype):
    x, at = X.astype(dtype), np.array([[[1, -1, 0, -2]]])
    found = computed(lambda b, x, at: b(GatherAlong(axis=axis), x, at), x, at)
    size, index = x.shape[axis], [np.zeros_like(at), np.zeros_like(at), np.arange(4)[None, None]]
    index[axis] = at % size
    np.testing.assert_array_equal(found, x[tuple(index)])
    assert found.dtype == x.dtype


def test_gather_along_a_constant():
    found = computed(lambda b, x: b(GatherAlong(axis=2), x, b.constant([[[-1, 0]], [[1, -4]]])), X)
    np.testing.assert_array_equal(found, [[[3, 0]], [[13, 12]]])


def test_gather_along_open_extents():
    n, m = symbol("n"), symbol("m")
    at = np.array([[2, -1], [0, 1], [1, 1]])
    x = np.arange(9, dtype=np.float32).reshape(3, 3)
    found = computed(lambda b, x, at: b(GatherAlong(axis=1), x, at), x, at, shapes={0: (n, m), 1: (n, 2)})
    np.testing.assert_array_equal(found, np.take_along_axis(x, at % 3, 1))


@pytest.mark.parametrize(("shape", "at"), [((4, 3), (2, 0)), ((4, 0), (2, 1)), ((0, 3), (1, 0))])
def test_gather_of_nothing(shape, at):
    x, at = np.zeros(shape, np.float32), np.zeros(at, np.int64)
    open_ = {0: (symbol("n"), shape[1]), 1: (symbol("m"), at.shape[1])}
    found = computed(lambda b, x, at: b(Gather(axis=0), x, at), x, at, shapes=open_)
    assert found.shape == x[at].shape


@pytest.mark.parametrize(("batch", "at"), [
    (0, [[1, -1], [0, 2]]), (1, [[[-1]], [[0]]]), (1, [[2, 3], [-3, -4]]), (2, [[[0], [1], [-1]]] * 2),
])  # fmt: skip
def test_gather_nd(batch, at):
    at = np.array(at, np.int64)
    found = computed(lambda b, x, at: b(GatherNd(batch_dims=batch), x, at), X, at)
    lead = np.indices(at.shape[:-1])[:batch]
    due = X[(*lead, *np.moveaxis(at, -1, 0))]
    np.testing.assert_array_equal(found, due)


def test_rows_of_no_indices_name_the_whole():
    found = computed(lambda b, x, at: b(GatherNd(), x, at), X, np.zeros((2, 0), np.int64))
    np.testing.assert_array_equal(found, [X, X])


def test_non_zero_counts_nan_and_not_the_negative_zero():
    x = np.array([[0.0, np.nan, -0.0], [2.0, -1.0, 0.0]], np.float32)
    found = computed(lambda b, x: b(NonZero(), x), x)
    np.testing.assert_array_equal(found, [[0, 1, 1], [1, 0, 1]])
    assert found.dtype == np.int64


def test_non_zero_finds_nothing():
    assert computed(lambda b, x: b(NonZero(), x), np.zeros((2, 3), np.int32)).shape == (2, 0)
