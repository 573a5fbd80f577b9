"""From a source to a module and what runs it."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from interlingua.errors import InterlinguaError, UsageError
from interlingua.formats.torchfiles import Kind
from interlingua.frontends.base import Loaded
from interlingua.frontends.torch.exporting import export
from interlingua.frontends.torch.files import opened
from interlingua.frontends.torch.importer import Importer
from interlingua.frontends.torch.preparation import prepared, refuse_state
from interlingua.frontends.torch.script.module import interpreted
from interlingua.frontends.torch.signature import Signature, after, signature_of
from interlingua.frontends.torch.symbols import Sizes
from interlingua.frontends.torch.table import Table, merge
from interlingua.frontends.torch.translations import table
from interlingua.frontends.torch.witness import TorchWitness
from interlingua.frontends.trace import Step, Trace
from interlingua.ir.graph import Module
from interlingua.runtimes.base import Runner
from interlingua.runtimes.eager import Call, EagerRunner, Effects
from interlingua.runtimes.exported import FileRunner, call_of_script


def read(source: Any, **options: Any) -> Loaded:
    """The module of a source, and the source as its runner; ``options`` as for :class:`Reading`."""
    found = Reading(source, **options)
    return Loaded(found.translated(), found.runner())


def traced(source: Any, **options: Any) -> Trace:
    """The module of a source with what each part of it came from, and the source as a witness."""
    found = Reading(source, **options)
    steps: list[Step] = []
    module = found.translated(steps.append)
    return Trace(module, steps, TorchWitness(found.program, found.signature, found.title))


class Reading:
    """A source, exported and ready to be translated.

    Args:
        source: a ``torch.nn.Module``, an ``ExportedProgram``, a ``ScriptModule``, or the path of a file of one of the
            latter.
        example_inputs: what a module is exported on: positional arguments, keyword arguments by name, or both as
            ``(args, kwargs)``.
        dynamic_shapes: as in ``torch.export``; a text in it names a dim.
        state: what becomes of buffers that the source writes: ``refuse``, or ``outputs``: their new contents are
            further outputs.
        strict: whether to trace by TorchDynamo.
        tables: translations beside those of this frontend.

    Raises:
        DuplicateName: two of these translate one operator.
        UntraceableModel: the source cannot be exported.
        UnsupportedOps: it keeps state.
    """

    def __init__(
        self,
        source: Any,
        *,
        example_inputs: Any = None,
        dynamic_shapes: Any = None,
        state: str = "refuse",
        strict: bool = False,
        tables: Sequence[Table] = (),
    ) -> None:
        if state not in ("refuse", "outputs"):
            raise UsageError(f"state {state!r} is none", hint="refuse or outputs")
        self.rows = merge([table(), *tables]) if tables else table()
        self.given = _opened(source, state)
        self.title = self.given.title
        said: list[Any] = []
        program = self.given.source
        if not self.given.exported:
            program, said = export(program, example_inputs, dynamic_shapes, strict=strict, translate=self._untranslated)
        elif example_inputs is not None or dynamic_shapes is not None:
            raise UsageError("an exported program has its shapes", hint="give them to torch.export.export")
        self.signature = signature_of(program)
        self.sizes = named_sizes(program, self.signature, said)
        self.program = prepared(program, self.rows)
        self.written = list(getattr(self.given.source, "written", ()))
        if state == "refuse":
            refuse_state(self.program, self.written, self.title)

    def translated(self, observe: Callable[[Step], None] | None = None) -> Module:
        """The module; ``observe`` is told what its parts come from.

        Raises:
            UnsupportedOps: all calls that have no translation.
        """
        return Importer(self.program, self.signature, self.rows, self.sizes, self.title, observe).run()

    def runner(self) -> Runner:
        """The source, run by PyTorch."""
        wrote = self.program.graph_signature
        inputs = {name: after(name) for name in wrote.user_inputs_to_mutate.values()}
        return self.given.runner(self.signature, Effects(list(wrote.buffers_to_mutate.values()), self.written, inputs))

    def _untranslated(self, program: Any) -> InterlinguaError | None:
        """The error that there is in translating a draft, for what it tells of calls without a translation."""
        signature = signature_of(program)
        sizes = named_sizes(program, signature, [])
        try:
            Importer(prepared(program, self.rows), signature, self.rows, sizes, self.title).run()
        except InterlinguaError as error:
            return error
        return None


@dataclass(frozen=True, slots=True)
class _Given:
    """A source: what is exported or is so already, its title, and what gives its runner."""

    source: Any
    title: str
    runner: Callable[[Signature, Effects], Runner]
    exported: bool = False


def _opened(source: Any, state: str) -> _Given:
    import torch

    if isinstance(source, str | os.PathLike):
        path = Path(source)
        kind, held = opened(path)
        runner = partial(FileRunner, path, kind)
        if kind is Kind.PROGRAM:
            return _Given(held, path.name, runner, exported=True)
        return _Given(interpreted(held, keep_state=state == "outputs"), path.name, runner)
    if isinstance(source, torch.export.ExportedProgram):
        return _Given(source, "exported program", partial(_eager, source.module), exported=True)
    title = type(source).__name__
    if isinstance(source, torch.jit.ScriptModule):
        return _Given(interpreted(source, keep_state=state == "outputs"), title, partial(_script, source))
    return _Given(source, title, partial(_eager, lambda: source))


def _eager(opened: Callable[[], Any], signature: Signature, effects: Effects) -> Runner:
    return EagerRunner(lambda: Call(opened(), signature, effects))


def _script(script: Any, signature: Signature, effects: Effects) -> Runner:
    return EagerRunner(lambda: call_of_script(script, partial(copy.deepcopy, script), signature, effects))


def named_sizes(program: Any, signature: Signature, said: list[Any]) -> Sizes:
    """The dims of a program under the names that the user gave them, else after the input and axis that has them."""
    sizes = Sizes(program.range_constraints)
    specs = [s.arg for s in program.graph_signature.input_specs if s.kind.name == "USER_INPUT"]
    fakes = {n.name: n.meta.get("val") for n in program.graph_module.graph.nodes if n.op == "placeholder"}
    shapes = said if len(said) == len(specs) else [None] * len(specs)
    for name, shape in zip(signature.inputs, shapes, strict=True):
        for axis, size in enumerate(getattr(fakes.get(name), "shape", ())):
            given = shape.get(axis) if isinstance(shape, dict) else None
            label = getattr(given, "__name__", None)
            sizes.name(size, label if label is not None else f"{name}_d{axis}")
    return sizes
