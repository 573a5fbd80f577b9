"""Bounds one after the other."""

from itertools import product

import numpy as np
import pytest

import interlingua
from interlingua.passes.cleanup.clamps import Clamps
from support.passes import check, lines, untouched
from support.text import body, parse

X = np.array([-np.inf, -7, -3, -1, -0.5, 0.25, 0.5, 1, 2, 3, 5, 6, 9, np.inf, np.nan], np.float32)
OPS = [
    "nn.relu({0})",
    "nn.clip({0}, %l, %h)",
    "nn.clip({0}, %n, %l)",
    "nn.clip({0}, %h, %l)",
    "nn.clip({0}, %m, %m)",
    "core.max({0}, %l)",
    "core.min(%h, {0})",
    "core.min({0}, %n)",
    "nn.clip({0}, %l)",
]
NUMBERS = "\n".join(
    f"%{name} = core.constant dense f32[] [{value}] : f32[]"
    for name, value in (("n", -3.0), ("l", 1.0), ("h", 6.0), ("m", 2.5))
)


@pytest.mark.parametrize(("first", "then"), list(product(OPS, OPS)))
def test_any_two_are_one(first: str, then: str) -> None:
    text = body(f"{NUMBERS}\n%a = {first.format('%x')} : f32[n]\n%y = {then.format('%a')} : f32[n]")
    found = lines(check(Clamps(), text, None, [{"x": X}]))
    assert len([line for line in found if "constant" not in line]) == 1


def test_relu6_of_relu_is_relu6() -> None:
    text = body(
        f"""{NUMBERS}
        %a = nn.relu(%x) : f32[n]
        %z = core.constant dense f32[] [0.0] : f32[]
        %y = nn.clip(%a, %z, %h) : f32[n]"""
    )
    assert lines(check(Clamps(), text, None))[-1] == "%y = nn.clip(%x, %0, %1) : f32[n]"


def test_relu_of_what_is_positive_goes() -> None:
    text = body(f"{NUMBERS}\n%a = nn.clip(%x, %l, %h) : f32[n]\n%b = nn.relu(%a) : f32[n]\n%y = core.neg(%b) : f32[n]")
    assert lines(check(Clamps(), text, None))[-2:] == [
        "%a = nn.clip(%x, %l, %h) : f32[n]",
        "%y = core.neg(%a) : f32[n]",
    ]


def test_a_clip_without_bounds_goes() -> None:
    text = body("%a = nn.clip(%x) : f32[n]\n%y = core.neg(%a) : f32[n]")
    check(Clamps(), text, ["%y = core.neg(%x) : f32[n]"])


@pytest.mark.parametrize("value", ["[1.0, 2.0, 3.0]", "[nan, nan, nan]"])
def test_bounds_that_are_no_number_stay(value: str) -> None:
    text = f"%b = core.constant dense f32[3] {value} : f32[3]\n%a = nn.clip(%x, %b) : f32[3]\n%y = nn.relu(%a) : f32[3]"
    untouched(Clamps(), body(text, "%x: f32[3]"))


def test_a_maximum_that_grows_its_operand_stays() -> None:
    text = """%b = core.constant dense f32[3] [1.0, 1.0, 1.0] : f32[3]
        %a = core.max(%x, %b) : f32[3]
        %y = nn.relu(%a) : f32[3]"""
    untouched(Clamps(), body(text, "%x: f32[1]"))


def test_nan_comes_through() -> None:
    text = body(f"{NUMBERS}\n%a = nn.clip(%x, %h, %l) : f32[n]\n%y = nn.clip(%a, %m, %m) : f32[n]")
    after = interlingua.optimize(parse(text))
    assert np.isnan(interlingua.evaluate(after, [X])["y"][-1])
