"""Transposes that meet across what can run on permuted data."""

import numpy as np
import pytest

from interlingua.passes.layout.sink_transposes import SinkTransposes
from support.passes import check, untouched
from support.text import body

LAST, FIRST = "{perm = [0, 2, 3, 1]}", "{perm = [0, 3, 1, 2]}"
IMAGE = "%x: f32[n, 3, h, w]"
SIZES = [{"x": np.arange(2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5) / 7 - 8}]


def between(lines: str, shape: str = "n, h, w, 3", after: str | None = None) -> str:
    """A module of ``lines`` (from ``%a`` to ``%b``) on channels last, between transposes."""
    return body(
        f"""%a = core.transpose(%x) {LAST} : f32[n, h, w, 3]
        {lines}
        %y = core.transpose(%b) {FIRST} : f32[{after or "n, 3, h, w"}]""",
        IMAGE,
    )


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ("%b = core.exp(%a) : f32[n, h, w, 3]", "%y = core.exp(%x) : f32[n, 3, h, w]"),
        ("%b = core.add(%a, %a) : f32[n, h, w, 3]", "%y = core.add(%x, %x) : f32[n, 3, h, w]"),
        ("%b = nn.softmax(%a) {axis = -1} : f32[n, h, w, 3]", "%y = nn.softmax(%x) {axis = 1} : f32[n, 3, h, w]"),
        (
            "%b = core.reverse(%a) {axes = [1, -1]} : f32[n, h, w, 3]",
            "%y = core.reverse(%x) {axes = [2, 1]} : f32[n, 3, h, w]",
        ),
        (
            "%b = core.concat(%a, %a) {axis = 2} : f32[n, h, w*2, 3]",
            "%y = core.concat(%x, %x) {axis = 3} : f32[n, 3, h, w*2]",
        ),
        (
            "%b = core.reduce_max(%a) {axes = [1, 2], keepdims = true} : f32[n, 1, 1, 3]",
            "%y = core.reduce_max(%x) {axes = [2, 3], keepdims = true} : f32[n, 3, 1, 1]",
        ),
    ],
)
def test_one_op_between(lines: str, wanted: str) -> None:
    dims = lines.rsplit("f32[", 1)[1][:-1].split(", ")
    after = ", ".join(dims[i] for i in (0, 3, 1, 2))
    check(SinkTransposes(), between(lines, after=after), [wanted], SIZES)


def test_a_scalar_stays_and_a_vector_of_channels_gets_axes() -> None:
    text = between(
        """%s = core.constant dense f32[] [2.0] : f32[]
        %c = core.constant dense f32[3] [1.0, 2.0, 3.0] : f32[3]
        %p = core.mul(%a, %s) : f32[n, h, w, 3]
        %b = core.add(%p, %c) : f32[n, h, w, 3]"""
    )
    after = check(SinkTransposes(), text, None, SIZES)
    on_data = [n for n in after.walk() if n.op.name == "core.transpose" and n.operand(0).tensor.shape != (1, 1, 1, 3)]
    assert not on_data


def test_a_reduction_without_its_axes_needs_no_transpose_after() -> None:
    text = body(
        f"""%a = core.transpose(%x) {LAST} : f32[n, h, w, 3]
        %y = core.reduce_max(%a) {{axes = [1, 2], keepdims = false}} : f32[n, 3]""",
        IMAGE,
    )
    untouched(SinkTransposes(), text)  # one transpose alone: nothing to meet
    branch = text.replace(
        "  return",
        f"  %e = core.exp(%a) : f32[n, h, w, 3]\n  %z = core.transpose(%e) {FIRST} : f32[n, 3, h, w]\n  return",
    )
    branch = branch.replace('return %y as "y"', 'return %y as "y", %z as "z"').replace(
        'output "y" [*]', 'output "y" [*]\noutput "z" [*]'
    )
    after = check(SinkTransposes(), branch, None, SIZES)
    assert [n.op.name for n in after.walk()] == ["core.reduce_max", "core.exp"]


@pytest.mark.parametrize(
    "lines",
    [
        "%b = core.cumsum(%a) {axis = 1, exclusive = false, reverse = false} : f32[n, h, w, 3]",
        "%b = core.neg(%a) : f32[n, h, w, 3]",
    ],
)
def test_another_user_that_needs_the_transpose_is_no_loss(lines: str) -> None:
    text = between(lines).replace('return %y as "y"', 'return %y as "y", %a as "a"')
    text = text.replace('output "y" [*]', 'output "y" [*]\noutput "a" [*]')
    after = check(SinkTransposes(), text, None, SIZES)
    assert [n.op.name for n in after.walk()].count("core.transpose") == 1


def test_what_would_cost_more_is_left() -> None:
    text = body(
        f"""%a = core.transpose(%x) {LAST} : f32[n, h, w, 3]
        %b = core.exp(%a) : f32[n, h, w, 3]
        %y = core.transpose(%b) {LAST} : f32[n, w, 3, h]""",
        IMAGE,
    )
    untouched(SinkTransposes(), text)


def test_its_own_inverse_meets_itself() -> None:
    text = body(
        """%a = core.transpose(%x) {perm = [0, 2, 1]} : f32[n, 4, 3]
        %b = core.exp(%a) : f32[n, 4, 3]
        %y = core.transpose(%b) {perm = [0, 2, 1]} : f32[n, 3, 4]""",
        "%x: f32[n, 3, 4]",
    )
    check(SinkTransposes(), text, ["%y = core.exp(%x) : f32[n, 3, 4]"])


def test_a_region_is_a_border() -> None:
    text = (
        body(
            f"""%a = core.transpose(%x) {LAST} : f32[n, h, w, 3]
        %b = core.if(%c, %a) regions
        @then(%p: f32[n, h, w, 3]) {{
          %q = core.neg(%p) : f32[n, h, w, 3]
          return %q as "q"
        }}
        @orelse(%r: f32[n, h, w, 3]) {{
          return %r as "r"
        }}
        end : f32[n, h, w, 3]
        %y = core.transpose(%b) {FIRST} : f32[n, 3, h, w]""",
            f"%c: bool[], {IMAGE}",
        )
        .replace("  %q", "    %q")
        .replace("  return %q", "    return %q")
        .replace("  return %r", "    return %r")
    )
    untouched(SinkTransposes(), text)
