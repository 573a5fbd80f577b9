"""Levels and rounding modes."""

from __future__ import annotations

import numpy as np

from interlingua.ir.dtypes import DType
from interlingua.ir.ops.binary import Add, Mul, Sub
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.quant import Quantize
from interlingua.report import Verdict
from support.bounds import bound, normal, op, single, verdict


def test_quantized_levels_are_off_by_one_only_where_they_may_be():
    x = np.array([0.5, 1.2, 2.5, -3.0], np.float32)
    scale = np.array(1.0, np.float32)

    def build(b, v, s):
        tenth = b.scalar(0.1, v)
        return b(Quantize(DType.I8), b(Mul(), v, tenth), b(Mul(), s, tenth))

    _, found = single(build, x, scale)
    assert found.error.tolist() == [1.0, 0.0, 1.0, 0.0]
    exact = bound(op(Quantize(DType.I8)), x, scale)
    assert verdict(exact, np.array([0, 1, 2, -3], np.int8)) == [Verdict.VERIFIED]
    assert verdict(exact, np.array([1, 1, 2, -3], np.int8)) == [Verdict.MISMATCH]


def test_a_rounding_mode_is_seen():
    x = normal(64)
    expectation = bound(op(Cast(DType.F16)), x)
    assert verdict(expectation, x.astype(np.float16)) == [Verdict.VERIFIED]
    truncated = np.where(np.abs(x.astype(np.float16)) > np.abs(x), np.nextafter(x.astype(np.float16), np.float16(0)), x)
    assert verdict(expectation, truncated.astype(np.float16)) == [Verdict.MISMATCH]


def test_a_sum_that_float64_rounds_itself_is_not_exact():
    one, speck = np.ones(3, np.float32), np.array([1e-30, 2.0**-60, 0], np.float32)
    for build in (op(Add()), op(Sub())):
        (want,) = bound(build, one, speck).outputs.values()
        assert (want.error > 0).tolist() == [True, True, False]
    (want,) = bound(op(Add()), one, np.array([1, 2, 4], np.float32)).outputs.values()
    assert want.error is None or not want.error.any()
