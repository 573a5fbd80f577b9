"""What regions are given and give back."""

from interlingua.passes.cleanup.region_interfaces import RegionInterfaces
from support.passes import check, lines, untouched
from support.text import with_regions


def test_what_is_not_used_or_given_twice_is_not_given() -> None:
    text = with_regions(
        """%y = core.if(%c, %x, %z, %x) regions
        @then(%a: f32[n], %b: f32[n], %d: f32[n]) {
          %e = core.add(%a, %d) : f32[n]
          return %e as "e"
        }
        @orelse(%f: f32[n], %g: f32[n], %h: f32[n]) {
          %i = core.neg(%h) : f32[n]
          return %i as "i"
        }
        end : f32[n]""",
        "%c: bool[], %x: f32[n], %z: f32[n]",
    )
    found = lines(check(RegionInterfaces(), text, None))
    assert found[0] == "%y = core.if(%c, %x) regions"
    assert "%e = core.add(%a, %a) : f32[n]" in found
    assert "%i = core.neg(%f) : f32[n]" in found


def test_a_small_constant_moves_in() -> None:
    text = with_regions(
        """%k = core.constant dense f32[] [2.0] : f32[]
        %y = core.if(%c, %x, %k) regions
        @then(%a: f32[n], %b: f32[]) {
          %e = core.mul(%a, %b) : f32[n]
          return %e as "e"
        }
        @orelse(%f: f32[n], %g: f32[]) {
          return %f as "f"
        }
        end : f32[n]""",
        "%c: bool[], %x: f32[n]",
    )
    found = lines(check([RegionInterfaces(), "eliminate-dead-code"], text, None))
    assert found[:3] == [
        "%y = core.if(%c, %x) regions",
        "@then(%a: f32[n]) {",
        "%b = core.constant dense f32[] [2.0] : f32[]",
    ]


TWO = """%y, %z = core.if(%c, %x) regions
        @then(%a: f32[n]) {
          %b = core.neg(%a) : f32[n]
          return %b as "b", %a as "a"
        }
        @orelse(%d: f32[n]) {
          return %d as "d", %d as "d1"
        }
        end : f32[n], f32[n]"""


def test_what_nobody_needs_is_not_given_back() -> None:
    found = lines(check(RegionInterfaces(), with_regions(TWO, "%c: bool[], %x: f32[n]"), None))
    assert [line for line in found if line.startswith("return")][:2] == ['return %b as "b"', 'return %d as "d"']


def test_what_both_branches_hand_through_is_what_they_were_given() -> None:
    text = with_regions(TWO.replace("%y, %z", "%p, %q") + "\n%y = core.add(%p, %q) : f32[n]", "%c: bool[], %x: f32[n]")
    assert lines(check(RegionInterfaces(), text, None))[-1] == "%y = core.add(%p, %x) : f32[n]"


def test_a_loop_keeps_what_it_carries_and_stacks_no_more_than_is_read() -> None:
    text = with_regions(
        """%t = core.constant dense i64[] [3] : i64[]
        %y, %s = core.while(%t, _, %x, %u) {carried = 1, stacked = 1} regions
        @body(%i: i64[], %c: bool[], %a: f32[2], %k: f32[2]) {
          %b = core.neg(%a) : f32[2]
          return %c as "c", %b as "b", %k as "k"
        }
        end : f32[2], f32[u0, 2]""",
        "%x: f32[2], %u: f32[2]",
    )
    found = lines(check(RegionInterfaces(), text, None))
    assert found[1] == "%y = core.while(%t, _, %x) {carried = 1, stacked = 0} regions"
    assert found[2] == "@body(%i: i64[], %c: bool[], %a: f32[2]) {"


def test_an_unread_state_of_a_loop_stays() -> None:
    text = with_regions(
        """%t = core.constant dense i64[] [3] : i64[]
        %p, %y = core.while(%t, _, %x, %u) {carried = 2, stacked = 0} regions
        @body(%i: i64[], %c: bool[], %a: f32[2], %k: f32[2]) {
          %b = core.add(%a, %k) : f32[2]
          return %c as "c", %b as "b", %b as "b1"
        }
        end : f32[2], f32[2]""",
        "%x: f32[2], %u: f32[2]",
    )
    untouched(RegionInterfaces(), text)
