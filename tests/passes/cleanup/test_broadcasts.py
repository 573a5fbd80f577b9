"""Broadcasts that repeat nothing, in a row, before ops that broadcast by themselves."""

import pytest

from interlingua.passes.cleanup.broadcasts import Broadcasts
from support.passes import check, lines, untouched
from support.text import body

TO = """%s = core.shape_of(%z) : i64[2]
    %a = core.broadcast_to(%x, %s) : f32[n, 3]
    """
BOTH = "%x: f32[{0}], %z: f32[n, 3]"


def test_to_its_own_shape() -> None:
    text = body(TO + "%y = core.neg(%a) : f32[n, 3]", BOTH.format("n, 3"))
    check(Broadcasts(), text, ["%y = core.neg(%x) : f32[n, 3]"])


def test_tile_by_ones_and_reverse_of_ones() -> None:
    tile = """%r = core.constant dense i64[2] [1, 1] : i64[2]
        %a = nn.tile(%x, %r) : f32[n, 3]
        %y = core.neg(%a) : f32[n, 3]"""
    check(Broadcasts(), body(tile, "%x: f32[n, 3]"), ["%y = core.neg(%x) : f32[n, 3]"])
    back = "%a = core.reverse(%x) {axes = [1]} : f32[n, 1]\n%y = core.neg(%a) : f32[n, 1]"
    check(Broadcasts(), body(back, "%x: f32[n, 1]"), ["%y = core.neg(%x) : f32[n, 1]"])
    untouched(Broadcasts(), body(back.replace("[1]", "[0]"), "%x: f32[n, 1]"))


def test_before_an_op_that_broadcasts() -> None:
    text = body(TO + "%y = core.mul(%a, %z) : f32[n, 3]", BOTH.format("3"))
    check(Broadcasts(), text, ["%y = core.mul(%x, %z) : f32[n, 3]"])


@pytest.mark.parametrize("call", ["core.mul(%a, %x)", "core.max(%a, %a)"])
def test_where_nothing_else_gives_the_dims_it_stays(call: str) -> None:
    text = "%s = core.constant dense i64[2] [4, 3] : i64[2]\n%a = core.broadcast_to(%x, %s) : f32[4, 3]\n"
    untouched(Broadcasts(), body(f"{text}%y = {call} : f32[4, 3]", "%x: f32[3]"))


def test_before_an_op_that_does_not_it_stays() -> None:
    text = "%s = core.constant dense i64[2] [4, 3] : i64[2]\n%a = core.broadcast_to(%x, %s) : f32[4, 3]\n"
    untouched(Broadcasts(), body(f"{text}%y = core.exp(%a) : f32[4, 3]", "%x: f32[3]"))


def test_two_are_one() -> None:
    text = body(
        """%s = core.constant dense i64[2] [4, 3] : i64[2]
        %t = core.constant dense i64[3] [2, 4, 3] : i64[3]
        %a = core.broadcast_to(%x, %s) : f32[4, 3]
        %y = core.broadcast_to(%a, %t) : f32[2, 4, 3]""",
        "%x: f32[3]",
    )
    assert lines(check(Broadcasts(), text, None))[-1] == "%y = core.broadcast_to(%x, %t) : f32[2, 4, 3]"


def test_an_inner_one_that_widens_stays() -> None:
    text = """%s = core.constant dense i64[2] [4, 3] : i64[2]
        %t = core.constant dense i64[3] [2, 1, 3] : i64[3]
        %a = core.broadcast_to(%x, %s) : f32[4, 3]
        %y = core.broadcast_to(%a, %t) : f32[2, 4, 3]"""
    untouched(Broadcasts(), body(text, "%x: f32[3]"))


def test_a_computed_shape_of_own_and_fixed_dims_is_a_constant() -> None:
    text = body(TO.replace("%a", "%y"), BOTH.format("n, 1"))
    check(
        Broadcasts(),
        text,
        ["%0 = core.constant dense i64[2] [1, 3] : i64[2]", "%y = core.broadcast_to(%x, %0) : f32[n, 3]"],
    )


def test_one_that_takes_a_dim_from_elsewhere_is_computed() -> None:
    untouched(Broadcasts(), body(TO.replace("%a", "%y"), BOTH.format("1, 3")))
