"""What every runner is: one model, one runtime, a process of its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from interlingua.runtimes.numerics import IEEE, Numerics
from interlingua.runtimes.workers import FRESH, Workers

TIMEOUT = 300.0
"""Seconds that a runner's process may take, starting and loading included, unless the caller says otherwise."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one set of inputs: the outputs by name, or the error that the runtime raised.

    ``caveat`` says where the runtime by itself would have given something else on this machine.
    """

    outputs: dict[str, Any] | None
    error: str | None = None
    caveat: str = ""


class Runner(ABC):
    """Runs one model in one runtime, in a process of its own.

    Attributes:
        workers: where its processes come from.
        numerics: how exactly the runtime computes, with its settings: bounds on errors are derived from it.
    """

    workers: Workers = FRESH
    numerics: Numerics = IEEE

    @abstractmethod
    def run(self, batches: Sequence[Mapping[str, Any]], *, timeout: float = TIMEOUT) -> list[Outcome]:
        """The outcome of each set of inputs, in order; the model is loaded once.

        Raises:
            RuntimeMissing: the runtime is not installed.
            RuntimeCrash: the process died, or the runtime refused the model.
            RuntimeTimeout: ``timeout`` seconds passed.
        """

    @property
    @abstractmethod
    def description(self) -> str:
        """The runtime, its version and settings, for the report."""
