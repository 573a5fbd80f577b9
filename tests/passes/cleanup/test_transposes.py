"""Transposes in a row."""

import interlingua
from interlingua.passes.cleanup.transposes import Transposes
from support.passes import check
from support.text import body

TWO = """%a = core.transpose(%x) {perm = [1, 2, 0]} : f32[m, 3, n]
    %y = core.transpose(%a) {perm = [1, 2, 0]} : f32[3, n, m]"""
INVERSE = """%a = core.transpose(%x) {perm = [1, 2, 0]} : f32[m, 3, n]
    %b = core.transpose(%a) {perm = [2, 0, 1]} : f32[n, m, 3]
    %y = core.neg(%b) : f32[n, m, 3]"""


def test_two_become_one() -> None:
    check(Transposes(), body(TWO, "%x: f32[n, m, 3]"), ["%y = core.transpose(%x) {perm = [2, 0, 1]} : f32[3, n, m]"])


def test_inverse_ones_go() -> None:
    check(Transposes(), body(INVERSE, "%x: f32[n, m, 3]"), ["%y = core.neg(%x) : f32[n, m, 3]"])


def test_an_inner_one_with_another_user_stays() -> None:
    text = body(TWO, "%x: f32[n, m, 3]").replace('return %y as "y"', 'return %a as "a", %y as "y"')
    after = check(Transposes(), text.replace('output "y"', 'output "a" [*]\noutput "y"'), None)
    assert [n.op.name for n in after.walk()] == ["core.transpose", "core.transpose"]
    assert after.main.outputs[1].node is not None
    assert after.main.outputs[1].node.operands == (after.main.inputs[0],)
    assert interlingua.optimize(after, Transposes()).main.length == 2
