"""What no op defines is not judged."""

from __future__ import annotations

import numpy as np
import pytest

from interlingua.ir.dtypes import DType
from interlingua.ir.ops.binary import Div, Rem
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.logic import ShiftLeft
from interlingua.ir.ops.unary import Exp, Sqrt
from interlingua.report import Verdict
from interlingua.runtimes.numerics import largest
from support.bounds import bound, op, single, verdict


@pytest.mark.parametrize(
    ("build", "arrays", "mask"),
    [
        (op(Div()), (np.array([1, 4]), np.array([0, 2])), [True, False]),
        (op(Rem()), (np.array([-(2**31), 4], np.int32), np.array([-1, -1], np.int32)), [True, False]),
        (op(ShiftLeft()), (np.array([1, 1], np.uint8), np.array([8, 7], np.uint8)), [True, False]),
        (op(Cast(DType.I8)), (np.array([np.nan, 128.0, 127.5, -128.9], np.float32),), [True, True, False, False]),
    ],
)
def test_what_an_op_does_not_define_is_not_judged(build, arrays, mask):
    with np.errstate(all="ignore"):
        expectation, found = single(build, *arrays)
    assert np.isinf(found.error).tolist() == mask
    assert expectation.undefined
    assert expectation.causes[0].count == sum(mask)


def test_saturating_casts_are_defined_everywhere():
    expectation, found = single(op(Cast(DType.I8, saturate=True)), np.array([np.nan, 1e9], np.float32))
    assert found.error is None
    assert verdict(expectation, np.array([0, 127], np.int8)) == [Verdict.VERIFIED]


def test_an_output_beyond_the_largest_number_is_infinite_and_what_follows_is_open():
    x = np.array([100.0, 1.0], np.float32)
    assert largest(DType.F32) < np.exp(100.0)
    assert verdict(bound(op(Exp()), x), np.array([np.inf, np.e], np.float32)) == [Verdict.VERIFIED]
    assert verdict(bound(op(Exp()), x), np.array([1e38, np.e], np.float32)) == [Verdict.MISMATCH]
    expectation, found = single(lambda b, v: b(Sqrt(), b(Exp(), v)), x)
    assert np.isinf(found.error).tolist() == [True, False]
    assert expectation.causes[0].kind == "overflow"
