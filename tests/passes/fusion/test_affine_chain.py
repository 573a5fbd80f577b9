"""Scales and shifts in a row."""

import pytest

import interlingua
from interlingua.ir.graph import Module
from interlingua.passes.fusion.affine_chain import AffineChains
from support.passes import check, untouched
from support.text import body, parse

CONSTANTS = """%a = core.constant dense f32[3, 1] [0.5, -2.0, 4.0] : f32[3, 1]
%c = core.constant dense f32[] [0.25] : f32[]
%r = core.constant dense f32[4] [1.0, 2.0, -1.0, 0.5] : f32[4]
"""


def ops(module: Module) -> list[str]:
    return [n.op.name for n in module.walk() if n.operands]


def chain(*steps: str, constants: str = CONSTANTS) -> str:
    """Steps of which ``_`` is what the one before gives."""
    names = ["%x", *(f"%s{i}" for i in range(len(steps) - 1)), "%y"]
    made = [f"{names[i + 1]} = {s.replace('_', names[i])} : f32[n, 3, 4]" for i, s in enumerate(steps)]
    return body(constants + "\n".join(made), "%x: f32[n, 3, 4]")


def core(op: str, c: str = "%a") -> str:
    return f"core.{op}(_, {c})"


@pytest.mark.parametrize(
    ("steps", "wanted"),
    [
        ([core("mul"), core("div", "%c")], ["core.mul"]),
        ([core("add"), core("sub", "%c")], ["core.add"]),
        (["core.sub(%a, _)", "core.neg(_)"], ["core.add"]),
        (["core.neg(_)", core("mul", "%c")], ["core.mul"]),
        ([core("mul"), core("add"), core("mul", "%c")], ["core.mul", "core.add"]),
        ([core("add"), core("mul"), core("add", "%c")], ["core.mul", "core.add"]),
        ([core("mul"), core("add"), core("mul", "%c"), core("add")], ["core.mul", "core.add"]),
        ([core("mul")] * 9, ["core.mul"]),
        ([core("mul"), core("mul"), core("add", "%r")], ["core.mul", "core.add"]),
    ],
)
def test_as_few_as_it_takes(steps: list[str], wanted: list[str]) -> None:
    assert ops(check(AffineChains(), chain(*steps), None)) == wanted


@pytest.mark.parametrize(
    "steps",
    [
        [core("mul"), core("add")],
        [core("add"), core("mul")],
        ["core.sub(%a, _)"],
        [core("mul"), core("mul", "%r")],  # three numbers and four would be twelve
        [core("mul"), core("add", "%r"), core("mul")],
        ["core.div(%a, _)", core("mul")],
        [core("mul"), "core.abs(_)", core("mul")],
    ],
)
def test_what_is_no_fewer_or_larger_is_left(steps: list[str]) -> None:
    untouched(AffineChains(), chain(*steps))


def test_a_shift_taken_back_is_there_to_round() -> None:
    large = "%a = core.constant dense f32[] [12582912.0] : f32[]\n"
    untouched(AffineChains(), chain(core("add"), core("sub"), constants=large))
    untouched(AffineChains(), chain(core("sub"), "core.add(%a, _)", constants=large))


@pytest.mark.parametrize(("a", "c"), [("1e+30", "1e+30"), ("1e-30", "1e-30"), ("inf", "1.5"), ("1e+38", "1e+01")])
def test_what_leaves_the_range_is_left(a: str, c: str) -> None:
    constants = f"%a = core.constant dense f32[] [{a}] : f32[]\n%c = core.constant dense f32[] [{c}] : f32[]\n"
    untouched(AffineChains(), chain(core("mul"), core("mul", "%c"), constants=constants))


def test_scales_that_undo_each_other_leave_nothing() -> None:
    constants = "%a = core.constant dense f32[] [8.0] : f32[]\n"
    assert ops(check(AffineChains(), chain(core("mul"), core("div"), "core.abs(_)", constants=constants), None)) == [
        "core.abs"
    ]


def test_a_result_that_others_read_stays() -> None:
    text = chain(core("mul"), core("mul")).replace('return %y as "y"', 'return %y as "y", %s0 as "s"')
    untouched(AffineChains(), text.replace('output "y" [*]', 'output "y" [*]\noutput "s" [*]'))


def test_a_constant_that_makes_the_data_larger_keeps_doing_it() -> None:
    constants = "%a = core.constant dense f32[3] [8.0, 8.0, 8.0] : f32[3]\n"
    text = f"{constants}%p = core.mul(%x, %a) : f32[3]\n%y = core.div(%p, %a) : f32[3]"
    untouched(AffineChains(), body(text, "%x: f32[1]"))


def test_integers_are_left() -> None:
    text = "%a = core.constant dense i32[] [3] : i32[]\n%p = core.div(%x, %a) : i32[n]\n%y = core.mul(%p, %a) : i32[n]"
    untouched(AffineChains(), body(text, "%x: i32[n]"))


def test_a_long_row_takes_one_step_at_a_time() -> None:
    """Two thousand steps: neither recursion nor a pass over all of them for each."""
    text = chain(*[core("mul", "%c"), core("div", "%c")] * 1000)
    assert len(ops(interlingua.optimize(parse(text), AffineChains()))) <= 1


@pytest.mark.parametrize("step", ["core.add(_, %c)", "core.sub(_, %d)", "core.sub(%c, _)"])
def test_an_addition_of_zero_makes_zeros_positive(step: str) -> None:
    """``-0.0 + 0.0`` is 0.0, of which the reciprocal is another infinity."""
    constants = "%c = core.constant dense f32[] [0.0] : f32[]\n%d = core.constant dense f32[] [-0.0] : f32[]\n"
    untouched(AffineChains(), chain(step, constants=constants))
    assert ops(check(AffineChains(), chain(step, step, core("add", "%c"), constants=constants), None))[-1] == "core.add"
