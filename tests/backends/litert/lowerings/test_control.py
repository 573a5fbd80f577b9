"""Loops: results stacked, of trips known and not, ended early or never begun."""

import numpy as np
import pytest

from interlingua.errors import UnsupportedOps
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.binary import Add
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.control import While
from interlingua.ir.ops.logic import Lt
from interlingua.ir.ops.shape import Concat
from interlingua.ir.types import Tensor
from support.litert import computed

F = DType.F32


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
