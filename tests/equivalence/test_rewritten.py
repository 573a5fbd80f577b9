"""Rewrites over the reals: what a constant stands for, and how exactly one was computed."""

from __future__ import annotations

import numpy as np
import pytest

import interlingua
from interlingua.equivalence.expect import expect
from interlingua.equivalence.rewritten import judge_rewritten
from interlingua.ir.interpret import Interpreter
from support.text import parse

GATE = """interlingua 1
input "x" [4]
output "y" [4]
func @main(%x: f16[4]) {{
  %0 = core.constant dense f16[] [{slope}] : f16[]
  %1 = core.mul(%x, %0) : f16[4]
  %2 = core.constant dense f16[] [0.5] : f16[]
  %3 = core.add(%1, %2) : f16[4]
  %4 = core.constant dense f16[] [0.0] : f16[]
  %5 = core.max(%3, %4) : f16[4]
  %6 = core.constant dense f16[] [1.0] : f16[]
  %7 = core.min(%5, %6) : f16[4]
  %8 = core.mul(%x, %7) : f16[4]
  return %8 as "y"
}}
"""
SWISH = """interlingua 1
input "x" [4]
output "y" [4]
func @main(%x: f16[4]) {
  %0 = nn.hard_swish(%x) : f16[4]
  return %0 as "y"
}
"""
SUMS = """interlingua 1
input "x" [3, 2]
output "y" [3, 2]
func @main(%x: f64[3, 2]) {
  %0 = core.constant dense f64[2] [1.0, 1.0] : f64[2]
  %1 = core.constant dense f64[3, 2] [0.6, -0.7, 1.7, 0.1, 0.3, -2.2] : f64[3, 2]
  %2 = core.add(%x, %0) : f64[3, 2]
  %3 = core.add(%1, %2) : f64[3, 2]
  return %3 as "y"
}
"""


def passes(before: str, after: str | None, x: np.ndarray) -> bool:
    source = parse(before)
    made = interlingua.optimize(source) if after is None else parse(after)
    outputs = Interpreter(made).run({"x": x})
    wanted = expect(source, {"x": x}, numbers=True).outputs
    return all(c.passed for c in judge_rewritten(wanted, made, {"x": x}, outputs))


@pytest.mark.parametrize(("slope", "right"), [("0.1666", True), ("0.1667", True), ("0.16", False), ("0.125", False)])
def test_a_number_stands_for_what_it_may_be_the_rounding_of(slope: str, right: bool) -> None:
    """Products that come out exact leave nothing else for the distance between a sixth and its nearest float16."""
    assert passes(GATE.format(slope=slope), SWISH, np.array([-2, -1, 1, -3], np.float16)) is right


def test_constants_computed_in_float64_are_rounded_to_it() -> None:
    """``x + 1`` is exactly 0 here: what is left is the rounding of 1 plus the weight."""
    assert passes(SUMS, None, np.full((3, 2), -1.0))
