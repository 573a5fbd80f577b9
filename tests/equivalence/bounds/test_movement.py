"""Elements moved with their errors."""

from __future__ import annotations

import numpy as np

from interlingua.ir.ops.shape import Concat, Transpose
from interlingua.ir.ops.source import ShapeOf
from interlingua.ir.ops.unary import Exp
from support.bounds import normal, op, single


def test_movement_takes_errors_along():
    x = normal(2, 3)
    _, found = single(lambda b, v: b(Concat(0), b(Transpose((1, 0)), b(Exp(), v)), b(Transpose((1, 0)), v)), x)
    _, each = single(op(Exp()), x)
    assert np.array_equal(found.error[:3], each.error.T)
    assert not found.error[3:].any()
    assert not single(lambda b, v: b(ShapeOf(), b(Exp(), v)), x)[1].error
