"""Subjects with one fault each, as sources for campaigns: importable, so that workers in other processes open them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from interlingua.backends.base import Target
from interlingua.backends.lowering import Lowerings, Row
from interlingua.backends.onnx.backend import OnnxBackend
from interlingua.diagnosis.fuzz.cases import MIXTURE, Mixture
from interlingua.diagnosis.fuzz.sources import BackendSource, PassSource
from interlingua.diagnosis.observe import BackendSubject, Observation, PassSubject, Subject
from interlingua.ir.graph import Module
from interlingua.ir.ops.binary import Div, Pow, Sub
from interlingua.ir.rewriter import Rewriter
from interlingua.passes.base import Pass
from interlingua.runtimes.base import TIMEOUT, Outcome, Runner
from interlingua.runtimes.onnxruntime import OnnxRunner
from interlingua.runtimes.process import run_worker
from interlingua.runtimes.workers import Workers

SWAPPED = (Sub, Div, Pow)
"""Ops whose operands cannot be swapped, and are."""


class Swapping(OnnxBackend):
    """Lowers ``a - b`` as ``b - a``, and so with the other ops."""

    @property
    def lowerings(self) -> Lowerings:
        table = Lowerings()
        table.rows = dict(super().lowerings.rows)
        for op in SWAPPED:
            table.rows[op] = [Row(op, _swapped, r.conditions) for r in table.rows[op]]
        return table


def _swapped(op: Any, ctx: Any, a: Any, b: Any) -> Any:
    return ctx.emit(type(op).__name__, b, a)


class DyingRunner(OnnxRunner):
    """A runtime whose process dies of a model with a ``Sub``."""

    def run(self, batches: Sequence[Mapping[str, Any]], *, timeout: float = TIMEOUT) -> list[Outcome]:
        if b"Sub" not in Path(self.source).read_bytes():
            return OnnxRunner.run(self, batches, timeout=timeout)
        return run_worker("os:abort", {}, batches, timeout=timeout, subject="a runtime", workers=self.workers)


class Dying(OnnxBackend):
    """Its runtime dies of a subtraction."""

    def runner(self, path: Path) -> Runner:
        return DyingRunner(path)


@dataclass(frozen=True, slots=True)
class Swap(Pass):
    """Swaps the operands of these ops."""

    name: ClassVar[str] = "swap"

    def run(self, module: Module, rewriter: Rewriter) -> int:
        found = [n for n in module.walk() if isinstance(n.op, SWAPPED)]
        for node in found:
            a, b = node.operands
            made = rewriter.create(node.op, (b, a), (node.result.type,))
            rewriter.insert(made, node.graph, before=node)
            rewriter.replace_node(node, [made.result])
        return len(found)


@dataclass(frozen=True, slots=True)
class PlantedBackend(BackendSource):
    """A backend of this module, by the name of its class."""

    kind: str = "Swapping"

    def subject(self, target: Target | None, workers: Workers) -> Subject:
        return BackendSubject(globals()[self.kind](), (), target, workers, 20.0)


@dataclass(frozen=True, slots=True)
class PlantedPass(PassSource):
    """The pass above; or, where it is ``broken``, one whose worker does not survive."""

    broken: bool = False

    def subject(self, target: Target | None, workers: Workers) -> Subject:
        if self.broken:
            os._exit(3)
        return PassSubject((Swap(),))


@dataclass(frozen=True, slots=True)
class Whim:
    """Wrong while it is looked at in a worker that stays, right alone."""

    name: str = "whim"
    mixture: Mixture = MIXTURE

    def draw_target(self, module: Module, draw: Any) -> None:
        return None

    def subject(self, target: Target | None, workers: Workers) -> Subject:
        from interlingua.runtimes.workers import FRESH

        return PassSubject(() if workers is FRESH else (Swap(),))

    def issue(self, module: Module, inputs: Mapping[str, Any], seen: Observation) -> str:
        return ""

    def options(self) -> str:
        return ""
