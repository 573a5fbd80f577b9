"""Modules for the tests of the torch backend."""

from pathlib import Path

import pytest

from interlingua.backends.legality import legalize
from interlingua.backends.torch.backend import TorchBackend
from interlingua.ir.graph import Module
from support.emission import module_of as build_module


@pytest.fixture
def module_of():
    return build_module


@pytest.fixture
def emitted(tmp_path: Path):
    """``emitted(module)``: the folder of the artifact."""

    def emit(module: Module, name: str = "package") -> Path:
        backend = TorchBackend()
        target = backend.target(module)
        legalize(module, backend.lowerings, target, subject="torch")
        backend.emit(module, tmp_path / name, target)
        return tmp_path / name

    return emit


@pytest.fixture
def source(emitted):
    """``source(module)``: the text of ``model.py``."""
    return lambda module: (emitted(module) / "model.py").read_text(encoding="utf-8")
