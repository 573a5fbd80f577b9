from __future__ import annotations

import numpy as np
import pytest

from interlingua.equivalence.expectation import Cause, Expectation, Expected
from interlingua.equivalence.judge import judge
from interlingua.ir.dtypes import DType
from interlingua.report import Verdict

EPS = float(np.finfo(np.float32).eps)


def expected(value, **more):
    """An error of one ULP of float32 at 1 is allowed, whatever the element."""
    if isinstance(value, list):
        return [expected(v, **more) for v in value]
    if value is None:
        return None
    floating = value.dtype.kind == "f"
    settings = {"error": np.full(value.shape, EPS) if floating else None, **more}
    return Expected(value.astype(np.float64) if floating else value, DType.of(value), **settings)


def compare(want, got, **more):
    (found,) = judge(Expectation({"y": expected(want, **more)}), {"y": got}, "case")
    return found


X = np.array([1.0, 2.0, 3.0], np.float32)


def test_equal_outputs_pass_with_no_error():
    assert compare(X, X.copy()).passed
    assert compare(X, X.copy()).error == 0


def test_the_worst_element_is_named():
    got = X.copy()
    got[1] = np.nextafter(got[1], 9, dtype=np.float32)
    got[2] += 1
    found = compare(X, got)
    assert not found.passed
    assert found.index == (2,)
    assert found.error == 1.0


@pytest.mark.parametrize(
    ("want", "got", "passed"),
    [
        (np.nan, np.nan, True),
        (np.nan, 1.0, False),
        (1.0, np.nan, False),
        (np.inf, np.inf, True),
        (np.inf, -np.inf, False),
        (np.inf, np.float32(3e38), False),
        (0.0, -0.0, True),
    ],
)
def test_special_values_must_be_where_they_belong(want, got, passed):
    assert compare(np.array([1, want], np.float32), np.array([1, got], np.float32)).passed is passed


def test_integers_must_be_equal():
    found = compare(np.array([1, 2]), np.array([1, 3]))
    assert not found.passed
    assert found.index == (1,)


@pytest.mark.parametrize("got", [X.astype(np.float64), X[:2], X[None]])
def test_another_dtype_or_shape_fails(got):
    assert not compare(X, got).passed


def test_missing_renamed_and_reordered_outputs_fail():
    for got in ({}, {"z": X}, {"z": X, "y": X}):
        (found,) = judge(Expectation({"y": expected(X), "z": expected(X)}), got, "case")
        assert not found.passed


def test_sequences_are_compared_element_by_element():
    assert compare([X, X], [X, X]).passed
    assert not compare([X, X], [X]).passed
    assert not compare([X, X], [X, X + 1]).passed
    assert compare(None, None).passed
    assert not compare(None, X).passed


def test_an_empty_output_says_so():
    assert compare(X[:0], X[:0]).detail == "empty"


def test_what_nothing_can_be_said_of_is_excused_and_counted():
    error = np.array([0.0, np.inf, np.inf])
    found = compare(X, np.array([1, 7, np.nan], np.float32), error=error)
    assert found.verdict is Verdict.VERIFIED
    assert found.excused == pytest.approx(2 / 3)
    assert compare(X, np.array([2, 2, 3], np.float32), error=error).verdict is Verdict.MISMATCH


@pytest.mark.parametrize(("kind", "verdict"), [("ambiguous", Verdict.AMBIGUOUS), ("undefined", Verdict.UNDEFINED)])
def test_where_all_is_excused_the_cause_is_the_verdict(kind, verdict):
    want = Expectation({"y": expected(X, error=np.full(3, np.inf))}, [Cause(kind, "op", "place", 3)])
    (found,) = judge(want, {"y": X + 1}, "case")
    assert found.verdict is verdict
    assert found.passed


def test_a_shape_that_hangs_on_a_discontinuity_is_ambiguous():
    assert compare(X, X[:2], fluid=True).verdict is Verdict.AMBIGUOUS
    assert compare(X, X[:2]).verdict is Verdict.MISMATCH


def test_the_sign_of_a_zero_counts_where_it_is_part_of_the_answer():
    zero = np.array([0.0], np.float32)
    assert compare(zero, -zero).passed
    assert not compare(zero, -zero, signed=True).passed


def test_many_small_errors_fail_by_their_root_mean_square():
    got, room = np.nextafter(X, np.float32(9)), np.full(3, 4 * EPS)
    assert compare(X, got, error=room).passed
    found = compare(X, got, error=room, rms=EPS / 8)
    assert found.verdict is Verdict.MISMATCH
    assert "root mean square" in found.detail


def test_what_the_dtype_cannot_say_is_infinite():
    beyond = Expectation({"y": Expected(np.array([1e39, -1e39]), DType.F32, np.zeros(2))})
    (found,) = judge(beyond, {"y": np.array([np.inf, -np.inf], np.float32)}, "case")
    assert found.verdict is Verdict.VERIFIED
    (found,) = judge(beyond, {"y": np.array([np.inf, np.inf], np.float32)}, "case")
    assert found.verdict is Verdict.MISMATCH


MOST = float(np.finfo(np.float32).max)
HALF = 2.0**103
"""Half the spacing of float32 at its largest number: what rounds to infinity is so far from it, or farther."""


@pytest.mark.parametrize(
    ("want", "error", "got", "passed"),
    [
        (MOST, 0.0, np.inf, False),
        (MOST, 0.9 * HALF, np.inf, False),
        (MOST, HALF, np.inf, True),
        (MOST, HALF, -np.inf, False),
        (MOST - 2 * HALF, 2.9 * HALF, np.inf, False),
        (MOST - 2 * HALF, 3 * HALF, np.inf, True),
        (MOST + HALF, 0.0, np.inf, True),
        (1e39, 0.0, MOST, False),
        (1e39, 1e38, MOST, False),
        (1e39, 7e38, MOST, True),
        (np.inf, HALF, MOST, False),
    ],
)
def test_infinity_stands_for_a_number_only_where_the_error_reaches_beyond_the_largest(want, error, got, passed):
    about = Expectation({"y": Expected(np.array([want, 1.0]), DType.F32, np.array([error, 0.0]))})
    (found,) = judge(about, {"y": np.array([got, 1.0], np.float32)}, "case")
    assert found.passed is passed


def test_errors_whose_squares_overflow_are_held_against_their_bound():
    about = Expectation({"y": Expected(np.array([1e200, 1.0]), DType.F64, np.array([1e190, 0.0]), rms=1e190)})
    (found,) = judge(about, {"y": np.array([1e200 + 1e189, 1.0])}, "case")
    assert found.verdict is Verdict.VERIFIED
    assert found.sqnr == pytest.approx(220)
    (found,) = judge(about, {"y": np.array([1e200 + 1e191, 1.0])}, "case")
    assert found.verdict is Verdict.MISMATCH


def test_the_ratio_of_signal_to_noise_is_in_decibel():
    want, got = np.array([3.0, 4.0], np.float32), np.array([3.0, 4.5], np.float32)
    assert compare(want, got).sqnr == pytest.approx(20.0)
