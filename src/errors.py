"""Every error that Interlingua raises on purpose.

::

    InterlinguaError
    ├── UsageError              an argument makes no sense
    ├── InvalidModel            the source is not a valid model: damaged, cyclic, duplicated names …
    │   └── InvalidExternalData a weight file is missing, too short, or outside the model's folder
    ├── UnsupportedOps          valid, but something in it has no translation or no lowering: all of it, at once
    │   └── UntraceableModel    its framework cannot turn it into a graph: every place, at once
    ├── IRError                 the IR would become wrong
    │   ├── ConstraintError     operands or attributes break a numbered constraint of an op
    │   ├── ParseError          text form that cannot be read (line and column)
    │   └── VerifierError       a graph that breaks an invariant
    ├── EvaluationError         a reference cannot be computed on these inputs
    ├── RunnerError             an artifact could not be run
    │   ├── RuntimeMissing      the runtime, or the package that reads a format, is not installed
    │   ├── RuntimeRefused      it would not load the artifact
    │   ├── RuntimeCrash        its process died or raised
    │   └── RuntimeTimeout      its time limit passed
    ├── VerificationFailed      the artifact does not compute what its source computes
    ├── BrokenObligation        a rewrite does not keep what its rule promises
    └── PluginError             a plugin cannot be used
        ├── DuplicateName       two owners claim one name
        └── IncompatiblePlugin  written for another version of the plugin interface

Each says *what* is wrong, *where*, and *what to do*.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from interlingua.obligations.ledger import Ledger
    from interlingua.report import Report


class InterlinguaError(Exception):
    """Base of the hierarchy.

    ``what`` states the problem, ``where`` the place (file, node, scope), ``hint`` the way out.
    """

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        self.what = what
        self.where = where
        self.hint = hint
        super().__init__(what)

    def __str__(self) -> str:
        parts = [self.what]
        if self.where is not None:
            parts.append(f"  where: {self.where}")
        if self.hint is not None:
            parts.append(f"  what to do: {self.hint}")
        return "\n".join(parts)


class UsageError(InterlinguaError):
    """An argument makes no sense."""


class InvalidModel(InterlinguaError):
    """The source is not a valid model."""


class InvalidExternalData(InvalidModel):
    """A file of weights is missing, too short, or lies outside the model's folder."""


class IRError(InterlinguaError):
    """The IR would become wrong."""


class ConstraintError(IRError):
    """Operands or attributes break a constraint of an op."""


class ParseError(IRError):
    """Text form that cannot be read."""


class VerifierError(IRError):
    """A graph that breaks an invariant of the IR."""


class EvaluationError(InterlinguaError):
    """The reference cannot be computed on these inputs."""


class RunnerError(InterlinguaError):
    """An artifact could not be run."""


class RuntimeMissing(RunnerError):
    """The runtime that the artifact is for, or the package that reads its format, is not installed."""


class RuntimeRefused(RunnerError):
    """The runtime would not load the artifact: it lacks an op, or finds the artifact invalid."""


class RuntimeCrash(RunnerError):
    """The runtime's process died or raised."""


class RuntimeTimeout(RunnerError):
    """The runtime's time limit passed."""


class VerificationFailed(InterlinguaError):
    """The artifact does not compute what its source computes; ``report`` is the evidence."""

    report: Report | None = None


class BrokenObligation(InterlinguaError):
    """A rewrite does not keep what its rule promises; ``ledger`` is the evidence."""

    ledger: Ledger | None = None


class PluginError(InterlinguaError):
    """A plugin cannot be used."""


class DuplicateName(PluginError):
    """Two owners claim one name."""


class IncompatiblePlugin(PluginError):
    """The plugin was written for another version of the plugin interface."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One node that cannot be translated or lowered: ``op``, the ``reason``, and ``where`` it is."""

    op: str
    reason: str
    where: str


class UnsupportedOps(InterlinguaError):
    """Everything in a model that has no translation or lowering, grouped by op and reason."""

    summary = "does not support {count} node(s) of this model: {ops}"
    advice = "see the groups below; a plugin can add a translation or a lowering"

    def __init__(self, refusals: Iterable[Refusal], *, subject: str, where: str | None = None) -> None:
        self.refusals = tuple(refusals)
        self.subject = subject
        ops = sorted({r.op for r in self.refusals})
        super().__init__(
            f"{subject} {self.summary.format(count=len(self.refusals), ops=', '.join(ops))}",
            where=where,
            hint=self.advice,
        )

    def groups(self) -> dict[tuple[str, str], list[str]]:
        """Places by (op, reason), in the order of first appearance."""
        found: dict[tuple[str, str], list[str]] = {}
        for refusal in self.refusals:
            found.setdefault((refusal.op, refusal.reason), []).append(refusal.where)
        return found

    def __str__(self) -> str:
        lines = [super().__str__()]
        for (op, reason), places in self.groups().items():
            shown = ", ".join(places[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")
            lines.append(f"  - {op}: {reason} [{shown}]")
        return "\n".join(lines)


class UntraceableModel(UnsupportedOps):
    """The source's framework cannot turn the model into a graph: decisions that depend on values, sizes that the
    program fixes. Calls without a translation that are known already are among the refusals."""

    summary = "cannot turn {count} place(s) of this model into a graph: {ops}"
    advice = "change these lines as the groups below say"
