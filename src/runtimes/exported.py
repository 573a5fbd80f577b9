"""Exported programs and TorchScript in files, run by PyTorch in a process of its own."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from interlingua.formats.torch import installed
from interlingua.formats.torchfiles import Kind, load_program, load_script
from interlingua.runtimes.base import TIMEOUT, Outcome, Runner
from interlingua.runtimes.eager import Call, Convention, Effects
from interlingua.runtimes.process import run_worker


class FileRunner(Runner):
    """Runs a file of an exported program or of TorchScript as PyTorch itself does.

    Args:
        path: the file.
        kind: what it holds.
        convention: how it is called.
        effects: what a run writes.
    """

    def __init__(self, path: Path, kind: Kind, convention: Convention, effects: Effects) -> None:
        self.path = path
        self.kind = kind
        self.convention = convention
        self.effects = effects

    @property
    def description(self) -> str:
        return f"PyTorch {installed()}, {self.kind.value}"

    def run(self, batches: Sequence[Mapping[str, Any]], *, timeout: float = TIMEOUT) -> list[Outcome]:
        from torch.utils import _pytree as pytree

        own = self.convention
        options = {
            "path": str(self.path.resolve()),
            "kind": self.kind.name,
            "spec": pytree.treespec_dumps(own.in_spec),
            "inputs": list(own.inputs),
            "fixed": list(own.fixed),
            "numbers": list(own.numbers),
            "outputs": list(own.outputs),
            "effects": asdict(self.effects),
        }
        entry = "interlingua.runtimes.exported:open_model"
        return run_worker(
            entry, options, batches, timeout=timeout, subject=self.description, workers=self.workers, package="torch"
        )


@dataclass(frozen=True, slots=True)
class Given:
    """A :class:`Convention` as the job of a worker says it."""

    inputs: Sequence[str | None]
    fixed: Sequence[Any]
    numbers: Sequence[bool]
    outputs: Sequence[str | None]
    in_spec: Any


def open_model(
    path: str,
    kind: str,
    spec: str,
    inputs: Sequence[str | None],
    fixed: Sequence[Any],
    numbers: Sequence[bool],
    outputs: Sequence[str | None],
    effects: Mapping[str, Any],
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Load a file in this process; for the worker."""
    from torch.utils import _pytree as pytree

    convention, written = Given(inputs, fixed, numbers, outputs, pytree.treespec_loads(spec)), Effects(**effects)
    if Kind[kind] is Kind.PROGRAM:
        return Call(load_program(Path(path)).module(), convention, written)
    return call_of_script(load_script(Path(path)), partial(load_script, Path(path)), convention, written)


def call_of_script(script: Any, fresh: Callable[[], Any], convention: Convention, effects: Effects) -> Call:
    """A script as a call; one that writes into itself is made anew by ``fresh`` for every run."""
    if not effects.buffers and not effects.attributes:
        return Call(script, convention, effects)

    def run(*args: Any, **kwargs: Any) -> Any:
        script = fresh()
        result = script(*args, **kwargs)
        buffers, attributes = (
            [operator.attrgetter(name)(script) for name in names] for names in (effects.buffers, effects.attributes)
        )
        return buffers, result, attributes

    outputs = (*effects.buffers, *convention.outputs)
    given = Given(convention.inputs, convention.fixed, convention.numbers, outputs, convention.in_spec)
    return Call(run, given, Effects(inputs=effects.inputs))
