"""Reshapes that do nothing, in a row, with a shape that need not be computed."""

import pytest

from interlingua.passes.cleanup.reshapes import Reshapes
from support.passes import check, lines, untouched
from support.text import body

SHAPE = "%s = core.constant dense i64[2] [{0}] : i64[2]"
SYMBOLIC = """%s = core.shape_of(%x) : i64[2]
    %y = core.reshape(%z, %s) : f32[n, 3]"""


@pytest.mark.parametrize(
    "statement",
    [
        "%r = nn.squeeze(%x) {axes = []} : f32[n, 1, 3]",
        "%r = nn.expand_dims(%x) {axes = []} : f32[n, 1, 3]",
    ],
)
def test_what_changes_no_dim_goes(statement: str) -> None:
    text = body(f"{statement}\n%y = core.neg(%r) : f32[n, 1, 3]", "%x: f32[n, 1, 3]")
    check(Reshapes(), text, ["%y = core.neg(%x) : f32[n, 1, 3]"])


def test_a_reshape_to_its_own_symbolic_dims_goes() -> None:
    text = body(f"%r = core.neg(%x) : f32[n, 3]\n{SYMBOLIC.replace('%z', '%r')}", "%x: f32[n, 3]")
    assert lines(check(Reshapes(), text, None))[-1] == "%r = core.neg(%x) : f32[n, 3]"


def test_the_same_count_is_not_the_same_shape() -> None:
    untouched(Reshapes(), body(f"{SHAPE.format('-1, 2')}\n%y = core.reshape(%x, %s) : f32[n, 2]", "%x: f32[2, n]"))


def test_two_become_one_with_a_constant_shape() -> None:
    text = body(
        """%a = nn.flatten(%x) {axis = 2} : f32[n*2, 6]
        %s = core.constant dense i64[3] [-1, 4, 3] : i64[3]
        %y = core.reshape(%a, %s) : f32[n, 4, 3]""",
        "%x: f32[n, 2, 6]",
    )
    check(
        Reshapes(),
        text,
        [
            "%0 = core.constant dense i64[3] [-1, 4, 3] : i64[3]",
            "%y = core.reshape(%x, %0) : f32[n, 4, 3]",
        ],
    )


def test_ones_that_come_are_expanded_and_those_that_go_squeezed() -> None:
    there = body(
        """%a = nn.flatten(%x) {axis = 1} : f32[n, m*4]
        %s = core.shape_of(%z) : i64[4]
        %y = core.reshape(%a, %s) : f32[n, 1, m, 4]""",
        "%x: f32[n, m, 4], %z: f32[n, 1, m, 4]",
    )
    assert lines(check(Reshapes(), there, None))[-1] == "%y = nn.expand_dims(%x) {axes = [1]} : f32[n, 1, m, 4]"
    back = body(
        """%a = nn.expand_dims(%x) {axes = [0]} : f32[1, n, 1, m]
        %y = nn.squeeze(%a) {axes = [0, 2]} : f32[n, m]""",
        "%x: f32[n, 1, m]",
    )
    check(Reshapes(), back, ["%y = nn.squeeze(%x) {axes = [1]} : f32[n, m]"])


def test_an_axis_that_may_not_be_one_is_not_squeezed_away() -> None:
    text = """%s = core.shape_of(%z) : i64[2]
        %y = core.reshape(%x, %s) : f32[n, m]"""
    untouched(Reshapes(), body(text, "%x: f32[n, k, m], %z: f32[n, m]"))


def test_a_computed_shape_with_one_open_dim_is_settled() -> None:
    text = body(
        """%a = core.shape_of(%x) : i64[3]
        %0 = core.constant dense i64[1] [0] : i64[1]
        %1 = core.constant dense i64[1] [1] : i64[1]
        %b = core.slice(%a, %0, %1) {axes = [0]} : i64[1]
        %2 = core.constant dense i64[1] [6] : i64[1]
        %s = core.concat(%b, %2) {axis = 0} : i64[2]
        %y = core.reshape(%x, %s) : f32[n, 6]""",
        "%x: f32[n, 2, 3]",
    )
    check(
        Reshapes(),
        text,
        ["%0 = core.constant dense i64[2] [-1, 6] : i64[2]", "%y = core.reshape(%x, %0) : f32[n, 6]"],
    )


@pytest.mark.parametrize(
    ("inputs", "result"),
    [("%x: f32[n*m], %s: i64[2], %z: f32[n, m]", "f32[n, m]"), ("%x: f32[n*0], %z: f32[n, 0]", "f32[n, 0]")],
)
def test_two_open_dims_and_one_beside_none_keep_their_shape(inputs: str, result: str) -> None:
    """−1 beside a 0 has no answer."""
    inputs = inputs.replace("%s: i64[2], ", "").replace("n*0", "0")
    text = f"%s = core.shape_of(%z) : i64[2]\n%y = core.reshape(%x, %s) : {result}"
    untouched(Reshapes(), body(text, inputs))


def test_merged_reshapes_may_keep_the_computed_shape() -> None:
    text = body(
        """%s = core.shape_of(%z) : i64[2]
        %a = nn.flatten(%x) {axis = 0} : f32[1, m*n]
        %y = core.reshape(%a, %s) : f32[m, n]""",
        "%x: f32[n, m], %z: f32[m, n]",
    )
    assert lines(check(Reshapes(), text, None))[-1] == "%y = core.reshape(%x, %s) : f32[m, n]"


def test_a_squeeze_of_what_may_not_be_one_stays_to_fail() -> None:
    text = "%a = nn.squeeze(%x) {axes = [2]} : f32[n, 4]\n%y = nn.expand_dims(%a) {axes = [0]} : f32[1, n, 4]"
    untouched(Reshapes(), body(text, "%x: f32[n, 4, m]"))
    open_ = "%s = core.constant dense i64[2] [-1, 4] : i64[2]\n%a = core.reshape(%x, %s) : f32[floordiv(n*3, 4), 4]\n"
    open_ += "%y = nn.flatten(%a) {axis = 0} : f32[1, floordiv(n*3, 4)*4]"
    untouched(Reshapes(), body(open_, "%x: f32[n, 3]"))
