"""GELU in the spellings of frameworks, and what is not GELU."""

import math

import pytest

from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.math import Square
from interlingua.ir.ops.unary import Erf
from interlingua.passes.fusion.gelu import FuseGelu
from support.formulas import Formula, written
from support.passes import check, untouched

ROOT, SLOPE = math.sqrt(2), math.sqrt(2 / math.pi)


def erf(x: Expr) -> Expr:
    return x.apply(Erf())


def inner(x: Expr) -> Expr:
    return erf(x / ROOT) + 1


def tanh(x: Expr, cube: Expr) -> Expr:
    return x * 0.5 * (((x + cube) * SLOPE).tanh() + 1)


ERF: dict[str, Formula] = {
    "torch": lambda x: x * inner(x) * 0.5,
    "half first": lambda x: x * 0.5 * inner(x),
    "half last": lambda x: x * (inner(x) * 0.5),
    "times": lambda x: x * 0.5 * (x.number(1) + erf(x * math.sqrt(0.5))),
    "halved": lambda x: x / 2 * inner(x),
    "halved sum": lambda x: inner(x) / 2 * x,
    "halved last": lambda x: x * inner(x) / 2,
}
TANH: dict[str, Formula] = {
    "power": lambda x: tanh(x, x.pow(3) * 0.044715),
    "products": lambda x: tanh(x, x * x * x * 0.044715),
    "square": lambda x: tanh(x, x * x.apply(Square()) * 0.044715),
    "number first": lambda x: tanh(x, x.number(0.044715) * x * x * x),
    "factored": lambda x: x * 0.5 * ((x * SLOPE * (x * 0.044715 * x + 1)).tanh() + 1),
    "divided": lambda x: x * ((((x + x.pow(3) * 0.044715) / math.sqrt(math.pi / 2)).tanh() + 1) * 0.5),
}
MISSES: dict[str, Formula] = {
    "fewer digits of the root": lambda x, z: x * 0.5 * (erf(x / 1.4142) + 1),
    "fewer digits of its inverse": lambda x, z: x * 0.5 * (erf(x * 0.7071) + 1),
    "the inverse of the root": lambda x, z: x * 0.5 * (erf(x * ROOT) + 1),
    "another half": lambda x, z: x * 0.25 * inner(x),
    "another one": lambda x, z: x * 0.5 * (erf(x / ROOT) + 1.5),
    "a tanh of the erf's argument": lambda x, z: x * 0.5 * ((x / ROOT).tanh() + 1),
    "half of another value": lambda x, z: z * 0.5 * inner(x),
    "another factor of the cube": lambda x, z: tanh(x, x.pow(3) * 0.0447),
    "another power": lambda x, z: tanh(x, x.pow(2) * 0.044715),
    "the cube of another value": lambda x, z: tanh(x, z.pow(3) * 0.044715),
    "a number that makes the shape grow": lambda x, z: x * inner(x) * x.constant([[[0.5]]], x.dtype),
}


@pytest.mark.parametrize("formula", ERF.values(), ids=ERF)
def test_erf(formula: Formula) -> None:
    check(FuseGelu(), written(formula, "f32[n, 3]"), ['%y = nn.gelu(%x) {form = "erf"} : f32[n, 3]'])


@pytest.mark.parametrize("formula", TANH.values(), ids=TANH)
def test_tanh(formula: Formula) -> None:
    check(FuseGelu(), written(formula, "f32[n, 3]"), ['%y = nn.gelu(%x) {form = "tanh"} : f32[n, 3]'])


@pytest.mark.parametrize("dtype", ["f16", "bf16", "f64"])
def test_a_number_is_what_the_dtype_makes_of_it(dtype: str) -> None:
    check(FuseGelu(), written(ERF["torch"], f"{dtype}[n, 3]"), [f'%y = nn.gelu(%x) {{form = "erf"}} : {dtype}[n, 3]'])
    if dtype == "f64":  # a root that was rounded to float32 is another one
        untouched(FuseGelu(), written(lambda x: x * 0.5 * (erf(x / 1.4142135381698608) + 1), "f64[n, 3]"))


@pytest.mark.parametrize("formula", MISSES.values(), ids=MISSES)
def test_near_misses(formula: Formula) -> None:
    untouched(FuseGelu(), written(formula, "f32[n, 3]", "f32[n, 3]"))


def test_a_part_with_another_user_stays() -> None:
    def formula(x: Expr) -> tuple[Expr, Expr]:
        shared = erf(x / ROOT)
        return x * 0.5 * (shared + 1), shared

    untouched(FuseGelu(), written(formula, "f32[n, 3]"))
