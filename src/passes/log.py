"""The log of a run: which rule was applied where, in order, so that exactly this can be done again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from interlingua.errors import InvalidModel, IRError, UsageError
from interlingua.ir.builder import Symbols, symbols_of
from interlingua.ir.graph import Module, Node, Value
from interlingua.ir.rewriter import Rewriter
from interlingua.passes.base import Pass
from interlingua.passes.pipeline import resolve
from interlingua.passes.rewrite.driver import apply_rule
from interlingua.passes.rewrite.rule import Rule
from interlingua.passes.rewrite.together import inner_of, rules_of

VERSION = 1


@dataclass(frozen=True, slots=True)
class Step:
    """One application.

    Attributes:
        run: the number of the pass in the run, from 0.
        within: the pass, or the group of passes.
        rule: its rule; empty for a pass that is not made of rules, which is one step as a whole.
        node: where: nodes are numbered as a walk meets them at first, then as they are put in.
        options: of a pass that is one step, where they are not the defaults.
    """

    run: int
    within: str
    rule: str = ""
    node: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(slots=True)
class Log:
    """The steps of a run, in order."""

    steps: list[Step] = field(default_factory=list[Step])

    def to_json(self) -> str:
        """As text: a line a step."""
        lines = ",\n".join(f"  {json.dumps(_said(step))}" for step in self.steps)
        return f'{{"version": {VERSION}, "steps": [\n{lines}\n]}}\n'

    @classmethod
    def from_json(cls, text: str) -> Log:
        """What :meth:`to_json` wrote.

        Raises:
            InvalidModel: it is no log.
        """
        try:
            data = json.loads(text)
            if data["version"] != VERSION:
                raise InvalidModel(f"the log is of version {data['version']}, not {VERSION}")
            return cls([Step(**step) for step in data["steps"]])
        except (ValueError, TypeError, KeyError) as error:
            raise InvalidModel(f"this is no replay log: {error}") from error


def _said(step: Step) -> dict[str, Any]:
    return {name: value for name, value in asdict(step).items() if value not in ("", None, {})}


class _Numbers:
    """Nodes by number: as a walk meets them, then as they are put in."""

    def __init__(self, module: Module) -> None:
        self.nodes = [node for graph in module.functions.values() for node in graph.walk()]
        self.of = {node: number for number, node in enumerate(self.nodes)}

    def add(self, node: Node) -> None:
        """The next number."""
        if node not in self.of:
            self.of[node] = len(self.nodes)
            self.nodes.append(node)


class Recorder:
    """Writes the log of a run: a listener and an observer of its rewriter, told of each pass by :meth:`around`."""

    def __init__(self) -> None:
        self.log = Log()
        self._numbers: _Numbers | None = None
        self._within: Pass | None = None
        self._run = -1

    def around(self, each: Pass, module: Module, after: bool) -> None:
        """As :data:`interlingua.passes.pipeline.Around`."""
        if after or inner_of(each):
            return
        if self._numbers is None:
            self._numbers = _Numbers(module)
        self._within, self._run = each, self._run + 1
        if not rules_of(each):
            self.log.steps.append(Step(self._run, each.title, options=_options(each)))

    def inserted(self, node: Node) -> None:
        """As :meth:`Listener.inserted`. What rules put in, and keep, is told by :meth:`applied`."""
        if self._numbers is not None and self._within is not None and not rules_of(self._within):
            self._numbers.add(node)

    def erased(self, node: Node) -> None:
        """As :meth:`Listener.erased`."""

    def replaced(self, old: Value, new: Value) -> None:
        """As :meth:`Listener.replaced`."""

    def tried(self, rule: str, seconds: float, applied: bool) -> None:
        """As :meth:`Observer.tried`."""

    def applied(self, rule: str, root: Node, made: Sequence[Node]) -> None:
        """As :meth:`Observer.applied`."""
        assert self._numbers is not None and self._within is not None
        if not rules_of(self._within):
            return  # part of what that pass does as one step
        self.log.steps.append(Step(self._run, self._within.title, rule, self._numbers.of[root]))
        for node in made:
            self._numbers.add(node)


def _options(each: Pass) -> dict[str, Any]:
    default = type(each)()
    found = {f.name: getattr(each, f.name) for f in fields(each)}
    return {name: value for name, value in found.items() if value != getattr(default, name)}


def replay(
    module: Module, log: Log, known: Mapping[str, type[Pass]], upto: int | None = None, rewriter: Rewriter | None = None
) -> None:
    """Do again, in place, what a log says.

    Args:
        module: as it was when the log was written.
        log: its first ``upto`` steps are done, all where that is ``None``.
        known: the passes by name.
        rewriter: where somebody listens.

    Raises:
        UsageError: the log names a pass or a rule that is not known.
        IRError: a step does not apply; it is named.
    """
    used = Rewriter() if rewriter is None else rewriter
    numbers, symbols, run = _Numbers(module), symbols_of(module), -1
    for count, step in enumerate(log.steps[:upto]):
        if step.run != run:
            symbols, run = symbols_of(module), step.run
        where = f"step {count} of the log"
        if step.rule:
            _apply(step, numbers, _rule(step, known, where), used, symbols, where)
        else:
            with used.told(_Inserted(numbers.add)):
                _whole(step, known, where).run(module, used)


def _apply(step: Step, numbers: _Numbers, rule: Rule, rewriter: Rewriter, symbols: Symbols, where: str) -> None:
    node = numbers.nodes[step.node] if step.node is not None and 0 <= step.node < len(numbers.nodes) else None
    done = None if node is None or node.graph is None else apply_rule(rule, node, rewriter, symbols)
    if done is None:
        there = "is not there" if node is None or node.graph is None else f"is {node!r}"
        raise IRError(
            f"{step.rule} does not apply to node {step.node}, which {there}",
            where=where,
            hint="the log belongs to another model, or the rules have changed since it was written",
        )
    for made in done.made:
        numbers.add(made)


def _rule(step: Step, known: Mapping[str, type[Pass]], where: str) -> Rule:
    for each in resolve(step.within, known):
        for rule in rules_of(each):
            if rule.name == step.rule:
                return rule
    raise UsageError(f"{step.within} has no rule {step.rule!r}", where=where)


def _whole(step: Step, known: Mapping[str, type[Pass]], where: str) -> Pass:
    if step.within not in known:
        raise UsageError(f"no pass is called {step.within!r}", where=where)
    options = {k: tuple(v) if isinstance(v, list) else v for k, v in step.options.items()}
    try:
        return known[step.within](**options)
    except TypeError as error:
        raise UsageError(f"{step.within} does not take the options of the log: {error}", where=where) from error


@dataclass(frozen=True, slots=True)
class _Inserted:
    """Listens to what is put in."""

    tell: Callable[[Node], object]

    def inserted(self, node: Node) -> None:
        self.tell(node)

    def erased(self, node: Node) -> None: ...

    def replaced(self, old: Value, new: Value) -> None: ...
