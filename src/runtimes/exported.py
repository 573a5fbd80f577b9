"""Exported programs and TorchScript in files, run by PyTorch in a process of its own."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from interlingua.formats.torch import installed
from interlingua.formats.torchfiles import Kind, load_program, load_script
from interlingua.runtimes.base import TIMEOUT, Outcome, Runner
from interlingua.runtimes.eager import Call, Convention
from interlingua.runtimes.process import run_worker


class FileRunner(Runner):
    """Runs a file of an exported program or of TorchScript as PyTorch itself does.

    Args:
        path: the file.
        kind: what it holds.
        convention: how it is called.
        written: buffers of a program, attributes of a script, that a run writes: what they hold then are outputs.
        overwritten: as in :class:`~interlingua.runtimes.eager.Call`.
    """

    def __init__(
        self,
        path: Path,
        kind: Kind,
        convention: Convention,
        written: Sequence[str],
        overwritten: Mapping[str, str],
    ) -> None:
        self.path = path
        self.kind = kind
        self.convention = convention
        self.written = tuple(written)
        self.overwritten = dict(overwritten)

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
            "written": list(self.written),
            "overwritten": self.overwritten,
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
    written: Sequence[str],
    overwritten: Mapping[str, str],
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Load a file in this process; for the worker."""
    from torch.utils import _pytree as pytree

    convention = Given(inputs, fixed, numbers, outputs, pytree.treespec_loads(spec))
    if Kind[kind] is Kind.PROGRAM:
        return Call(load_program(Path(path)).module(), convention, written, overwritten)
    first = load_script(Path(path))
    load = partial(load_script, Path(path))
    return Call(stateful(load, written) if written else first, convention, (), overwritten)


def stateful(fresh: Callable[[], Any], written: Sequence[str]) -> Callable[..., Any]:
    """A script that starts anew at every call, and gives the attributes ``written`` beside its result."""

    def call(*args: Any, **kwargs: Any) -> Any:
        script = fresh()
        result = script(*args, **kwargs)
        return result, [operator.attrgetter(name)(script) for name in written]

    return call
