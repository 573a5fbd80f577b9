"""Scans: unrolled, as loops of several steps a trip and as loops of blocks; forwards and backwards, along any axis."""

import numpy as np
import pytest

from interlingua.backends.litert.lowerings.pace import pace_of
from interlingua.ir.builder import Builder
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph
from interlingua.ir.ops.activation import Relu
from interlingua.ir.ops.binary import Add, Mul
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.control import Scan
from interlingua.ir.ops.random import RandomUniform
from interlingua.ir.ops.shape import Concat
from interlingua.ir.types import Tensor
from support.litert import computed

F = DType.F32
DIRECTIONS = [(0, False, 0, False), (1, True, 1, False), (0, True, -1, True), (1, False, 0, True)]


def doubling(axis, reverse, out_axis, out_reverse):
    """``state + slice``, and twice it."""

    def build(b, state, xs):
        body = b.region("step")
        before = body.input(state.type, "state")
        shape = [d for i, d in enumerate(xs.tensor.dims) if i != axis]
        slice_ = body.input(xs.tensor.with_shape(shape), "slice")
        after = body(Add(), before, slice_)
        graph = body.outputs([after, body(Mul(), after, body.constant(np.asarray(2, xs.tensor.dtype.numpy)))])
        op = Scan(states=1, scanned=1, axes=(axis,), reverse=(reverse,), out_axes=(out_axis,),
                  out_reverse=(out_reverse,))  # fmt: skip
        return tuple(b.add_all(op, state, xs, regions=(graph,)))

    return build


def check(xs, state, axis, reverse, out_axis, out_reverse, shape=None):
    last, out = computed(doubling(axis, reverse, out_axis, out_reverse), state, xs, results=2,
                         shapes={1: shape or xs.shape})  # fmt: skip
    steps = np.moveaxis(xs, axis, 0)[:: -1 if reverse else 1]
    running = state + np.cumsum(steps, 0, dtype=xs.dtype)
    np.testing.assert_array_equal(last, running[-1])
    due = np.stack(list(2 * running[:: -1 if out_reverse else 1]), out_axis)
    np.testing.assert_array_equal(out, due)


def numbers(length, axis, size=2, dtype=np.float32):
    steps = np.random.default_rng(length).integers(-9, 9, (length, size)).astype(dtype)
    return steps if axis == 0 else np.ascontiguousarray(steps.T)


@pytest.mark.parametrize("open_", [False, True])
@pytest.mark.parametrize(("axis", "reverse", "out_axis", "out_reverse"), DIRECTIONS)
def test_few_steps(axis, reverse, out_axis, out_reverse, open_):
    xs = numbers(3, axis)
    shape = tuple(symbol("t") if i == axis and open_ else d for i, d in enumerate(xs.shape))
    check(xs, np.array([10, 20], np.float32), axis, reverse, out_axis, out_reverse, shape)


@pytest.mark.parametrize(("length", "size", "pace"), [
    (1, 2, ()), (32, 2, ()), (40, 2, (4,)), (43, 2, (4,)),
    (120, 1024, (8, 4)), (121, 1024, (8, 4)), (143, 1024, (8, 4)), (400, 1024, (80, 8, 4)),
])  # fmt: skip
@pytest.mark.parametrize(("axis", "reverse", "out_axis", "out_reverse"), DIRECTIONS)
def test_many_steps(axis, reverse, out_axis, out_reverse, length, size, pace):
    check(numbers(length, axis, size), np.zeros(size, np.float32), axis, reverse, out_axis, out_reverse)
    assert pace_of(length, body_of(size), 1, []) == pace


@pytest.mark.parametrize("length", [5, 41])
@pytest.mark.parametrize("dtype", [np.int64, np.int8, np.float16, np.uint32])
def test_dtypes(dtype, length):
    xs = np.abs(numbers(length, 0, dtype=np.int64) % 2).astype(dtype)
    check(xs, np.zeros(2, dtype), 0, True, 0, False)


def body_of(size, weights=0, nodes=1):
    """A body with one result of ``size`` elements."""
    b = Builder(Graph("step"))
    state = given = b.input(Tensor(F, (size,)), "state")
    if weights:
        state = b(Add(), state, b.constant(np.zeros((weights // 4 // size, size), np.float32)))
    for _ in range(nodes):
        state = b(Relu(), state)
    return b.outputs([given, state])


@pytest.mark.parametrize(("length", "weights", "nodes", "pace"), [
    (symbol("t"), 0, 1, (1,)),
    (16, 1 << 16, 14, ()), (16, 1 << 18, 14, (2,)), (100, 1 << 18, 14, (2,)), (100, 1 << 20, 14, (1,)),
    (8, 0, 200, (4,)), (4, 0, 200, ()), (4, 0, 600, (1,)),
])  # fmt: skip
def test_copies_of_weights_and_operators_are_few(length, weights, nodes, pace):
    assert pace_of(length, body_of(128, weights, nodes), 1, []) == pace


@pytest.mark.parametrize("shape", [(0, 2), (symbol("t"), 2)])
def test_scan_of_nothing(shape):
    state = np.array([10, 20], np.float32)
    last, out = computed(doubling(0, False, 1, False), state, np.zeros((0, 2), np.float32), results=2,
                         shapes={1: shape})  # fmt: skip
    np.testing.assert_array_equal(last, state)
    assert out.shape == (2, 0)


def test_what_a_step_reads_is_not_changed_by_it():
    """The activation of a captured sum is no reason to put it into the sum, which others read."""

    def build(b, state, xs, y):
        total = b(Add(), y, b.constant(np.float32(-1)))
        body = b.region("step")
        before, slice_ = body.input(state.type, "state"), body.input(state.type, "slice")
        after = body(Add(), body(Add(), before, slice_), body(Relu(), body.input(total.type, "total")))
        graph = body.outputs([after, after])
        op = Scan(states=1, scanned=1, axes=(0,), reverse=(False,), out_axes=(0,), out_reverse=(False,))
        return b.add_all(op, state, xs, total, regions=(graph,))[0], b(Mul(), total, total)

    y = np.array([-3, 5], np.float32)
    last, square = computed(build, np.zeros(2, np.float32), np.ones((3, 2), np.float32), y, results=2)
    np.testing.assert_array_equal(last, [3, 15])
    np.testing.assert_array_equal(square, [16, 16])


@pytest.mark.parametrize("length", [8, 33])
def test_every_step_draws_numbers_of_its_own(length):
    def build(b, state, xs):
        body = b.region("step")
        before, _ = body.input(state.type, "state"), body.input(state.type, "slice")
        drawn = body(RandomUniform(seed=3.0), body.constant(np.array([1024], np.int64)))
        op = Scan(states=1, scanned=1, axes=(0,), reverse=(False,), out_axes=(0,), out_reverse=(False,))
        return b.add_all(op, state, xs, regions=(body.outputs([before, drawn]),))[1]

    out = computed(build, np.zeros(1024, np.float32), np.ones((length, 1024), np.float32))
    assert len({row.tobytes() for row in out}) == length


def test_a_state_that_grows_from_step_to_step():
    """A product is brought to its shape by the sizes of open extents, which each step has its own of."""
    n, m, u = symbol("n"), symbol("m"), symbol("u")

    def build(b, x, w, xs):
        body = b.region("step")
        before, slice_ = body.input(x.tensor.with_shape((n, u, 2))), body.input(Tensor(F, (2,)))
        product = body(Add(), body(MatMul(), before, body.input(w.type)), slice_)
        graph = body.outputs([body(Concat(axis=1), product, product)])
        op = Scan(states=1, scanned=1, axes=(0,), reverse=(False,), out_axes=(), out_reverse=())
        return b.add_all(op, x, xs, w, regions=(graph,))[0]

    x, w = np.arange(8, dtype=np.float32).reshape(2, 2, 2), np.array([[1, 2], [0, 1]], np.float32)
    xs, due = numbers(3, 0), x
    for step in xs:
        due = np.concatenate([due @ w + step] * 2, 1)
    np.testing.assert_array_equal(computed(build, x, w, xs, shapes={0: (n, m, 2)}), due)
