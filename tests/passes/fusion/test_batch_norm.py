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


MATRIX = "%w = core.constant dense f32[2, 4] [0.5, -1.0, 2.0, 0.25, 1.5, -0.75, 3.0, 0.125] : f32[2, 4]\n"


def test_into_a_product_of_matrices_is_a_gemm() -> None:
    text = normalized(f"{MATRIX}%h = core.matmul(%x, %w) : f32[n, 4]", "n, 4", 1, "%x: f32[n, 2]")
    after = check(BatchNorms(), text, None)
    assert [n.op.name for n in after.walk() if n.operands] == ["nn.gemm"]


@pytest.mark.parametrize("trans", ["true", "false"])
@pytest.mark.parametrize("c", ["f32[4] [1.0, 2.0, 3.0, 4.0] : f32[4]", "f32[1] [2.0] : f32[1]", ""])
def test_into_gemm(trans: str, c: str) -> None:
    shape = "4, 2" if trans == "true" else "2, 4"
    text = MATRIX.replace("2, 4", shape) + (f"%c = core.constant dense {c}\n" if c else "")
    text += f"%h = nn.gemm(%x, %w{', %c' if c else ''}) "
    text += f"{{alpha = 0.5, beta = 2.0, trans_a = true, trans_b = {trans}}} : f32[n, 4]"
    after = check(BatchNorms(), normalized(text, "n, 4", 1, "%x: f32[2, n]"), None)
    assert [n.op.name for n in after.walk() if n.operands] == ["nn.gemm"]


def test_into_a_stack_of_matrices_leaves_an_addition() -> None:
    text = normalized(f"{MATRIX}%h = core.matmul(%x, %w) : f32[b, n, 4]", "b, n, 4", 2, "%x: f32[b, n, 2]")
    after = check(BatchNorms(), text, None)
    assert [n.op.name for n in after.walk() if n.operands] == ["core.matmul", "core.add"]


def test_a_bias_that_a_product_could_not_take_goes_along() -> None:
    text = MATRIX + "%c = core.constant dense f32[4] [1.0, -1.0, 0.5, 2.0] : f32[4]\n"
    text += "%p = core.matmul(%x, %w) : f32[b, n, 4]\n%h = core.add(%c, %p) : f32[b, n, 4]"
    after = check(BatchNorms(), normalized(text, "b, n, 4", -1, "%x: f32[b, n, 2]"), None)
    assert [n.op.name for n in after.walk() if n.operands] == ["core.matmul", "core.add"]


def test_the_rows_of_a_stack_are_not_its_columns() -> None:
    """Normalised along axis 1 by default, which only of a matrix is that of the columns."""
    produce = f"{MATRIX}%h = core.matmul(%x, %w) : f32[b, 4, 4]"
    untouched(BatchNorms(), normalized(produce, "b, 4, 4", 1, "%x: f32[b, 4, 2]"))


def test_two_in_a_row_become_one() -> None:
    produce = "%h = nn.batch_norm(%x, %v, %m, %o, %v) {epsilon = 0.5, axis = 1} : f32[n, 4, w]"
    after = check(BatchNorms(), normalized(produce, "n, 4, w", 1, "%x: f32[n, 4, w]"), None)
    assert [n.op.name for n in after.walk() if n.operands] == ["nn.batch_norm"]


def conv_after(pads: str, op: str = "core.conv") -> str:
    more = {"core.conv": "", "core.conv_transpose": "output_padding = [0], "}[op]
    out = {"core.conv": "w - 1 + ", "core.conv_transpose": "w + 1 - "}[op] + str(sum(map(int, pads.split(","))))
    text = "%k = core.constant dense f32[4, 1, 2] [0.5, -1.0, 2.0, 0.25, 1.5, -0.75, 3.0, 0.125] : f32[4, 1, 2]\n"
    norm = "%h = nn.batch_norm(%x, %s, %o, %m, %v) {epsilon = 1e-05, axis = -2} : f32[n, 4, w]\n"
    attributes = f"strides = [1], pads = [{pads}], dilations = [1], {more}groups = 4"
    text += f'{norm}%y = {op}(%h, %k) {{{attributes}, layout = "channels_first"}} : f32[n, 4, {out}]'
    return str(parse(body(NORM + text, "%x: f32[n, 4, w]").replace(" + 0]", "]").replace(" - 0]", "]")))


def test_before_a_convolution() -> None:
    after = check(BatchNorms(), conv_after("0, 0"), None)
    assert [(n.op.name, len(n.operands)) for n in after.walk() if n.operands] == [("core.conv", 3)]


@pytest.mark.parametrize(
    ("op", "pads"), [("core.conv", "1, 0"), ("core.conv", "0, 1"), ("core.conv_transpose", "0, 0")]
)
def test_zeros_around_the_data_would_have_to_be_shifted(op: str, pads: str) -> None:
    untouched(BatchNorms(), conv_after(pads, op))


@pytest.mark.parametrize(("op", "pads"), [("core.conv", "1, 0"), ("core.conv_transpose", "0, 0")])
def test_where_nothing_is_shifted_zeros_stay_zeros(op: str, pads: str) -> None:
    text = conv_after(pads, op).replace("[0.1, -0.5, 2.0, 0.0]", "[0.0, 0.0, 0.0, 0.0]")
    after = check(BatchNorms(), text.replace("[1.0, 0.25, -3.0, 0.0]", "[0.0, 0.0, 0.0, 0.0]"), None)
    assert [(n.op.name, len(n.operands)) for n in after.walk() if n.operands] == [(op, 2)]


def test_before_gemm_the_axis_is_the_one_that_is_summed_over() -> None:
    weights = MATRIX.replace("2, 4", "4, 2").replace("%w", "%k")
    norm = "%h = nn.batch_norm(%x, %s, %o, %m, %v) {epsilon = 1e-05, axis = 1} : f32[4, 4]\n"
    gemm = "%y = nn.gemm(%h, %k) {alpha = 2.0, beta = 1.0, trans_a = false, trans_b = false} : f32[4, 2]"
    text = body(NORM + weights + norm + gemm, "%x: f32[4, 4]")
    after = check(BatchNorms(), text, None)
    assert [n.op.name for n in after.walk() if n.operands] == ["nn.gemm"]
    untouched(BatchNorms(), text.replace("axis = 1", "axis = 0"))
    assert check(BatchNorms(), text.replace("axis = 1", "axis = 0").replace("trans_a = false", "trans_a = true"), None)


PLAIN = convolution("core.conv", 1, "channels_first", False, 1)


def test_weights_that_two_read_are_copied() -> None:
    """Both convolutions read one kernel, and one of them is normalised."""
    text = str(parse(PLAIN))
    conv = next(line.strip() for line in text.splitlines() if "core.conv" in line)
    other = conv.replace("%h =", "%g =")
    text = text.replace(conv, f"{conv}\n  {other}\n  %q = core.neg(%g) : f32[n, 4, h, w + 1]")
    text = text.replace('return %y as "y"', 'return %y as "y", %q as "q"').replace(
        'output "y" [*]', 'output "y" [*]\noutput "q" [*]'
    )
    after = check(BatchNorms(), str(parse(text)), None)
    first, second = [n for n in after.walk() if n.op.name == "core.conv"]
    assert first.operands[1] is not second.operands[1]
    assert sorted(n.op.name for n in after.walk() if n.operands) == ["core.conv", "core.conv", "core.neg"]


def test_a_convolution_that_others_read_stays() -> None:
    text = str(parse(PLAIN)).replace('return %y as "y"', 'return %y as "y", %h as "h"')
    untouched(BatchNorms(), text.replace('output "y" [*]', 'output "y" [*]\noutput "h" [*]'))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[1.0, 0.01, 0.5, 4.0]", "[1.0, -0.01, 0.5, 4.0]"),  # the root of a negative variance
        ("[1.0, 0.01, 0.5, 4.0]", "[1.0, nan, 0.5, 4.0]"),
        ("[0.5, -2.0, 0.0, 1.5]", "[0.5, inf, 0.0, 1.5]"),
        ("[0.5, -2.0, 0.0, 1.5]", "[0.5, 3e+38, 0.0, 1.5]"),  # the weights overflow
        ("[0.5, -2.0, 0.0, 1.5]", "[0.5, 1e-40, 0.0, 1.5]"),  # they lose their digits
        ("[1.0, 0.25, -3.0, 0.0]", "[1.0, inf, -3.0, 0.0]"),
        ("[0.5, -1.0, 2.0, 0.25", "[0.5, -1.0, inf, 0.25"),  # of the weights
        ("[0.5, -1.0, 2.0, 0.25", "[0.5, -1.0, nan, 0.25"),
    ],
)
def test_what_leaves_the_range_is_left(old: str, new: str) -> None:
    text = str(parse(PLAIN))
    assert old in text
    untouched(BatchNorms(), text.replace(old, new))


@pytest.mark.parametrize("name", ["s", "o", "m", "v"])
def test_parameters_that_are_computed_are_left(name: str) -> None:
    text = str(parse(PLAIN)).replace("%x: f32", f"%{name}: f32[4], %x: f32")
    lines = [line for line in text.splitlines() if not line.strip().startswith(f"%{name} = ")]
    untouched(BatchNorms(), str(parse("\n".join(lines).replace('input "x"', f'input "{name}" [*]\ninput "x"') + "\n")))


def test_weights_that_are_computed_are_left() -> None:
    text = str(parse(PLAIN)).replace("%x: f32", "%w: f32[4, 2, 1, 1], %x: f32")
    lines = [line for line in text.splitlines() if not line.strip().startswith("%w = ")]
    untouched(BatchNorms(), "\n".join(lines).replace('input "x"', 'input "w" [*]\ninput "x"') + "\n")


@pytest.mark.parametrize("dtype", ["f16", "bf16", "f64"])
def test_of_every_float(dtype: str) -> None:
    check(BatchNorms(), str(parse(PLAIN.replace("f32", dtype))), None)
