"""Concatenations of one part, of concatenations, of the parts of a value."""

import pytest

from interlingua.passes.cleanup.concats import Concats
from support.passes import check, lines, untouched
from support.text import body, cut

THIRD = "%x: f32[n, 6]"


def test_one_part_is_none() -> None:
    text = body("%a = core.concat(%x) {axis = 0} : f32[n]\n%y = core.neg(%a) : f32[n]")
    check(Concats(), text, ["%y = core.neg(%x) : f32[n]"])


def test_empty_parts_go_and_those_that_may_be_filled_stay() -> None:
    text = body("%y = core.concat(%x, %e, %z) {axis = 0} : f32[m + n]", "%x: f32[n], %e: f32[0], %z: f32[m]")
    check(Concats(), text, ["%y = core.concat(%x, %z) {axis = 0} : f32[m + n]"])


def test_nested_ones_are_one() -> None:
    text = body(
        """%a = core.concat(%x, %z) {axis = -1} : f32[2, m + n]
        %y = core.concat(%z, %a, %x) {axis = 1} : f32[2, m*2 + n*2]""",
        "%x: f32[2, n], %z: f32[2, m]",
    )
    check(Concats(), text, ["%y = core.concat(%z, %x, %z, %x) {axis = 1} : f32[2, m*2 + n*2]"])


@pytest.mark.parametrize(
    "text",
    [
        """%a = core.concat(%x, %z) {axis = 1} : f32[2, 4]
        %y = core.concat(%a, %a) {axis = 0} : f32[4, 4]""",
        """%a = core.concat(%x, %z) {axis = 0} : f32[4, 2]
        %b = core.neg(%a) : f32[4, 2]
        %y = core.concat(%a, %b) {axis = 0} : f32[8, 2]""",
    ],
)
def test_along_another_axis_or_needed_elsewhere_they_stay(text: str) -> None:
    untouched(Concats(), body(text, "%x: f32[2, 2], %z: f32[2, 2]"))


SPLIT = """%a, %b = nn.split(%x) {axis = 1, parts = 2} : f32[n, 3], f32[n, 3]
    %c = core.concat(%a, %b) {axis = -1} : f32[n, 6]
    %y = core.neg(%c) : f32[n, 6]"""


def test_all_parts_of_a_split_are_what_was_split() -> None:
    check(Concats(), body(SPLIT, THIRD), ["%y = core.neg(%x) : f32[n, 6]"])


@pytest.mark.parametrize(
    ("old", "new"), [("(%a, %b)", "(%b, %a)"), ("axis = -1} : f32[n, 6]", "axis = 0} : f32[2*n, 3]")]
)
def test_in_another_order_or_along_another_axis_they_are_not(old: str, new: str) -> None:
    text = SPLIT.replace(old, new)
    untouched(Concats(), body(text.replace("%c) : f32[n, 6]", "%c) : f32[2*n, 3]") if "2*n" in text else text, THIRD))


def test_slices_that_follow_each_other_are_one_slice() -> None:
    pieces = [cut("a f32[2]", "x", "1;3"), cut("b f32[1]", "x", "3;4"), cut("c f32[1]", "x", "5;6")]
    text = body("\n".join([*pieces, "%y = core.concat(%a, %b, %c) {axis = 0} : f32[4]"]), "%x: f32[6]")
    found = lines(check(Concats(), text, None))
    assert [line for line in found if "core.slice(%x, %0, %1)" in line]
    assert found[-1] == "%y = core.concat(%2, %c) {axis = 0} : f32[4]"


def test_slices_of_everything_in_order_are_the_value() -> None:
    pieces = [cut("a f32[2]", "x", "0;2"), cut("b f32[4]", "x", "2;6")]
    text = body(
        "\n".join([*pieces, "%c = core.concat(%a, %b) {axis = 0} : f32[6]\n%y = core.neg(%c) : f32[6]"]), "%x: f32[6]"
    )
    check(Concats(), text, ["%y = core.neg(%x) : f32[6]"])


def test_slices_of_two_values_are_not_joined() -> None:
    pieces = [cut("a f32[2]", "x", "0;2"), cut("b f32[4]", "z", "2;6")]
    text = body("\n".join([*pieces, "%y = core.concat(%a, %b) {axis = 0} : f32[6]"]), "%x: f32[6], %z: f32[6]")
    untouched(Concats(), text)
