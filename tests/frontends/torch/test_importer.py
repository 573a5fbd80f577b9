"""Where nodes come from, and how weights are held."""

from __future__ import annotations

import inspect
import json

import numpy as np
import pytest
import torch
from torch import nn

import interlingua
from interlingua.formats.torch import to_array
from interlingua.ir.graph import Module
from interlingua.ir.ops.source import Constant
from support.torch_eager import imported, whole


class Attention(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * x.sum()


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attn = Attention()
        self.linear = nn.Linear(3, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.attn(self.linear(x)) - 1


class Stack(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer() for _ in range(4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            x = layer(x)
        return x + 2


def line_of(module: type[nn.Module], text: str) -> str:
    lines, first = inspect.getsourcelines(module)
    return f"{__file__}:{first + next(i for i, line in enumerate(lines) if text in line)}"


def test_nodes_know_their_module_and_the_users_line():
    module = interlingua.load(Stack(), example_inputs=(torch.ones(2, 3),))
    (last,) = (n for n in module.main.nodes if n.scope == "layers.3.attn" and n.op.name == "core.mul")
    assert last.origin.location == line_of(Attention, "x * x.sum()")
    assert last.origin.op == "aten.mul.Tensor"
    assert [n.scope for n in module.main.nodes if n.op.name == "core.sub"] == [f"layers.{i}" for i in range(4)]
    outer = [n for n in module.main.nodes if n.origin.location == line_of(Stack, "x + 2")]
    assert [(n.op.name, n.scope) for n in outer if n.op.name != "core.constant"] == [("core.add", "")]


def test_what_happens_inside_of_pytorchs_own_modules_is_at_the_users_line():
    module = interlingua.load(Stack(), example_inputs=(torch.ones(2, 3),))
    linear = [n for n in module.main.nodes if n.scope == "layers.0.linear"]
    assert linear
    assert {n.origin.location for n in linear} == {line_of(Layer, "self.attn(self.linear(x))")}


def test_classes_of_the_modules_are_kept():
    classes = json.loads(interlingua.load(Stack(), example_inputs=(torch.ones(2, 3),)).metadata["torch.classes"])
    assert classes["layers.3.attn"].endswith("Attention")
    assert classes["layers.0.linear"] == "torch.nn.modules.linear.Linear"


def weights(module: Module) -> dict[str, Constant]:
    return {n.result.name: n.op for n in module.main.walk() if isinstance(n.op, Constant) and n.op.weight.size > 1}


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Linear(3, 3, bias=False)
        self.two = nn.Linear(3, 3, bias=False)
        self.two.weight = self.one.weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.two(self.one(x))


def test_tied_weights_are_one_handle():
    module = interlingua.load(Tied(), example_inputs=(torch.ones(2, 3),))
    assert len({id(c.weight) for c in weights(module).values()}) == 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.float64])
def test_parameters_are_borrowed(dtype):
    source = nn.Linear(3, 5, bias=False).to(dtype)
    module = interlingua.load(source, example_inputs=(torch.ones(2, 3, dtype=dtype),))
    (constant,) = weights(module).values()
    assert np.shares_memory(constant.weight.view(), to_array(source.weight))
    assert constant.weight.view().__array_interface__["data"][0] == source.weight.data_ptr()


class Buffers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", whole(3))
        self.register_buffer("scratch", whole(3, seed=1), persistent=False)
        self.table = whole(3, seed=2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x - self.mean + self.scratch * self.table


def test_buffers_and_plain_tensors_are_weights():
    module = imported(Buffers(), (whole(2, 3),), (whole(1, 3),), shapes=(("rows", None),))
    assert json.loads(module.metadata["torch.buffers"]) == ["mean", "scratch"]
    assert set(weights(module)) == {"mean", "scratch", "table"}


class Transposed(nn.Module):
    """A parameter that is a view of another one's memory, not contiguous."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(whole(3, 4))
        self.register_buffer("turned", self.weight.detach().t())
        self.register_buffer("spread", whole(1, 4).expand(3, 4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x @ self.weight @ self.turned + self.spread.sum()


def test_views_of_one_memory_are_told_apart():
    imported(Transposed(), (whole(2, 3),))


def test_an_empty_weight_and_a_scalar_one():
    class Small(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.empty = nn.Parameter(torch.zeros(0, 3))
            self.scalar = nn.Parameter(torch.tensor(2.0))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.cat([self.empty, x]) * self.scalar

    imported(Small(), (whole(2, 3),))
