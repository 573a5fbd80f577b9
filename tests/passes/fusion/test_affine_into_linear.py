"""Scales and shifts before and after linear ops."""

import numpy as np
import pytest

from interlingua.ir.graph import Module
from interlingua.passes.fusion.affine_into_linear import AffineIntoLinear
from support.passes import check, untouched
from support.text import body, parse

ROWS = "[0.5, -1.0, 2.0, 0.25, 1.5, -0.75, 3.0, 0.125]"
W = f"%w = core.constant dense f32[4, 2, 1] {ROWS} : f32[4, 2, 1]\n"
K = f"%k = core.constant dense f32[4, 1, 2] {ROWS} : f32[4, 1, 2]\n"
CONV = 'strides = [1], pads = [0, 0], dilations = [1], groups = 1, layout = "channels_first"'
PER_CHANNEL = "f32[4, 1] [0.5, -2.0, 0.0, 1.5] : f32[4, 1]"
STEPS = [
    "core.mul(%h, %c)",
    "core.mul(%c, %h)",
    "core.add(%c, %h)",
    "core.sub(%h, %c)",
    "core.sub(%c, %h)",
    "core.div(%h, %d)",
]


def ops(module: Module) -> list[str]:
    return [n.op.name for n in module.walk() if n.operands]


def conv_then(step: str, c: str = PER_CHANNEL, bias: bool = False) -> str:
    """A convolution of four channels and a step of constants ``c``, or ``d`` that has no 0."""
    text = W + f"%c = core.constant dense {c}\n%d = core.constant dense f32[1] [-3.0] : f32[1]\n"
    if bias:
        text += "%b = core.constant dense f32[4] [1.0, -1.0, 0.5, 2.0] : f32[4]\n"
    text += f"%h = core.conv(%x, %w{', %b' if bias else ''}) {{{CONV}}} : f32[n, 4, l]\n"
    return body(f"{text}%y = {step} : f32[n, 4, l]", "%x: f32[n, 2, l]")


@pytest.mark.parametrize("step", [*STEPS, "core.neg(%h)"])
@pytest.mark.parametrize("bias", [False, True])
def test_after_a_convolution(step: str, bias: bool) -> None:
    assert ops(check(AffineIntoLinear(), conv_then(step, bias=bias), None)) == ["core.conv"]


@pytest.mark.parametrize(
    "c",
    [
        "f32[] [3.0] : f32[]",
        "f32[1] [3.0] : f32[1]",
        "f32[1, 1, 1] [3.0] : f32[1, 1, 1]",
        "f32[1, 4, 1] [0.5, -2.0, 0.0, 1.5] : f32[1, 4, 1]",
    ],
)
def test_one_number_or_one_a_channel(c: str) -> None:
    assert ops(check(AffineIntoLinear(), conv_then("core.mul(%h, %c)", c), None)) == ["core.conv"]


def test_a_row_of_steps_is_rounded_once() -> None:
    """Three steps by numbers that no float32 is: the weights are what float64 makes of them."""
    text = conv_then("core.mul(%h, %c)", "f32[] [0.1] : f32[]").replace(
        "%y = core.mul(%h, %c)", "%p = core.mul(%h, %c)"
    )
    more = "%q = core.mul(%p, %c) : f32[n, 4, l]\n  %y = core.div(%q, %d) : f32[n, 4, l]\n  return"
    after = check(AffineIntoLinear(), text.replace("return", more), None)
    (conv,) = [n for n in after.walk() if n.operands]
    assert conv.operands[1] is not None
    tenth = np.float64(np.float32(0.1))
    source = np.array([float(v) for v in ROWS.strip("[]").split(",")]).reshape(4, 2, 1)
    made = conv.operands[1].node
    assert made is not None
    assert made.op.weight.view().tolist() == (source * (tenth * tenth / -3)).astype(np.float32).tolist()


@pytest.mark.parametrize(
    ("c", "x", "y"),
    [
        ("f32[4] [0.5, -2.0, 0.0, 1.5] : f32[4]", "n, 2, 4", "n, 4, 4"),  # along the columns, not the channels
        ("f32[1, 1, 1, 1] [2.0] : f32[1, 1, 1, 1]", "n, 2, l", "1, n, 4, l"),  # an axis more
        ("f32[2, 1, 1] [2.0, 3.0] : f32[2, 1, 1]", "1, 2, l", "2, 4, l"),  # a larger batch
    ],
)
def test_what_varies_along_other_axes_or_grows_is_left(c: str, x: str, y: str) -> None:
    h = x.replace("2, l", "4, l").replace("2, 4", "4, 4")
    text = W + f"%c = core.constant dense {c}\n%h = core.conv(%x, %w) {{{CONV}}} : f32[{h}]\n"
    for step in ("core.mul(%h, %c)", "core.add(%h, %c)"):
        untouched(AffineIntoLinear(), body(f"{text}%y = {step} : f32[{y}]", f"%x: f32[{x}]"))


def test_one_channel_does_not_become_more() -> None:
    text = f"%w = core.constant dense f32[1, 2, 1] [1.0, 2.0] : f32[1, 2, 1]\n%c = core.constant dense {PER_CHANNEL}\n"
    text += f"%h = core.conv(%x, %w) {{{CONV}}} : f32[n, 1, l]\n%y = core.mul(%h, %c) : f32[n, 4, l]"
    untouched(AffineIntoLinear(), body(text, "%x: f32[n, 2, l]"))


@pytest.mark.parametrize("step", ["core.div(%c, %h)", "core.mul(%h, %h)", "core.max(%h, %c)", "core.pow(%h, %c)"])
def test_what_is_not_affine_is_left(step: str) -> None:
    untouched(AffineIntoLinear(), conv_then(step))


@pytest.mark.parametrize("c", ["inf", "nan", "3e+38", "1e-39"])
def test_what_leaves_the_range_is_left(c: str) -> None:
    untouched(AffineIntoLinear(), conv_then("core.mul(%h, %c)", f"f32[] [{c}] : f32[]"))


def test_a_division_by_zero_is_left() -> None:
    untouched(AffineIntoLinear(), conv_then("core.div(%h, %c)"))


def test_integers_wrap_and_are_left() -> None:
    text = conv_then("core.mul(%h, %c)", "i32[] [3] : i32[]").replace(
        "%d = core.constant dense f32[1] [-3.0] : f32[1]", ""
    )
    text = text.replace(ROWS, "[1, 2, 3, 4, 5, 6, 7, 8]").replace("f32", "i32")
    untouched(AffineIntoLinear(), "\n".join(line for line in text.splitlines() if line.strip()) + "\n")


def test_a_bias_that_is_computed_is_left() -> None:
    text = W + f"%c = core.constant dense {PER_CHANNEL}\n%h = core.conv(%x, %w, %b) {{{CONV}}} : f32[n, 4, l]\n"
    untouched(AffineIntoLinear(), body(f"{text}%y = core.mul(%h, %c) : f32[n, 4, l]", "%x: f32[n, 2, l], %b: f32[4]"))


def test_a_shift_that_takes_the_bias_back_is_there_to_round() -> None:
    text = conv_then("core.sub(%h, %c)", "f32[] [12582912.0] : f32[]", bias=True)
    untouched(
        AffineIntoLinear(), text.replace("[1.0, -1.0, 0.5, 2.0]", "[12582912.0, 12582912.0, 12582912.0, 12582912.0]")
    )


def product(step: str, shape: str, left: bool = False, c: str = "[0.5, -2.0, 4.0, 1.5]") -> str:
    """A product of matrices with constant weights on one side and a step of four constants."""
    weights, use = ("4, 2", "%w, %x") if left else ("2, 4", "%x, %w")
    out = shape.replace("2", "4")
    form = "4, 1" if left else "4"
    text = f"%w = core.constant dense f32[{weights}] {ROWS} : f32[{weights}]\n"
    text += f"%c = core.constant dense f32[{form}] {c} : f32[{form}]\n%h = core.matmul({use}) : f32[{out}]\n"
    return body(f"{text}%y = {step} : f32[{out}]", f"%x: f32[{shape}]")


@pytest.mark.parametrize(("shape", "left"), [("n, 2", False), ("b, n, 2", False), ("2, n", True), ("b, 2, n", True)])
@pytest.mark.parametrize("step", ["core.mul(%h, %c)", "core.div(%h, %c)", "core.neg(%h)"])
def test_a_scale_after_a_product(shape: str, left: bool, step: str) -> None:
    assert ops(check(AffineIntoLinear(), product(step, shape, left), None)) == ["core.matmul"]


@pytest.mark.parametrize(("shape", "left"), [("n, 2", False), ("2, n", True)])
def test_a_shift_after_a_product_of_matrices(shape: str, left: bool) -> None:
    assert ops(check(AffineIntoLinear(), product("core.add(%h, %c)", shape, left), None)) == ["nn.gemm"]


@pytest.mark.parametrize(("shape", "left"), [("b, n, 2", False), ("b, 2, n", True)])
def test_a_shift_after_a_stack_of_products_is_left(shape: str, left: bool) -> None:
    untouched(AffineIntoLinear(), product("core.add(%h, %c)", shape, left))


def test_rows_are_not_scaled_by_the_columns_of_the_weights() -> None:
    text = product("core.mul(%h, %c)", "4, 2").replace(
        "%c = core.constant dense f32[4]", "%c = core.constant dense f32[4, 1]"
    )
    untouched(AffineIntoLinear(), text.replace("1.5] : f32[4]", "1.5] : f32[4, 1]"))


def test_a_scale_goes_through_the_bias_of_a_product() -> None:
    text = product("core.add(%h, %c)", "b, n, 2").replace("%y = core.add(%h, %c)", "%p = core.add(%c, %h)")
    text = text.replace("return", "%y = core.mul(%p, %c) : f32[b, n, 4]\n  return")
    assert ops(check(AffineIntoLinear(), text, None)) == ["core.matmul", "core.add"]
    untouched(AffineIntoLinear(), text.replace("%y = core.mul(%p, %c)", "%y = core.add(%p, %c)"))


@pytest.mark.parametrize("left", [False, True])
@pytest.mark.parametrize("step", ["core.mul(%x, %c)", "core.sub(%c, %x)", "core.add(%x, %c)", "core.neg(%x)"])
def test_before_a_product(step: str, left: bool) -> None:
    """The constants vary along the axis that is summed over; what is shifted makes a gemm of it."""
    weights, use, form = ("2, 4", "%w, %h", "4, 1") if left else ("4, 2", "%h, %w", "4")
    shape, out = ("4, n", "2, n") if left else ("n, 4", "n, 2")
    text = f"%w = core.constant dense f32[{weights}] {ROWS} : f32[{weights}]\n"
    text += f"%c = core.constant dense f32[{form}] [0.5, -2.0, 0.0, 1.5] : f32[{form}]\n"
    text += f"%h = {step} : f32[{shape}]\n%y = core.matmul({use}) : f32[{out}]"
    after = check(AffineIntoLinear(), body(text, f"%x: f32[{shape}]"), None)
    assert ops(after) == ["core.matmul" if "mul" in step or "neg" in step else "nn.gemm"]


def before_conv(steps: str, pads: str, out: str) -> str:
    text = K + "%c = core.constant dense f32[4, 1] [0.5, -2.0, 4.0, 1.5] : f32[4, 1]\n"
    attributes = f'strides = [1], pads = [{pads}], dilations = [1], groups = 4, layout = "channels_first"'
    return body(f"{text}{steps}\n%y = core.conv(%h, %k) {{{attributes}}} : f32[n, 4, {out}]", "%x: f32[n, 4, l]")


SCALE, SHIFT = "%h = core.div(%x, %c) : f32[n, 4, l]", "%h = core.add(%x, %c) : f32[n, 4, l]"
BOTH = "%p = core.div(%x, %c) : f32[n, 4, l]\n%h = core.add(%p, %c) : f32[n, 4, l]"


@pytest.mark.parametrize("steps", [SCALE, SHIFT, BOTH])
def test_before_a_convolution_without_pads(steps: str) -> None:
    assert ops(check(AffineIntoLinear(), before_conv(steps, "0, 0", "l - 1"), None)) == ["core.conv"]


def test_before_a_convolution_with_pads_a_scale_alone() -> None:
    assert ops(check(AffineIntoLinear(), before_conv(SCALE, "0, 1", "l"), None)) == ["core.conv"]
    untouched(AffineIntoLinear(), before_conv(SHIFT, "0, 1", "l"))


def test_a_scale_goes_past_the_shift_that_pads_keep() -> None:
    text = before_conv(BOTH, "0, 1", "l")
    assert ops(check(AffineIntoLinear(), text, None)) == ["core.add", "core.conv"]
    untouched(AffineIntoLinear(), text.replace("core.div", "core.mul").replace("[0.5,", "[0.0,"))


def test_a_step_that_others_read_stays() -> None:
    text = before_conv(SCALE, "0, 0", "l - 1").replace('return %y as "y"', 'return %y as "y", %h as "h"')
    untouched(AffineIntoLinear(), text.replace('output "y" [*]', 'output "y" [*]\noutput "h" [*]'))


def test_grouped_weights_are_scaled_by_the_channels_of_their_group() -> None:
    """Two groups of two channels each, in and out: a kernel sees the channels of its group alone."""
    for op, more, out in (("core.conv", "", "l"), ("core.conv_transpose", "output_padding = [0], ", "l")):
        text = f"%w = core.constant dense f32[4, 2, 1] {ROWS} : f32[4, 2, 1]\n"
        text += "%c = core.constant dense f32[4, 1] [0.5, -2.0, 4.0, 1.5] : f32[4, 1]\n"
        attributes = f'strides = [1], pads = [0, 0], dilations = [1], {more}groups = 2, layout = "channels_first"'
        text += f"%g = core.mul(%x, %c) : f32[n, 4, l]\n%h = {op}(%g, %w) {{{attributes}}} : f32[n, 4, {out}]\n"
        text += f"%y = core.div(%h, %c) : f32[n, 4, {out}]"
        assert ops(check(AffineIntoLinear(), str(parse(body(text, "%x: f32[n, 4, l]"))), None)) == [op]


def test_batch_norm_takes_what_follows_into_its_parameters() -> None:
    text = "%v = core.constant dense f32[4] [1.0, 0.25, 3.0, 2.0] : f32[4]\n"
    text += f"%c = core.constant dense {PER_CHANNEL}\n"
    text += "%h = nn.batch_norm(%x, %v, %v, %m, %v) {epsilon = 1e-05, axis = 1} : f32[n, 4, l]\n"
    text += "%p = core.mul(%h, %c) : f32[n, 4, l]\n%y = core.add(%p, %c) : f32[n, 4, l]"
    assert ops(check(AffineIntoLinear(), body(text, "%x: f32[n, 4, l], %m: f32[4]"), None)) == ["nn.batch_norm"]


def test_an_addition_of_zero_becomes_a_bias() -> None:
    after = check(AffineIntoLinear(), conv_then("core.add(%h, %c)", "f32[] [0.0] : f32[]"), None)
    assert [(n.op.name, len(n.operands)) for n in after.walk() if n.operands] == [("core.conv", 3)]


def test_a_weight_without_elements_has_no_largest() -> None:
    text = "%w = core.constant dense f32[0, 3, 2] [] : f32[0, 3, 2]\n"
    text += "%h = core.matmul(%w, %x) : f32[0, 3]\n%y = core.neg(%h) : f32[0, 3]"
    check(AffineIntoLinear(), body(text, "%x: f32[2]"), None)


def test_a_step_that_repeats_the_data_stays() -> None:
    """The data is one number, or one a channel, before it is multiplied by a tensor."""
    weight = f"%w = core.constant dense f32[2, 4] {ROWS} : f32[2, 4]\n"
    for c, x in (("f32[3, 2] [2.0, 2.0, 2.0, 2.0, 2.0, 2.0]", ""), ("f32[2] [2.0, 2.0]", "3, 1")):
        text = f"{weight}%c = core.constant dense {c} : {c.split(' [')[0]}\n"
        text += "%g = core.mul(%x, %c) : f32[3, 2]\n%y = core.matmul(%g, %w) : f32[3, 4]"
        untouched(AffineIntoLinear(), body(text, f"%x: f32[{x}]"))
