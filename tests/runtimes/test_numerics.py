"""What runtimes declare of their arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from interlingua.equivalence.spread import Spread
from interlingua.ir.ops.contraction import MatMul
from interlingua.runtimes.numerics import IEEE, Numerics
from support.bounds import model, normal


def test_the_coarser_of_two_keeps_fewer_parts():
    few, many = Numerics(partial_sums=4), Numerics(partial_sums=64)
    assert few.coarser(many).partial_sums == many.coarser(few).partial_sums == 4
    assert few.coarser(IEEE).partial_sums == IEEE.coarser(few).partial_sums == 4
    assert IEEE.coarser(IEEE).partial_sums is None


@pytest.mark.parametrize("parts", [1, 8])
@pytest.mark.parametrize("terms", [16, 2048])
def test_errors_of_long_sums_grow_as_those_of_sums_in_parts(parts, terms):
    """Summing in float32 one by one, in so many parts, against what is expected of it."""
    a, b = normal(6, terms), normal(terms, 40)
    module, inputs = model(lambda build, x, y: build(MatMul(), x, y), a, b)
    expected = Spread(module, Numerics(partial_sums=parts)).of(inputs).rms["y0"]
    total = np.zeros((parts, 6, 40), np.float32)
    for k in range(terms):
        total[k % parts] += a[:, k, None] * b[None, k]
    found = total.sum(0) - a.astype(np.float64) @ b.astype(np.float64)
    ratio = np.sqrt(np.mean(found**2) / np.mean(expected**2))
    assert 0.2 < ratio < 1.2  # a rounding errs by less than half a unit, 0.4 of one in the mean
    plain = Spread(module, IEEE).of(inputs).rms["y0"]
    assert (np.mean(expected) > np.mean(plain)) == (terms > 2 * parts)
