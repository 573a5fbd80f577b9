"""Core shape ops: values, and what their type rules know of symbolic shapes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from interlingua.errors import ConstraintError
from interlingua.ir.builder import Builder
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph
from interlingua.ir.ops.binary import Mul
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.shape import BroadcastTo, Concat, Pad, Reshape, Reverse, Slice, Transpose
from interlingua.ir.ops.source import ShapeOf
from interlingua.ir.types import Tensor
from support.single import apply, f32, infer, shape_vector

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
FAR = [np.iinfo(np.int64).min, -(2**31), -9, -5, -3, -1, 0, 1, 2, 4, 5, 9, 2**31 - 1, np.iinfo(np.int64).max]


def test_reshape_keeps_symbols():
    n = symbol("n")
    assert infer(Reshape(), f32("n", 3, 4), shape_vector("n", -1)).dims == (n, 12)
    assert infer(Reshape(), f32("n", 3, 4), shape_vector(-1, 6)).dims == (n * 2, 6)
    assert infer(Reshape(), f32("n", 4), shape_vector(None, 2)).dims[1] == 2
    assert infer(Reshape(), Tensor(DType.F32, None), shape_vector("n", 2)).dims == (n, 2)
    assert infer(Reshape(), f32("n"), Tensor(DType.I64, (3,))).rank == 3


def test_reshape_refuses_what_is_wrong_for_certain():
    for shape in ((-1, -1), (5,), (-1, 5), (-2, 12)):
        with pytest.raises(ConstraintError):
            infer(Reshape(), f32(2, 3, 4), shape_vector(*shape))


def test_a_zero_in_a_shape_is_no_copy():
    assert apply(Reshape(), np.zeros((0, 3), np.float32), np.array([3, 0])).shape == (3, 0)


def test_a_chain_of_shape_arithmetic_stays_symbolic():
    b = Builder(Graph("main"))
    x = b.input(f32("batch", 8, 64), "x")
    batch = b(Gather(axis=0), b(ShapeOf(), x), b.constant([0]))
    rows = b(Mul(), batch, b.constant([8]))
    y = b(Reshape(), x, b(Concat(axis=0), rows, b.constant([64])))
    assert y.tensor.dims == (symbol("batch") * 8, 64)


def test_concat_of_a_known_and_an_unknown_vector_knows_the_rest():
    joined = infer(Concat(axis=0), shape_vector("n"), Tensor(DType.I64, (1,)), shape_vector(7))
    assert joined.elements.tolist() == [symbol("n"), None, 7]


def test_concat_adds_dims_and_checks_the_others():
    n = symbol("n")
    assert infer(Concat(axis=-1), f32("b", "n"), f32(2, 3)).dims == (2, n + 3)
    with pytest.raises(ConstraintError, match="C3"):
        infer(Concat(axis=0), f32(1, 2), f32(1, 3))


def test_broadcast_goes_both_ways():
    assert apply(BroadcastTo(), np.ones((3, 1)), np.array([1, 4])).shape == (3, 4)
    assert infer(BroadcastTo(), f32("n", 1), shape_vector(2, 1, 5)).dims == (2, symbol("n"), 5)
    with pytest.raises(ConstraintError):
        infer(BroadcastTo(), f32(3), shape_vector(2))


def test_transpose_of_the_wrong_rank_is_refused():
    assert apply(Transpose(perm=(2, 0, 1)), X).shape == (4, 2, 3)
    with pytest.raises(ConstraintError):
        infer(Transpose(perm=(1, 0)), f32(1, 2, 3))


@pytest.mark.parametrize("step", [-3, -1, 1, 2])
def test_slices_are_those_of_python(step):
    x = np.arange(5, dtype=np.int32)
    for start, stop in itertools.product(FAR, FAR):
        vectors = [np.array([v]) for v in (start, stop, step)]
        assert apply(Slice(axes=(0,)), x, *vectors).tolist() == x[start:stop:step].tolist()


def test_an_inferred_slice_of_a_symbolic_dim_is_right_for_every_size():
    from interlingua.ir.dims import evaluate

    for start, stop, step in itertools.product(FAR, FAR, [-2, -1, 1, 3]):
        vectors = [shape_vector(v) for v in (start, stop, step)]
        (dim,) = infer(Slice(axes=(0,)), f32("n"), *vectors).dims
        for size in range(8):
            value = evaluate(dim, {"n": size})
            assert value in (None, len(range(size)[start:stop:step])), (start, stop, step, size, dim)


def test_common_slices_of_a_symbolic_dim_are_named():
    n = symbol("n", 1)
    x = Tensor(DType.F32, (n,))

    def length(start, stop):
        return infer(Slice(axes=(0,)), x, shape_vector(start), shape_vector(stop)).dims[0]

    end = np.iinfo(np.int64).max
    assert length(0, end) == n and length(0, n) == n
    assert length(1, end) == n - 1 and length(0, -1) == n - 1
    assert length(0, 1) == 1 and length(-1, end) == 1


def test_a_slice_of_everything_keeps_a_dim_of_any_form():
    """A convolution's extent is not known to be positive by its form, but it is one."""
    extent = (symbol("n") + 64) // 128 - 1
    far = np.iinfo(np.int64)
    for start, stop in ((0, far.max), (far.min, far.max), (0, extent)):
        vectors = shape_vector(start), shape_vector(stop)
        assert infer(Slice(axes=(0,)), Tensor(DType.F32, (extent,)), *vectors).dims == (extent,)


@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "wrap"])
def test_pads_are_those_of_numpy(mode):
    amounts = np.array([1, 0, 2, 0, 2, 3])
    widths = [(1, 0), (0, 2), (2, 3)]
    assert np.array_equal(apply(Pad(mode), X, amounts), np.pad(X, widths, mode))


def test_reflection_goes_back_and_forth():
    x = np.arange(3, dtype=np.float32)
    assert np.array_equal(apply(Pad("reflect"), x, np.array([5, 6])), np.pad(x, (5, 6), "reflect"))


def test_negative_pads_crop_and_may_be_mixed():
    x = np.arange(5, dtype=np.float32)
    assert apply(Pad(), x, np.array([-1, 2]), np.float32(9)).tolist() == [1, 2, 3, 4, 9, 9]
    assert apply(Pad("reflect"), x, np.array([-1, 2])).tolist() == [1, 2, 3, 4, 3, 2]
    assert apply(Pad(), x, np.array([-2, -3])).tolist() == []
    with pytest.raises(ConstraintError, match="C3"):
        infer(Pad(), f32(5), shape_vector(-3, -3))


def test_pad_adds_to_symbolic_dims():
    assert infer(Pad(), f32("n", "m"), shape_vector(1, None, 2, 0)).dims[0] == symbol("n") + 3


def test_moving_keeps_every_bit():
    x = np.array([-0.0, np.nan, np.inf], np.float32)
    bits = apply(Reverse(axes=(0,)), x).view(np.uint32)
    assert np.array_equal(bits, x.view(np.uint32)[::-1])
