"""What a module writes at every run: refused, or outputs that are verified."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import interlingua
from interlingua.errors import UnsupportedOps
from interlingua.report import Verdict
from support.torch_eager import whole


class Counter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("count", torch.tensor(3))
        self.inner = nn.Module()
        self.inner.register_buffer("total", whole(4), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.count += 1
        self.inner.total.mul_(2).add_(x.sum(0))
        return x * self.count + self.inner.total


class Cache(nn.Module):
    """A cache of keys into which one row is written at a place."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("keys", torch.zeros(6, 4))

    def forward(self, key: torch.Tensor, query: torch.Tensor) -> torch.Tensor:
        self.keys[2:3] = key
        return query @ self.keys.t()


class Overwrites(nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        x.mul_(2)
        return x + y


CASES = [
    (Counter(), (whole(2, 4),), ["count", "inner.total"]),
    (Cache(), (whole(1, 4), whole(2, 4)), ["keys"]),
    (nn.BatchNorm1d(4).train(), (whole(5, 4),), ["num_batches_tracked", "running_mean", "running_var"]),
    (Overwrites(), (whole(2, 4), whole(2, 4)), ["x"]),
]
IDS = ["counter", "cache", "batch norm", "input"]


@pytest.mark.parametrize(("module", "example", "written"), CASES, ids=IDS)
def test_what_is_written_is_refused_by_name(module, example, written):
    with pytest.raises(UnsupportedOps, match="keeps no state") as caught:
        interlingua.load(module, example_inputs=example)
    assert sorted(r.where for r in caught.value.refusals) == written


@pytest.mark.parametrize(("module", "example", "written"), CASES, ids=IDS)
def test_new_contents_are_outputs_and_verified(module, example, written):
    before = {name: buffer.clone() for name, buffer in module.named_buffers()}
    conversion = interlingua.convert(module, to="onnx", example_inputs=example, state="outputs")
    assert conversion.verdict is Verdict.VERIFIED
    extra = [f"{name}_after" if name == "x" else name for name in written]
    assert sorted(conversion.module.output_names) == sorted([*extra, "output"])
    compared = {c.output for c in conversion.report.comparisons}
    assert compared == {*extra, "output"}
    for name, buffer in module.named_buffers():
        assert torch.equal(buffer, before[name])


def test_new_contents_are_those_of_eager():
    module = interlingua.load(Counter(), example_inputs=(whole(2, 4),), state="outputs")
    eager, x = Counter(), whole(2, 4, seed=3)
    got = interlingua.evaluate(module, [x.numpy()])
    assert np.array_equal(got["output"], eager(x).numpy())
    assert got["count"] == 4
    assert np.array_equal(got["inner.total"], eager.inner.total.numpy())


def test_examples_are_left_as_they_are():
    example = (whole(2, 4), whole(2, 4))
    interlingua.convert(Overwrites(), to="onnx", example_inputs=example, state="outputs")
    assert torch.equal(example[0], whole(2, 4))


def test_a_file_with_state(tmp_path):
    path = tmp_path / "counter.pt2"
    torch.export.save(torch.export.export(Counter(), (whole(2, 4),)), path)
    conversion = interlingua.convert(path, to="onnx", state="outputs")
    assert conversion.verdict is Verdict.VERIFIED
    assert {c.output for c in conversion.report.comparisons} == {"count", "inner.total", "output"}
