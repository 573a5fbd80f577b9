"""Branches that are always or never taken, loops of no or one trip, calls."""

import pytest

from interlingua.ir.rewriter import Rewriter
from interlingua.passes.cleanup.control_flow import ControlFlow
from support.passes import check, lines, untouched
from support.text import parse, with_regions

IF = """%y = core.if({0}, %x) regions
@then(%a: f32[n]) {{
  %b = core.neg(%a) : f32[n]
  return %b as "b"
}}
@orelse(%d: f32[n]) {{
  %e = core.abs(%d) : f32[n]
  return %e as "e"
}}
end : f32[n]"""


@pytest.mark.parametrize(("known", "taken"), [("true", "core.neg"), ("false", "core.abs")])
def test_a_known_condition(known: str, taken: str) -> None:
    text = with_regions(f"%c = core.constant dense bool[] [{known}] : bool[]\n{IF.format('%c')}", "%x: f32[n]")
    assert lines(check(ControlFlow(), text, None))[-1].startswith(f"%{'b' if known == 'true' else 'e'} = {taken}(%x)")


def test_a_condition_that_the_run_knows_stays() -> None:
    untouched(ControlFlow(), with_regions(IF.format("%c"), "%c: bool[], %x: f32[n]"))


def test_a_branch_of_another_rank_is_never_taken() -> None:
    """The type of the result says what it has to be."""
    text = with_regions(
        """%y = core.if(%c, %x) regions
        @then(%a: f32[n, k]) {
          %b = nn.squeeze(%a) {axes = [1]} : f32[n]
          return %b as "b"
        }
        @orelse(%d: f32[n, k]) {
          return %d as "d"
        }
        end : f32[n]""",
        "%c: bool[], %x: f32[n, k]",
    )
    module = parse(text)
    assert ControlFlow().run(module, Rewriter()) == 1
    assert lines(module) == ["%b = nn.squeeze(%x) {axes = [1]} : f32[n]"]


LOOP = """%t = core.constant dense i64[] [{0}] : i64[]
%y{1} = core.while(%t, {2}, %x, %w) {{carried = 1, stacked = {3}}} regions
@body(%i: i64[], %c: bool[], %a: f32[2], %k: f32[2]) {{
  %b = core.add(%a, %k) : f32[2]
  %d = core.lt(%i, %i) : bool[]
  return %d as "d", %b as "b"{4}
}}
end : f32[2]{5}"""


@pytest.mark.parametrize(("trips", "kept"), [(1, ["core.add(%x, %w)"]), (0, []), (-3, [])])
def test_no_or_one_trip(trips: int, kept: list[str]) -> None:
    loop = LOOP.format(trips, "", "_", 0, "", "").replace("%y = ", "%l = ") + "\n%y = core.neg(%l) : f32[2]"
    found = lines(
        check(["simplify-control-flow", "eliminate-dead-code"], with_regions(loop, "%x: f32[2], %w: f32[2]"), None)
    )
    assert [line.split(" = ")[1].split(" :")[0] for line in found[:-1]] == kept
    assert found[-1] == f"%y = core.neg({'%b' if kept else '%x'}) : f32[2]"


def test_what_one_trip_stacks_has_one_row() -> None:
    loop = LOOP.format(1, ", %s", "_", 1, ', %b as "b1"', ", f32[1, 2]").replace("%y, %s", "%l, %y")
    found = lines(
        check(["simplify-control-flow", "eliminate-dead-code"], with_regions(loop, "%x: f32[2], %w: f32[2]"), None)
    )
    assert found[-1] == "%y = nn.expand_dims(%b) {axes = [0]} : f32[1, 2]"


@pytest.mark.parametrize(("trips", "cond"), [(2, "_"), (1, "%c0")])
def test_more_trips_or_an_unknown_condition_stay(trips: int, cond: str) -> None:
    inputs = "%x: f32[2], %w: f32[2]" + (", %c0: bool[]" if cond != "_" else "")
    untouched(ControlFlow(), with_regions(LOOP.format(trips, "", cond, 0, "", ""), inputs))


def test_a_call_is_its_body() -> None:
    text = with_regions(
        """%y = core.call(%x) {callee = "f"} regions
        @body(%a: f32[n]) {
          %b = core.neg(%a) : f32[n]
          return %b as "b"
        }
        end : f32[n]""",
        "%x: f32[n]",
    )
    assert lines(check(ControlFlow(), text, None)) == ["%b = core.neg(%x) : f32[n]"]
