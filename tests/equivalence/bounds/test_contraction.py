"""Sums and products of many terms."""

from __future__ import annotations

import numpy as np
import pytest

from interlingua.ir.dtypes import DType
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.reduction import CumSum, ReduceProd, ReduceSum
from interlingua.ir.ops.scatter import ScatterAlong
from interlingua.report import Verdict
from interlingua.runtimes.numerics import Numerics, unit_roundoff
from support.bounds import RNG, bound, normal, op, single, verdict


@pytest.mark.parametrize("terms", [1, 8, 256, 4096])
@pytest.mark.parametrize("order", ["forwards", "sorted", "blocks"])
def test_a_dot_product_is_right_in_any_order(terms, order):
    a, b = normal(3, terms), normal(terms, 2)
    expectation = bound(op(MatMul()), a, b)
    products = a[:, :, None] * b[None]
    if order == "sorted":
        products = np.take_along_axis(products, np.argsort(products, axis=1), axis=1)
    if order == "blocks":
        products = np.add.reduceat(products, np.arange(0, terms, 16), axis=1)
    total = np.zeros((3, 2), np.float32)
    for k in range(products.shape[1]):
        total = total + products[:, k]
    assert verdict(expectation, total) == [Verdict.VERIFIED]


@pytest.mark.parametrize("terms", [8, 256, 4096])
def test_a_dropped_term_is_seen(terms):
    a, b = normal(3, terms), normal(terms, 2)
    short = (a[:, :-1].astype(float) @ b[:-1].astype(float)).astype(np.float32)
    assert verdict(bound(op(MatMul()), a, b), short) == [Verdict.MISMATCH]


def test_a_coarser_accumulator_has_to_be_declared():
    a, b = normal(4, 64), normal(64, 4)
    coarse = a.astype(np.float16).astype(np.float32) @ b.astype(np.float16).astype(np.float32)
    assert verdict(bound(op(MatMul()), a, b), coarse) == [Verdict.MISMATCH]
    declared = Numerics(accumulators={DType.F32: unit_roundoff(DType.F16)})
    assert verdict(bound(op(MatMul()), a, b, numerics=declared), coarse) == [Verdict.VERIFIED]


def test_worst_case_bounds_are_wider():
    a, b = normal(2, 1024), normal(1024, 2)
    _, usual = single(op(MatMul()), a, b)
    _, strict = single(op(MatMul()), a, b, strict=True)
    assert np.all(strict.error > 4 * usual.error)


def test_sums_of_small_integers_are_exact():
    a = RNG.integers(-4, 5, (3, 40)).astype(np.float32) / 8
    b = RNG.integers(-4, 5, (40, 3)).astype(np.float32)
    expectation, found = single(op(MatMul()), a, b)
    assert not found.error.any()
    right = a @ b
    assert verdict(expectation, right) == [Verdict.VERIFIED]
    assert verdict(expectation, np.nextafter(right, np.float32(99))) == [Verdict.MISMATCH]


def test_narrow_floats_are_summed_in_float32_and_rounded_once():
    x = normal(4, 512, dtype=np.float16)
    expectation = bound(op(ReduceSum((1,))), x)
    assert verdict(expectation, x.astype(np.float32).sum(1).astype(np.float16)) == [Verdict.VERIFIED]
    narrow = np.zeros(4, np.float16)
    for k in range(x.shape[1]):
        narrow = narrow + x[:, k]
    assert verdict(expectation, narrow) == [Verdict.MISMATCH]


def test_running_sums_and_products():
    x = np.abs(normal(3, 20)) + np.float32(0.5)
    assert verdict(bound(op(CumSum(1)), x), np.cumsum(x[:, ::1], axis=1)) == [Verdict.VERIFIED]
    expectation = bound(op(ReduceProd((1,))), x)
    assert verdict(expectation, np.prod(x[:, ::-1], axis=1)) == [Verdict.VERIFIED]
    assert verdict(expectation, np.prod(x[:, :-1], axis=1)) == [Verdict.MISMATCH]


def test_a_partial_product_may_overflow_though_the_whole_does_not():
    x = np.array([[3e38, 10.0, 1e-3]], np.float32)
    expectation, found = single(op(ReduceProd((1,))), x)
    assert np.isinf(found.error).all()
    assert {c.kind for c in expectation.causes} == {"overflow"}


def test_updates_that_add_up():
    x, updates = np.zeros(3, np.float32), normal(50)
    index = RNG.integers(0, 3, 50)
    expectation = bound(op(ScatterAlong(0, "add")), x, index, updates)
    right = x.copy()
    np.add.at(right, index[::-1], updates[::-1])
    assert verdict(expectation, right) == [Verdict.VERIFIED]
    wrong = x.copy()
    wrong[index] = updates
    assert verdict(expectation, wrong) == [Verdict.MISMATCH]


def test_an_infinity_times_what_is_flushed_to_zero_is_open():
    """A subnormal number times an infinity is one, 0 times it is NaN; a NaN among the terms stays NaN."""
    a = np.float32([[1e-40, 1.0], [2.0, 1.0], [np.nan, 1.0], [1e-40, np.nan]])
    b = np.float32([[np.inf], [1.0]])
    sound = np.float32([[np.inf], [np.inf], [np.nan], [np.nan]])
    flushing = Numerics(flushes=True)
    assert verdict(bound(op(MatMul()), a, b, numerics=flushing), sound) == [Verdict.VERIFIED]
    flushed = sound.copy()
    flushed[0] = np.nan
    assert verdict(bound(op(MatMul()), a, b, numerics=flushing), flushed) == [Verdict.VERIFIED]
    assert verdict(bound(op(MatMul()), a, b), flushed) == [Verdict.MISMATCH]
    for row in (1, 2, 3):
        wrong = sound.copy()
        wrong[row] = np.inf if row > 1 else np.nan
        assert verdict(bound(op(MatMul()), a, b, numerics=flushing), wrong) == [Verdict.MISMATCH]
