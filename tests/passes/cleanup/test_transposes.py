"""Transposes in a row."""

import interlingua
from interlingua.passes.cleanup.transposes import Transposes
from support.passes import check, untouched
from support.text import body

TWO = """%a = core.transpose(%x) {perm = [1, 2, 0]} : f32[m, 3, n]
    %y = core.transpose(%a) {perm = [1, 2, 0]} : f32[3, n, m]"""
INVERSE = """%a = core.transpose(%x) {perm = [1, 2, 0]} : f32[m, 3, n]
    %b = core.transpose(%a) {perm = [2, 0, 1]} : f32[n, m, 3]
    %y = core.neg(%b) : f32[n, m, 3]"""


def test_two_become_one() -> None:
    check(Transposes(), body(TWO, "%x: f32[n, m, 3]"), ["%y = core.transpose(%x) {perm = [2, 0, 1]} : f32[3, n, m]"])


def test_inverse_ones_go() -> None:
    check(Transposes(), body(INVERSE, "%x: f32[n, m, 3]"), ["%y = core.neg(%x) : f32[n, m, 3]"])


def test_an_inner_one_with_another_user_stays() -> None:
    text = body(TWO, "%x: f32[n, m, 3]").replace('return %y as "y"', 'return %a as "a", %y as "y"')
    after = check(Transposes(), text.replace('output "y"', 'output "a" [*]\noutput "y"'), None)
    assert [n.op.name for n in after.walk()] == ["core.transpose", "core.transpose"]
    assert after.main.outputs[1].node is not None
    assert after.main.outputs[1].node.operands == (after.main.inputs[0],)
    assert interlingua.optimize(after, Transposes()).main.length == 2


def test_one_that_moves_axes_of_size_1_alone_is_a_reshape() -> None:
    text = body("%y = core.transpose(%x) {perm = [0, 2, 1]} : f32[n, 5, 1]", "%x: f32[n, 1, 5]")
    check(
        Transposes(),
        text,
        ["%0 = core.constant dense i64[3] [-1, 5, 1] : i64[3]", "%y = core.reshape(%x, %0) : f32[n, 5, 1]"],
    )


def test_one_that_swaps_ones_goes() -> None:
    text = body(
        """%a = core.transpose(%x) {perm = [1, 0, 2]} : f32[1, 1, n]
        %y = core.neg(%a) : f32[1, 1, n]""",
        "%x: f32[1, 1, n]",
    )
    check(Transposes(), text, ["%y = core.neg(%x) : f32[1, 1, n]"])


def test_an_axis_that_may_be_more_than_1_is_not_reshaped() -> None:
    untouched(Transposes(), body("%y = core.transpose(%x) {perm = [1, 0]} : f32[5, n]", "%x: f32[n, 5]"))


def test_a_reshape_of_ones_between_two_is_no_hindrance() -> None:
    text = body(
        """%a = core.transpose(%x) {perm = [0, 2, 1]} : f32[2, m, 3]
        %b = nn.expand_dims(%a) {axes = [1]} : f32[2, 1, m, 3]
        %y = core.transpose(%b) {perm = [0, 3, 1, 2]} : f32[2, 3, 1, m]""",
        "%x: f32[2, 3, m]",
    )
    check(Transposes(), text, ["%y = nn.expand_dims(%x) {axes = [2]} : f32[2, 3, 1, m]"])


def test_what_is_left_of_two_around_a_reshape_is_one() -> None:
    text = body(
        """%a = core.transpose(%x) {perm = [2, 0, 1]} : f32[4, 2, m]
        %b = nn.expand_dims(%a) {axes = [0]} : f32[1, 4, 2, m]
        %y = core.transpose(%b) {perm = [2, 1, 3, 0]} : f32[2, 4, m, 1]""",
        "%x: f32[2, m, 4]",
    )
    check(
        Transposes(),
        text,
        [
            "%0 = core.transpose(%x) {perm = [0, 2, 1]} : f32[2, 4, m]",
            "%y = nn.expand_dims(%0) {axes = [3]} : f32[2, 4, m, 1]",
        ],
    )


def test_a_reshape_that_mixes_axes_keeps_the_transposes_apart() -> None:
    text = """%a = core.transpose(%x) {perm = [1, 0]} : f32[4, 6]
        %s = core.constant dense i64[2] [6, 4] : i64[2]
        %b = core.reshape(%a, %s) : f32[6, 4]
        %y = core.transpose(%b) {perm = [1, 0]} : f32[4, 6]"""
    untouched(Transposes(), body(text, "%x: f32[6, 4]"))
