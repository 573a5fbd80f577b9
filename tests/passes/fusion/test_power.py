"""Powers and reciprocals."""

import numpy as np
import pytest

from interlingua.passes.fusion.power import Powers
from support.passes import check, untouched
from support.text import body


def power(exponent: str, before: str = "", dtype: str = "f32", shape: str = "") -> str:
    base = "%b" if before else "%x"
    text = f"%e = core.constant dense {dtype}[{shape}] [{exponent}] : {dtype}[{shape}]\n"
    text += f"{before}\n" if before else ""
    return body(f"{text}%y = core.pow({base}, %e) : {dtype}[n]", f"%x: {dtype}[n]")


SPECIAL = {"x": np.array([0.0, -0.0, np.inf, -np.inf, np.nan, -2.5, 3e38, 1e-30, -1e-42], np.float32)}


@pytest.mark.parametrize(
    ("exponent", "wanted"),
    [
        ("2.0", ["%y = core.mul(%x, %x) : f32[n]"]),
        ("3.0", ["%0 = core.mul(%x, %x) : f32[n]", "%y = core.mul(%x, %0) : f32[n]"]),
        ("-1.0", ["%y = math.reciprocal(%x) : f32[n]"]),
    ],
)
def test_whole_exponents(exponent: str, wanted: list[str]) -> None:
    check(Powers(), power(exponent), wanted)
    check(Powers(), power(exponent), wanted, [SPECIAL])


@pytest.mark.parametrize("exponent", ["2", "3"])
def test_integers_wrap_alike(exponent: str) -> None:
    check(Powers(), power(exponent, dtype="i32"), None, [{"x": np.array([-(2**31), 70000, -5, 0], np.int32)}])


def test_a_reciprocal_of_integers_is_left() -> None:
    untouched(Powers(), power("-1", dtype="i32"))


NOT_NEGATIVE = [
    "%b = core.abs(%x) : f32[n]",
    "%b = core.mul(%x, %x) : f32[n]",
    "%k = core.constant dense f32[] [1e-05] : f32[]\n%s = math.square(%x) : f32[n]\n%b = core.add(%s, %k) : f32[n]",
    "%b = core.exp(%x) : f32[n]",
]


@pytest.mark.parametrize("before", NOT_NEGATIVE)
def test_roots_of_what_is_never_negative(before: str) -> None:
    for exponent, last in (("0.5", "core.sqrt"), ("-0.5", "math.reciprocal")):
        for inputs in ([], [SPECIAL]):
            after = check(Powers(), power(exponent, before), None, inputs)
            assert list(after.main.nodes)[-1].op.name == last


@pytest.mark.parametrize(
    "before",
    [
        "",
        "%b = core.neg(%x) : f32[n]",
        "%k = core.constant dense f32[] [-0.0] : f32[]\n%s = core.abs(%x) : f32[n]\n%b = core.mul(%s, %k) : f32[n]",
        "%k = core.constant dense f32[] [-1.0] : f32[]\n%s = core.abs(%x) : f32[n]\n%b = core.add(%s, %k) : f32[n]",
        "%b = nn.relu(%x) : f32[n]",  # of -0.0 perhaps -0.0
    ],
)
@pytest.mark.parametrize("exponent", ["0.5", "-0.5"])
def test_roots_of_what_may_be_negative_are_left(before: str, exponent: str) -> None:
    """``(-0.0) ** 0.5`` is 0.0 and ``(-inf) ** 0.5`` is inf, which no root is."""
    untouched(Powers(), power(exponent, before))


@pytest.mark.parametrize("exponent", ["0.0", "1.5", "4.0", "-2.0"])
def test_other_exponents_are_left(exponent: str) -> None:
    untouched(Powers(), power(exponent))


def test_an_exponent_that_adds_an_axis_keeps_doing_it() -> None:
    text = power("2.0", shape="1, 1").replace(": f32[n]\n  return", ": f32[1, n]\n  return")
    untouched(Powers(), text)


@pytest.mark.parametrize("inverse", ["math.reciprocal(%d)", "core.div(%one, %d)"])
def test_a_product_with_a_reciprocal_is_a_quotient(inverse: str) -> None:
    one = "%one = core.constant dense f32[] [1.0] : f32[]\n"
    text = f"{one}%r = {inverse} : f32[n]\n%y = core.mul(%r, %x) : f32[n]"
    after = check(Powers(), body(text, "%x: f32[n], %d: f32[n]"), None)
    assert [n.op.name for n in after.walk() if n.operands] == ["core.div"]


def test_one_reciprocal_for_many_stays() -> None:
    text = "%r = math.reciprocal(%d) : f32[1]\n%y = core.mul(%x, %r) : f32[n]"
    untouched(Powers(), body(text, "%x: f32[n], %d: f32[1]"))
    text = body("%r = math.reciprocal(%d) : f32[n]\n%y = core.mul(%x, %r) : f32[n]", "%x: f32[n], %d: f32[n]")
    text = text.replace('return %y as "y"', 'return %y as "y", %r as "r"')
    untouched(Powers(), text.replace('output "y" [*]', 'output "y" [*]\noutput "r" [*]'))
