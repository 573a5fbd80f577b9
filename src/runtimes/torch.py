"""Artifacts of the torch backend: packages of PyTorch source, imported and run eagerly on the CPU."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

from interlingua.formats.torch import installed, present, to_array, to_tensor
from interlingua.runtimes.base import TIMEOUT, Outcome, Runner
from interlingua.runtimes.codec import same
from interlingua.runtimes.eager import NUMERICS
from interlingua.runtimes.process import run_worker

PROGRAM = "model.pt2"
"""The file of a package that holds what ``torch.export`` made of its module, if it was asked for."""
_NUMBERS = count()


class TorchRunner(Runner):
    """Runs the package in the folder ``path``."""

    numerics = NUMERICS

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def description(self) -> str:
        exported = f", and {PROGRAM}" if (self.path / PROGRAM).exists() else ""
        return f"PyTorch {installed()}, CPU, eager{exported}"

    def run(self, batches: Sequence[Mapping[str, Any]], *, timeout: float = TIMEOUT) -> list[Outcome]:
        present()
        options, entry = {"path": str(self.path.resolve())}, "interlingua.runtimes.torch:open_package"
        return run_worker(entry, options, batches, timeout=timeout, subject=self.description, workers=self.workers)


def load_package(path: Path) -> ModuleType:
    """Import the package in the folder ``path``, whatever it is called; nothing is written into it."""
    name = f"interlingua_artifact_{next(_NUMBERS)}"
    spec = importlib.util.spec_from_file_location(name, path / "__init__.py", submodule_search_locations=[str(path)])
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    sys.modules[name] = module  # what its modules import from each other, they look up here
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    return module


def open_package(path: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Load a model in this process; for the worker. Inputs that are ``None`` are left out.

    A program beside the source has to give the very bits that the source gives.
    """
    import torch

    package = load_package(Path(path))
    model = package.load()
    exported = torch.export.load(Path(path) / PROGRAM).module() if (Path(path) / PROGRAM).exists() else None

    def run(inputs: dict[str, Any]) -> dict[str, Any]:
        unknown = [name for name in inputs if name not in package.INPUTS]
        if unknown:
            raise ValueError(f"the model has no input {unknown[0]!r}; its inputs are {list(package.INPUTS)}")
        given = [_tensors(inputs.get(name)) for name in package.INPUTS]
        with torch.inference_mode():
            found = _named(model(*given), package.OUTPUTS)
            others = found if exported is None else _named(exported(*given), package.OUTPUTS)
        wrong = [name for name in found if not same(found[name], others[name])]
        if wrong:
            raise ValueError(f"{PROGRAM} gives another {wrong[0]!r} than the module")
        return found

    return run


def _named(found: Any, names: Collection[str]) -> dict[str, Any]:
    return dict(zip(names, map(_arrays, found if len(names) != 1 else (found,)), strict=True))


def _tensors(value: Any) -> Any:
    """Arrays as tensors, those in lists too."""
    if value is None:
        return None
    return [_tensors(v) for v in value] if isinstance(value, list | tuple) else to_tensor(value)


def _arrays(value: Any) -> Any:
    if value is None:
        return None
    return [_arrays(v) for v in value] if isinstance(value, list | tuple) else to_array(value)
