"""Reading and writing by index."""

from __future__ import annotations

import math

import ml_dtypes
import numpy as np
import pytest

from interlingua.errors import ConstraintError, EvaluationError
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.ops import indexing as ix
from interlingua.ir.ops import scatter as sc
from interlingua.ir.types import Tensor
from support.single import apply, apply_decomposed, f32, infer, shape_vector

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


def i64(*values):
    return np.array(values, np.int64)


def test_gather_takes_indices_of_any_shape_and_from_the_end():
    got = apply(ix.Gather(axis=1), X, np.array([[0, -1]], np.int32))
    assert got.shape == (2, 1, 2, 4) and np.array_equal(got[:, 0, 1], X[:, 2])
    assert apply(ix.Gather(axis=1), X, np.array(1)).shape == (2, 4)


def test_an_index_out_of_bounds_is_refused():
    with pytest.raises(EvaluationError):
        apply(ix.Gather(), X, i64(2))
    with pytest.raises(ConstraintError):
        infer(ix.Gather(), f32(2), shape_vector(-3))
    assert infer(ix.Gather(), f32("n"), shape_vector(5)).dims == (1,)


def test_gather_nd_with_and_without_batches():
    rows = np.array([[[0, 1]], [[2, -1]]])
    assert apply(ix.GatherNd(batch_dims=1), X, rows).tolist() == [[X[0, 0, 1]], [X[1, 2, -1]]]
    assert np.array_equal(apply(ix.GatherNd(), X, np.array([[1], [0]])), X[::-1])
    with pytest.raises(ConstraintError, match="C3"):
        infer(ix.GatherNd(), f32(2), Tensor(DType.I64, (1, 2)))


def test_gather_along_may_be_smaller_off_its_axis():
    got = apply(ix.GatherAlong(axis=1), X[0], np.array([[3, 0, -1]]))
    assert got.tolist() == [[3, 0, 3]]


@pytest.mark.parametrize(
    ("reduction", "wanted"),
    [("add", [4, 1, 12]), ("mul", [0, 1, 40]), ("min", [-1, 1, 2]), ("max", [5, 1, 5])],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float16, ml_dtypes.bfloat16, np.int32])
def test_duplicates_are_combined(reduction, wanted, dtype):
    x, updates = np.array([0, 1, 2], dtype), np.array([5, -1, 5, 4, 1], dtype)
    at = i64(0, 0, -1, 2, 2)
    got = apply(sc.ScatterAlong(axis=0, reduction=reduction), x, at, updates)
    by_rows = apply(sc.ScatterNd(reduction=reduction), x, at[:, None], updates)
    assert got.dtype == dtype and np.array_equal(got, by_rows)
    assert got.astype(np.float64).tolist() == (wanted if reduction != "min" else [-1, 1, 1])


def test_scatter_max_keeps_nan_and_leaves_its_operand_alone():
    x = np.array([1.0, math.nan], np.float32)
    got = apply(sc.ScatterAlong(reduction="max"), x, i64(0, 1), np.array([math.nan, 3], np.float32))
    assert np.isnan(got).all() and x[0] == 1


def test_scatter_nd_writes_whole_parts():
    got = apply(sc.ScatterNd(), X, np.array([[1, 0]]), np.full((1, 4), -1, np.float32))
    assert (got[1, 0] == -1).all() and np.array_equal(got[0], X[0])
    with pytest.raises(ConstraintError, match="C2"):
        infer(sc.ScatterNd(), f32(2, 3), Tensor(DType.I64, (1, 1)), f32(1, 2))


def test_top_k_ties_go_to_the_lowest_index_and_nan_is_greatest():
    x = np.array([3, 1, 3, math.nan, 1], np.float32)
    assert apply(ix.TopK(), x, i64(3))[1].tolist() == [3, 0, 2]
    assert apply(ix.TopK(largest=False), x, i64(3))[1].tolist() == [1, 4, 0]


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, ml_dtypes.bfloat16])
def test_top_k_of_extreme_values(dtype):
    x = np.array([0, 200, 7], np.uint8).astype(dtype)
    values, places = apply(ix.TopK(), x, i64(2))
    assert values.dtype == dtype and places.tolist() == [1, 2]


def test_top_k_has_a_symbolic_length():
    values, places = infer(ix.TopK(axis=0), f32("n", 4), shape_vector("k"))
    assert values.dims == places.dims == (symbol("k"), 4)


def test_non_zero_of_a_matrix_and_of_scalars():
    assert apply(ix.NonZero(), np.array([[0.0, math.nan], [-0.0, 2]])).tolist() == [[0, 1], [1, 1]]
    assert apply(ix.NonZero(), np.array(3.0)).shape == (0, 1) and apply(ix.NonZero(), np.array(0.0)).shape == (0, 0)


def test_unique_sorted_or_in_order_of_appearance():
    x = np.array([2, 1, 1, 3, 4, 3], np.float32)
    assert [a.tolist() for a in apply(ix.Unique(), x)] == [
        [1, 2, 3, 4],
        [1, 0, 3, 4],
        [1, 0, 0, 2, 3, 2],
        [2, 1, 2, 1],
    ]
    found = [a.tolist() for a in apply(ix.Unique(sorted=False), x)]
    assert found == [[2, 1, 3, 4], [0, 1, 3, 4], [0, 1, 1, 2, 3, 2], [1, 2, 2, 1]]


def test_unique_slices():
    x = np.array([[1, 0, 0], [1, 0, 0], [2, 3, 4]], np.float32)
    values, first, inverse, counts = apply(ix.Unique(axis=0), x)
    assert values.tolist() == [[1, 0, 0], [2, 3, 4]]
    assert (first.tolist(), inverse.tolist(), counts.tolist()) == ([0, 2], [0, 0, 1], [2, 1])


COMPOSITES = {
    "one_hot": (
        ix.OneHot(axis=1),
        (np.array([[0, -1, 3], [2, 9, -4]]), np.array(3), np.array([-1, 5], np.float32)),
    ),
    "embedding": (ix.Embedding(), (X[0], np.array([[2, 0]]))),
    "compress": (ix.Compress(axis=2), (X, np.array([True, False, True]))),
    "compress flat": (ix.Compress(), (X, np.array([False, True, True]))),
    "reverse_sequence": (ix.ReverseSequence(batch_axis=0, time_axis=2), (X, i64(3, 0))),
    "tensor_scatter": (sc.TensorScatter(axis=1), (X, -X[:, :2], i64(1, 0))),
    "tensor_scatter circular": (sc.TensorScatter(axis=-2, mode="circular"), (X, -X[:, :2], i64(2, 1))),
    "tensor_scatter from the start": (sc.TensorScatter(axis=-1), (X, -X[:, :, :2])),
}


@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize("name", COMPOSITES)
def test_decompositions_pick_the_same_elements(name, dynamic):
    op, operands = COMPOSITES[name]
    constants = (1,) if name == "one_hot" else ()
    got = apply_decomposed(op, *operands, constants=constants, dynamic=dynamic and name != "one_hot")
    assert np.array_equal(got, apply(op, *operands))


def test_one_hot_outside_its_depth_is_off():
    got = apply(ix.OneHot(), np.array([-4, -1, 3]), np.array(3), np.array([0, 1], np.int32))
    assert got.tolist() == [[0, 0, 0], [0, 0, 1], [0, 0, 0]]
