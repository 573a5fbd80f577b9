"""Trained models as ONNX Runtime's tools leave them, optimised or quantized: converted and verified."""

from __future__ import annotations

import pytest

import interlingua
from interlingua.report import Verdict
from support.real_models import MODELS
from support.runtime_models import optimised, quantized

NOT_QUANTIZED = {"ppocr-det", "ppocr-rec"}
"""ONNX Runtime's tool wants weights to be initializers; theirs are nodes."""
QUICK = [("faster-whisper-silero-v6", "dynamic", False), ("silero-16k-op15", "dynamic", True)]
ALL = [(name, "plain", True) for name in MODELS] + [
    (name, "dynamic", optimise) for name in MODELS if name not in NOT_QUANTIZED for optimise in (False, True)
]


def check(path, folder, way, optimise):
    if way == "dynamic":
        path = quantized(path, folder / "quantized.onnx", "", way, {})
    if optimise:
        path = optimised(path, folder / "optimised.onnx")
    conversion = interlingua.convert(path, to="onnx", output=folder / "converted.onnx")
    assert conversion.verdict is Verdict.VERIFIED, str(conversion.report)
    assert (folder / "converted.onnx").stat().st_size < 1.15 * path.stat().st_size


@pytest.mark.parametrize(("name", "way", "optimise"), QUICK)
def test_verified(name, way, optimise, real_model, tmp_path):
    check(real_model(name), tmp_path, way, optimise)


@pytest.mark.nightly
@pytest.mark.parametrize(("name", "way", "optimise"), ALL)
def test_all_are_verified(name, way, optimise, real_model, tmp_path):
    check(real_model(name), tmp_path, way, optimise)
