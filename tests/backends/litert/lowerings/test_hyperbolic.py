"""Hyperbolic functions and the error function in LiteRT: digits near 0, at the ends, and what is no number."""

from __future__ import annotations

import math

import numpy as np
import pytest

from interlingua.ir.dtypes import DType
from interlingua.ir.ops import unary
from interlingua.runtimes.litert import NUMERICS
from support.on_litert import in_litert

ULPS = 8.0
"""Unit roundoffs that an elementary function may be off by, where LiteRT declares no more."""
CASES = {
    unary.Sinh: (np.sinh, -89.4, 89.4),
    unary.Cosh: (np.cosh, -89.4, 89.4),
    unary.Asinh: (np.arcsinh, -1e38, 1e38),
    unary.Acosh: (np.arccosh, 1.0, 1e38),
    unary.Atanh: (np.arctanh, -1.0, 1.0),
    unary.Erf: (np.vectorize(math.erf), -5.0, 5.0),
}
ENDS = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0], np.float32)


def arguments(low, high):
    """Of every size, and spread evenly."""
    rng = np.random.default_rng(0)
    sizes = np.exp2(rng.uniform(-30, np.log2(high), 2000))
    near = 1 + np.exp2(rng.uniform(-20, 3, 2000))
    drawn = np.concatenate([sizes, -sizes, near, rng.uniform(low, high, 2000)]).astype(np.float32)
    return drawn[(drawn > low) & (drawn < high)]


@pytest.mark.parametrize("op", CASES)
def test_digits(op):
    exact, low, high = CASES[op]
    x = arguments(low, high)
    due = exact(x.astype(np.float64))
    bound = NUMERICS.ulps.get(op.name, ULPS) * 2.0**-24 * np.abs(due)
    for (found,) in in_litert(op(), x):
        assert (np.abs(found - due) <= bound).all()


@pytest.mark.parametrize("op", CASES)
def test_ends(op):
    with np.errstate(all="ignore"):
        due = CASES[op][0](ENDS.astype(np.float64)).astype(np.float32)
    (found,) = in_litert(op(), ENDS)[0]
    np.testing.assert_allclose(found, due, rtol=1e-6)
    assert (np.signbit(found) == np.signbit(due))[~np.isnan(due)].all()


@pytest.mark.parametrize("op", CASES)
def test_narrow_floats_round_once(op):
    exact, low, high = CASES[op]
    x = arguments(low, min(high, 10.0)).astype(DType.BF16.numpy)
    x = x[(x.astype(np.float32) > low) & (x.astype(np.float32) < high)]
    due = exact(x.astype(np.float64))
    for (found,) in in_litert(op(), x):
        assert found.dtype == x.dtype
        assert (np.abs(found.astype(np.float64) - due) <= 1.01 * 2.0**-8 * np.abs(due) + 1e-38).all()
