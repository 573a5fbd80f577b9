"""Modules in the interpreter. The one runner without a process of its own: it runs our code, not a runtime's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from interlingua.errors import EvaluationError
from interlingua.ir.graph import Module
from interlingua.ir.interpret import Interpreter, Precision
from interlingua.runtimes.base import TIMEOUT, Outcome, Runner


class ModuleRunner(Runner):
    """Runs a module by its reference semantics."""

    def __init__(self, module: Module, precision: Precision = "native") -> None:
        self.module = module
        self.precision: Precision = precision

    @property
    def description(self) -> str:
        return f"Interlingua's interpreter, {self.precision} precision"

    def run(self, batches: Sequence[Mapping[str, Any]], *, timeout: float = TIMEOUT) -> list[Outcome]:
        return [self._one(batch) for batch in batches]

    def _one(self, batch: Mapping[str, Any]) -> Outcome:
        try:
            return Outcome(Interpreter(self.module, self.precision).run(batch))
        except EvaluationError as error:
            return Outcome(None, str(error))
