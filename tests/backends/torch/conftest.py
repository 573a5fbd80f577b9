"""Modules for the tests of the torch backend."""

from pathlib import Path

import pytest

from interlingua.backends.legality import legalize
from interlingua.backends.torch.backend import TorchBackend
from interlingua.equivalence.expect import expect
from interlingua.equivalence.judge import judge
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


@pytest.fixture
def check(emitted):
    """``check(module, inputs)``: the text of the classes, and the module, which computes what is right."""

    def run(module, **inputs):
        folder = emitted(module)
        (outcome,) = TorchBackend().runner(folder).run([inputs])
        assert outcome.error is None, outcome.error
        assert all(c.passed for c in judge(expect(module, inputs), outcome.outputs, ""))
        text = (folder / "model.py").read_text()
        model = TorchBackend().open(folder)
        assert all(len(line) <= 120 for line in text.splitlines())
        return text[text.index("class ") :], model

    return run
