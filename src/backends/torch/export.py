"""``model.pt2`` beside the source: the program that ``torch.export`` makes of the emitted module.

It is made in a process of its own: what it records of names of modules then does not depend on what ran before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from interlingua.errors import RuntimeRefused, UsageError
from interlingua.formats.torch import NAMES
from interlingua.ir.dims import Dim, evaluate
from interlingua.ir.graph import Module
from interlingua.ir.types import Tensor
from interlingua.runtimes.base import TIMEOUT
from interlingua.runtimes.process import run_worker
from interlingua.runtimes.torch import PROGRAM, load_package

SIZES = (4, 16, 32, 64, 128, 224, 256, 512)
"""Sizes of open dims, tried in turn: of several symbols each has one of its own, so that none is taken for another."""


def write_program(module: Module, folder: Path) -> None:
    """Add ``model.pt2`` to the package in ``folder``.

    Raises:
        UsageError: the module cannot be exported with the dims open that it declares.
    """
    options = {"path": str(folder.resolve()), "trials": list(_trials(module))}
    entry = "interlingua.backends.torch.export:open_exporter"
    try:
        (outcome,) = run_worker(entry, options, [{}], timeout=TIMEOUT, subject="torch.export")
    except RuntimeRefused as error:
        raise UsageError(f"the module cannot be exported: {error.what}", hint="leave pt2 out") from error
    if outcome.error is not None:
        raise UsageError(f"the module cannot be exported: {outcome.error}", hint="leave pt2 out")


def _trials(module: Module) -> Iterator[list[tuple[str, list[int], list[int]]]]:
    """For each try, of each input: its dtype, its dims, and the axes whose dims are open."""
    types = [v.type for v in module.main.inputs]
    wrong = [p.name for p, t in zip(module.inputs, types, strict=True) if not _plain(t) or p.default is not None]
    if wrong:
        raise UsageError(f"the input {wrong[0]!r} has a default or no fixed rank", hint="leave pt2 out")
    tensors = [t for t in types if isinstance(t, Tensor)]
    names = dict.fromkeys(s.name for t in tensors for d in t.dims if isinstance(d, Dim) for s in d.symbols)
    for size in SIZES if names else SIZES[:1]:
        bindings = {name: size + i for i, name in enumerate(names)}
        made = [[evaluate(d, bindings) for d in t.dims] for t in tensors]
        axes = [[i for i, d in enumerate(t.dims) if isinstance(d, Dim)] for t in tensors]
        yield [
            (NAMES[t.dtype], [d for d in dims if d is not None], each)
            for t, dims, each in zip(tensors, made, axes, strict=True)
        ]


def _plain(type_: Any) -> bool:
    return isinstance(type_, Tensor) and type_.shape is not None


def open_exporter(path: str, trials: list[list[tuple[str, list[int], list[int]]]]) -> Callable[[Any], dict[str, Any]]:
    """Export the package's module on the first sizes that it takes; for the worker."""
    import torch

    model = load_package(Path(path)).load()
    problem: Exception | None = None
    for trial in trials:
        arguments = tuple(torch.zeros(dims, dtype=getattr(torch, dtype)) for dtype, dims, _ in trial)
        try:
            with torch.inference_mode():
                model(*arguments)
        except Exception as error:  # noqa: BLE001 - a model may need larger inputs: the next sizes
            problem = error
            continue
        open_dims = tuple(dict.fromkeys(axes, torch.export.Dim.DYNAMIC) for _, _, axes in trial)
        program = torch.export.export(model, arguments, dynamic_shapes=open_dims)
        for graph in (m for m in program.graph_module.modules() if isinstance(m, torch.fx.GraphModule)):
            for node in graph.graph.nodes:
                node.meta.pop("stack_trace", None)  # it names files of this machine
        program.example_inputs = None
        torch.export.save(program, Path(path) / PROGRAM)
        return lambda _: {}
    raise ValueError("the model fails on zeros of every size that was tried") from problem
