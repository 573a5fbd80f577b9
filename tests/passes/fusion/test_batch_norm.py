"""Batch normalisation folded into linear ops, before and after."""

import numpy as np
import pytest

import interlingua
from interlingua.passes.fusion.batch_norm import BatchNorms
from support.passes import check, untouched
from support.text import body, parse

NORM = """%s = core.constant dense f32[4] [0.5, -2.0, 0.0, 1.5] : f32[4]
    %o = core.constant dense f32[4] [1.0, 0.25, -3.0, 0.0] : f32[4]
    %m = core.constant dense f32[4] [0.1, -0.5, 2.0, 0.0] : f32[4]
    %v = core.constant dense f32[4] [1.0, 0.01, 0.5, 4.0] : f32[4]
"""
DRAWN = "[0.5, -1.0, 2.0, 0.25, 1.5, -0.75, 3.0, 0.125]"
ATTRIBUTES = {
    "core.conv": "strides = [1, 1], pads = [0, 1, 0, 0], dilations = [1, 1], groups = {groups}, layout = {layout}",
    "core.conv_transpose": "strides = [2, 1], pads = [0, 0, -1, 0], dilations = [1, 1], output_padding = [1, 0], "
    "groups = {groups}, layout = {layout}",
}


def normalized(produce: str, shape: str, axis: int, inputs: str, last: str = "") -> str:
    """A module that normalises ``%h`` by constants of four channels, and what comes ``last`` of it."""
    end = last or "%y"
    norm = f"{end} = nn.batch_norm(%h, %s, %o, %m, %v) {{epsilon = 1e-05, axis = {axis}}} : f32[{shape}]"
    return body(f"{NORM}{produce}\n{norm}", inputs)


def convolution(op: str, groups: int, layout: str, bias: bool, axis: int) -> str:
    """A convolution of two channels to four, or of as many groups, normalised along ``axis``."""
    w = {"core.conv": f"4, {2 // groups}, 1, 1", "core.conv_transpose": f"2, {4 // groups}, 1, 1"}[op]
    size = {"core.conv": ("h", "w + 1"), "core.conv_transpose": ("2*h + 1", "w")}[op]
    count = int(np.prod([int(d) for d in w.split(",")]))
    first = layout == "channels_first"
    data = "n, 2, h, w" if first else "n, h, w, 2"
    out = f"n, 4, {size[0]}, {size[1]}" if first else f"n, {size[0]}, {size[1]}, 4"
    values = DRAWN if count == 8 else "[0.5, -1.0, 2.0, 0.25]"
    text = f"%w = core.constant dense f32[{w}] {values} : f32[{w}]\n"
    if bias:
        text += "%b = core.constant dense f32[4] [1.0, -1.0, 0.5, 2.0] : f32[4]\n"
    attributes = ATTRIBUTES[op].format(groups=groups, layout=f'"{layout}"')
    text += f"%h = {op}(%x, %w{', %b' if bias else ''}) {{{attributes}}} : f32[{out}]"
    return normalized(text, out, axis, f"%x: f32[{data}]")


@pytest.mark.parametrize("op", ["core.conv", "core.conv_transpose"])
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("layout", ["channels_first", "channels_last"])
@pytest.mark.parametrize("bias", [False, True])
def test_into_a_convolution(op: str, groups: int, layout: str, bias: bool) -> None:
    text = convolution(op, groups, layout, bias, 1 if layout == "channels_first" else 3)
    after = check(BatchNorms(), str(parse(text)), None)
    assert [n.op.name for n in after.walk() if n.operands] == [op]
    assert interlingua.optimize(after).main.outputs[0].name == "y"
