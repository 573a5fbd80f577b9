"""A trained model as TorchScript: branches by rate, loops, state in attributes."""

from __future__ import annotations

import pytest
import torch

import interlingua
from interlingua.errors import UnsupportedOps
from interlingua.report import Verdict


@pytest.mark.parametrize(("rate", "samples"), [(16000, 512), (8000, 256)])
@pytest.mark.parametrize("to", ["onnx", "numpy"])
def test_silero_converts_at_each_of_its_rates(real_model, rate, samples, to):
    conversion = interlingua.convert(
        real_model("silero-jit"),
        to=to,
        example_inputs=(torch.zeros(3, samples), rate),
        dynamic_shapes={"x": ("batch", None), "sr": None},
        state="outputs",
    )
    assert conversion.verdict is Verdict.VERIFIED, str(conversion.report)
    assert {"batch=1", "batch=2", "batch=5"} <= set(conversion.report.cases)
    assert conversion.module.output_names == ["output", "_context", "_state", "_last_batch_size"]


def test_its_state_is_refused_where_nobody_asked_for_it(real_model):
    with pytest.raises(UnsupportedOps) as caught:
        interlingua.load(real_model("silero-jit"), example_inputs=(torch.zeros(1, 512), 16000))
    assert {r.where for r in caught.value.refusals} == {"_context", "_state", "_last_sr", "_last_batch_size"}
