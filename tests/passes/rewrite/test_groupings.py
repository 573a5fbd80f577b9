"""Every way to put parts together, and rules that wait for a target."""

from itertools import permutations

import pytest

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Mul
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.unary import Abs, Exp, Neg
from interlingua.ir.rewriter import Rewriter
from interlingua.passes.rewrite.driver import drive
from interlingua.passes.rewrite.pattern import Match, Number, OpPattern, Var, groupings
from interlingua.passes.rewrite.rule import rule
from support.formulas import Formula, written
from support.text import parse

PARTS = (Var("x"), OpPattern(Exp, Var("x")), Number(3), OpPattern(Abs, Var("x")))


def test_how_many_there_are() -> None:
    """(2n - 3)!! trees of n leaves whose sides may be swapped."""
    assert [len(groupings(Mul, *PARTS[:n])) for n in (2, 3, 4)] == [1, 3, 15]


def products(order: tuple[int, ...]) -> list[Formula]:
    def parts(x: Expr) -> list[Expr]:
        made = [x, x.exp(), x.number(3), x.abs()]
        return [made[i] for i in order]

    return [
        lambda x: (p := parts(x))[0] * p[1] * p[2] * p[3],
        lambda x: (p := parts(x))[0] * p[1] * (p[2] * p[3]),
        lambda x: (p := parts(x))[0] * (p[1] * (p[2] * p[3])),
    ]


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_all_of_them_are_matched(order: tuple[int, ...]) -> None:
    patterns = groupings(Mul, *PARTS)
    for formula in products(order):
        root = parse(written(formula, "f32[n]")).main.outputs[0].node
        assert root is not None
        assert any(next(p.at(root, Match()), None) is not None for p in patterns)


@rule(OpPattern(Neg, Var("x")), targeted=True)
def waits(m: Match, b: Builder) -> Value:
    return b(Abs(), m["x"])


@pytest.mark.parametrize(
    "accepts, applied",
    [(None, 0), (lambda _: False, 0), (lambda _: True, 1)],
    ids=["no-target", "not-taken", "taken"],
)
def test_a_targeted_rule_waits_for_a_target_that_takes_what_it_makes(accepts, applied) -> None:
    module = parse(written(lambda x: -x, "f32[n]"))
    assert drive(module, [waits], Rewriter(accepts=accepts)).total() == applied
