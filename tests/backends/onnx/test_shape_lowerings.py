"""Reshapes whose shape ONNX can copy."""

from pathlib import Path

import numpy as np
import onnx
import pytest

import interlingua
from support.text import body, parse


def written(text: str, path: Path) -> list[str]:
    """The ops of the artifact, which computes what the module does."""
    module = parse(text)
    made = interlingua.convert(module, to="onnx", passes="none", verify=False, output=path / "model.onnx")
    x = {k: np.arange(24, dtype=np.float32).reshape(2, 3, 4) for k in module.input_names}
    assert np.array_equal(made.run(x)["y"], interlingua.evaluate(module, x)["y"])
    return [n.op_type for n in onnx.load(path / "model.onnx").graph.node if n.op_type != "Constant"]


COMPUTED = """%s = core.shape_of(%x) : i64[3]
    %p = core.constant dense i64[1] [{0}] : i64[1]
    %q = core.constant dense i64[1] [{1}] : i64[1]
    %a = core.slice(%s, %p, %q) {{axes = [0]}} : i64[{2}]
    %c = core.constant dense i64[{3}] [{4}] : i64[{3}]
    %t = core.concat(%a, %c) {{axis = 0}} : i64[4]
    %y = core.reshape(%x, %t) : {5}"""


def test_dims_in_their_own_place_are_copied(tmp_path: Path) -> None:
    text = COMPUTED.format(0, 2, 2, 2, "2, 2", "f32[n, m, 2, 2]")
    assert written(body(text, "%x: f32[n, m, 4]"), tmp_path) == ["Reshape"]


@pytest.mark.parametrize(
    ("ends", "dims", "more", "inputs"),
    [
        ((1, 2), "m, 2, 2, 2", "2, 2, 2", "%x: f32[2, m, 4]"),
        ((1, 2), "m, 2, 1, 4", "2, 1, 4", "%x: f32[n, m, 4]"),
    ],
)
def test_a_dim_from_another_place_is_computed(
    ends: tuple[int, int], dims: str, more: str, inputs: str, tmp_path: Path
) -> None:
    text = COMPUTED.format(*ends, 1, 3, more, f"f32[{dims}]")
    assert written(body(text, inputs), tmp_path)[0] == "Shape"
