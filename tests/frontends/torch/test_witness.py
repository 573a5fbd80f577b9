"""Interior values of a program, and faults of translations found by them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import interlingua
from interlingua.frontends.torch.frontend import TorchFrontend
from interlingua.frontends.torch.translations import table
from interlingua.frontends.torch.weights import Weights
from interlingua.ir.ops.binary import Add
from interlingua.ir.ops.unary import Sin
from interlingua.ir.weights import ArrayWeight
from interlingua.report import Verdict
from support.torch_eager import whole


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 6)
        self.second = nn.Linear(3, 2)

    def forward(self, x: torch.Tensor, n: int) -> torch.Tensor:
        y = torch.relu_(self.first(x) + 1)
        a, b = y.chunk(2, dim=1)
        a = (a + 1).mul_(n)
        y = torch.cond(a.sum() > 0, lambda q: q * 2, lambda q: q - 1, (a + b,))
        return torch.cos(self.second(y)) * x.shape[0]


EXAMPLE = (whole(3, 4), 2)
SHAPES = {"x": ("rows", None), "n": None}


def test_every_value_is_told_as_it_is_at_its_place():
    trace = TorchFrontend().trace(Net(), example_inputs=EXAMPLE, dynamic_shapes=SHAPES)
    values = trace.witness.values({"x": whole(5, 4).numpy()}, timeout=60)
    told = {key: value for step in trace.steps for key, value in step.outputs}
    assert trace.witness.runs == 1
    checked = 0
    for key, value in told.items():
        if key in values:
            assert np.asarray(values[key]).dtype == value.tensor.dtype.numpy
            checked += 1
    assert checked >= 8


def test_what_is_written_over_later_is_told_as_it_was():
    class Later(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y = x + 1
            z = y * 1
            y.zero_()
            return y + z

    trace = TorchFrontend().trace(Later(), example_inputs=(whole(2, 2),))
    values = trace.witness.values({"x": whole(2, 2).numpy()}, timeout=60)
    assert np.array_equal(values["add"], whole(2, 2).numpy() + 1)


def test_weights_are_told_by_name():
    net = Net()
    trace = TorchFrontend().trace(net, example_inputs=EXAMPLE)
    held = trace.witness.weights()
    assert np.array_equal(held["first.weight"], net.first.weight.detach().numpy())
    names = {step.origin.name for step in trace.steps if not step.origin.op}
    assert {"first.weight", "first.bias", "second.weight", "second.bias"} <= names


def test_a_right_conversion_is_found_right():
    found = interlingua.bisect(Net(), to="numpy", example_inputs=EXAMPLE, dynamic_shapes=SHAPES, cases=1)
    assert found.verdict is Verdict.VERIFIED, str(found)
    assert found.checked["load"] > 10


@pytest.mark.parametrize(
    ("row", "wrong", "op"),
    [
        ("cos.default", lambda n, b: b(Sin(), n.value("self")), "aten.cos.default"),
        ("relu.default", lambda n, b: n.value("self"), "aten.relu_.default"),
        ("mul.Tensor", lambda n, b: b(Add(), n.value("self"), n.value("other", n.dtype)), "aten.mul_.Tensor"),
    ],
)
def test_a_wrong_translation_is_named_with_its_place(row, wrong, op, monkeypatch):
    torch.manual_seed(0)
    monkeypatch.setitem(table().rows, row, wrong)
    found = interlingua.bisect(Net(), to="numpy", example_inputs=EXAMPLE, dynamic_shapes=SHAPES, cases=1)
    assert found.culprit is not None
    assert (found.culprit.stage, found.culprit.kind) == ("load", "translation")
    assert found.culprit.op == op
    assert found.culprit.origin.location.startswith(__file__)


def test_a_wrong_weight_is_named(monkeypatch):
    of = Weights.of

    def bent(self, tensor):
        found = of(self, tensor)
        return ArrayWeight(found.view() + 1) if found.view().shape == (2, 3) else found

    monkeypatch.setattr(Weights, "of", bent)
    found = interlingua.bisect(Net(), to="numpy", example_inputs=EXAMPLE, dynamic_shapes=SHAPES, cases=1)
    assert found.culprit is not None
    assert (found.culprit.stage, found.culprit.kind) == ("load", "weight")
    assert found.culprit.origin.name == "second.weight"


def test_options_of_the_frontend_come_through():
    class Counts(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("calls", torch.tensor(1.0))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.calls += 1
            return x * self.calls

    found = interlingua.bisect(Counts(), to="numpy", example_inputs=whole(2, 2), state="outputs", cases=1)
    assert found.verdict is Verdict.VERIFIED
