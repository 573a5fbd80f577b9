"""How examples and shapes are given."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.export import Dim

import interlingua
from interlingua.errors import UsageError
from interlingua.frontends.torch.exporting import arguments, leaves, spelled_out
from support.torch_eager import imported, whole

ONE, TWO = torch.ones(1), torch.ones(2)


@pytest.mark.parametrize(
    ("given", "args", "kwargs"),
    [
        (ONE, (ONE,), {}),
        ((ONE, TWO), (ONE, TWO), {}),
        ([ONE], (ONE,), {}),
        ({"x": ONE}, (), {"x": ONE}),
        (((ONE,), {"y": TWO}), (ONE,), {"y": TWO}),
        (([ONE], {}), (ONE,), {}),
        ((ONE, {"y": TWO}), (ONE, {"y": TWO}), {}),
        (((ONE, TWO), {0: TWO}), ((ONE, TWO), {0: TWO}), {}),
    ],
)
def test_positional_and_keyword_arguments(given, args, kwargs):
    assert arguments(given) == (args, kwargs)


def test_a_text_names_a_dim_wherever_it_stands():
    found = spelled_out({"x": ("b", None, 4), "y": {1: "b"}}, {"x": torch.ones(2, 3, 4), "y": torch.ones(1, 2)})
    assert list(found["x"]) == [0]
    assert found["x"][0] is found["y"][1]
    assert found["x"][0].__name__ == "b"


def test_shapes_go_by_the_order_of_the_arguments_and_what_is_left_out_is_fixed():
    named = {"x": torch.ones(2), "y": torch.ones(3), "z": torch.ones(4)}
    found = spelled_out([("b",)], named)
    assert list(found) == ["x", "y", "z"]
    assert found["y"] is None


def test_negative_axes_and_dims_without_a_name():
    found = spelled_out({"x": {-1: "w", 0: "?"}}, {"x": torch.ones(2, 3)})
    assert found["x"][1].__name__ == "w"
    assert found["x"][0] == Dim.DYNAMIC


def test_shapes_of_nested_arguments():
    named = {"x": {"a": torch.ones(2, 3), "b": [torch.ones(2), torch.ones(3)]}, "n": 3}
    shapes = {"x": {"a": ("b", None), "b": [("b",), None]}}
    found = spelled_out(shapes, named)
    assert found["x"]["a"][0] is found["x"]["b"][0][0]
    assert list(leaves(found, named)) == [{0: found["x"]["a"][0]}, {0: found["x"]["a"][0]}, None, None]


class Ranged(nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return x.sum(1) + y


def test_names_and_ranges_reach_the_interface_and_the_cases():
    shapes = {"x": {0: Dim("batch", min=3, max=9), 1: Dim("width", min=2)}, "y": None}
    module = interlingua.load(Ranged(), example_inputs=(torch.ones(4, 5), torch.ones(1)), dynamic_shapes=shapes)
    assert [p.dims for p in module.inputs] == [("batch", "width"), (1,)]
    assert [p.dims for p in module.outputs] == [("batch",)]
    (batch,), (width,) = (d.symbols for d in module.main.inputs[0].tensor.dims)
    assert (batch.lo, batch.hi, width.lo, width.hi) == (3, 9, 2, None)
    conversion = interlingua.convert(
        Ranged(), to="onnx", example_inputs=(torch.ones(4, 5), torch.ones(1)), dynamic_shapes=shapes
    )
    sizes = [dict(part.split("=") for part in case.split(", ")) for case in conversion.report.cases]
    assert {int(s["batch"]) for s in sizes} == {3, 4, 5}
    assert all(3 <= int(s["batch"]) <= 9 and int(s["width"]) >= 2 for s in sizes)


def test_a_dim_without_a_name_is_called_after_its_input_and_axis():
    module = interlingua.load(
        Ranged(), example_inputs=(torch.ones(4, 5), torch.ones(1)), dynamic_shapes={"x": ("?", None), "y": None}
    )
    assert module.inputs[0].dims == ("x_d0", 5)


class Derived(nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return torch.cat([x, y]) + y.shape[0]


def test_dims_that_derive_from_others():
    n = Dim("n", min=1, max=50)
    module = imported(
        Derived(), (whole(3, 2), whole(6, 2)), (whole(5, 2), whole(10, 2)), shapes={"x": {0: n}, "y": {0: 2 * n}}
    )
    assert [p.dims for p in module.inputs] == [("n", 2), ("n*2", 2)]
    assert [p.dims for p in module.outputs] == [("n*3", 2)]


def test_strict_export_gives_the_same():
    example = (whole(4, 5), whole(1))
    shapes = {"x": ("batch", None), "y": None}
    loose, strict = (
        interlingua.load(Ranged(), example_inputs=example, dynamic_shapes=shapes, strict=s) for s in (False, True)
    )
    assert [n.op for n in loose.main.nodes] == [n.op for n in strict.main.nodes]
    assert strict.inputs == loose.inputs


def test_options_that_there_are_not():
    with pytest.raises(UsageError, match="no option 'opset'"):
        interlingua.load(Ranged(), example_inputs=(ONE, ONE), opset=3)
    with pytest.raises(UsageError, match="state 'keep'"):
        interlingua.load(Ranged(), example_inputs=(ONE, ONE), state="keep")


class Branch(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a, b = torch.relu(self.linear(x)).chunk(2, dim=1)
        return torch.cond(a.sum() > 0, lambda q: q * 2, lambda q: q - 1, (a + b,)) * x.shape[0]


def test_what_was_exported_before_does_not_matter():
    """PyTorch compiles branches, and keeps what it compiled with the sizes that it was compiled for."""
    for shapes in ((("rows", None),), None, (("rows", None),)):
        module = interlingua.load(Branch(), example_inputs=(torch.ones(3, 4),), dynamic_shapes=shapes)
        assert module.inputs[0].dims[0] == (3 if shapes is None else "rows")
