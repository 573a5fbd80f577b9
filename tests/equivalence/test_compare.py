from __future__ import annotations

import numpy as np
import pytest

from interlingua.equivalence.compare import compare_outputs


class Fixed:
    """A tolerance of one ULP of float32 at 1, whatever the element."""

    def bound(self, output, reference):
        return np.full(reference.shape, np.finfo(np.float32).eps, np.float64)


def compare(want, got):
    (found,) = compare_outputs({"y": want}, {"y": got}, Fixed(), "case")
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
        (found,) = compare_outputs({"y": X, "z": X}, got, Fixed(), "case")
        assert not found.passed


def test_sequences_are_compared_element_by_element():
    assert compare([X, X], [X, X]).passed
    assert not compare([X, X], [X]).passed
    assert not compare([X, X], [X, X + 1]).passed
    assert compare(None, None).passed
    assert not compare(None, X).passed


def test_an_empty_output_says_so():
    assert compare(X[:0], X[:0]).detail == "empty"
