"""A trained encoder of sentences, out of PyTorch: batch and length dynamic, verified at others than the example's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import interlingua
from interlingua.report import Verdict


@pytest.fixture(scope="module")
def encoder(real_model):
    from safetensors.torch import load_file

    from support.minilm import MiniLM

    model = MiniLM()
    model.load_state_dict(load_file(real_model("minilm")))
    return model.eval()


def sentences(batch, length):
    rng = np.random.default_rng(batch * 1000 + length)
    kept = rng.integers(1, length + 1, batch)
    ids = rng.integers(999, 30522, (batch, length))
    return {"input_ids": ids, "attention_mask": (np.arange(length) < kept[:, None]).astype(np.int64)}


@pytest.mark.parametrize("to", ["onnx", "torch", "litert"])
def test_minilm_is_verified_at_other_lengths(encoder, to):
    length = torch.export.Dim("length", max=512)
    shapes = {name: {0: "batch", 1: length} for name in ("input_ids", "attention_mask")}
    conversion = interlingua.convert(
        encoder,
        to=to,
        example_inputs={k: torch.from_numpy(v) for k, v in sentences(2, 9).items()},
        dynamic_shapes=shapes,
        examples=[sentences(1, 1), sentences(3, 17), sentences(1, 33)],
    )
    assert conversion.verdict is Verdict.VERIFIED, str(conversion.report)
    assert [p.dims for p in conversion.module.inputs] == [("batch", "length")] * 2
