"""Pointwise kernels at the edges: signs of zero, NaN, integer division, narrow floats."""

import ml_dtypes
import numpy as np
import pytest

from interlingua.ir.kernels import activation, binary, convert, logic, math, quant, unary

BF16 = np.dtype(ml_dtypes.bfloat16)
FLOATS = [np.dtype(np.float16), BF16, np.dtype(np.float32), np.dtype(np.float64)]


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_scalars_come_out_as_arrays_of_their_dtype(dtype):
    x = np.asarray(0.5).astype(dtype)
    for kernel in (unary.exp, unary.sign, unary.round_, math.sinc, activation.sigmoid, activation.softplus):
        y = kernel(x)
        assert isinstance(y, np.ndarray)
        assert y.dtype == dtype
        assert y.shape == ()


def test_round_takes_ties_to_even():
    np.testing.assert_array_equal(unary.round_(np.array([0.5, 1.5, 2.5, -0.5, -2.5])), [0, 2, 2, -0.0, -2])


def test_negation_flips_the_sign_of_zero():
    assert np.signbit(unary.neg(np.array(0.0)))


def test_sign_keeps_nan_and_gives_positive_zero():
    y = unary.sign(np.array([np.nan, -0.0, -np.inf], np.float32))
    assert np.isnan(y[0])
    assert not np.signbit(y[1])
    assert y[2] == -1


@pytest.mark.parametrize("a, b", [(7, 2), (-7, 2), (7, -2), (-7, -2), (6, -3)])
def test_integer_division_truncates_and_its_floor_versions_do_not(a, b):
    x, y = np.array(a, np.int8), np.array(b, np.int8)
    assert int(binary.div(x, y)) == int(a / b)
    assert int(binary.rem(x, y)) == a - int(a / b) * b
    assert int(math.floor_div(x, y)) == a // b
    assert int(math.mod(x, y)) == a % b


@pytest.mark.parametrize("a", [-np.inf, -5.5, -0.0, 0.0, 3.0, np.inf, np.nan])
@pytest.mark.parametrize("b", [-np.inf, -2.0, 0.0, 2.0, np.inf, np.nan])
def test_float_mod_is_pythons(a, b):
    with np.errstate(all="ignore"):
        expected = np.mod(np.float64(a), np.float64(b))
    got = math.mod(np.array(a), np.array(b))
    np.testing.assert_array_equal(got, expected)
    if not np.isnan(expected):
        assert np.signbit(got) == np.signbit(expected)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("exponents", [(), (1,), (4,)])
def test_a_power_of_one_half_is_no_root(dtype, exponents):
    """As C has it: of infinities inf, of zeros 0, whatever the shape of the exponent."""
    got = binary.pow_(np.array([-np.inf, -0.0, 4, -1], dtype), np.full(exponents, 0.5, dtype))
    np.testing.assert_array_equal(got, np.array([np.inf, 0, 2, np.nan], dtype))
    assert not np.signbit(got[:2]).any()


def test_negative_integer_powers_truncate():
    got = binary.pow_(np.array([-1, -1, 1, 2]), np.array([-3, -2, -1, -1]))
    np.testing.assert_array_equal(got, [-1, 1, 1, 0])


def test_extremes_propagate_nan():
    x, y = np.array([np.nan, 1.0]), np.array([1.0, np.nan])
    assert np.isnan(binary.max_(x, y)).all()
    assert np.isnan(binary.min_(x, y)).all()
    assert np.isnan(activation.relu(x)[0])
    assert np.isnan(activation.clip(x, np.array(0.0), np.array(1.0))[0])


def test_not_is_logical_on_bool_and_bitwise_on_integers():
    np.testing.assert_array_equal(logic.not_(np.array([True, False])), [False, True])
    np.testing.assert_array_equal(logic.not_(np.array([0, 5], np.uint8)), [255, 250])


def test_right_shift_copies_the_sign():
    np.testing.assert_array_equal(logic.shift_right(np.array([-8, 8]), np.array([1, 1])), [-4, 4])


def test_strings_compare():
    a, b = np.array(["x", "yy"], object), np.array(["x", "y"], object)
    np.testing.assert_array_equal(logic.eq(a, b), [True, False])


def test_no_overflow_in_the_exponentials():
    x = np.array([1000.0, -1000.0], np.float32)
    np.testing.assert_array_equal(activation.softplus(x), [1000, 0])
    np.testing.assert_array_equal(activation.sigmoid(x), [1, 0])
    np.testing.assert_array_equal(activation.softmax(x, axis=-1), [1, 0])


def test_hardmax_takes_the_first_of_a_tie():
    np.testing.assert_array_equal(
        activation.hardmax(np.array([[1.0, 3, 3], [2, 2, 2]]), axis=1), [[0, 1, 0], [1, 0, 0]]
    )


@pytest.mark.parametrize("kernel", [activation.softmax, activation.log_softmax, activation.hardmax])
def test_empty_axes_stay_empty(kernel):
    assert kernel(np.zeros((2, 0), np.float32), axis=1).shape == (2, 0)
    assert kernel(np.zeros((0, 3), np.float32), axis=1).shape == (0, 3)


def _cast(x, to, saturate=False, rounding="up"):
    return convert.cast(np.asarray(x), to=np.dtype(to), saturate=saturate, rounding=rounding)


def test_integers_keep_their_low_bits_unless_saturated():
    np.testing.assert_array_equal(_cast([200, -1], np.int8), [-56, -1])
    np.testing.assert_array_equal(_cast([200, -200], np.int8, saturate=True), [127, -128])
    np.testing.assert_array_equal(_cast([2**63 + 1], np.int64, saturate=True), [2**63 - 1])


@pytest.mark.parametrize("to", [np.int8, np.uint8, np.int32, np.int64, np.uint64])
def test_saturated_floats_reach_the_bounds(to):
    info = np.iinfo(to)
    got = _cast([np.inf, -np.inf, np.nan, 1e30, -1.5], to, saturate=True)
    assert [int(v) for v in got] == [info.max, info.min, 0, info.max, max(info.min, -1)]


def test_float8_saturates_or_not():
    e4m3, e5m2 = ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2
    assert float(_cast(1e6, e4m3, saturate=True)) == 448
    assert np.isnan(float(_cast(1e6, e4m3)))
    assert float(_cast(-np.inf, e5m2, saturate=True)) == -57344
    assert float(_cast(-np.inf, e5m2)) == -np.inf


@pytest.mark.parametrize("rounding, expected", [("down", 2.0), ("nearest", 4.0), ("up", 4.0)])
def test_powers_of_two_round_as_asked(rounding, expected):
    assert float(_cast(3.0, ml_dtypes.float8_e8m0fnu, True, rounding)) == expected


def test_numbers_and_strings():
    np.testing.assert_array_equal(_cast(np.array(["-INF", "1e3"], object), np.float32), [-np.inf, 1000])
    assert _cast(np.array([0.5, np.nan], np.float32), object).tolist() == ["0.5", "nan"]


def test_quantize_rounds_half_to_even_and_clips():
    x = np.array([-300, -0.5, 0.5, 1.5, 300], np.float32)
    y = quant.quantize(x, np.float32(1), np.array(10, np.uint8), dtype=np.dtype(np.uint8), axis=0, block=0,
                       saturate=True, precision=None)  # fmt: skip
    assert y.tolist() == [0, 10, 10, 12, 255]


def test_blocked_scales_may_leave_a_rest():
    x = np.arange(10, dtype=np.int8).reshape(2, 5)
    scale = np.array([[1, 10], [2, 20]], np.float32)
    y = quant.dequantize(x, scale, None, dtype=None, axis=1, block=3)
    np.testing.assert_array_equal(y, [[0, 1, 2, 30, 40], [10, 12, 14, 160, 180]])


def test_dynamic_quantization_of_zeros():
    levels, scale, zero = quant.dynamic_quantize(np.zeros(3, np.float32))
    assert levels.tolist() == [0, 0, 0]
    assert float(scale) == float(np.float32(1) / np.float32(255))
    assert int(zero) == 0
