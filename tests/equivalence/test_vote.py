"""Who agrees with whom."""

from __future__ import annotations

from interlingua.equivalence.vote import Voice, vote


def ballot(**values):
    voices = [Voice(name, None if value is None else {"y": value}) for name, value in values.items()]
    return vote(voices, lambda a, b: a == b)


def test_one_against_two_is_outvoted():
    found = ballot(a=1, b=2, c=2)
    assert found.outvoted("a")
    assert not found.outvoted("b")
    assert str(found) == "b and c against a"


def test_two_voices_decide_nothing():
    assert not ballot(a=1, b=2).outvoted("a")
    assert not ballot(a=1, b=2, c=None).outvoted("a")


def test_without_a_majority_nobody_is_outvoted():
    found = ballot(a=1, b=2, c=3)
    assert not any(found.outvoted(name) for name in "abc")


def test_agreement_of_all_is_one_group():
    assert ballot(a=1, b=1, c=1).groups == (("a", "b", "c"),)
