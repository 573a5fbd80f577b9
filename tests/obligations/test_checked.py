"""Rules that are right, each by the means that show it; rules that are wrong, each caught."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

import interlingua
from interlingua.diagnosis.findings.obligation import save_obligation
from interlingua.errors import BrokenObligation
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Module, Value
from interlingua.ir.ops.activation import Relu
from interlingua.ir.ops.binary import Add, Mul, Sub
from interlingua.ir.ops.math import Sigmoid
from interlingua.ir.ops.random import RandomUniform
from interlingua.ir.ops.shape import Reshape, Transpose
from interlingua.ir.ops.unary import Neg
from interlingua.ir.rewriter import Rewriter
from interlingua.obligations.ledger import Ledger
from interlingua.passes.base import Contract, Pass
from interlingua.passes.rewrite.pattern import Match, Number, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule
from support.text import body, parse

X, Y, Z = Var("x"), Var("y"), Var("z")


def made_of(*rules: Rule) -> RulePass:
    """A pass of these rules."""

    @dataclass(frozen=True, slots=True)
    class Planted(RulePass):
        name: ClassVar[str] = "planted"

    Planted.rules = rules
    return Planted()


def ledger_of(module: Module, passes: Pass | Sequence[Pass | str], **more: object) -> Ledger:
    return interlingua.optimize_checked(module, passes, **more).ledger


def means(module: Module, passes: Pass | Sequence[Pass | str]) -> list[str]:
    return [o.means for o in ledger_of(module, passes).obligations]


TRANSPOSES = """%a = core.transpose(%x) {perm = [1, 2, 0]} : f32[4, 5, 3]
    %b = core.transpose(%a) {perm = [1, 2, 0]} : f32[5, 3, 4]
    %y = core.neg(%b) : f32[5, 3, 4]"""


@rule(OpPattern(Transpose, OpPattern(Transpose, X, name="inner"), name="outer"))
def merge_wrongly(m: Match, b: Builder) -> Value:
    inner, outer = m.op("inner").perm, m.op("outer").perm
    return b(Transpose(perm=tuple(outer[axis] for axis in inner)), m["x"])


@rule(OpPattern(Transpose, OpPattern(Transpose, X, name="inner"), name="outer"))
def merge_by_type(m: Match, b: Builder) -> Value:
    """Wrong where the dims are equal: the types cannot tell."""
    return b(Transpose(perm=tuple(m.op("inner").perm)), m["x"])


class TestMovement:
    def test_of_fixed_sizes_is_proof_for_all_values(self):
        assert means(parse(body(TRANSPOSES, "%x: f32[3, 4, 5]")), ["merge-transposes"]) == ["movement"]

    def test_of_symbolic_sizes_is_proof_at_the_sizes_tried(self):
        text = body(TRANSPOSES, "%x: f32[3, 4, 5]")
        for size, name in (("3", "p"), ("4", "q"), ("5", "r")):
            text = text.replace(f"[{size}, ", f"[{name}, ").replace(f" {size}, ", f" {name}, ")
            text = text.replace(f" {size}]", f" {name}]")
        assert means(parse(text), ["merge-transposes"]) == ["movement at several sizes"]

    def test_a_wrong_one_is_caught_where_types_agree(self):
        text = body(TRANSPOSES.replace("4, 5, 3", "4, 4, 4").replace("5, 3, 4", "4, 4, 4"), "%x: f32[4, 4, 4]")
        with pytest.raises(BrokenObligation, match=r"merge-by-type of planted is not exact: core\.transpose %b"):
            interlingua.optimize(parse(text), made_of(merge_by_type), checked=True)


class TestShapes:
    TEXT = """%s = core.constant dense i64[3] [-1, 2, 8] : i64[3]
        %a = core.reshape(%x, %s) : f32[n, 2, 8]
        %t = core.constant dense i64[2] [-1, 4] : i64[2]
        %y = core.reshape(%a, %t) : f32[n*4, 4]"""

    @staticmethod
    def reshapes() -> Rule:
        @rule(OpPattern(Reshape, OpPattern(Reshape, X, Y), Z), shared=True)
        def merge_reshapes(m: Match, b: Builder) -> Value:
            return b(Reshape(), m["x"], m["z"])

        return merge_reshapes

    def test_reshapes_are_proven_for_all_sizes(self):
        assert means(parse(body(self.TEXT, "%x: f32[n, 16]")), made_of(self.reshapes())) == ["shape"]

    def test_what_one_side_made_up_proves_nothing(self):
        """The sizes are known to the run alone: a fresh symbol of one side is no dim of the other."""
        text = body(
            """%a = core.reshape(%x, %s) : f32[p, q]
            %y = core.reshape(%a, %t) : f32[v, w]""",
            "%x: f32[n, 16], %s: i64[2], %t: i64[2]",
        )

        @rule(OpPattern(Reshape, OpPattern(Reshape, X, Y), Z))
        def merge_to_the_wrong_shape(m: Match, b: Builder) -> Value:
            return b(Reshape(), m["x"], m["y"])

        given = {"x": np.zeros((2, 16), np.float32), "s": np.array([4, 8]), "t": np.array([8, 4])}
        with pytest.raises(BrokenObligation, match="merge-to-the-wrong-shape"):
            ledger_of(parse(text), made_of(merge_to_the_wrong_shape), examples=[given])


class TestValues:
    def test_constants_alone_are_evaluated_once(self):
        text = body(
            """%a = core.constant dense i64[2] [1, 2] : i64[2]
            %b = core.constant dense i64[2] [3, 4] : i64[2]
            %s = core.add(%a, %b) : i64[2]
            %y = core.add(%x, %s) : i64[2]""",
            "%x: i64[2]",
        )
        assert means(parse(text), ["fold-constants"]) == ["constant"]

    def test_the_same_op_on_the_same_operands(self):
        text = body("%a = core.neg(%x) : f32[n]\n%b = core.neg(%x) : f32[n]\n%y = core.add(%a, %b) : f32[n]")
        assert means(parse(text), ["merge-common-subexpressions"]) == ["identical"]

    def test_what_nobody_uses(self):
        text = body("%a = core.neg(%x) : f32[n]\n%b = core.neg(%a) : f32[n]\n%y = core.abs(%x) : f32[n]")
        assert means(parse(text), ["eliminate-dead-code"]) == ["unused", "unused"]

    def test_both_kinds_of_values(self):
        @rule(OpPattern(Relu, OpPattern(Relu, X)), shared=True)
        def relu_once(m: Match, b: Builder) -> Value:
            return b(Relu(), m["x"])

        text = body("%a = nn.relu(%x) : f32[n]\n%y = nn.relu(%a) : f32[n]")
        assert means(parse(text), made_of(relu_once)) == ["generated and captured"]

    def test_an_exact_rule_keeps_the_sign_of_zeros(self):
        @rule(OpPattern(Add, X, Number(0)), contract="exact")
        def add_nothing(m: Match, b: Builder) -> Value:
            """Wrong: ``-0.0 + 0.0`` is 0.0."""
            return m["x"]

        text = body("%z = core.constant dense f32[] [0.0] : f32[]\n%y = core.add(%x, %z) : f32[n]")
        with pytest.raises(BrokenObligation, match="add-nothing"):
            ledger_of(parse(text), made_of(add_nothing))

    @staticmethod
    def merged_factors(wrong: bool, contract: Contract = "rounding") -> Rule:
        @rule(OpPattern(Mul, OpPattern(Mul, X, Number(name="a")), Number(name="b")), contract=contract)
        def merge_factors(m: Match, b: Builder) -> Value:
            factor = m.number("a") * m.number("b") * (1 + 1e-5 * wrong)
            return b(Mul(), m["x"], b.constant(np.float32(factor)))

        return merge_factors

    FACTORS = body(
        """%p = core.constant dense f32[] [0.3] : f32[]
        %q = core.constant dense f32[] [0.7] : f32[]
        %a = core.mul(%x, %p) : f32[n]
        %y = core.mul(%a, %q) : f32[n]"""
    )

    def test_rounding_is_judged_by_the_bound(self):
        found = means(parse(self.FACTORS), made_of(self.merged_factors(False)))
        assert found == ["generated and captured"]

    def test_a_factor_that_is_a_little_off_is_caught(self):
        with pytest.raises(BrokenObligation, match="merge-factors of planted is not rounding"):
            ledger_of(parse(self.FACTORS), made_of(self.merged_factors(True)))

    def test_what_rounds_is_not_exact(self):
        with pytest.raises(BrokenObligation, match="merge-factors of planted is not exact"):
            ledger_of(parse(self.FACTORS), made_of(self.merged_factors(False, "exact")))

    def test_what_a_rule_saw_around_its_match_is_taken_into_the_window(self):
        @rule(OpPattern(Relu, X))
        def relu_of_sigmoid(m: Match, b: Builder) -> Value | None:
            node = m["x"].node
            return m["x"] if node is not None and isinstance(node.op, Sigmoid) else None

        text = body("%a = math.sigmoid(%x) : f32[n]\n%y = nn.relu(%a) : f32[n]")
        assert means(parse(text), made_of(relu_of_sigmoid)) == ["generated and captured"]

    def test_what_the_examples_alone_would_not_show(self):
        """Right where the input is positive, and the captured values are."""

        @rule(OpPattern(Relu, X))
        def relu_is_nothing(m: Match, b: Builder) -> Value:
            return m["x"]

        text = body("%y = nn.relu(%x) : f32[n]")
        with pytest.raises(BrokenObligation, match="relu-is-nothing"):
            ledger_of(parse(text), made_of(relu_is_nothing), examples=[{"x": np.ones(3, np.float32)}])

    def test_a_branch_that_no_run_takes(self):
        text = """interlingua 1
input "c" []
input "x" [2]
output "y" [2]
func @main(%c: bool[], %x: f32[2]) {
  %y = core.if(%c, %x) regions
  @then(%a: f32[2]) {
    %b = nn.relu(%a) : f32[2]
    %d = nn.relu(%b) : f32[2]
    return %d as "d"
  }
  @orelse(%e: f32[2]) {
    return %e as "e"
  }
  end : f32[2]
  return %y as "y"
}
"""

        @rule(OpPattern(Relu, OpPattern(Relu, X)), shared=True)
        def relu_once(m: Match, b: Builder) -> Value:
            return b(Relu(), m["x"])

        given = {"c": np.array(False), "x": np.ones(2, np.float32)}
        ledger = ledger_of(parse(text), made_of(relu_once), examples=[given])
        assert [o.means for o in ledger.obligations] == ["generated"]
        assert ledger.share == 1.0


class TestAffine:
    TEXT = body("%a = core.mul(%x, %p) : f32[n]\n%b = core.mul(%x, %q) : f32[n]\n%y = core.add(%a, %b) : f32[n]",
                "%x: f32[n], %p: f32[n], %q: f32[n]")  # fmt: skip

    @pytest.mark.parametrize("right", [True, False])
    def test_a_polynomial_identity(self, right):
        @rule(OpPattern(Add, OpPattern(Mul, X, Y), OpPattern(Mul, X, Z)), contract="rounding")
        def factor_out(m: Match, b: Builder) -> Value:
            return b(Mul(), m["x"], b(Add() if right else Sub(), m["y"], m["z"]))

        if right:
            assert means(parse(self.TEXT), made_of(factor_out)) == ["affine"]
        else:
            with pytest.raises(BrokenObligation, match="factor-out"):
                ledger_of(parse(self.TEXT), made_of(factor_out))


@dataclass(frozen=True, slots=True)
class Swap(Pass):
    """Exchanges the operands of a node, one by one."""

    name: ClassVar[str] = "swap"
    op: type = Add

    def run(self, module: Module, rewriter: Rewriter) -> int:
        for node in module.main.nodes:
            if isinstance(node.op, self.op):
                a, b = node.operands
                rewriter.set_operand(node, 0, b)
                rewriter.set_operand(node, 1, a)
        return 1


class TestEdits:
    TEXT = body("%y = core.add(%x, %z) : f32[n]", "%x: f32[n], %z: f32[n]")

    def test_are_one_obligation_of_the_whole_model(self):
        assert means(parse(self.TEXT), Swap()) == ["whole model"]

    def test_that_change_what_is_computed_are_caught(self):
        module = parse(self.TEXT.replace("core.add", "core.sub"))
        before = str(module)
        with pytest.raises(BrokenObligation, match="swap of swap is not exact"):
            ledger_of(module, Swap(Sub))
        assert str(module) == before


class TestUndischarged:
    def test_random_numbers_are_counted_and_named(self):
        text = body(
            """%s = core.constant dense i64[1] [4] : i64[1]
            %r = core.random_uniform(%s) {low = 0.0, high = 1.0, dtype = f32, seed = none} : f32[4]
            %a = nn.relu(%r) : f32[4]
            %y = core.add(%a, %x) : f32[4]""",
            "%x: f32[4]",
        )

        @rule(OpPattern(Relu, OpPattern(RandomUniform, ..., name="r"), name="relu"))
        def nothing(m: Match, b: Builder) -> Value:
            return m.nodes["r"].result

        ledger = ledger_of(parse(text), made_of(nothing))
        assert [o.means for o in ledger.obligations] == ["none"]
        assert ledger.share == 0.0
        assert "nothing of planted: nn.relu %a + core.random_uniform %r: it draws random numbers" in str(ledger)


class TestFolder:
    def test_it_fails_until_the_rule_is_right(self, tmp_path: Path):
        text = body("%a = core.neg(%x) : f32[n]\n%y = core.neg(%a) : f32[n]")

        @rule(OpPattern(Neg, OpPattern(Neg, X)))
        def negations(m: Match, b: Builder) -> Value:
            return b(Neg(), m["x"])

        with pytest.raises(BrokenObligation) as caught:
            ledger_of(parse(text), made_of(negations))
        assert caught.value.ledger is not None and caught.value.ledger.broken is not None
        folder = save_obligation(caught.value.ledger.broken, tmp_path)
        assert {p.name for p in folder.iterdir()} >= {"repro.py", "before.il", "after.il", "inputs.npz", "meta.json"}
        done = subprocess.run([sys.executable, folder / "repro.py"], capture_output=True, text=True, check=False)
        assert done.returncode == 1, done.stderr
        assert "MISMATCH" in done.stdout
        (folder / "after.il").write_text((folder / "before.il").read_text())
        done = subprocess.run([sys.executable, folder / "repro.py"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_values_that_a_run_left_are_taken_where_both_sides_begin() -> None:
    """Eight times a product is exact, of the product as the run rounded it: what became of both is not."""
    text = body(
        """%c = core.constant dense f32[] [0.1] : f32[]
        %d = core.constant dense f32[] [8.0] : f32[]
        %l = core.log(%x) : f32[n]
        %a = core.mul(%l, %c) : f32[n]
        %y = core.mul(%a, %d) : f32[n]"""
    )
    found = interlingua.optimize_checked(parse(text), examples=[{"x": np.linspace(0.1, 9, 64, dtype=np.float32)}])
    assert sorted(n.op.name for n in found.module.walk()) == ["core.constant", "core.log", "core.mul"]
