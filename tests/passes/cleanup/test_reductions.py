"""Reductions of single elements."""

import pytest

from interlingua.passes.cleanup.reductions import Reductions
from support.passes import check, untouched
from support.text import body


@pytest.mark.parametrize("op", ["core.reduce_max", "core.reduce_min", "core.reduce_prod"])
def test_of_one_element(op: str) -> None:
    text = body(f"%y = {op}(%x) {{axes = [1], keepdims = false}} : f32[n]", "%x: f32[n, 1]")
    check(Reductions(), text, ["%y = nn.squeeze(%x) {axes = [1]} : f32[n]"])
    text = body(
        f"%a = {op}(%x) {{axes = [-1], keepdims = true}} : f32[n, 1]\n%y = core.neg(%a) : f32[n, 1]", "%x: f32[n, 1]"
    )
    check(Reductions(), text, ["%y = core.neg(%x) : f32[n, 1]"])


@pytest.mark.parametrize("op", ["nn.mean", "core.reduce_sum"])
def test_a_sum_of_what_is_no_negative_zero(op: str) -> None:
    text = body(
        f"%a = math.sigmoid(%x) : f32[n, 1]\n%y = {op}(%a) {{axes = [1], keepdims = false}} : f32[n]", "%x: f32[n, 1]"
    )
    check(Reductions(), text, ["%a = math.sigmoid(%x) : f32[n, 1]", "%y = nn.squeeze(%a) {axes = [1]} : f32[n]"])


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        ("core.reduce_max(%x) {axes = [1], keepdims = false}", "n, m"),
        ("core.reduce_sum(%x) {axes = [1], keepdims = false}", "n, 1"),
        ("nn.mean(%x) {axes = [1], keepdims = false}", "n, 1"),
    ],
)
def test_of_several_or_of_a_negative_zero_it_stays(call: str, shape: str) -> None:
    untouched(Reductions(), body(f"%y = {call} : f32[n]", f"%x: f32[{shape}]"))
