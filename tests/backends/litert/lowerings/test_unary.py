"""Elementwise ops of one operand at the edges."""

from __future__ import annotations

import numpy as np

from interlingua.ir.ops.math import Expm1
from interlingua.ir.ops.unary import Abs, Neg
from support.on_litert import in_litert


def test_the_negative_of_a_zero_has_the_other_sign() -> None:
    for (found,) in in_litert(Neg(), np.float32([0.0, -0.0, 2.0])):
        assert np.signbit(found).tolist() == [True, False, True]


def test_the_size_of_int64() -> None:
    least = np.iinfo(np.int64).min
    for (found,) in in_litert(Abs(), np.int64([3, -(2**40), 0, least])):
        assert found.tolist() == [3, 2**40, 0, least]


def test_the_exponential_less_one_is_right_to_a_few_roundings() -> None:
    x = np.concatenate([np.linspace(-20, -1e-3, 500), np.linspace(1e-3, 85, 2000)]).astype(np.float32)
    due = np.expm1(x.astype(np.float64))
    for (found,) in in_litert(Expm1(), x):
        assert (np.abs(found - due) <= 4 * 2.0**-24 * np.abs(due)).all()
