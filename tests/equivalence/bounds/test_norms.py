"""Normalisations."""

from __future__ import annotations

import numpy as np

from interlingua.ir.ops.norm import LayerNorm
from interlingua.report import Verdict
from support.bounds import bound, normal, op, verdict


def test_layer_norm_by_either_formula_and_with_the_right_epsilon():
    x = normal(4, 64)
    expectation = bound(op(LayerNorm(epsilon=1e-3)), x)

    def norm(epsilon):
        mean = x.mean(1, keepdims=True)
        square = (x * x).mean(1, keepdims=True)
        return (x - mean) / np.sqrt(square - mean * mean + np.float32(epsilon))

    assert verdict(expectation, norm(1e-3)) == [Verdict.VERIFIED]
    assert verdict(expectation, norm(1.5e-3)) == [Verdict.MISMATCH]
