"""Elementwise ops of one operand at the edges."""

from __future__ import annotations

import numpy as np

from interlingua.ir.ops.unary import Neg
from support.on_litert import in_litert


def test_the_negative_of_a_zero_has_the_other_sign() -> None:
    for (found,) in in_litert(Neg(), np.float32([0.0, -0.0, 2.0])):
        assert np.signbit(found).tolist() == [True, False, True]
