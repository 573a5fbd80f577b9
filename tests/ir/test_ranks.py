"""Ranks that only what comes after tells."""

from __future__ import annotations

import numpy as np
import pytest

import interlingua
from interlingua.ir.builder import symbols_of
from interlingua.ir.ranks import settle_ranks
from interlingua.ir.types import Tensor
from interlingua.ir.verify import verify_module
from support.text import body, parse

SQUEEZED = """
%s = core.if(%c, %x) regions
@then(%a: f32[n, 4, T]) {
  %b = nn.squeeze(%a) {axes = [-1]} : f32[n, 4]
  return %b as "b"
}
@orelse(%d: f32[n, 4, T]) {
  return %d as "d"
}
end : f32[*]
"""
"""``x`` of rank 3, or without its last axis: what torch.squeeze becomes."""
INPUTS = "%x: f32[n, 4, T], %c: bool[]"


def settled(lines: str, inputs: str = INPUTS) -> dict[str, str]:
    """The types of all values, after."""
    module = parse(body(lines, inputs))
    settle_ranks(module, symbols_of(module))
    verify_module(module)
    return {r.name: str(r.type) for node in module.walk() for r in node.results}


def test_what_reads_it_tells_which_branch_was_taken() -> None:
    found = settled(SQUEEZED + "%y = nn.expand_dims(%s) {axes = [0]} : f32[*]\n"
                    "%w = core.constant dense f32[1, 2, 4] [0., 0., 0., 0., 0., 0., 0., 0.] : f32[1, 2, 4]\n"
                    "%z = core.concat(%y, %w) {axis = 0} : f32[*]")  # fmt: skip
    assert found["s"] == "f32[n, 4]"
    assert found["y"] == "f32[1, n, 4]"


def test_both_ways_are_kept_where_either_is_possible() -> None:
    found = settled(SQUEEZED + "%y = core.neg(%s) : f32[*]")
    assert found["s"] == found["y"] == "f32[*]"


def test_a_branch_that_cannot_be_taken_says_nothing_about_what_it_reads() -> None:
    """An LSTM cell adds an axis if there are two; only then does the concatenation hold."""
    found = settled(
        SQUEEZED
        + """
        %k = core.not(%c) : bool[]
        %r = core.if(%k, %s) regions
        @then(%a: f32[*]) {
          %b = nn.expand_dims(%a) {axes = [0]} : f32[*]
          return %b as "b"
        }
        @orelse(%d: f32[*]) {
          return %d as "d"
        }
        end : f32[*]
        %w = core.constant dense f32[1, 4] [0., 0., 0., 0.] : f32[1, 4]
        %y = core.concat(%r, %w) {axis = 0} : f32[*]
        """
    )
    assert found["r"] == found["s"] == "f32[n, 4]"


def test_dims_that_do_not_go_together_leave_all_as_it_is() -> None:
    found = settled(
        SQUEEZED
        + """
        %w = core.constant dense f32[1, 7] [0., 0., 0., 0., 0., 0., 0.] : f32[1, 7]
        %y = core.concat(%s, %w) {axis = 0} : f32[*]
        """
    )
    assert found["s"] == "f32[*]"


def test_a_branch_whose_types_do_not_hold_keeps_those_it_had() -> None:
    found = settled(
        SQUEEZED
        + """
        %r = core.if(%c, %s) regions
        @then(%a: f32[*]) {
          %b = core.transpose(%a) {perm = [0, 2, 1]} : f32[?0, ?1, ?2]
          return %b as "b"
        }
        @orelse(%d: f32[*]) {
          return %d as "d"
        }
        end : f32[*]
        %w = core.constant dense f32[1, 4] [0., 0., 0., 0.] : f32[1, 4]
        %y = core.concat(%r, %w) {axis = 0} : f32[*]
        """.replace("?", "z")
    )
    assert found["r"] == found["s"] == "f32[n, 4]"
    assert found["b"] == "f32[z0, z1, z2]"


def test_what_a_loop_body_needs_holds_inside_alone() -> None:
    found = settled(
        SQUEEZED
        + """
        %n = core.constant dense i64[] [0] : i64[]
        %t = core.constant dense bool[] [true] : bool[]
        %v = core.constant dense f32[1, 1] [0.] : f32[1, 1]
        %o = core.while(%n, %t, %v, %s) {carried = 1, stacked = 0} regions
        @body(%i: i64[], %g: bool[], %a: f32[1, 1], %e: f32[*]) {
          %f = core.concat(%a, %e) {axis = 0} : f32[*]
          %h = core.neg(%a) : f32[1, 1]
          return %g as "g", %h as "h"
        }
        end : f32[1, 1]
        %y = core.neg(%s) : f32[*]
        """.replace("%h = core.slice(%f, %i1, %i2) {axes = [0]} : f32[1, 1]", "%h = core.neg(%a) : f32[1, 1]")
    )
    assert found["s"] == "f32[*]"


def test_a_graph_that_cannot_run_stays_as_it_is() -> None:
    found = settled(
        SQUEEZED
        + """
        %w = core.constant dense f32[1] [0.] : f32[1]
        %y = core.concat(%s, %w) {axis = 0} : f32[*]
        """
    )
    assert found["s"] == "f32[*]"


@pytest.mark.parametrize("rows", [1, 5])
def test_it_runs_as_before(rows: int) -> None:
    lines = SQUEEZED + (
        "%w = core.constant dense f32[1, 4] [0., 0., 0., 0.] : f32[1, 4]\n%y = core.concat(%s, %w) {axis = 0} : f32[*]"
    )
    module = parse(body(lines, INPUTS))
    x = np.arange(rows * 4, dtype=np.float32).reshape(rows, 4, 1)
    before = interlingua.evaluate(module, [x, np.array(True)])["y"]
    settle_ranks(module, symbols_of(module))
    assert isinstance(module.main.outputs[0].type, Tensor)
    assert str(module.main.outputs[0].type) == "f32[n + 1, 4]"
    assert np.array_equal(interlingua.evaluate(module, [x, np.array(True)])["y"], before)
