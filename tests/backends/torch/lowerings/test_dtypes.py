"""Dtypes that PyTorch has no kernels for, or others than are asked for: the same computed in another way."""

import ml_dtypes
import numpy as np
import pytest

import interlingua
from interlingua.ir.dtypes import DType
from interlingua.ir.ops import binary, convert, convolution, logic, math, shape, unary
from interlingua.ir.types import Tensor

U64 = DType.U64
HIGH = np.array([2**63, 2**64 - 1, 2**63 + 5, 7, 0, 2**63 - 1], np.uint64)
LOW = np.array([3, 2, 2**63 + 4, 2**64 - 1, 5, 1], np.uint64)


def computed(module_of, build, **inputs):
    types = {name: Tensor(DType.of(value), value.shape) for name, value in inputs.items()}
    module = module_of(build, types)
    found = interlingua.convert(module, to="torch", verify=False).run(inputs)["y"]
    return np.asarray(found)


BY_NUMPY = {
    binary.Add: np.add,
    binary.Mul: np.multiply,
    binary.Div: np.floor_divide,
    binary.Rem: np.remainder,
    binary.Max: np.maximum,
    binary.Min: np.minimum,
    math.FloorDiv: np.floor_divide,
    math.Mod: np.remainder,
    logic.Lt: np.less,
    logic.Le: np.less_equal,
    logic.Eq: np.equal,
    logic.And: np.bitwise_and,
}


@pytest.mark.parametrize("op", BY_NUMPY, ids=lambda op: op.__name__)
@pytest.mark.parametrize("dtype", [np.uint16, np.uint32, np.uint64])
def test_unsigned_integers_compute(op, dtype, module_of):
    bits = 8 * dtype().itemsize
    a, b = ((v >> np.uint64(64 - bits)).astype(dtype) for v in (HIGH, LOW))
    b = np.where(b == 0, 1, b).astype(dtype)
    got = computed(module_of, lambda m, x, y: m(op(), x, y), x=a, y=b)
    want = BY_NUMPY[op](a, b)
    assert got.dtype == want.dtype and got.tolist() == want.tolist()


@pytest.mark.parametrize("bits", [0, 1, 63])
def test_a_shift_of_uint64_takes_zeros_in(bits, module_of):
    got = computed(module_of, lambda m, x, y: m(logic.ShiftRight(), x, y), x=HIGH, y=np.full(6, bits, np.uint64))
    assert got.tolist() == (HIGH >> np.uint64(bits)).tolist()


def test_what_is_beyond_float8_is_no_number(module_of):
    """PyTorch 2.13 gives the greatest value, earlier ones NaN."""
    x = np.array([448, 464, 464.001, 480, np.inf, -465, np.nan], np.float32)
    got = computed(module_of, lambda m, v: m(convert.Cast(DType.F8E4M3), v), x=x).astype(np.float32)
    np.testing.assert_array_equal(got, x.astype(ml_dtypes.float8_e4m3fn).astype(np.float32))


def test_float64_is_rounded_once(module_of):
    """By way of float32, which PyTorch takes, 1 + 2**-11 + 2**-40 is a tie."""
    x = np.array([1 + 2.0**-11 + 2.0**-40, 1 + 2.0**-11, 65520 - 2.0**-30, 1e300, -np.inf, 2.0**-25 * (1 + 2.0**-30)])
    got = computed(module_of, lambda m, v: m(convert.Cast(DType.F16), v), x=x)
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(got, x.astype(np.float16))


@pytest.mark.parametrize("to", [DType.I8, DType.U16, DType.I32, DType.I64, DType.U64])
def test_what_is_beyond_an_integer_saturates(to, module_of):
    x = np.array([np.nan, np.inf, -np.inf, 2.0**63, 2.0**31, -3.7, 1e30, 254.9], np.float32)
    got = computed(module_of, lambda m, v: m(convert.Cast(to, saturate=True), v), x=x)
    info = np.iinfo(to.numpy)
    inside = [0 if not np.isfinite(v) else int(v) for v in x]
    beyond = [info.max if v > 0 else info.min if v < 0 else 0 for v in x]
    want = [w if np.isfinite(v) else b for v, w, b in zip(x, inside, beyond, strict=True)]
    assert got.tolist() == [min(max(w, info.min), info.max) for w in want]


def test_the_sign_of_no_number_is_none(module_of):
    got = computed(module_of, lambda m, v: m(unary.Sign(), v), x=np.array([np.nan, -2, 0], np.float32))
    np.testing.assert_array_equal(got, np.array([np.nan, -1, 0], np.float32))


def test_a_power_of_infinity_is_none_of_its_roots(module_of):
    """As a number, PyTorch takes the root for the exponent 0.5."""
    x = np.array([-np.inf, 4], np.float32)
    got = computed(module_of, lambda m, v: m(binary.Pow(), v, m.constant(np.float32(0.5))), x=x)
    np.testing.assert_array_equal(got, np.array([np.inf, 2], np.float32))


def test_an_infinite_weight_meets_no_zero_between_elements(module_of):
    w = np.array([[[[[np.inf, 1.0]]]]], np.float32).reshape(1, 1, 1, 1, 1, 2)
    op = convolution.ConvTranspose((1, 1, 1, 3), (0,) * 8, (1,) * 4, (0,) * 4)
    x = np.ones((1, 1, 1, 1, 1, 2), np.float32)
    got = computed(module_of, lambda m, v: m(op, v, m.constant(w)), x=x)
    assert got.ravel().tolist() == [np.inf, 1, 0, np.inf, 1]


def test_filling_with_a_great_integer_is_exact(module_of):
    """``F.pad`` takes a number in double precision."""
    great = np.int64(2**60 + 1)
    zeros = np.zeros(1, np.int64)
    got = computed(module_of, lambda m, v: m(shape.Pad(), v, m.constant([1, 0]), m.constant(great)), x=zeros)
    assert got.tolist() == [2**60 + 1, 0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_remainder_is_one_where_the_quotient_is_beyond_the_dtype(dtype, module_of):
    """PyTorch's own is NaN there, of eight elements and more."""
    least = np.finfo(dtype).smallest_subnormal
    a = np.array([np.finfo(dtype).max, 5, -7e20, np.inf, 1, 5.5, -5.5, 3] * 2, dtype)
    b = np.array([least * 3, least, least * 1000, 2, 0, np.inf, 2, -2] * 2, dtype)
    got = computed(module_of, lambda m, x, y: m(binary.Rem(), x, y), x=a, y=b)
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(got, np.fmod(a, b))
