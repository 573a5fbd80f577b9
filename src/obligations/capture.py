"""Values captured from a run of the whole model."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import islice
from typing import Any

from interlingua.equivalence.generate import Case
from interlingua.errors import EvaluationError, InterlinguaError, UnsupportedOps, UsageError
from interlingua.ir.clone import clone_module
from interlingua.ir.graph import Graph, Module, Value
from interlingua.ir.interpret import Interpreter
from interlingua.obligations.sever import Severed, Unreachable

PROPOSED = 24
"""Sets of inputs that are proposed to a model, which may take some sizes only."""


def record(module: Module, inputs: Mapping[str, Any]) -> dict[Value, Any]:
    """Every value of the module that is computed on ``inputs``, in its declared dtype; in a loop, of its last trip.

    Raises:
        EvaluationError: the inputs do not fit, or the computation is impossible on them.
    """
    found: dict[Value, Any] = {}
    Interpreter(module, observe=found.__setitem__).run(inputs)
    return found


class Captured:
    """What the values of a module were in one run, and what those come to that were put in later.

    Attributes:
        inputs: of the run.
        label: its name.
        values: by value of the module.
    """

    def __init__(self, inputs: Mapping[str, Any], label: str, values: dict[Value, Any], runs: Runs) -> None:
        self.inputs, self.label, self.values = inputs, label, values
        self._runs = runs

    def knows(self, value: Value) -> bool:
        """Whether the run told what ``value`` is."""
        return self._runs.root(value) in self.values

    def of(self, value: Value) -> Any:
        """What ``value`` is, computed from what is known where it was put in since.

        Raises:
            KeyError: the run did not lead there.
        """
        known = self._runs.root(value)
        if known not in self.values:
            severed = Severed(self._runs.functions)
            try:
                severed.cut(value, _Known(self), "v")
                feeds = {name: self.values[self._runs.root(given)] for name, given in severed.feeds.items()}
                (found,) = Interpreter(severed.module()).run(feeds).values()
            except (Unreachable, InterlinguaError) as error:
                raise KeyError(value) from error
            self.values[known] = found
        return self.values[known]


class _Known(Collection[Value]):
    """The values that a run tells."""

    def __init__(self, run: Captured) -> None:
        self.run = run

    def __contains__(self, value: object) -> bool:
        return isinstance(value, Value) and self.run.knows(value)

    def __iter__(self) -> Iterator[Value]:
        return iter(self.run.values)

    def __len__(self) -> int:
        return len(self.run.values)


class Runs:
    """Runs of a module as it was at first, made when somebody asks for them.

    Args:
        module: may change afterwards.
        cases: inputs to propose, the best first.
        wanted: how many runs there are to be.
        picky: whether each case has to be taken, as examples have.
    """

    def __init__(self, module: Module, cases: Callable[[], Iterator[Case]], wanted: int, picky: bool) -> None:
        self.functions: dict[str, Graph] = module.functions
        self.notes: list[str] = []
        self._frozen = clone_module(module)
        self._pairs = list(zip(values_of(self._frozen), values_of(module), strict=True))
        self._cases, self._wanted, self._picky = cases, wanted, picky
        self._made: list[Captured] | None = None
        self._olds: dict[Value, Value] = {}

    def __iter__(self) -> Iterator[Captured]:
        if self._made is None:
            self._made = self._make()
        return iter(self._made)

    @property
    def labels(self) -> list[str]:
        """Of the runs that were made."""
        return [run.label for run in self._made or ()]

    def stands_for(self, new: Value, old: Value) -> None:
        """``new`` takes the place of ``old``."""
        if new is not self.root(old) and new not in self._olds:
            self._olds[new] = self.root(old)

    def root(self, value: Value) -> Value:
        """The value that ``value`` took the place of, the first of them."""
        return self._olds.get(value, value)

    def _make(self) -> list[Captured]:
        found: list[Captured] = []
        try:
            for case in islice(self._cases(), max(PROPOSED, self._wanted)):
                try:
                    told = record(self._frozen, case.inputs)
                except EvaluationError:
                    if self._picky:
                        raise
                    continue
                values = {value: told[frozen] for frozen, value in self._pairs if frozen in told}
                found.append(Captured(case.inputs, case.label, values, self))
                if len(found) == self._wanted:
                    break
        except (UsageError, UnsupportedOps) as error:
            self.notes.append(f"no values were captured: {error.what}")
        if not found and not self.notes:
            self.notes.append("no values were captured: the model takes none of the inputs tried; give examples")
        return found


def values_of(module: Module) -> list[Value]:
    """Every value, those inside regions included, in an order that copies share."""
    found: list[Value] = []
    for function in module.functions.values():
        found += function.inputs
        for node in function.walk():
            found += [v for region in node.regions for v in region.inputs]
            found += node.results
    return found
