"""Remainders of floats in LiteRT: exact, with the sign of the dividend, of a zero too."""

from __future__ import annotations

import numpy as np
import pytest

from interlingua.ir.ops.binary import Rem
from interlingua.ir.ops.math import Mod
from support.on_litert import in_litert
from support.single import apply

ENDS = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 5.5, -5.5, 3e38, 1e-30, 0.3, -7.0]


def pairs():
    return (m.ravel().astype(np.float32) for m in np.meshgrid(ENDS, ENDS))


@pytest.mark.parametrize("op", [Rem(), Mod()])
def test_every_pair_of_ends(op):
    a, b = pairs()
    (found,) = in_litert(op, a, b)[0]
    np.testing.assert_array_equal(found, apply(op, a, b))


def test_zero_has_the_sign_of_the_dividend():
    a, b = pairs()
    due = apply(Rem(), a, b)
    for (found,) in in_litert(Rem(), a, b):
        assert (np.signbit(found) == np.signbit(due))[due == 0].all()


def test_of_every_size():
    rng = np.random.default_rng(0)
    a, b = ((rng.standard_normal(2000) * np.exp2(rng.uniform(-20, m, 2000))).astype(np.float32) for m in (60, 20))
    for (found,) in in_litert(Rem(), a, b):
        np.testing.assert_array_equal(found, np.fmod(a, b))
