"""Passes in turn until a round changes nothing."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

from interlingua.errors import IRError
from interlingua.ir.graph import Module
from interlingua.ir.rewriter import Rewriter
from interlingua.passes.base import Contract, Pass
from interlingua.passes.pipeline import resolve, select
from interlingua.passes.rewrite.repeated import Repeated
from interlingua.plugins import plugins
from support.text import body, parse

RUNS: list[str] = []


@dataclass(frozen=True, slots=True)
class Working(Pass):
    """Finds something to do a few times."""

    name: ClassVar[str] = "working"
    contract: ClassVar[Contract] = "rounding"
    label: str
    times: int

    @property
    def title(self) -> str:
        return self.label

    def run(self, module: Module, rewriter: Rewriter) -> int:
        RUNS.append(self.label)
        return int(RUNS.count(self.label) <= self.times)


MODULE = parse(body("%y = core.neg(%x) : f32[n]"))


def test_it_stops_when_each_was_idle_once_after_the_last_change() -> None:
    RUNS.clear()
    found = Repeated("loop", (Working("a", 1), Working("b", 2))).run(MODULE, Rewriter())
    assert (found, RUNS) == (3, ["a", "b", "a", "b", "a", "b"])
    assert Repeated("loop", (Working("a", 1),)).promise == "rounding"


def test_passes_that_undo_each_other_are_named() -> None:
    with pytest.raises(IRError, match=r"passes follow each other without end: b \(1\)"):
        Repeated("loop", (Working("a", 1), Working("b", 10**6))).run(MODULE, Rewriter())


def test_members_and_their_rules_are_chosen_by_name() -> None:
    default = resolve("default", plugins().passes)
    (one,) = select(default, only=["merge-reshapes"])
    assert isinstance(one, Repeated)
    assert [m.title for m in one.members] == ["simplify"]
    (rest,) = select(default, skip=["simplify", "refine-types"])
    assert isinstance(rest, Repeated)
    assert {"simplify", "refine-types"}.isdisjoint(m.title for m in rest.members)
    (whole,) = select(default, only=["optimize"])
    assert isinstance(whole, Repeated) and isinstance(default[0], Repeated)
    assert [m.title for m in whole.members] == [m.title for m in default[0].members]
    assert select(resolve("merge-casts", plugins().passes), skip=["drop-cast"])
