"""Which input is which."""

from __future__ import annotations

import numpy as np
import pytest

from interlingua.diagnosis.compare.frame import chained, inverted
from interlingua.diagnosis.compare.matching import Pair, Wishes, match
from interlingua.errors import UsageError
from interlingua.ir.dtypes import DType
from interlingua.runtimes.interface import Slot


def slot(name, *dims, dtype=DType.F32, **more):
    return Slot(name, dtype, dims, **more)


def paired(firsts, seconds, **wishes):
    return match("input", firsts, seconds, Wishes(**wishes))


def names(found):
    return [(p.first, p.second) for p in found.pairs]


def test_names_come_before_positions():
    found = paired([slot("a", 2), slot("b", 2)], [slot("b", 2), slot("a", 2)])
    assert names(found) == [("a", "a"), ("b", "b")]
    assert not found.notes


def test_aliases_are_names():
    found = paired([slot("a", 2), slot("b", 2)], [slot("x", 2, aliases=("b",)), slot("y", 2)])
    assert names(found) == [("a", "y"), ("b", "x")]
    assert found.notes == ["input 'a' is 'y' of the other, by position"]


def test_what_is_said_comes_first():
    found = paired([slot("a", 2), slot("b", 2)], [slot("a", 2), slot("b", 2)], names={"a": "b", "b": "a"})
    assert names(found) == [("a", "b"), ("b", "a")]


def test_what_may_be_left_out_needs_no_counterpart():
    found = paired([slot("a", 2), slot("w", 2, optional=True)], [slot("a", 2)])
    assert names(found) == [("a", "a")]
    assert not found.problems
    assert "w" in found.notes[0]


def test_a_dtype_is_never_guessed():
    found = paired([slot("a", 2, dtype=DType.I64)], [slot("a", 2, dtype=DType.I32)])
    assert found.problems == ["input a: i64[2] is i32 in the other"]


@pytest.mark.parametrize(
    ("first", "second", "layout"),
    [
        ((1, 8, 9, 3), (1, 3, 8, 9), (0, 3, 1, 2)),
        ((1, 3, 8, 9), (1, 8, 9, 3), (0, 2, 3, 1)),
        ((1, 7, 3), (1, 3, 7), (0, 2, 1)),
        ((1, 2, 3, 4, 5), (1, 5, 2, 3, 4), (0, 4, 1, 2, 3)),
        ((1, 3, 8, 9), (1, 3, 8, 9), None),
        ((None, 8, 9, 3), ("n", 3, 8, 9), (0, 3, 1, 2)),
    ],
)
def test_channels_move_where_only_that_fits(first, second, layout):
    found = paired([slot("a", *first)], [slot("a", *second)])
    assert [p.layout for p in found.pairs] == [layout]
    assert len(found.notes) == (layout is not None)


@pytest.mark.parametrize(("first", "second"), [((2, 3), (3, 2)), ((1, 8, 9, 3), (1, 3, 9, 8)), ((1, 2, 3), (1, 2))])
def test_no_other_transposition_is_guessed(first, second):
    assert paired([slot("a", *first)], [slot("a", *second)]).problems


def test_two_transpositions_that_fit_are_ambiguous():
    assert paired([slot("a", 1, None, None, 5)], [slot("a", 1, 5, 5, 4)]).problems


def test_a_layout_that_is_said_is_taken():
    found = paired([slot("a", 2, 3)], [slot("a", 3, 2)], layouts={"a": (1, 0)})
    assert found.pairs == [Pair("a", "a", (1, 0))]
    assert not found.notes
    with pytest.raises(UsageError, match="no permutation"):
        paired([slot("a", 2, 3)], [slot("a", 3, 2)], layouts={"a": (0, 1, 2)})


def test_pairs_go_forth_and_back_and_chain():
    x = np.arange(24).reshape(1, 2, 3, 4)
    pair = Pair("a", "b", (0, 3, 1, 2))
    np.testing.assert_array_equal(pair.back(pair.forth(x)), x)
    np.testing.assert_array_equal(inverted(pair).forth(pair.forth(x)), x)
    onward = Pair("b", "c", (1, 0, 3, 2))
    (whole,) = chained([pair], [onward])
    assert (whole.first, whole.second) == ("a", "c")
    np.testing.assert_array_equal(whole.forth(x), onward.forth(pair.forth(x)))
