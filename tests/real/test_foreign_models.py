"""Trained models that their authors converted themselves: is what they ship the same model?"""

from __future__ import annotations

import numpy as np
import pytest

import interlingua
from interlingua.report import Verdict
from interlingua.runtimes.litert import LiteRtRunner


def windows(*batches):
    """Noise, in batches of windows of audio."""
    rng = np.random.default_rng(0)
    return [[rng.standard_normal((n, 43844, 1)).astype(np.float32)] for n in batches]


def test_basic_pitch_is_the_same_model_in_onnx_and_tflite(real_model):
    report = interlingua.compare(real_model("basic-pitch"), real_model("basic-pitch-tflite"), examples=windows(1, 2))
    assert report.verdict is Verdict.VERIFIED, str(report)
    assert {c.output for c in report.comparisons} == {f"StatefulPartitionedCall:{i}" for i in range(3)}
    assert all(c.sqnr > 0 and c.share > 0 for c in report.comparisons)


def test_a_late_sample_is_found(real_model):
    """The artifact on audio of which one sample in 43,844 is missing."""
    path = real_model("basic-pitch-tflite")

    def late(x):
        (outcome,) = LiteRtRunner(path).run([{"input_2": np.roll(x, 1, axis=1)}], timeout=120)
        return outcome.outputs

    source = interlingua.load(real_model("basic-pitch"))
    names = {f"StatefulPartitionedCall:{i}": name for i, name in enumerate(("contour", "note", "onset"))}
    report = interlingua.compare(source, late, examples=windows(1), map=names)
    assert report.verdict is Verdict.MISMATCH, str(report)


@pytest.mark.parametrize("to", ["onnx", "torch", "litert"])
def test_a_model_of_litert_goes_to_other_formats(to, real_model):
    examples = [{"input_2": inputs[0]} for inputs in windows(1, 2)]
    conversion = interlingua.convert(real_model("basic-pitch-tflite"), to=to, examples=examples)
    assert conversion.verdict is Verdict.VERIFIED, str(conversion.report)
    assert [p.name for p in conversion.module.inputs] == ["input_2"]
