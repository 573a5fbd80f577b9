"""Layouts assigned for a target: what is left between is the least that can be."""

import numpy as np
import pytest

import interlingua
from interlingua.ir.graph import Module
from interlingua.passes.layout.assign_layout import AssignLayout
from support.passes import check
from support.text import body

X = [{"x": np.arange(2 * 3 * 8 * 8, dtype=np.float32).reshape(2, 3, 8, 8) / 50 - 3}]
WEIGHTS = "%w = core.constant dense f32[3, 3, 1, 1] [1.0, 2.0, 0.0, 0.5, 1.0, -1.0, 2.0, -2.0, 0.25] : f32[3, 3, 1, 1]"
ATTRS = 'strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], groups = 1, layout = "channels_first"'


def conv(result: str, x: str, size: str = "8, 8") -> str:
    """A convolution of three channels."""
    return f"%{result} = core.conv(%{x}, %w) {{{ATTRS}}} : f32[n, 3, {size}]"


def transposes(module: Module) -> int:
    """Those of data."""
    return sum(n.op.name == "core.transpose" and n.operand(0).tensor.rank == 4 for n in module.walk())


def layouts(module: Module) -> set[str]:
    """Those of the ops that have one."""
    return {n.op.layout for n in module.walk() if hasattr(n.op, "layout")}


def test_a_chain_has_one_transpose_at_either_end() -> None:
    text = body(
        f"""{WEIGHTS}
        {conv("a", "x")}
        %b = nn.relu(%a) : f32[n, 3, 8, 8]
        {conv("c", "b")}
        %d = core.add(%c, %a) : f32[n, 3, 8, 8]
        {conv("y", "d")}""",
        "%x: f32[n, 3, 8, 8]",
    )
    after = check(AssignLayout(), text, None, X)
    assert layouts(after) == {"channels_last"}
    assert transposes(after) == 2


def test_a_constant_on_the_left_is_no_reason_to_stay() -> None:
    text = body(
        f"""{WEIGHTS}
        %s = core.constant dense f32[3, 1, 1] [1.0, 2.0, 0.5] : f32[3, 1, 1]
        {conv("a", "x")}
        %b = core.mul(%s, %a) : f32[n, 3, 8, 8]
        {conv("y", "b")}""",
        "%x: f32[n, 3, 8, 8]",
    )
    after = check(AssignLayout(), text, None, X)
    assert transposes(interlingua.optimize(after, "clean-up")) == 2


def test_channels_are_gathered_where_they_are() -> None:
    text = body(
        f"""{WEIGHTS}
        %i = core.constant dense i64[3] [2, 0, 1] : i64[3]
        {conv("a", "x")}
        %b = core.gather(%a, %i) {{axis = 1}} : f32[n, 3, 8, 8]
        {conv("y", "b")}""",
        "%x: f32[n, 3, 8, 8]",
    )
    after = check(AssignLayout(), text, None, X)
    assert transposes(after) == 2


def test_a_classifier_head_needs_none() -> None:
    text = body(
        f"""{WEIGHTS}
        {conv("a", "x")}
        %b = nn.global_avg_pool(%a) : f32[n, 3, 1, 1]
        %y = nn.flatten(%b) {{axis = 1}} : f32[n, 3]""",
        "%x: f32[n, 3, 8, 8]",
    )
    after = check(AssignLayout(), text, None, X)
    assert transposes(after) == 1


def test_the_way_back_gives_the_model_as_it_was() -> None:
    text = body(
        f"""{WEIGHTS}
        {conv("a", "x")}
        %b = core.exp(%a) : f32[n, 3, 8, 8]
        {conv("y", "b")}""",
        "%x: f32[n, 3, 8, 8]",
    )
    there = check(AssignLayout(), text, None, X)
    back = interlingua.optimize(there, AssignLayout(layout="channels_first"))
    assert transposes(back) == 0
    assert layouts(back) == {"channels_first"}


RESIZE = (
    'axes = [2, 3], factors = [2.0, 2.0], mode = "nearest", coordinates = "asymmetric", nearest = "floor", '
    "cubic_coeff = -0.75, exclude_outside = false, extrapolation = 0.0, antialias = false, "
    'keep_aspect = "stretch"'
)
RESIZED = f"""{WEIGHTS}
        {conv("a", "x")}
        %b = nn.relu(%a) : f32[n, 3, 8, 8]
        %y = vision.resize(%b) {{{RESIZE}}} : f32[n, 3, 16, 16]"""


@pytest.mark.parametrize("resizes", [False, True])
def test_images_are_resized_in_the_layout_of_the_kernel(resizes: bool) -> None:
    """Of a target that does it channels last alone, the transpose comes after; else before, where there is less."""
    after = check(AssignLayout(resizes=resizes), body(RESIZED, "%x: f32[n, 3, 8, 8]"), None, X)
    names = [n.op.name for n in after.main.nodes if n.op.name in ("nn.relu", "core.transpose", "vision.resize")]
    tail = ["vision.resize", "core.transpose"] if resizes else ["core.transpose", "vision.resize"]
    assert names == ["core.transpose", "nn.relu", *tail]


def test_an_activation_stays_by_its_convolution() -> None:
    text = body(
        f"""{WEIGHTS}
        %r = core.constant dense i64[2] [-1, 192] : i64[2]
        {conv("a", "x")}
        %b = nn.relu(%a) : f32[n, 3, 8, 8]
        %y = core.reshape(%b, %r) : f32[n, 192]""",
        "%x: f32[n, 3, 8, 8]",
    )
    after = check(AssignLayout(), text, None, X)
    names = [n.op.name for n in after.main.nodes]
    assert names.index("nn.relu") < len(names) - 1 - names[::-1].index("core.transpose")


def test_an_interface_that_is_there_in_the_layout_takes_no_transposes() -> None:
    """The one of the scaled image is put at the input, that of the sum at the output."""
    text = body(
        f"""{WEIGHTS}
        %s = core.constant dense f32[3, 1, 1] [1.0, 2.0, 0.5] : f32[3, 1, 1]
        %i = core.mul(%x, %s) : f32[n, 3, 8, 8]
        {conv("a", "i")}
        %y = core.add(%a, %s) : f32[n, 3, 8, 8]""",
        "%x: f32[n, 3, 8, 8]",
    )
    after = check(AssignLayout(inputs=("x",), outputs=("y",)), text, None, X)
    first, last = (n for n in interlingua.optimize(after, "clean-up").walk() if n.op.name == "core.transpose")
    assert first.operand(0).name == "x"
    assert last.result.name == "y"
