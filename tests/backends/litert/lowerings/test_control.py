"""Loops: results stacked, of trips known and not, ended early or never begun."""

import numpy as np
import pytest

from interlingua.errors import UnsupportedOps
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.binary import Add
from interlingua.ir.ops.control import While
from interlingua.ir.ops.logic import Lt
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


def test_stacks_of_a_loop_without_a_limit_are_refused():
    def build(b, x):
        return counting(True)(b, b.constant(2**62, DType.I64), x)

    with pytest.raises(UnsupportedOps, match="known at its end alone"):
        computed(build, np.float32(0), results=2)
