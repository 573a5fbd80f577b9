"""From a source to a module and what runs it."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any

from interlingua.errors import InterlinguaError, UsageError
from interlingua.frontends.base import Loaded
from interlingua.frontends.torch.exporting import export
from interlingua.frontends.torch.importer import Importer
from interlingua.frontends.torch.preparation import prepared, refuse_state
from interlingua.frontends.torch.signature import Signature, signature_of
from interlingua.frontends.torch.symbols import Sizes
from interlingua.frontends.torch.translations import table
from interlingua.runtimes.eager import EagerRunner


def read(
    source: Any, *, example_inputs: Any = None, dynamic_shapes: Any = None, state: str = "refuse", strict: bool = False
) -> Loaded:
    """The module of a source, and the source as its runner.

    Args:
        source: a ``torch.nn.Module``, an ``ExportedProgram`` or the path of a file of one.
        example_inputs: what a module is exported on: positional arguments, keyword arguments by name, or both as
            ``(args, kwargs)``.
        dynamic_shapes: as in ``torch.export``; a text in it names a dim.
        state: what becomes of buffers that the source writes: ``refuse``, or ``outputs``: their new contents are
            further outputs.
        strict: whether to trace by TorchDynamo.
    """
    if state not in ("refuse", "outputs"):
        raise UsageError(f"state {state!r} is none", hint="refuse or outputs")
    said: list[Any] = []
    callable_ = source
    if isinstance(source, str | os.PathLike):
        from interlingua.frontends.torch.files import program_of

        program = program_of(source)
        callable_ = program.module()
        title = Path(source).name
    elif type(source).__name__ == "ExportedProgram":
        program, callable_, title = source, source.module(), "exported program"
    else:
        title = type(source).__name__
        program, said = export(
            source, example_inputs, dynamic_shapes, strict=strict, translate=partial(_untranslated, title=title)
        )
    signature = signature_of(program)
    ready = prepared(program, table())
    if state == "refuse":
        refuse_state(ready, title)
    module = Importer(ready, signature, table(), named_sizes(program, signature, said), title).run()
    return Loaded(module, EagerRunner(callable_, signature, list(ready.graph_signature.buffers_to_mutate.values())))


def _untranslated(program: Any, title: str) -> InterlinguaError | None:
    """The error that there is in translating a draft, for what it tells of calls without a translation."""
    signature = signature_of(program)
    try:
        Importer(prepared(program, table()), signature, table(), named_sizes(program, signature, []), title).run()
    except InterlinguaError as error:
        return error
    return None


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
