"""Selects whose answer is known."""

import pytest

from interlingua.passes.cleanup.selects import Selects
from support.passes import check, untouched
from support.text import body

BOTH = "%x: f32[n, 2], %z: f32[n, 2]"


@pytest.mark.parametrize(("condition", "taken"), [("[true, true]", "%x"), ("[false, false]", "%z")])
def test_a_known_condition(condition: str, taken: str) -> None:
    text = f"""%c = core.constant dense bool[2] {condition} : bool[2]
        %a = core.select(%c, %x, %z) : f32[n, 2]
        %y = core.neg(%a) : f32[n, 2]"""
    check(Selects(), body(text, BOTH), [f"%y = core.neg({taken}) : f32[n, 2]"])


def test_a_mixed_condition_stays() -> None:
    text = "%c = core.constant dense bool[2] [true, false] : bool[2]\n%y = core.select(%c, %x, %z) : f32[n, 2]"
    untouched(Selects(), body(text, BOTH))


def test_equal_arms() -> None:
    text = "%a = core.select(%c, %x, %x) : f32[n]\n%y = core.neg(%a) : f32[n]"
    check(Selects(), body(text, "%c: bool[1], %x: f32[n]"), ["%y = core.neg(%x) : f32[n]"])


def test_an_arm_that_the_others_broadcast_stays() -> None:
    untouched(Selects(), body("%y = core.select(%c, %x, %x) : f32[n]", "%c: bool[n], %x: f32[1]"))
    text = "%c = core.constant dense bool[] [true] : bool[]\n%y = core.select(%c, %x, %z) : f32[n]"
    untouched(Selects(), body(text, "%x: f32[1], %z: f32[n]"))
