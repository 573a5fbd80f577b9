"""Bits of integers, remainders of floats, order of uint64, and what is drawn at random."""

import numpy as np
import pytest

from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.binary import Max, Min, Rem
from interlingua.ir.ops.convert import Bitcast
from interlingua.ir.ops.logic import And, Lt, Or, ShiftLeft, ShiftRight, Xor
from interlingua.ir.ops.random import RandomNormal, RandomUniform
from support.litert import computed

WIDTHS = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]


def odd(dtype, seed):
    info = np.iinfo(dtype)
    drawn = np.random.default_rng(seed).integers(info.min, info.max, 20, dtype, endpoint=True)
    return np.concatenate([drawn, np.array([info.min, info.max, 0, 1], dtype)])


@pytest.mark.parametrize("dtype", WIDTHS)
@pytest.mark.parametrize(("op", "due"), [
    (And, np.bitwise_and), (Or, np.bitwise_or), (Xor, np.bitwise_xor), (Max, np.maximum), (Min, np.minimum),
    (Lt, np.less),
])  # fmt: skip
def test_integers_of_every_width(op, due, dtype):
    a, b = odd(dtype, 1), odd(dtype, 2)[::-1, None]
    np.testing.assert_array_equal(computed(lambda g, a, b: g(op(), a, b), a, b), due(a, b))


@pytest.mark.parametrize("dtype", WIDTHS)
def test_shift_left_drops_bits(dtype):
    a, bits = odd(dtype, 1)[:, None], 8 * np.dtype(dtype).itemsize
    by = np.arange(bits).astype(dtype)
    np.testing.assert_array_equal(computed(lambda g, a, b: g(ShiftLeft(), a, b), a, by), np.left_shift(a, by))


@pytest.mark.parametrize("dtype", WIDTHS)
def test_shift_right_copies_the_sign(dtype):
    a, bits = odd(dtype, 1)[:, None], 8 * np.dtype(dtype).itemsize
    by = np.arange(bits).astype(dtype)
    np.testing.assert_array_equal(computed(lambda g, a, b: g(ShiftRight(), a, b), a, by), np.right_shift(a, by))
    for amount in by[:: bits // 8]:
        found = computed(lambda g, a, n=amount: g(ShiftRight(), a, g.constant(n)), a)
        np.testing.assert_array_equal(found, np.right_shift(a, amount))


@pytest.mark.parametrize("op", [ShiftLeft(), ShiftRight()])
def test_shifts_of_nothing(op):
    a, by = np.zeros((2, 0), np.int64), np.zeros((2, 1), np.int64)
    found = computed(lambda g, a, b: g(op, a, b), a, by, shapes={0: (symbol("n"), 0)})
    assert found.shape == (2, 0)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_rem_is_exact_and_has_the_sign_of_the_dividend(dtype):
    values = np.array([5.5, -5.5, np.inf, -0.0, 0.0, np.nan, 7, -7, 3, 60000, -2], dtype)
    a, b = values[:, None], values
    with np.errstate(invalid="ignore"):
        due = np.fmod(a, b)
    found = computed(lambda g, a, b: g(Rem(), a, b), a, b)
    np.testing.assert_array_equal(found, due)
    real = ~np.isnan(due)
    np.testing.assert_array_equal(np.signbit(found)[real], np.signbit(due)[real])


def test_bits_of_floats():
    x = np.array([1.5, -0.0, np.inf, np.nan], np.float64)
    np.testing.assert_array_equal(computed(lambda g, x: g(Bitcast(to=DType.I64), x), x), x.view(np.int64))


@pytest.mark.parametrize("op", [RandomUniform(low=2.0, high=3.0, seed=1.0), RandomNormal(mean=4.0, scale=0.5)])
def test_what_is_drawn_has_its_distribution(op):
    found = computed(lambda b, shape: b(op, shape), np.array([200, 50]))
    assert found.shape == (200, 50)
    assert abs(found.mean() - (2.5 if isinstance(op, RandomUniform) else 4.0)) < 0.05
    assert abs(found.std() - (12**-0.5 if isinstance(op, RandomUniform) else 0.5)) < 0.05
    if isinstance(op, RandomUniform):
        assert found.min() >= 2
        assert found.max() < 3
