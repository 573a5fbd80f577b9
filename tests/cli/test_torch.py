"""PyTorch's files from the shell."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from typer.testing import CliRunner

from interlingua.cli.app import app
from interlingua.cli.outcome import Exit

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


class Scales(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros((), dtype=torch.int64))

    def forward(self, x: torch.Tensor, times: int = 1) -> torch.Tensor:
        self.calls += 1
        return x * times + self.calls


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "scales.pt2"
    shapes = ({0: torch.export.Dim("rows")}, None)
    torch.export.save(torch.export.export(Scales(), (torch.ones(3, 2), 4), dynamic_shapes=shapes), path)
    return path


def test_a_program_is_shown_checked_and_converted(program, tmp_path):
    shown = run("inspect", program, "--state", "outputs")
    assert "x  f32[x_d0, 2]" in shown.output
    assert run("check", program, "--to", "onnx", "--state", "outputs").exit_code == Exit.OK
    target = tmp_path / "scales.onnx"
    converted = run("convert", program, "-o", target, "--state", "outputs")
    assert converted.exit_code == Exit.OK
    assert "VERIFIED" in converted.output
    assert run("verify", program, target, "--state", "outputs").exit_code == Exit.OK


def test_state_is_refused_unless_it_is_asked_for(program):
    refused = run("check", program, "--to", "onnx")
    assert refused.exit_code == Exit.UNSUPPORTED
    assert "keeps no state" in refused.output


def test_torchscript_with_the_arguments_that_it_is_traced_on(tmp_path):
    source, trace, target = tmp_path / "s.pt", tmp_path / "e.npz", tmp_path / "s.onnx"
    torch.jit.script(Scales()).save(source)
    np.savez(trace, x=np.ones((3, 2), np.float32), times=np.array(4))
    given = ("--trace", trace, "--input", "x:rows,2", "--state", "outputs")
    converted = run("convert", source, "-o", target, *given)
    assert converted.exit_code == Exit.OK
    assert "rows=5" in converted.output
    missing = run("convert", source, "-o", target)
    assert missing.exit_code == Exit.USAGE
    assert "--trace" in missing.output


def test_a_module_that_was_pickled_is_damaged_to_us(tmp_path):
    path = tmp_path / "whole.pt"
    torch.save(Scales(), path)
    refused = run("inspect", path)
    assert refused.exit_code == Exit.INVALID_MODEL
    assert "would run code" in refused.output
