"""TorchScript, held against PyTorch's own interpreter of it."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import nn

import interlingua
from interlingua.errors import InvalidModel, UnsupportedOps
from interlingua.formats.torch import to_array
from interlingua.frontends.torch.script.module import interpreted
from interlingua.report import Verdict
from support.torch_eager import imported, whole

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")


class Branches(nn.Module):
    """Branches and loops by sizes and numbers, lists, tuples and texts."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4, 4), nn.Identity()])
        self.register_buffer("shift", whole(4))
        self.rates = [8, 16]
        self.names = ("a", "b")
        with torch.no_grad():
            self.layers[0].weight.copy_(whole(4, 4, seed=1))
            self.layers[0].bias.copy_(whole(4, seed=2))

    def forward(self, x: torch.Tensor, rate: int = 16, flag: bool = True) -> tuple[torch.Tensor, list[torch.Tensor]]:
        if rate not in self.rates:
            raise ValueError(f"{rate} is none of {self.rates}")
        found: list[torch.Tensor] = []
        for i in range(3):
            if i == 1:
                continue
            found.append(x * i + self.shift)
        step = rate // 8
        while step > 0:
            x = x + step
            step -= 1
        for layer in self.layers:
            x = layer(x)
        if flag and len(self.names) == 2 and x.dim() == 2:
            x = torch.cat([x, found[-1]], dim=1)
        y, z = x.chunk(2, dim=-1)
        pairs = {"y": y, "z": z}
        return pairs["y"] - pairs["z"], found


def test_the_machine_gives_what_torchscript_gives():
    script = torch.jit.script(Branches().eval())
    example = whole(3, 4)
    want, rest = script(example, 8)
    got, others = interpreted(script, keep_state=False)(example, rate=8)
    assert torch.equal(want, got)
    assert all(torch.equal(a, b) for a, b in zip(rest, others, strict=True))


def test_sizes_stay_symbols():
    script = torch.jit.script(Branches().eval())
    module = imported(script, (whole(3, 4),), (whole(7, 4),), shapes=(("rows", None),))
    assert module.inputs[0].dims == ("rows", 4)
    assert {p.dims for p in module.outputs} == {("rows", 4)}


def test_nodes_are_at_the_lines_of_the_program_that_the_script_was_made_from():
    module = interlingua.load(torch.jit.script(Branches().eval()), example_inputs=(whole(3, 4),))
    lines = {n.origin.location for n in module.main.nodes if n.op.name == "core.sub"}
    (line,) = lines
    assert line.rsplit(":", 1)[0] == __file__


def test_parameters_are_borrowed_and_keep_their_names():
    script = torch.jit.script(Branches().eval())
    module = interlingua.load(script, example_inputs=(whole(3, 4),))
    held = {n.result.name: n.op.weight.view() for n in module.main.nodes if n.op.name == "core.constant"}
    parameters = dict(script.named_parameters())
    assert np.shares_memory(held["layers.0.weight"], to_array(parameters["layers.0.weight"]))
    assert "shift" in held


class Traced(nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"sum": x + y, "scaled": (x * 2).to(torch.float64)}


def test_a_traced_module():
    traced = torch.jit.trace(Traced(), (whole(2, 3), whole(2, 3)), strict=False)
    module = imported(traced, (whole(2, 3), whole(2, 3, seed=1)), (whole(5, 3), whole(5, 3)), shapes=(("n", None),) * 2)
    assert module.output_names == ["sum", "scaled"]


class Counts(nn.Module):
    """Keeps what it saw last, and how often it was called."""

    def __init__(self) -> None:
        super().__init__()
        self.last = torch.zeros(0)
        self.calls = 0
        self.inner = nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.last.numel() == 0:
            self.last = torch.zeros_like(x)
        y = x + self.last
        self.last = y
        self.calls += 1
        return y * self.calls


def test_state_is_refused_by_the_names_of_the_attributes():
    with pytest.raises(UnsupportedOps) as caught:
        interlingua.load(torch.jit.script(Counts()), example_inputs=(whole(2, 3),))
    assert [r.where for r in caught.value.refusals] == ["last", "calls"]


def test_state_as_outputs_from_the_state_that_the_script_has():
    script = torch.jit.script(Counts())
    script(torch.ones(2, 3))
    before = copy.deepcopy(script)
    module = interlingua.load(script, example_inputs=(whole(2, 3),), state="outputs")
    assert module.output_names == ["output", "last"]
    got = interlingua.evaluate(module, [whole(2, 3).numpy()])
    assert np.array_equal(got["output"], before(whole(2, 3)).numpy())
    assert np.array_equal(got["last"], before.last.numpy())
    conversion = interlingua.convert(script, to="onnx", example_inputs=(whole(2, 3),), state="outputs")
    assert conversion.verdict is Verdict.VERIFIED
    assert script.calls == 1


class Decides(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if bool(x.sum() > 0):
            return x
        return x + 1


def test_a_decision_by_values_is_told_with_its_line():
    with pytest.raises(UnsupportedOps, match="depends on the values"):
        interlingua.load(torch.jit.script(Decides()), example_inputs=(whole(2, 3),))


class Refuses(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape[0] != 2:
            raise ValueError("two rows, please")
        return x + 1


def test_inputs_that_the_script_itself_refuses():
    with pytest.raises(InvalidModel, match="two rows, please") as caught:
        interlingua.load(torch.jit.script(Refuses()), example_inputs=(whole(3, 3),))
    assert __file__ in str(caught.value)


class Exotic(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + len(str(x.dim()).upper())


def test_what_the_machine_does_not_know_is_named():
    with pytest.raises(UnsupportedOps) as caught:
        interlingua.load(torch.jit.script(Exotic()), example_inputs=(whole(3, 3),))
    (refusal,) = caught.value.refusals
    assert refusal.op == "aten::upper"
    assert refusal.where.startswith(__file__)


class Writes(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.save(x, "stolen")
        return x


def test_operators_that_write_files_are_not_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnsupportedOps, match="aten::save"):
        interlingua.load(torch.jit.script(Writes()), example_inputs=(whole(3, 3),))
    assert not list(tmp_path.iterdir())
