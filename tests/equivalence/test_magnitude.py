from __future__ import annotations

import numpy as np
import pytest

from interlingua.equivalence.magnitude import root_mean_square, scale


@pytest.mark.parametrize("unit", [1.0, 2.0**-1022, 2.0**-600, 2.0**600, 2.0**1020])
def test_the_root_mean_square_is_that_at_any_scale(unit):
    assert root_mean_square(np.array([3.0, -5.0, 1.0, 1.0]) * unit) == 3.0 * unit


def test_of_complex_numbers_it_is_that_of_their_sizes():
    assert root_mean_square(np.array([3 + 4j, 0], np.complex64)) == pytest.approx(np.sqrt(12.5), rel=1e-15)


def test_what_is_not_finite_does_not_count():
    assert root_mean_square(np.array([np.inf, np.nan, -2.0, 2.0])) == 2.0
    assert root_mean_square(np.array([np.inf])) == 0.0
    assert root_mean_square(np.zeros((0, 3), np.float32)) == 0.0


@pytest.mark.parametrize(
    ("array", "unit"), [([3.0, -5.0], 4.0), ([2.0**1023 * 1.5], 2.0**1023), ([5e-324], 5e-324), ([0.0], 1.0), ([], 1.0)]
)
def test_the_scale_brings_the_largest_size_between_one_and_two(array, unit):
    assert scale(np.array([*array, np.inf, np.nan])) == unit
