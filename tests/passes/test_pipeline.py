"""Pipelines: names, order, and what happens to a pass that fails."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

import interlingua
from interlingua.errors import ConstraintError, IRError, UsageError
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import Tensor
from interlingua.passes.base import Pass
from interlingua.passes.catalogue import PASSES, PIPELINES
from interlingua.passes.cleanup.fold_constants import FoldConstants
from interlingua.passes.pipeline import resolve, run_passes
from support.text import MLP, parse

KNOWN = {p.name: p for p in PASSES}


@dataclass(frozen=True, slots=True)
class Bad(Pass):
    """Fails in the way that it is told to, after it has changed something."""

    name: ClassVar[str] = "bad"
    way: str = "raise"

    def run(self, module: Module, rewriter: Rewriter) -> int:
        w, h, y = module.main.nodes
        rewriter.replace_node(y, [h.result])
        if self.way == "raise":
            raise KeyError("lost")
        if self.way == "refuse":
            raise ConstraintError("core.neg: C1. no")
        if self.way == "type":
            rewriter.refine(h.result, Tensor(DType.F64, None))
        if self.way == "uses":
            w.result._uses.clear()
        if self.way == "interface":
            module.outputs.clear()
        return 1


@pytest.mark.parametrize(
    ("way", "message"),
    [
        ("raise", "the pass bad failed: KeyError: 'lost'"),
        ("refuse", r"the pass bad broke the module: core\.neg: C1\. no"),
        ("type", r"the pass bad broke the module: %h is declared f64\[\*\]"),
        ("uses", "the pass bad broke the module: the use of operand 1 is not recorded"),
        ("interface", r"the pass bad broke the module: 0 output\(s\) declared"),
    ],
)
def test_a_bad_pass_is_named_and_harms_nobody(way: str, message: str) -> None:
    module = parse(MLP)
    with pytest.raises(IRError, match=message):
        interlingua.optimize(module, ["default", Bad(way)])
    assert str(module) == MLP


def test_names_pipelines_and_instances_are_taken() -> None:
    assert [p.title for p in resolve("default", KNOWN)] == list(PIPELINES["default"])
    assert resolve("none", KNOWN) == []
    mixed = resolve(["fold-constants", FoldConstants(limit=2), "minimal"], KNOWN)
    assert [p.name for p in mixed] == ["fold-constants", "fold-constants", "eliminate-dead-code"]
    assert mixed[1] == FoldConstants(limit=2)


def test_unknown_names_are_told_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="'polish'") as caught:
        interlingua.optimize(parse(MLP), "polish")
    assert "default" in (caught.value.hint or "")
    assert "fold-constants" in (caught.value.hint or "")


def test_changes_are_counted() -> None:
    module = parse(MLP)
    assert run_passes(module, resolve("default", KNOWN)) == dict.fromkeys(PIPELINES["default"], 0)
    assert str(module) == MLP


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_pass_states_its_contract(name: str) -> None:
    assert KNOWN[name].__doc__
    assert KNOWN[name].contract in ("exact", "rounding", "approximate")
    assert KNOWN[name]() == KNOWN[name]()
