"""Rules that misbehave: each is stopped and named, checked or not, and the user's model stays as it was."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

import pytest

import interlingua
from interlingua.errors import BrokenObligation, InterlinguaError, IRError
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.shape import Transpose
from interlingua.ir.ops.unary import Abs, Neg
from interlingua.ir.types import Tensor
from interlingua.passes.rewrite.pattern import Match, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule
from support.text import body, parse

X = Var("x")
TEXT = body(
    """%a = core.abs(%x) : f32[2, 3]
    %b = core.neg(%a) : f32[2, 3]
    %y = core.abs(%b) : f32[2, 3]""",
    "%x: f32[2, 3]",
)


@rule(OpPattern(Neg, X, name="neg"))
def raises(m: Match, b: Builder) -> Value:
    raise KeyError("lost")


@rule(OpPattern(Neg, X, name="neg"))
def gives_another_dtype(m: Match, b: Builder) -> Value:
    return b(Cast(DType.F64), m["x"])


@rule(OpPattern(Neg, X, name="neg"))
def gives_another_shape(m: Match, b: Builder) -> Value:
    return b(Transpose(perm=(1, 0)), m["x"])


@rule(OpPattern(Neg, X, name="neg"))
def goes_in_circles(m: Match, b: Builder) -> Value:
    return b(Neg(), m["x"])


@rule(OpPattern(Neg, X, name="neg"))
def erases_what_is_in_use(m: Match, b: Builder) -> Value | None:
    b.rewriter.erase(m.nodes["neg"])
    return None


@rule(OpPattern(Neg, X, name="neg"))
def touches_the_interface(m: Match, b: Builder) -> Value | None:
    assert m.root.graph is not None
    b.rewriter.set_outputs(m.root.graph, [m["x"], m["x"]], ["y", "z"])
    return None


@rule(OpPattern(Neg, X, name="neg"))
def uses_what_comes_later(m: Match, b: Builder) -> Value:
    last = m.nodes["neg"].result.uses[0][0]
    return b(Abs(), last.results[0])


@rule(OpPattern(Neg, X, name="neg"))
def refines_wrongly(m: Match, b: Builder) -> Value | None:
    b.rewriter.refine(m["x"], Tensor(DType.F32, (5,)))
    return None


@rule(OpPattern(Neg, X, name="neg"))
def rewires_to_itself(m: Match, b: Builder) -> Value | None:
    b.rewriter.set_operand(m.nodes["neg"], 0, m.nodes["neg"].result)
    return None


@rule(OpPattern(Neg, X, name="neg"))
def gives_too_many(m: Match, b: Builder) -> list[Value]:
    return [m["x"], m["x"]]


BAD: list[tuple[Rule, str]] = [
    (raises, "the rule raises failed: KeyError: 'lost'"),
    (gives_another_dtype, r"the rule gives-another-dtype: f64\[2, 3\] cannot take the place of f32\[2, 3\]"),
    (gives_another_shape, r"the rule gives-another-shape: f32\[3, 2\] cannot take the place of f32\[2, 3\]"),
    (goes_in_circles, "rules follow each other without end: goes-in-circles"),
    (erases_what_is_in_use, "the rule erases-what-is-in-use failed: ValueError: .* cannot be erased"),
    (touches_the_interface, "the pass bad broke the module"),
    (uses_what_comes_later, "the pass bad broke the module"),
    (refines_wrongly, "the pass bad broke the module"),
    (rewires_to_itself, "the pass bad broke the module"),
    (gives_too_many, "the rule gives-too-many failed: ValueError"),
]


@pytest.mark.parametrize("checked", [False, True])
@pytest.mark.parametrize(("planted", "message"), BAD, ids=[r.name for r, _ in BAD])
def test_it_is_stopped_and_named(planted: Rule, message: str, checked: bool) -> None:
    @dataclass(frozen=True, slots=True)
    class Bad(RulePass):
        name: ClassVar[str] = "bad"
        rules: ClassVar[tuple[Rule, ...]] = (planted,)

    module = parse(TEXT)
    with pytest.raises(InterlinguaError) as caught:
        interlingua.optimize(module, ["minimal", Bad()], checked=checked)
    if isinstance(caught.value, BrokenObligation):  # what it computes is wrong already
        assert checked and caught.value.what.startswith(f"{planted.name} of bad is not exact")
    else:
        assert isinstance(caught.value, IRError)
        assert re.search(message, caught.value.what)
    assert str(module) == TEXT
