"""Passes and legalization: every rewrite is judged as it happens.

Whenever one value takes the place of another, both are cut out with what computes them, before anything else changes.
Evaluated on the same operands they have to agree: bit for bit where the pass says that it is exact, else within the
error that what was there before may make. So the rewrite that is wrong is known by its number, and nothing has to be
searched for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

from interlingua.diagnosis.bisect.diagnosis import Culprit, Kind, culprit_of, describe
from interlingua.equivalence.expect import expect, expect_exactly
from interlingua.equivalence.judge import judge
from interlingua.errors import InterlinguaError
from interlingua.ir.clone import clone_module
from interlingua.ir.extract import side_by_side
from interlingua.ir.graph import Graph, Module, Node, Value
from interlingua.ir.interpret import Interpreter
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import Tensor
from interlingua.obligations.coarse import refined, refinement
from interlingua.obligations.sever import Severed, Unreachable, givable
from interlingua.obligations.watch import WatchedRewriter
from interlingua.report import Comparison
from interlingua.stages import Stage


@dataclass(frozen=True, slots=True)
class Claim:
    """That two values are one: number ``number`` of a stage. ``made`` are the nodes that were put in for it."""

    number: int
    old: Value
    made: tuple[Node, ...]
    before: Severed
    after: Severed


Finding: TypeAlias = "tuple[Claim, Comparison | None, str]"
"""A claim that does not hold: how far off it is, or what was raised."""


class Audit:
    """Listens to one stage, and cuts out what it claims to be equal."""

    def __init__(self, given: dict[Value, Any]) -> None:
        self.given = given
        self.count = 0
        self.edits = 0
        self.unreached = 0
        self.claims: list[Claim] = []
        self.rewriter = WatchedRewriter(self._edited, self)
        self._made: list[Node] = []

    def inserted(self, node: Node) -> None:
        self._made.append(node)

    def erased(self, node: Node) -> None: ...

    def _edited(self) -> None:
        self.edits += 1

    def replaced(self, old: Value, new: Value) -> None:
        self.count += 1
        made, self._made = tuple(self._made), []
        inside = {r for node in self.rewriter.window for r in node.results}
        given = givable(self.given) - inside  # a rule claims what its nodes come to together
        before, after = Severed(), Severed()
        try:
            if isinstance(old.type, Tensor) and isinstance(new.type, Tensor):
                before.add([old], given)
                after.add([new], given)
                if not before.random and not after.random:
                    self.claims.append(Claim(self.count, old, made, before, after))
        except Unreachable:
            self.unreached += 1
        if old in self.given:
            self.given.setdefault(new, self.given[old])


class StageAxis:
    """Judges one stage.

    Args:
        stage: what is applied.
        exact: whether it promises every bit.
    """

    def __init__(self, stage: Stage, exact: bool, functions: dict[str, Graph]) -> None:
        self.stage = stage
        self.exact = exact
        self.functions = functions
        self.checked = 0
        self.runs = 0
        self.edits = 0
        self.unreached = 0

    def apply(self, module: Module, given: dict[Value, Any]) -> list[Culprit]:
        """Apply the stage, in place, and give what is wrong about it.

        Args:
            given: recorded values of the module; those that take their place are added.

        Raises:
            UnsupportedOps: the backend cannot take the module.
        """
        audit = Audit(given)
        self.stage.apply(module, audit.rewriter)
        self.edits, self.unreached = audit.edits, audit.unreached
        wrong = self._halved(audit.claims, given)
        self.checked += len(audit.claims)
        return [self._culprit(claim, comparison, message) for claim, comparison, message in wrong]

    def _culprit(self, claim: Claim, comparison: Comparison | None, message: str) -> Culprit:
        kind: Kind = "rewrite" if self.stage.detail else "decomposition"
        nodes = tuple(describe(n) for n in claim.made)
        return culprit_of(
            self.stage.name, kind, claim.old, detail=self.stage.detail, rewrite=claim.number, nodes=nodes,
            comparison=comparison, message=message,
        )  # fmt: skip

    def _halved(self, claims: Sequence[Claim], given: Mapping[Value, Any]) -> list[Finding]:
        if not claims:
            return []
        try:
            return self._judged(claims, given)
        except InterlinguaError as error:
            if len(claims) == 1:
                return [(claims[0], None, error.what)]
        half = len(claims) // 2
        return [*self._halved(claims[:half], given), *self._halved(claims[half:], given)]

    def _judged(self, claims: Sequence[Claim], given: Mapping[Value, Any]) -> list[Finding]:
        before, feeds_before = _side_by_side([c.before for c in claims], given, self.functions)
        after, feeds_after = _side_by_side([c.after for c in claims], given, self.functions)
        self.runs += 2
        wanted = expect_exactly(before, feeds_before) if self.exact else expect(before, feeds_before)
        wanted.outputs = {
            name: refined(want, refinement(piece))
            for (name, want), piece in zip(_numbered(wanted.outputs).items(), after.main.outputs, strict=True)
        }
        found = judge(wanted, _numbered(Interpreter(after).run(feeds_after)), "")
        return [(claims[int(c.output)], c, "") for c in found if not c.passed]


def _numbered(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs, their numbers for names: both sides of a claim have names of their own."""
    return {str(number): value for number, value in enumerate(outputs.values())}


def _side_by_side(
    pieces: Sequence[Severed], given: Mapping[Value, Any], functions: dict[str, Graph]
) -> tuple[Module, dict[str, Any]]:
    module = side_by_side([p.module() for p in pieces])
    module.functions = {**functions, "main": module.main}
    feeds = {f"{k}.{name}": given[value] for k, p in enumerate(pieces) for name, value in p.feeds.items()}
    return module, feeds


class _Enough(BaseException):
    """Ends a stage early. Stages hand on no other exception as it is."""


class _Limited(Rewriter):
    """Counts every edit that can change what a module computes, and stops before the one that is too many."""

    def __init__(self, limit: int | None) -> None:
        super().__init__()
        self.limit = limit
        self.count = 0
        self._inside = False

    def replace(self, old: Value, new: Value) -> None:
        self._counted(lambda: super(_Limited, self).replace(old, new))

    def set_operand(self, node: Node, index: int, value: Value | None) -> None:
        self._counted(lambda: super(_Limited, self).set_operand(node, index, value))

    def set_outputs(self, graph: Graph, values: Sequence[Value], names: Sequence[str] = ()) -> None:
        self._counted(lambda: super(_Limited, self).set_outputs(graph, values, names))

    def _counted(self, edit: Callable[[], None]) -> None:
        if self._inside:
            edit()
            return
        if self.count == self.limit:
            raise _Enough
        self.count += 1
        self._inside = True
        edit()
        self._inside = False


def first_bad_edit(stage: Stage, module: Module, wrong: Callable[[Module], bool]) -> int:
    """The number of the edit of a stage after which its result is wrong; it is wrong in the end.

    For stages that change operands one by one: no single edit claims anything, so the module as a whole is asked.
    """

    def after(limit: int | None) -> tuple[Module, int]:
        copy, rewriter = clone_module(module), _Limited(limit)
        with suppress(_Enough):
            stage.apply(copy, rewriter)
        return copy, rewriter.count

    good, (_, bad) = 0, after(None)
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (good, middle) if wrong(after(middle)[0]) else (middle, bad)
    return bad
