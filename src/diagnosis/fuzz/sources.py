"""What a campaign looks for faults in, as plain data: opened wherever a worker is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from interlingua.backends.base import Target
from interlingua.diagnosis.findings.versions import versions
from interlingua.diagnosis.fuzz.cases import MIXTURE, OF_PASSES, Mixture
from interlingua.diagnosis.observe import BackendSubject, Observation, PassSubject, Subject
from interlingua.equivalence.known_issues import Facts, known_issues
from interlingua.errors import UsageError
from interlingua.ir.draw import Draw
from interlingua.ir.graph import Module
from interlingua.passes.pipeline import resolve
from interlingua.plugins import plugins
from interlingua.runtimes.catalogue import RUNTIMES
from interlingua.runtimes.workers import Workers

TIMEOUT = 10.0
"""Seconds of one observation: generated modules run in milliseconds."""


class Source(Protocol):
    """Something to look for faults in. Instances have to be picklable, and the same wherever they are opened."""

    @property
    def name(self) -> str:
        """For reports and signatures."""

    @property
    def mixture(self) -> Mixture:
        """What cases are drawn for it."""

    def draw_target(self, module: Module, draw: Draw) -> Target | None:
        """What ``module`` is to be emitted for; ``None`` where nothing is emitted."""

    def subject(self, target: Target | None, workers: Workers) -> Subject:
        """The subject for that target, with processes from ``workers``."""

    def issue(self, module: Module, inputs: Mapping[str, Any], seen: Observation) -> str:
        """The known issue that a failure is, or nothing."""

    def options(self) -> str:
        """What names it on the command line."""


@dataclass(frozen=True, slots=True)
class BackendSource:
    """A backend with its runtime, by name.

    Attributes:
        passes: names of passes or pipelines that run before.
        known: whether known issues of the runtime are avoided and told apart.
    """

    backend: str
    passes: tuple[str, ...] = ()
    known: bool = True

    @property
    def name(self) -> str:
        return self.backend

    @property
    def mixture(self) -> Mixture:
        """As :attr:`Source.mixture`."""
        return MIXTURE

    def draw_target(self, module: Module, draw: Draw) -> Target | None:
        """As :meth:`Source.draw_target`: the backend draws versions and spellings."""
        return plugins().backend(self.backend).draw_target(module, draw, cautious=self.known)

    def subject(self, target: Target | None, workers: Workers) -> Subject:
        """As :meth:`Source.subject`."""
        host = plugins()
        passes = tuple(resolve(self.passes, host.passes))
        return BackendSubject(host.backend(self.backend), passes, target, workers, TIMEOUT)

    def issue(self, module: Module, inputs: Mapping[str, Any], seen: Observation) -> str:
        """As :meth:`Source.issue`: of the runtime that runs what the backend emits, as far as they are respected."""
        ending = plugins().backend(self.backend).extension
        runtime = next((r.name for r in RUNTIMES if ending in r.extensions), None)
        if runtime is None or not self.known:
            return ""
        facts = Facts(module, seen.verdict, seen.message, inputs, versions().get(runtime, ""), cautious=True)
        issue = known_issues(runtime).match(facts)
        return "" if issue is None else issue.id

    def options(self) -> str:
        """As :meth:`Source.options`."""
        return " ".join([f"--to {self.backend}", *(f"--passes {p}" for p in self.passes)])


@dataclass(frozen=True, slots=True)
class PassSource:
    """Passes or pipelines, by name: together they are to leave alone what a module computes."""

    passes: tuple[str, ...]

    @property
    def name(self) -> str:
        return "+".join(self.passes)

    @property
    def mixture(self) -> Mixture:
        """As :attr:`Source.mixture`."""
        return OF_PASSES

    def draw_target(self, module: Module, draw: Draw) -> Target | None:
        """As :meth:`Source.draw_target`: nothing is emitted."""
        return None

    def subject(self, target: Target | None, workers: Workers) -> Subject:
        """As :meth:`Source.subject`."""
        return PassSubject(tuple(resolve(self.passes, plugins().passes)))

    def issue(self, module: Module, inputs: Mapping[str, Any], seen: Observation) -> str:
        """As :meth:`Source.issue`: passes have none."""
        return ""

    def options(self) -> str:
        """As :meth:`Source.options`."""
        return " ".join(f"--passes {p}" for p in self.passes)


def source_of(to: str | None, passes: tuple[str, ...], known: bool) -> Source:
    """The source that a backend's name and passes' names mean: the backend after the passes, or the passes alone.

    Raises:
        UsageError: a name is none, or there is none at all.
    """
    if to is None and not passes:
        raise UsageError("there is nothing to look for faults in", hint="name a backend or passes")
    resolve(passes, plugins().passes)
    if to is None:
        return PassSource(passes)
    plugins().backend(to)
    return BackendSource(to, passes, known)
