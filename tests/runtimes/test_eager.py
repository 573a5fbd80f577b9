"""PyTorch modules as runners."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import interlingua
from interlingua.report import Verdict


class Number(nn.Module):
    """A Python number that only the run knows, beside a tensor."""

    def __init__(self, dtype):
        super().__init__()
        self.dtype = dtype

    def forward(self, x):
        return x.sum().to(self.dtype).item(), x * 2


@pytest.mark.parametrize("dtype", [torch.float32, torch.int64, torch.bool])
def test_numbers_of_python_are_outputs_of_64_bits(dtype):
    report = interlingua.convert(Number(dtype), to="onnx", example_inputs=(torch.ones(3),)).report
    assert report.verdict is Verdict.VERIFIED, report.reason
