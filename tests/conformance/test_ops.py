"""Every op, tested from its own definition: one test a property, one id an op, Hypothesis drawing inside."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import interlingua
from interlingua.equivalence.expect import expect
from interlingua.equivalence.judge import judge
from interlingua.ir.clone import clone_module
from interlingua.ir.decompose import decompose_all
from interlingua.ir.dialects import builtin_ops
from interlingua.ir.op import Op
from interlingua.ir.text.parser import parse_module
from interlingua.ir.text.printer import print_module, weight_names
from interlingua.ir.verify import verify_module
from support.samples import HypothesisDraw, module_of

OPS = builtin_ops()
UNSAMPLED = {"core.constant", "core.if", "core.while", "core.scan", "core.call"}
"""Ops without operands to draw, or with regions: tested by hand."""
SAMPLED = [cls for name, cls in OPS.items() if name not in UNSAMPLED]
COMPOSITES = [cls for cls in SAMPLED if cls.decompose is not None and "random" not in cls.effects]

quick = settings(
    max_examples=int(os.environ.get("INTERLINGUA_EXAMPLES", "12")),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def ids(cls: type[Op]) -> str:
    return cls.name


def test_every_op_has_a_sample():
    assert [cls.name for cls in SAMPLED if cls.sample.__func__ is Op.sample.__func__] == []


@pytest.mark.parametrize("cls", SAMPLED, ids=ids)
def test_the_type_rule_agrees_with_the_reference(cls):
    """The interpreter holds every result against its declared type, symbols bound."""

    @quick
    @given(st.data(), st.booleans())
    def check(data, symbolic):
        sample = cls.sample(HypothesisDraw(data))
        assert type(sample.op) is cls
        module, inputs = module_of(sample, symbolic=symbolic)
        verify_module(module)
        interlingua.evaluate(module, inputs)

    check()


@pytest.mark.parametrize("cls", SAMPLED, ids=ids)
def test_the_text_form_round_trips(cls):
    @quick
    @given(st.data())
    def check(data):
        module, _ = module_of(cls.sample(HypothesisDraw(data)), symbolic=True)
        text = print_module(module)
        assert print_module(parse_module(text, OPS, weight_names(module))) == text

    check()


@pytest.mark.parametrize("cls", COMPOSITES, ids=ids)
def test_the_decomposition_agrees_with_the_reference(cls):
    """Exactly where nothing rounds; floats within the spread of the decomposed graph."""

    @quick
    @given(st.data())
    def check(data):
        module, inputs = module_of(cls.sample(HypothesisDraw(data)))
        named = dict(zip(module.input_names, inputs, strict=True))
        parts = clone_module(module)
        decompose_all(parts)
        verify_module(parts)
        assert [n.op.name for n in parts.walk() if n.op.decompose is not None] == []
        got = interlingua.evaluate(parts, named)
        for comparison in judge(expect(module, named), got, "sample"):
            assert comparison.passed, comparison

    check()


def test_samples_reach_special_values():
    from interlingua.ir.draw import RandomDraw
    from interlingua.ir.dtypes import DType

    drawn = [RandomDraw(seed).array((50,), DType.F32) for seed in range(50)]
    assert any(np.isnan(a).any() for a in drawn)
    assert any((a == 0).any() and np.signbit(a[a == 0]).any() for a in drawn)
