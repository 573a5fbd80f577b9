"""ONNX's suites of whole models: what they compute here, and what comes out of ONNX Runtime after a conversion."""

from __future__ import annotations

import numpy as np
import pytest

import interlingua
from interlingua.report import Verdict
from interlingua.runtimes.workers import WarmWorker
from support.node_cases import emitted, evaluated
from support.suites import KINDS, fed, light, light_names, suite_case, suite_names

LEAST = {"simple": 21, "pytorch-converted": 82, "pytorch-operator": 35}
REFUSED = {
    "test_gradient_of_add": "ai.onnx.preview.training:Gradient",
    "test_gradient_of_add_and_mul": "ai.onnx.preview.training:Gradient",
}
"""Cases that are refused, with the op: training is not what is converted here."""
QUICK = ("squeezenet", "shufflenet")
"""Light models that take seconds."""


@pytest.fixture(scope="module")
def worker():
    with WarmWorker() as made:
        yield made


@pytest.mark.parametrize("kind", KINDS)
def test_every_model_is_right_here_and_after_conversion(kind, worker):
    cases = [suite_case(kind, name) for name in suite_names(kind) if name not in REFUSED]
    assert len(cases) >= LEAST[kind]
    for way in (evaluated, lambda case: emitted(case, worker)):
        assert {c.name: o for c in cases if (o := way(c)).verdict != "right"} == {}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_named(name):
    report = interlingua.check(suite_case("simple", name).model, to="onnx")
    assert [reason.startswith(REFUSED[name]) for reason in report.unsupported] == [True]


@pytest.mark.nightly
@pytest.mark.parametrize(("kind", "name"), [(k, n) for k in KINDS for n in suite_names(k) if n not in REFUSED])
def test_every_conversion_is_verified(kind, name):
    """On the suite's own inputs: some models take few others."""
    case = suite_case(kind, name)
    names = [i.name for i in fed(case.model.graph)]
    examples = [dict(zip(names, inputs, strict=True)) for inputs, _ in case.data_sets]
    conversion = interlingua.convert(case.model, to="onnx", examples=examples)
    assert conversion.verdict is Verdict.VERIFIED, str(conversion.report)


LIGHT = [pytest.param(name, marks=() if name in QUICK else pytest.mark.nightly) for name in light_names()]


@pytest.mark.parametrize("name", LIGHT)
def test_light_models_with_other_weights(name):
    """Ours against ONNX Runtime without its optimisations, and a conversion that is verified."""
    source = light(name).SerializeToString()
    port = interlingua.load(source).inputs[0]
    image = np.random.default_rng(0).standard_normal(port.dims).astype(np.float32)
    report = interlingua.convert(source, to="onnx", examples=[[image]]).report
    assert report.verdict is Verdict.VERIFIED, str(report)
    own = interlingua.compare(source, interlingua.load(source), examples=[[image]])
    assert own.verdict is Verdict.VERIFIED, str(own)
    assert own.worst is not None and own.worst.error > 0, "nothing was rounded: the outputs say nothing"
