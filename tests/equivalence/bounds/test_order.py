"""Conditions, steps, ties and extrema: where a small error may make a jump."""

from __future__ import annotations

import numpy as np
import pytest

from interlingua.ir.dtypes import DType
from interlingua.ir.ops.activation import LeakyRelu
from interlingua.ir.ops.binary import Add, Mul, Rem
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.indexing import Gather, NonZero, TopK
from interlingua.ir.ops.logic import Lt, Select
from interlingua.ir.ops.reduction import ArgMax, ReduceMax
from interlingua.ir.ops.unary import Exp, Floor, Round, Sqrt
from interlingua.report import Verdict
from support.bounds import U32, bound, normal, op, single, verdict


def test_a_condition_within_the_error_allows_both_sides():
    x = np.array([4.0, 9.0], np.float32)

    def build(b, v):
        root = b(Sqrt(), b(Add(), v, b.scalar(0.1, v)))
        inside = b(Lt(), root, b.scalar(2.0248456731316584, v))
        return b(Select(), inside, b.scalar(5.0, v), b.scalar(7.0, v))

    expectation, found = single(build, x)
    assert found.error.tolist() == [2.0, 0.0]
    assert [c.kind for c in expectation.causes] == ["ambiguous"] * len(expectation.causes)
    for first in (5.0, 7.0):
        assert verdict(expectation, np.array([first, 7.0], np.float32)) == [Verdict.VERIFIED]
    assert verdict(expectation, np.array([5.0, 5.0], np.float32)) == [Verdict.MISMATCH]


@pytest.mark.parametrize("instance", [Floor(), Round()])
def test_a_step_within_the_error_is_one_step(instance):
    start = 1.0 if isinstance(instance, Floor) else 0.5
    x = np.array([0.1, 0.26], np.float32)

    def build(b, v):
        return b(instance, b(Add(), b(Mul(), v, b.scalar(10.0, v)), b.scalar(start - 1.0, v)))

    expectation, found = single(build, x)
    assert found.error.tolist() == [1.0, 0.0]
    assert expectation.causes[0].kind == "ambiguous"


def test_the_remainder_jumps_by_the_divisor():
    x = np.array([0.3], np.float32)
    _, found = single(lambda b, v: b(Rem(), b(Mul(), v, b.scalar(10.0, v)), b.scalar(3.0, v)), x)
    assert 3.0 <= found.error < 3.1


def test_near_ties_leave_the_place_open():
    x = np.array([[1.0, 1.0, 0.5], [1.0, 2.0, 0.5]], np.float32)
    assert not single(op(ArgMax(1)), x)[1].error
    _, found = single(lambda b, v: b(ArgMax(1), b(Exp(), v)), x)
    assert np.isinf(found.error).tolist() == [True, False]
    expectation = bound(lambda b, v: b.add_all(TopK(), b(Exp(), v), b.constant([2])), x)
    assert np.isinf(expectation.outputs["y1"].error).tolist() == [[True, True], [False, False]]
    assert np.isfinite(expectation.outputs["y0"].error).all()


def test_a_shape_that_hangs_on_a_discontinuity_is_fluid():
    x = np.array([3.0, 2.0], np.float32)

    def build(b, v):
        rest = b(Add(), b(Mul(), v, b.scalar(0.1, v)), b.scalar(-0.3, v))
        return b(NonZero(), rest)

    expectation, found = single(build, x)
    assert found.fluid
    assert verdict(expectation, np.array([[1]])) == [Verdict.AMBIGUOUS]


def test_open_indices_open_what_they_pick():
    x = np.array([0.1, 5.0, 7.0], np.float32)

    def build(b, v):
        place = b(Cast(DType.I64), b(Mul(), v, b.scalar(10.0, v)))
        return b(Gather(), v, b(Cast(DType.I64), b(Lt(), place, b.scalar(1, DType.I64))))

    assert np.isinf(single(build, x)[1].error).all()


def test_kinks_are_no_jumps():
    x = np.array([3.0], np.float32)

    def build(b, v):
        zero = b(Add(), b(Mul(), v, b.scalar(0.1, v)), b.scalar(-0.3, v))
        return b(LeakyRelu(), zero)

    _, found = single(build, x)
    assert 0 < found.error < 8 * U32


def test_extrema_move_no_further_than_their_elements():
    x = normal(3, 5)
    _, found = single(lambda b, v: b(ReduceMax((1,)), b(Exp(), v)), x)
    _, each = single(op(Exp()), x)
    assert np.all(found.error <= each.error.max(axis=1) * (1 + U32))
