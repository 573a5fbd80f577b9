"""Casts to what a value is, and by way of wider dtypes."""

from itertools import product

import numpy as np
import pytest

from interlingua.ir.dtypes import DType
from interlingua.passes.cleanup.casts import Casts, holds
from support.passes import check, untouched
from support.text import body


def cast(name: str, x: str, to: str, saturate: str = "false") -> str:
    return f'%{name} = core.cast(%{x}) {{to = {to}, saturate = {saturate}, rounding = "up"}} : {to}[n]'


def two(x: str, first: str, then: str) -> str:
    return body(f"{cast('a', 'x', first)}\n{cast('y', 'a', then)}", f"%x: {x}[n]")


def test_to_its_own_dtype() -> None:
    text = body(f"{cast('a', 'x', 'f32')}\n%y = core.neg(%a) : f32[n]")
    check(Casts(), text, ["%y = core.neg(%x) : f32[n]"])


def test_a_small_float_that_saturates_loses_its_infinity() -> None:
    untouched(Casts(), body(cast("y", "x", "f8e5m2", "true"), "%x: f8e5m2[n]"))


@pytest.mark.parametrize(
    ("x", "wide", "to"),
    [("f16", "f32", "i32"), ("i8", "i32", "f32"), ("bool", "f32", "i64"), ("u8", "i16", "f16"), ("i32", "f64", "f32")],
)
def test_by_way_of_a_wider_one(x: str, wide: str, to: str) -> None:
    check(Casts(), two(x, wide, to), [cast("y", "x", to)])


def test_there_and_back() -> None:
    text = body(f"{cast('a', 'x', 'f32')}\n{cast('b', 'a', 'f16')}\n%y = core.neg(%b) : f16[n]", "%x: f16[n]")
    check(Casts(), text, ["%y = core.neg(%x) : f16[n]"])


@pytest.mark.parametrize(
    ("x", "wide", "to"),
    [("f32", "f16", "f32"), ("i32", "f32", "f64"), ("i8", "u16", "i32"), ("f32", "i32", "f32"), ("i64", "i32", "i64")],
)
def test_what_loses_values_stays(x: str, wide: str, to: str) -> None:
    untouched(Casts(), two(x, wide, to))


SCALARS = [DType(v) for v in ("bool", "i8", "u8", "i16", "u16", "f16", "bf16", "f8e4m3", "f8e5m2", "f8e4m3fnuz")]
WIDE = [DType(v) for v in ("i8", "u8", "i16", "u16", "i32", "u32", "i64", "f16", "bf16", "f32", "f64")]


@pytest.mark.parametrize(("narrow", "wide"), list(product(SCALARS, WIDE)))
def test_every_value_is_held(narrow: DType, wide: DType) -> None:
    """Each of the values of a dtype, there and back, where the table says so."""
    if not holds(wide, narrow):
        return
    if narrow is DType.BOOL:
        values = np.array([False, True])
    else:
        bits = np.arange(1 << narrow.bits, dtype=np.uint8 if narrow.bits == 8 else np.uint16)
        values = bits.view(narrow.numpy)
    with np.errstate(all="ignore"):
        there = values.astype(wide.numpy)
        kept = there.astype(narrow.numpy) == values
        nan = np.isnan(values.astype(np.float32)) & np.isnan(there.astype(np.float32))
        exact = there.astype(np.float64) == values.astype(np.float64)
    assert np.all((kept & exact) | nan)
