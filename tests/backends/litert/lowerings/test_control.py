"""Loops: results stacked forwards and backwards, along any axis, of trips known and not, ended early or never begun."""

import numpy as np
import pytest

from interlingua.errors import UnsupportedOps
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.binary import Add, Mul
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.control import Scan, While
from interlingua.ir.ops.logic import Lt
from interlingua.ir.ops.shape import Concat
from interlingua.ir.types import Tensor
from support.litert import computed

F = DType.F32


def doubling(axis, reverse, out_axis, out_reverse):
    """``state + slice``, and twice it."""

    def build(b, state, xs):
        body = b.region("step")
        before = body.input(state.type, "state")
        shape = [d for i, d in enumerate(xs.tensor.dims) if i != axis]
        slice_ = body.input(xs.tensor.with_shape(shape), "slice")
        after = body(Add(), before, slice_)
        graph = body.outputs([after, body(Mul(), after, body.constant(np.float32(2)))])
        op = Scan(states=1, scanned=1, axes=(axis,), reverse=(reverse,), out_axes=(out_axis,),
                  out_reverse=(out_reverse,))  # fmt: skip
        return tuple(b.add_all(op, state, xs, regions=(graph,)))

    return build


@pytest.mark.parametrize("open_", [False, True])
@pytest.mark.parametrize(("axis", "reverse", "out_axis", "out_reverse"), [
    (0, False, 0, False), (1, True, 1, False), (0, True, -1, True), (1, False, 0, True),
])  # fmt: skip
def test_scan(axis, reverse, out_axis, out_reverse, open_):
    xs = np.arange(6, dtype=np.float32).reshape(3, 2) if axis == 0 else np.arange(6, dtype=np.float32).reshape(2, 3)
    state = np.array([10, 20], np.float32)
    shape = tuple(symbol("t") if i == axis and open_ else d for i, d in enumerate(xs.shape))
    last, out = computed(doubling(axis, reverse, out_axis, out_reverse), state, xs, results=2, shapes={1: shape})
    steps = np.moveaxis(xs, axis, 0)[:: -1 if reverse else 1]
    running = state + np.cumsum(steps, 0)
    np.testing.assert_array_equal(last, running[-1])
    due = np.stack(list(2 * running[:: -1 if out_reverse else 1]), out_axis)
    np.testing.assert_array_equal(out, due)


@pytest.mark.parametrize("shape", [(0, 2), (symbol("t"), 2)])
def test_scan_of_nothing(shape):
    state = np.array([10, 20], np.float32)
    last, out = computed(doubling(0, False, 1, False), state, np.zeros((0, 2), np.float32), results=2,
                         shapes={1: shape})  # fmt: skip
    np.testing.assert_array_equal(last, state)
    assert out.shape == (2, 0)


def counting(with_condition):
    """``x + i`` each trip, stacked; ended where the sum reaches 10."""

    def build(b, trips, x):
        body = b.region("trip")
        number, going = body.input(Tensor(DType.I64, ()), "i"), body.input(Tensor(DType.BOOL, ()), "going")
        value = body.input(x.type, "value")
        after = body(Add(), value, body.constant(np.float32(3)))
        more = body(Lt(), after, body.constant(np.float32(10))) if with_condition else going
        graph = body.outputs([more, after, number])
        return tuple(b.add_all(While(carried=1, stacked=1), trips, None, x, regions=(graph,)))

    return build


@pytest.mark.parametrize(("trips", "with_condition", "value", "numbers"), [
    (3, False, 9, [0, 1, 2]), (0, False, 0, []), (7, True, 12, [0, 1, 2, 3]), (2, True, 6, [0, 1]),
])  # fmt: skip
def test_while_stacks_what_each_trip_gives(trips, with_condition, value, numbers):
    last, out = computed(counting(with_condition), np.int64(trips), np.float32(0), results=2)
    assert last == value
    np.testing.assert_array_equal(out, np.array(numbers, np.int64))
    assert out.dtype == np.int64


def test_an_extent_that_grows_has_a_name_in_the_body():
    """Where several extents are open, a product is brought to its shape by their sizes."""
    u = symbol("u")

    def build(b, x, w):
        body = b.region("trip")
        body.input(Tensor(DType.I64, ()))
        going, before = body.input(Tensor(DType.BOOL, ())), body.input(x.tensor.with_shape((symbol("n"), u, 2)))
        product = body(MatMul(), before, body.input(w.type))
        graph = body.outputs([going, body(Concat(axis=1), product, product)])
        return b.add_all(While(carried=1, stacked=0), b.constant(2, DType.I64), None, x, w, regions=(graph,))[0]

    x, w = np.arange(8, dtype=np.float32).reshape(2, 2, 2), np.array([[1, 2], [0, 1]], np.float32)
    found = computed(build, x, w, shapes={0: (symbol("n"), symbol("m"), 2)})
    once = np.concatenate([x @ w] * 2, 1)
    np.testing.assert_array_equal(found, np.concatenate([once @ w] * 2, 1))


def test_stacks_of_a_loop_without_a_limit_are_refused():
    def build(b, x):
        return counting(True)(b, b.constant(2**62, DType.I64), x)

    with pytest.raises(UnsupportedOps, match="known at its end alone"):
        computed(build, np.float32(0), results=2)
