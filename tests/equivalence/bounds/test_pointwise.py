"""Arithmetic element by element."""

from __future__ import annotations

import numpy as np
import pytest

from interlingua.ir.ops.binary import Add, Div, Mul
from interlingua.ir.ops.shape import Transpose
from interlingua.ir.ops.unary import Cos, Exp, Neg, Sqrt
from interlingua.report import Verdict
from support.bounds import U32, bound, normal, op, single, verdict


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("instance", [Exp(), Cos(), Sqrt()])
def test_a_rounded_result_passes_and_a_shifted_one_does_not(instance, dtype):
    x = np.abs(normal(40, dtype=dtype)) + dtype(0.5)
    expectation, found = single(op(instance), x)
    right = found.value.astype(dtype)
    assert verdict(expectation, right) == [Verdict.VERIFIED]
    assert verdict(expectation, right + dtype(16) * np.spacing(right)) == [Verdict.MISMATCH]


def test_basic_arithmetic_rounds_once():
    a, b = normal(50), normal(50)
    expectation = bound(op(Mul()), a, b)
    assert verdict(expectation, a * b) == [Verdict.VERIFIED]
    assert verdict(expectation, np.nextafter(np.nextafter(a * b, np.float32(9)), np.float32(9))) == [Verdict.MISMATCH]


def test_errors_are_carried_by_the_slope():
    x = np.array([3.0], np.float32)
    _, found = single(lambda b, v: b(Mul(), b(Exp(), v), b.scalar(1000.0, v)), x)
    _, first = single(op(Exp()), x)
    assert 1000 * first.error < found.error < 1200 * first.error


def test_cancellation_shows():
    x = np.array([1.0], np.float32)

    def build(b, v):
        large = b(Add(), b(Exp(), v), b.scalar(1e6, v))
        return b(Add(), large, b.scalar(-1e6, v))

    _, found = single(build, x)
    assert 1e6 * U32 < found.error < 4e6 * U32


def test_a_divisor_that_may_be_zero_leaves_the_quotient_open():
    x = np.array([2.0, 1.0], np.float32)

    def build(b, v):
        rest = b(Add(), b(Mul(), b(Sqrt(), v), b(Sqrt(), v)), b.scalar(-2.0, v))
        return b(Div(), b.scalar(1.0, v), rest)

    _, found = single(build, x)
    assert np.isinf(found.error).tolist() == [True, False]


def test_an_extremum_between_the_ends_of_an_interval_counts():
    """cos(1000·√2·…): both ends may be equal while the middle is 1."""
    x = np.array([0.0], np.float32)
    _, found = single(lambda b, v: b(Cos(), b(Mul(), b(Exp(), v), b.scalar(1e4, v))), x)
    assert found.error <= 2.0
    _, wide = single(lambda b, v: b(Cos(), b(Mul(), b(Exp(), v), b.scalar(1e9, v))), x)
    assert 2.0 <= wide.error < 2.001


def test_special_values_stand_where_they_are_expected():
    a = np.array([np.inf, np.nan, 1.0, -0.0, 0.0], np.float32)
    b = np.array([0.0, 1.0, np.inf, 2.0, np.inf], np.float32)
    expectation, found = single(op(Mul()), a, b)
    assert np.isfinite(found.error).all()
    with np.errstate(invalid="ignore"):
        assert verdict(expectation, a * b) == [Verdict.VERIFIED]
    assert verdict(expectation, np.array([0, np.nan, np.inf, -0.0, np.nan], np.float32)) == [Verdict.MISMATCH]


def test_the_sign_of_zero_counts_on_exact_paths():
    x = np.array([-0.0, 1.0], np.float32)
    expectation, found = single(lambda b, v: b(Transpose((0,)), b(Neg(), v)), x)
    assert found.signed
    assert verdict(expectation, np.array([-0.0, -1.0], np.float32)) == [Verdict.MISMATCH]
    assert not single(lambda b, v: b(Exp(), v), x)[1].signed
