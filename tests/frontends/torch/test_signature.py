"""What inputs and outputs are called, and how arguments and results are told apart."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn
from torch.export import Dim

import interlingua
from interlingua.report import Verdict
from support.torch_eager import held, imported, whole


class Gives(nn.Module):
    """Gives what ``make`` makes of a tensor and its double."""

    def __init__(self, make) -> None:
        super().__init__()
        self.make = make

    def forward(self, x: torch.Tensor):
        return self.make(x + 1, x * 2)


Pair = namedtuple("Pair", ["first", "second"])


@dataclass
class Answer:
    logits: torch.Tensor
    hidden: tuple[torch.Tensor, ...] | None = None


torch.export.register_dataclass(Answer, serialized_type_name="tests.frontends.torch.Answer")


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda a, b: a, ["output"]),
        (lambda a, b: (a, b), ["output_0", "output_1"]),
        (lambda a, b: [a, (b, a)], ["output_0", "output_1_0", "output_1_1"]),
        (lambda a, b: {"logits": a, "loss": b}, ["logits", "loss"]),
        (lambda a, b: {"cache": [a, b]}, ["cache_0", "cache_1"]),
        (lambda a, b: {"a": {"b": a}, "a_b": b}, ["a_b", "a_b_1"]),
        (lambda a, b: OrderedDict(second=b, first=a), ["second", "first"]),
        (lambda a, b: Pair(a, b), ["first", "second"]),
        (lambda a, b: Answer(a, (b, a)), ["logits", "hidden_0", "hidden_1"]),
        (lambda a, b: Answer(a), ["logits"]),
        (lambda a, b: (None, b), ["output_1"]),
    ],
)
def test_outputs_are_called_by_their_path(make, names):
    assert imported(Gives(make), (whole(2, 3),)).output_names == names


def test_the_same_tensor_twice_and_an_input_as_an_output():
    class Twice(nn.Module):
        def forward(self, x: torch.Tensor):
            y = x + 1
            return y, y, x

    assert imported(Twice(), (whole(2, 3),)).output_names == ["output_0", "output_1", "output_2"]


def test_a_parameter_and_a_constant_as_outputs():
    class Constant(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(whole(3))

        def forward(self, x: torch.Tensor):
            return self.weight, x + self.weight

    imported(Constant(), (whole(2, 3),))


def test_sizes_as_outputs_are_int64():
    class Sizes(nn.Module):
        def forward(self, x: torch.Tensor):
            return x + 1, x.shape[0] * 2

    module = interlingua.load(Sizes(), example_inputs=(whole(4, 3),), dynamic_shapes=(("n", None),))
    got = interlingua.evaluate(module, [whole(7, 3).numpy()])
    assert got["output_1"].dtype == np.int64
    assert got["output_1"] == 14


class Nested(nn.Module):
    def forward(self, pair, named, *, scale=None):
        a, b = pair
        total = a + b + named["x"] * 2
        return total if scale is None else total * scale


def test_nested_arguments_and_keywords():
    example = (((whole(2, 3), whole(2, 3, seed=1)), {"x": whole(2, 3, seed=2)}), {"scale": whole(3)})
    module = interlingua.load(Nested(), example_inputs=example)
    assert module.input_names == ["pair_0", "pair_1", "named_x", "scale"]
    a, b, x, scale = (v.numpy() for v in (*example[0][0], example[0][1]["x"], example[1]["scale"]))
    got = interlingua.evaluate(module, [a, b, x, scale])["output"]
    np.testing.assert_array_equal(got, (a + b + x * 2) * scale)
    conversion = interlingua.convert(Nested(), to="onnx", example_inputs=example)
    assert conversion.verdict is Verdict.VERIFIED


def test_keyword_arguments_by_name():
    module = interlingua.load(
        Nested(), example_inputs={"pair": (whole(2), whole(2)), "named": {"x": whole(2)}, "scale": None}
    )
    assert module.input_names == ["pair_0", "pair_1", "named_x"]


class Numbers(nn.Module):
    def forward(self, x: torch.Tensor, n: int, flag: bool, factor: float, text: str):
        y = x * n if flag else x
        return y * factor if text == "scale" else y


def test_python_arguments_are_fixed_unless_dynamic():
    example = (whole(2, 3), 3, True, 0.5, "scale")
    assert imported(Numbers(), example).input_names == ["x"]
    shapes = {"x": ("b", None), "n": Dim.DYNAMIC, "flag": None, "factor": None, "text": None}
    module = interlingua.load(Numbers(), example_inputs=example, dynamic_shapes=shapes)
    assert module.input_names == ["x", "n"]
    held(module, Numbers(), (whole(4, 3), 5, True, 0.5, "scale"))
    conversion = interlingua.convert(Numbers(), to="onnx", example_inputs=example, dynamic_shapes=shapes)
    assert conversion.verdict is Verdict.VERIFIED


def test_a_verified_conversion_of_a_dataclass_with_nothing_in_it():
    conversion = interlingua.convert(Gives(lambda a, b: Answer(a)), to="onnx", example_inputs=(whole(2, 3),))
    assert conversion.verdict is Verdict.VERIFIED
    assert conversion.module.output_names == ["logits"]
