"""Files as sources: what is a model is converted and verified, anything else is refused with the way out."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import interlingua
from interlingua.errors import InvalidModel, UsageError
from interlingua.report import Verdict
from support.torch_eager import whole

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 3)

    def forward(self, x: torch.Tensor, n: int = 2) -> dict[str, torch.Tensor]:
        return {"logits": self.linear(x) * n, "doubled": x * 2}


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "small.pt2"
    shapes = ({0: torch.export.Dim("rows", min=2, max=7)}, None)
    torch.export.save(torch.export.export(Small(), (whole(4, 4), 3), dynamic_shapes=shapes), path)
    return path


def test_a_program_in_a_file_is_verified_in_a_process_of_its_own(program):
    conversion = interlingua.convert(program, to="onnx")
    assert conversion.verdict is Verdict.VERIFIED
    assert "an exported program" in conversion.report.reference
    assert conversion.module.input_names == ["x"]
    assert conversion.module.output_names == ["logits", "doubled"]
    assert all(2 <= int(case.partition("=")[2]) <= 7 for case in conversion.report.cases)


def test_a_program_has_its_shapes_already(program):
    with pytest.raises(UsageError, match="has its shapes"):
        interlingua.load(program, dynamic_shapes={"x": ("n", None)})


def test_a_program_at_hand(program):
    exported = torch.export.export(Small(), (whole(4, 4),))
    conversion = interlingua.convert(exported, to="onnx")
    assert conversion.verdict is Verdict.VERIFIED


@pytest.mark.parametrize("suffix", [".pt", ".jit", ".pts", ".torchscript"])
def test_torchscript_in_a_file(suffix, tmp_path):
    path = tmp_path / f"small{suffix}"
    torch.jit.script(Small()).save(path)
    shapes = {"x": ("rows", None), "n": None}
    conversion = interlingua.convert(path, to="onnx", example_inputs=(whole(4, 4), 3), dynamic_shapes=shapes)
    assert conversion.verdict is Verdict.VERIFIED
    assert "TorchScript" in conversion.report.reference
    assert conversion.module.inputs[0].dims == ("rows", 4)


def test_torchscript_takes_examples(tmp_path):
    path = tmp_path / "small.pt"
    torch.jit.script(Small()).save(path)
    with pytest.raises(UsageError, match="running it on examples"):
        interlingua.load(path)


def test_weights_alone_are_no_model(tmp_path):
    from safetensors.torch import save_file

    pickled, tensors = tmp_path / "w.pt", tmp_path / "w.safetensors"
    torch.save(Small().state_dict(), pickled)
    save_file(Small().state_dict(), tensors)
    for path, reader in ((pickled, "torch.load(path, weights_only=True)"), (tensors, "safetensors.torch.load_file")):
        with pytest.raises(UsageError, match="weights, not the model") as caught:
            interlingua.load(path)
        assert reader in str(caught.value)


def test_a_module_that_was_pickled_is_not_read(tmp_path):
    path = tmp_path / "whole.pth"
    torch.save(Small(), path)
    with pytest.raises(InvalidModel, match="would run code") as caught:
        interlingua.load(path)
    assert "example_inputs" in str(caught.value)


def test_no_file_and_no_model(tmp_path):
    with pytest.raises(UsageError, match="no file"):
        interlingua.load(tmp_path / "none.pt2")
    path = tmp_path / "text.pt2"
    path.write_text("a text that is long enough to look at")
    with pytest.raises(InvalidModel, match=r"none of PyTorch.s files"):
        interlingua.load(path)
