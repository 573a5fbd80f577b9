"""What ``torch.export`` cannot take: all of it at once, at the user's own lines."""

from __future__ import annotations

import inspect
import logging

import pytest
import torch
from torch import nn

import interlingua
from interlingua.errors import InvalidModel, UnsupportedOps, UntraceableModel, UsageError
from interlingua.frontends.torch.places import own_frame
from interlingua.report import Verdict


def line_of(module: type[nn.Module], text: str) -> str:
    """``file:line`` of the line of ``module`` that holds ``text``."""
    lines, first = inspect.getsourcelines(module)
    return f"{__file__}:{first + next(i for i, line in enumerate(lines) if text in line)}"


class Many(nn.Module):
    """Two decisions by values and two calls that nothing translates."""

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        if x.sum() > 0:
            x = x + 1
        if x.max().item() > 3:
            x = x * 2
        return x, torch.linalg.eigvals(x), torch.special.airy_ai(x)


def test_everything_is_told_at_once_with_the_users_lines():
    with pytest.raises(UntraceableModel) as caught:
        interlingua.load(Many(), example_inputs=(torch.ones(3, 3),))
    places = {r.op: r.where for r in caught.value.refusals}
    assert places["if x.sum() > 0"] == line_of(Many, "x.sum() > 0")
    assert places["if x.max().item() > 3"] == line_of(Many, "item() > 3")
    assert line_of(Many, "eigvals") in next(place for op, place in places.items() if "linalg_eig" in op)
    assert line_of(Many, "airy_ai") in places["special_airy_ai.default"]
    assert len(places) == 4
    assert "torch.cond" in str(caught.value)
    assert len(str(caught.value).splitlines()) < 10


def test_it_is_told_again_the_second_time():
    told = []
    for _ in range(2):
        with pytest.raises(UntraceableModel) as caught:
            interlingua.load(Many(), example_inputs=(torch.ones(3, 3),))
        told.append(caught.value.refusals)
    assert told[0] == told[1]


def test_it_is_told_where_a_program_has_configured_logging_since_torch_was_imported(monkeypatch):
    trace = logging.getLogger("torch.__trace")
    monkeypatch.setattr(trace, "disabled", True)
    with pytest.raises(UntraceableModel) as caught:
        interlingua.load(Many(), example_inputs=(torch.ones(3, 3),))
    assert len(caught.value.refusals) == 4
    assert trace.disabled


def test_calls_that_come_apart_into_effects_are_told():
    class Inverse(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.linalg.inv(x)

    with pytest.raises(UnsupportedOps, match="linalg_inv_ex"):
        interlingua.load(Inverse(), example_inputs=(torch.eye(2),))


def test_check_reports_it():
    report = interlingua.check(Many(), to="onnx", example_inputs=(torch.ones(3, 3),))
    assert report.verdict is Verdict.UNSUPPORTED
    assert any("x.sum() > 0" in group for group in report.unsupported)


class Fixes(nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        z = x.reshape(2, 6)
        return z, y + 1 if y.shape[1] < 10 else y


def test_a_dynamic_axis_that_the_program_fixes_is_named_with_the_line():
    shapes = {"x": ("batch", None), "y": (None, "width")}
    with pytest.raises(UntraceableModel) as caught:
        interlingua.load(Fixes(), example_inputs=(torch.ones(2, 6), torch.ones(2, 3)), dynamic_shapes=shapes)
    fixed, ranged = caught.value.refusals
    assert fixed.op == "x axis 0"
    assert "fixes it to 2" in fixed.reason
    assert line_of(Fixes, "reshape") in fixed.where
    assert "y axis 1 < 10" in ranged.reason
    assert line_of(Fixes, "y.shape[1]") in ranged.where


class Adds(nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return x + y


def test_axes_that_have_to_be_equal_are_named():
    shapes = {"x": ("a", None), "y": ("b", None)}
    with pytest.raises(UntraceableModel, match=r"Eq\(x axis 0, y axis 0\)"):
        interlingua.load(Adds(), example_inputs=(torch.ones(3, 2), torch.ones(3, 2)), dynamic_shapes=shapes)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ({"z": ("a", None)}, "names 'z'"),
        ({"x": ("a",)}, "has 1 dims, the example has 2"),
        ({"x": {2: "a"}}, "names axis 2"),
        ({"x": {"batch": "a"}}, "names axis 'batch'"),
        ({"x": "a"}, "dynamic_shapes of x is 'a'"),
        ((("a", None), None, None), "has 3 parts"),
    ],
)
def test_dynamic_shapes_that_do_not_fit(shapes, message):
    with pytest.raises(UsageError, match=message):
        interlingua.load(Adds(), example_inputs=(torch.ones(3, 2), torch.ones(3, 2)), dynamic_shapes=shapes)


def test_example_inputs_that_do_not_fit():
    with pytest.raises(UsageError, match="missing a required argument"):
        interlingua.load(Adds(), example_inputs=(torch.ones(3, 2),))
    with pytest.raises(UsageError, match="example_inputs"):
        interlingua.load(Adds())


class Broken(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.no_such_method()


class Leaves(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + torch.from_numpy(x.numpy())


@pytest.mark.parametrize(("module", "text"), [(Broken, "no_such"), (Leaves, "from_numpy")])
def test_what_python_raises_comes_in_short_with_the_users_line(module, text):
    with pytest.raises(InvalidModel) as caught:
        interlingua.load(module(), example_inputs=(torch.ones(2),))
    assert not isinstance(caught.value, UnsupportedOps)
    assert line_of(module, text) in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 3


def test_nothing_is_printed_and_no_trace_is_left(capfd, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with pytest.raises(UntraceableModel):
        interlingua.load(Many(), example_inputs=(torch.ones(3, 3),))
    assert capfd.readouterr() == ("", "")
    assert not [p for p in tmp_path.iterdir() if p.name.startswith("export")]


def test_frames_of_pytorch_and_of_this_package_are_not_the_users():
    assert not own_frame(torch.nn.functional.__file__)
    assert not own_frame(interlingua.__file__)
    assert not own_frame("<eval_with_key>.1")
    assert own_frame(torch.__file__.replace("torch/__init__", "torchvision/models"))
    assert own_frame(__file__)
