"""Bounds of float values: found where they are certain."""

import math

import pytest

from interlingua.ir.dtypes import DType
from interlingua.ir.intervals import finite_interval
from support.formulas import Formula, written
from support.text import parse

CERTAIN: dict[str, tuple[Formula, str, tuple[float, float]]] = {
    "a constant": (lambda x: x.constant([1.0, -2.5], DType.F32), "f32[n]", (-2.5, 1.0)),
    "a bool": (lambda x: x.to(DType.F32), "bool[n]", (0.0, 1.0)),
    "an integer": (lambda x: x.to(DType.F32), "i8[n]", (-128.0, 127.0)),
    "a difference": (lambda x: x.constant(1.0, DType.F32) - x.to(DType.F32), "bool[n]", (0.0, 1.0)),
    "a product": (lambda x: x.to(DType.F32) * -3, "u8[n]", (-765.0, 0.0)),
    "moved": (lambda x: x.to(DType.F32).expand(0, 2).transpose(2, 1, 0), "bool[n]", (0.0, 1.0)),
    "chosen": (lambda x: x.where(x.constant(-7.0, DType.F32), x.constant(2.0, DType.F32)), "bool[n]", (-7.0, 2.0)),
}
UNCERTAIN: dict[str, tuple[Formula, str]] = {
    "an input": (lambda x: x + 0, "f32[n]"),
    "an infinity": (lambda x: x.constant([1.0, math.inf], DType.F32), "f32[n]"),
    "nothing": (lambda x: x.constant([], DType.F32), "f32[n]"),
    "beyond the dtype": (lambda x: x.to(DType.F16), "i32[n]"),
    "a product beyond the dtype": (lambda x: x.to(DType.F32) * 1e38, "u8[n]"),
    "a step beyond it, and back": (lambda x: x.to(DType.F32) * 1e38 * 1e-38, "u8[n]"),
    "an op that is not followed": (lambda x: x.to(DType.F32).exp(), "bool[n]"),
}


@pytest.mark.parametrize("name", CERTAIN)
def test_certain(name: str) -> None:
    formula, type_, wanted = CERTAIN[name]
    assert finite_interval(parse(written(formula, type_)).main.outputs[0]) == wanted


@pytest.mark.parametrize("name", UNCERTAIN)
def test_uncertain(name: str) -> None:
    formula, type_ = UNCERTAIN[name]
    assert finite_interval(parse(written(formula, type_)).main.outputs[0]) is None


def test_it_looks_only_so_far() -> None:
    text = written(lambda x: sum((x.to(DType.F32) for _ in range(3)), x.to(DType.F32)), "bool[n]")
    value = parse(text).main.outputs[0]
    assert finite_interval(value, 4) == (0.0, 4.0)
    assert finite_interval(value, 3) is None
