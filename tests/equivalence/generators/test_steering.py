"""Draws aim at what is wished, and say what may take the place of what."""

import numpy as np

from interlingua.equivalence.generators.steering import Free, Steered
from interlingua.ir.dialects import builtin_ops
from interlingua.ir.draw import MAX_OVERRIDES, RandomDraw, values
from interlingua.ir.dtypes import DType

OPS = builtin_ops()


def test_the_first_questions_are_answered_as_wished():
    for seed in range(10):
        draw = Steered(RandomDraw(seed), shape=(8, 9), dtype=DType.F64)
        (x,) = OPS["nn.gelu"].sample(draw).operands
        assert x.shape == (8, 9)
        assert x.dtype == np.float64


def test_what_is_not_among_the_answers_is_drawn():
    draw = Steered(RandomDraw(0), shape=(8,) * 9, dtype=DType.STRING)
    (x,) = OPS["nn.gelu"].sample(draw).operands
    assert x.ndim <= 4
    assert draw.options
    assert DType.STRING not in draw.options


def test_limits_decide_what_may_take_the_place_of_an_operand():
    free = Free(np.zeros(2), DType.F64, finite=True, lo=-1, hi=1)
    assert free.admits(np.array([0.5, -1.0]))
    assert not free.admits(np.array([0.5, 2.0]))
    assert not free.admits(np.array([0.5, np.nan]))
    assert Free(np.zeros(2), DType.F64, finite=False).admits(np.array([np.inf, np.nan]))


def test_few_elements_are_overridden():
    changed = []
    for seed in range(200):
        draw = Steered(RandomDraw(seed))
        array = draw.array((40,), DType.F32, kinds=("arange",))
        changed.append(int((array != values((40,), DType.F32, "arange", 0)).sum()))
    assert 0 < max(changed) <= MAX_OVERRIDES
    assert changed.count(0) > 100
