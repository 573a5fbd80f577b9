"""The benchmark that judges the judge: its faults are faults, and it counts honestly."""

from __future__ import annotations

from collections import Counter

import pytest
from benchmarks.judge.faults import op_faults
from benchmarks.judge.faults.base import Fault, instead, result
from benchmarks.judge.faults.equivalent import EQUIVALENT
from benchmarks.judge.mutation import observed

from interlingua.equivalence.generators.modules import module_of
from interlingua.ir.clone import clone_module
from interlingua.ir.dialects import builtin_ops
from interlingua.ir.ops.unary import Floor, Round
from interlingua.ir.rewriter import Rewriter
from interlingua.runtimes.workers import FRESH

FAULTS = {f.name: f for f in op_faults()}


def test_there_are_enough_faults_each_of_an_op_with_a_name_of_its_own():
    assert len(FAULTS) == len(op_faults()) >= 200
    assert {f.op for f in FAULTS.values()} <= set(builtin_ops())
    assert set(EQUIVALENT) <= set(FAULTS)


def test_a_fault_is_the_same_every_time():
    names = [f.name for f in op_faults()]
    assert names == [f.name for f in op_faults()]
    fault = FAULTS["core.matmul: the last of 64 terms"]
    first, second = (fault.sample(3).operands[0] for _ in range(2))
    assert (first == second).all()


@pytest.mark.parametrize(
    "name",
    [
        "nn.layer_norm: eps ×1.5",
        "core.round: ties away from zero",
        "core.matmul: the last of 64 terms",
        "core.max: by comparison",
        "nn.gelu: tanh form for erf",
    ],
)
def test_a_wrong_rewrite_is_caught(name):
    assert observed(FAULTS[name], "rewrite", 40, FRESH).result == "caught"


def test_a_change_that_is_none_is_not_caught():
    same = Fault("none", "core.floor", "floor", instead(Floor()))
    outcome = observed(same, "rewrite", 10, FRESH)
    assert outcome.result == "missed"
    assert Counter(outcome.verdicts.split(", "))["10 VERIFIED"] == 1


def test_what_no_example_has_room_for_is_not_counted():
    nowhere = Fault("none", "core.floor", "nothing", lambda b, op, operands: None)
    assert observed(nowhere, "rewrite", 5, FRESH).result == "not seeded"


def test_a_fault_replaces_every_node_of_its_op():
    fault = Fault("rounding mode", "core.floor", "round", instead(Round()))
    module, _ = module_of(fault.sample(0))
    copy = clone_module(module)
    assert fault.put(copy, Rewriter()) == 1
    assert [n.op.name for n in copy.walk() if n.operands] == ["core.round"]
    assert [n.op.name for n in module.walk() if n.operands] == ["core.floor"]


def test_the_result_of_an_op_can_be_changed():
    fault = Fault("clamp bounds", "core.exp", "at 1", result(lambda y: y.min(1.0)))
    assert observed(fault, "rewrite", 10, FRESH).result == "caught"
