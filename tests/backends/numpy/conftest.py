"""Modules for the tests of the NumPy backend."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import interlingua
from interlingua.backends.legality import legalize
from interlingua.backends.numpy.backend import NumpyBackend
from interlingua.ir.graph import Module
from support.emission import module_of as build_module


@pytest.fixture
def module_of():
    return build_module


@pytest.fixture
def emitted(tmp_path: Path):
    """``emitted(module)``: the folder of the artifact."""

    def emit(module: Module, name: str = "model.numpy") -> Path:
        backend = NumpyBackend()
        target = backend.target(module)
        legalize(module, backend.lowerings, target, subject="numpy")
        backend.emit(module, tmp_path / name, target)
        return tmp_path / name

    return emit


@pytest.fixture
def agrees(emitted):
    """``agrees(module, *batches)``: the artifact gives the very bits that the interpreter gives."""

    def check(module: Module, *batches: Mapping[str, Any]) -> Path:
        wanted = [interlingua.evaluate(module, batch) for batch in batches]
        folder = emitted(module)
        for outcome, expected in zip(NumpyBackend().runner(folder).run(batches), wanted, strict=True):
            assert outcome.error is None, outcome.error
            assert list(outcome.outputs) == list(expected)
            for name, array in expected.items():
                got = outcome.outputs[name]
                assert (got.dtype, got.shape) == (array.dtype, array.shape), name
                if got.dtype == object:  # their bytes are addresses
                    assert got.tolist() == array.tolist(), name
                    continue
                assert got.tobytes() == array.tobytes(), name
        return folder

    return check
