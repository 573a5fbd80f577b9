"""The error function against the C library's."""

import math

import numpy as np

from interlingua.ir.kernels.erf import erf


def test_within_four_units_of_the_c_library():
    x = np.concatenate([np.linspace(-7, 7, 20_001), np.logspace(-300, 1, 500), [0.46875, 4.0, 6.0]])
    exact = np.array([math.erf(v) for v in x])
    assert np.all(np.abs(erf(x) - exact) <= 4 * np.maximum(np.spacing(np.abs(exact)), np.finfo(float).tiny))


def test_special_values():
    y = erf(np.array([np.inf, -np.inf, np.nan, 0.0, -0.0]))
    np.testing.assert_array_equal(y, [1, -1, np.nan, 0, 0])
    assert np.signbit(y[4])


def test_dtype_and_rank_are_kept():
    y = erf(np.float16(0.5))
    assert isinstance(y, np.ndarray)
    assert y.dtype == np.float16
    assert y.shape == ()
