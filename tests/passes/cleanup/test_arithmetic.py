"""Neutral numbers, and ops that undo or repeat themselves."""

import numpy as np
import pytest

from interlingua.passes.cleanup.arithmetic import Arithmetic
from support.passes import check, lines, untouched
from support.text import body

X = np.array([-1.5, 0.0, -0.0, np.nan, np.inf, 2.0], np.float32)


def statement(call: str, number: str, dtype: str, shape: str = "") -> str:
    count = shape or "1"
    values = ", ".join([number] * int(count))
    return body(
        f"%c = core.constant dense {dtype}[{shape}] [{values}] : {dtype}[{shape}]\n%a = {call} : {dtype}[n, 3]\n"
        f"%y = core.add(%a, %a) : {dtype}[n, 3]",
        f"%x: {dtype}[n, 3]",
    )


@pytest.mark.parametrize(
    ("call", "number", "dtype"),
    [
        ("core.mul(%x, %c)", "1.0", "f32"),
        ("core.mul(%c, %x)", "1.0", "f16"),
        ("core.div(%x, %c)", "1.0", "f32"),
        ("core.pow(%x, %c)", "1.0", "f32"),
        ("core.add(%x, %c)", "-0.0", "f32"),
        ("core.add(%c, %x)", "-0.0", "f32"),
        ("core.sub(%x, %c)", "0.0", "f32"),
        ("core.add(%x, %c)", "0", "i32"),
        ("core.sub(%x, %c)", "0", "i64"),
        ("core.mul(%x, %c)", "1", "u8"),
        ("core.div(%x, %c)", "1", "i32"),
        ("math.floor_div(%x, %c)", "1", "i32"),
        ("core.or(%x, %c)", "0", "i32"),
        ("core.xor(%x, %c)", "0", "u8"),
        ("core.shift_left(%x, %c)", "0", "u8"),
    ],
)
def test_neutral_numbers_go(call: str, number: str, dtype: str) -> None:
    for shape in ("", "3"):
        found = lines(check(Arithmetic(), statement(call, number, dtype, shape), None))
        assert found[-1] == f"%y = core.add(%x, %x) : {dtype}[n, 3]"


@pytest.mark.parametrize(
    ("call", "number", "dtype"),
    [
        ("core.add(%x, %c)", "0.0", "f32"),
        ("core.sub(%x, %c)", "-0.0", "f32"),
        ("core.sub(%c, %x)", "0.0", "f32"),
        ("core.div(%c, %x)", "1.0", "f32"),
        ("core.mul(%x, %c)", "0.0", "f32"),
        ("core.mul(%x, %c)", "-1.0", "f32"),
        ("math.floor_div(%x, %c)", "1.0", "f32"),
        ("core.and(%x, %c)", "1", "i32"),
    ],
)
def test_others_stay(call: str, number: str, dtype: str) -> None:
    """``-0.0 + 0.0`` is 0.0, NaN·0 is NaN, ``1.5 // 1`` is 1, ``2 & 1`` is 0."""
    untouched(Arithmetic(), statement(call, number, dtype))


def test_negative_zero_is_kept() -> None:
    text = body(
        "%c = core.constant dense f32[] [-0.0] : f32[]\n%a = core.add(%x, %c) : f32[n]\n%y = core.neg(%a) : f32[n]"
    )
    check(Arithmetic(), text, ["%y = core.neg(%x) : f32[n]"], [{"x": X}])


def test_nothing_grows_by_broadcasting() -> None:
    text = "%c = core.constant dense f32[3] [1.0, 1.0, 1.0] : f32[3]\n%y = core.mul(%x, %c) : f32[{0}]"
    untouched(Arithmetic(), body(text.format("3"), "%x: f32[1]"))
    untouched(Arithmetic(), body(text.format("1, 3"), "%x: f32[1, 1]"))
    untouched(
        Arithmetic(),
        body("%c = core.constant dense f32[1] [1.0] : f32[1]\n%y = core.mul(%x, %c) : f32[1]", "%x: f32[]"),
    )


@pytest.mark.parametrize(
    ("op", "inner", "kept", "dtype"),
    [
        ("core.neg", "core.neg", "%y = core.add(%x, %x)", "f32"),
        ("core.neg", "core.neg", "%y = core.add(%x, %x)", "u8"),
        ("core.not", "core.not", "%y = core.add(%x, %x)", "i32"),
        ("core.abs", "core.abs", "%y = core.add(%b, %b)", "f32"),
        ("core.floor", "core.floor", "%y = core.add(%b, %b)", "f32"),
        ("core.round", "core.round", "%y = core.add(%b, %b)", "f32"),
        ("core.sign", "core.sign", "%y = core.add(%b, %b)", "i32"),
        ("nn.relu", "nn.relu", "%y = core.add(%b, %b)", "f32"),
        ("core.abs", "core.neg", "%y = core.add(%a, %a)", "i8"),
    ],
)
def test_what_undoes_or_repeats_itself(op: str, inner: str, kept: str, dtype: str) -> None:
    text = f"%b = {inner}(%x) : {dtype}[n]\n%a = {op}(%b) : {dtype}[n]\n%y = core.add(%a, %a) : {dtype}[n]"
    found = lines(check(Arithmetic(), body(text, f"%x: {dtype}[n]"), None))
    assert found[-1] == f"{kept} : {dtype}[n]"
    assert len(found) == (1 if "%x" in kept else 2)


@pytest.mark.parametrize(
    ("op", "inner", "dtype"),
    [("core.abs", "core.neg", "u8"), ("core.neg", "core.abs", "f32"), ("core.floor", "core.round", "f32")],
)
def test_what_only_looks_like_it_stays(op: str, inner: str, dtype: str) -> None:
    """``abs(-1)`` of bytes is 255."""
    untouched(Arithmetic(), body(f"%b = {inner}(%x) : {dtype}[n]\n%y = {op}(%b) : {dtype}[n]", f"%x: {dtype}[n]"))


def test_integers_times_0_are_0() -> None:
    text = "%c = core.constant dense i64[] [0] : i64[]\n%y = core.mul(%x, %c) : i64[{0}]"
    check(Arithmetic(), body(text.format("2"), "%x: i64[2]"), ["%y = core.constant dense i64[2] [0, 0] : i64[2]"])
    untouched(Arithmetic(), body(text.format("n"), "%x: i64[n]"))
    untouched(Arithmetic(), body(text.format("1000"), "%x: i64[1000]"))
