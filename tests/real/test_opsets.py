"""Trained models at older and newer opsets: each is verified, or what stands in the way is named."""

from __future__ import annotations

import pytest

import interlingua
from interlingua.errors import UnsupportedOps
from support.real_models import MODELS, SMALL, SWEPT_OPSETS


def sweep():
    for name in MODELS:
        for opset in SWEPT_OPSETS:
            quick = name in SMALL and opset in (SWEPT_OPSETS[0], SWEPT_OPSETS[-1])
            yield pytest.param(name, opset, marks=() if quick else pytest.mark.nightly)


@pytest.mark.parametrize(("name", "opset"), [*sweep()])
def test_it_is_verified_or_refused_with_the_reason(name, opset, real_model):
    source = real_model(name)
    report = interlingua.check(source, to="onnx", opset=opset)
    if report.verdict is interlingua.Verdict.UNSUPPORTED:
        assert report.unsupported
        with pytest.raises(UnsupportedOps):
            interlingua.convert(source, to="onnx", opset=opset)
        return
    conversion = interlingua.convert(source, to="onnx", opset=opset)
    assert conversion.verdict is interlingua.Verdict.VERIFIED, str(conversion.report)


@pytest.mark.parametrize("name", MODELS)
def test_no_opset_lacks_what_they_say(name, real_model):
    module = interlingua.load(real_model(name))
    lacking = {opset: interlingua.check(module, to="onnx", opset=opset).unsupported for opset in SWEPT_OPSETS}
    assert lacking == {opset: {} for opset in SWEPT_OPSETS}
