"""The audit of a run: hears of every rewrite as it happens, and has it discharged before anything else changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import perf_counter

from interlingua.ir.clone import clone_module
from interlingua.ir.graph import Module, Node, Value
from interlingua.obligations.capture import Runs
from interlingua.obligations.discharge import Payment, discharge, whole
from interlingua.obligations.inlined import is_gutted, recorded, stands_for
from interlingua.obligations.ledger import Broken, Ledger, Obligation
from interlingua.obligations.sever import Unreachable
from interlingua.obligations.watch import WatchedRewriter
from interlingua.obligations.window import Window, named
from interlingua.passes.base import Contract, Pass
from interlingua.passes.rewrite.together import inner_of, rules_of


@dataclass(slots=True)
class _Run:
    """One pass at work.

    Attributes:
        each: what it promises.
        module: what it works on.
        before: that as it was.
        contracts: of its rules, by name.
        edits: how many it made that claim nothing by themselves.
        fresh: the nodes put in by the application at hand.
        key: the window of that application.
        claimed: whether it has replaced something yet.
        spent: nodes that were replaced.
        reached: the obligations that were not discharged, of values that runs of the model reach.
    """

    each: Pass
    module: Module
    before: Module
    contracts: dict[str, Contract]
    edits: int = 0
    fresh: dict[Node, None] = field(default_factory=dict[Node, None])
    key: tuple[Node, ...] = ()
    claimed: bool = False
    spent: set[Node] = field(default_factory=set[Node])
    reached: list[int] = field(default_factory=list[int])

    def enter(self, window: tuple[Node, ...], inserting: bool) -> None:
        """An edit in this window: what was put in by another application is not this one's."""
        if window is not self.key or (not window and inserting and self.claimed):
            self.fresh.clear()
            self.key, self.claimed = window, False


class Audit:
    """Listens to passes, one after another.

    Args:
        ledger: takes the obligations.
        given: values of the whole model, by case.
        seed: of what is generated.
    """

    def __init__(self, ledger: Ledger, given: Runs, seed: int) -> None:
        self.ledger = ledger
        self.given = given
        self.seed = seed
        self.rewriter = WatchedRewriter(self._edited, self)
        self._run: _Run | None = None

    def around(self, each: Pass, module: Module, after: bool) -> None:
        """As :data:`interlingua.passes.pipeline.Around`.

        Raises:
            BrokenObligation: one of the pass does not hold.
        """
        if inner_of(each):
            return  # its members are told of one by one
        with self._timed():
            if not after:
                contracts = {r.name: r.contract for r in rules_of(each)}
                self._run = _Run(each, module, clone_module(module), contracts)
            elif self._run is not None:
                run, self._run = self._run, None
                if run.edits and self.ledger.broken is None:
                    self._edits(run)
                self.ledger.settle()

    def inserted(self, node: Node) -> None:
        """As :meth:`Listener.inserted`."""
        if self._run is not None:
            self._run.enter(self.rewriter.window, inserting=True)
            self._run.fresh[node] = None

    def erased(self, node: Node) -> None:
        """As :meth:`Listener.erased`: a node that was replaced, or that a rule leaves behind, goes with its rewrite."""
        run = self._run
        if run is not None and not self.rewriter.cause and node not in run.spent:
            used = any(r.uses for r in node.results)
            self._owe(run, (node,), (), Payment("none", "it is in use") if used else Payment("unused"))

    def replaced(self, old: Value, new: Value) -> None:
        """As :meth:`Listener.replaced`."""
        run = self._run
        if run is None or self.ledger.broken is not None:
            return
        with self._timed():
            run.enter(self.rewriter.window, inserting=False)
            run.claimed = True
            matched = self.rewriter.window or (() if old.node is None else (old.node,))
            made = [n for n in run.fresh if n.graph is not None and n not in matched]
            paid = self._paid(run, Window(old, new, matched, made, run.module.functions))
            if paid.open and any(values.knows(old) for values in self.given):
                run.reached.append(len(self.ledger.obligations))
            self._owe(run, matched, made, paid)
            run.spent.update(() if old.node is None else (old.node,))
            self.given.stands_for(new, old)

    def _paid(self, run: _Run, window: Window) -> Payment:
        old, new = window.old, window.new
        if is_gutted(old.node, self.rewriter.gutted):
            if stands_for(old, new, self.rewriter.gutted):
                return Payment("identical")
            if recorded(old, new, self.given):
                return Payment("captured")
            return Payment("none", "no run of the model tells that the region which is put in is the one that runs")
        try:
            return discharge(window, self._contract(run), self.given, self.seed + len(self.ledger.obligations))
        except Unreachable as error:
            return Payment("none", str(error), open=True)

    def _edits(self, run: _Run) -> None:
        """Edits that claim nothing by themselves are one claim together; what else a run of the model reaches, and
        could not be cut out, is told by it too."""
        paid = whole(run.before, run.module, self.given, run.each.promise)
        if paid.broken is None and paid.means != "none":
            for index in run.reached:
                self.ledger.obligations[index] = replace(self.ledger.obligations[index], means=paid.means, reason="")
        self._owe(run, (), (), paid)

    def _edited(self) -> None:
        if self._run is not None:
            self._run.edits += 1

    def _contract(self, run: _Run) -> Contract:
        return run.contracts.get(self.rewriter.cause, run.each.promise)

    def _owe(self, run: _Run, nodes: Sequence[Node], made: Sequence[Node], paid: Payment) -> None:
        number, cause = len(self.ledger.obligations) + 1, self.rewriter.cause or run.each.title
        owed = Obligation(
            number, cause, run.each.title, self._contract(run), named(nodes), named(made), paid.means, paid.reason
        )
        self.ledger.obligations.append(owed)
        if paid.broken is not None:
            held, sides = paid.broken
            case = "" if held.comparison is None else held.comparison.case
            self.ledger.broken = Broken(owed, sides, held.inputs, case, held.comparison, held.message)

    @contextmanager
    def _timed(self) -> Iterator[None]:
        start = perf_counter()
        try:
            yield
        finally:
            self.ledger.seconds += perf_counter() - start
