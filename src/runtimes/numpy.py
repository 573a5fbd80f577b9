"""Artifacts of the NumPy backend, run as a user runs them: ``python model.py INPUTS.npz OUTPUTS.npz …``.

With workers that stay, the program is executed inside one, for each job anew.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from interlingua.errors import RuntimeCrash
from interlingua.runtimes.base import TIMEOUT, Outcome, Runner
from interlingua.runtimes.execute import execute
from interlingua.runtimes.process import run_worker
from interlingua.runtimes.workers import FRESH


def read_arrays(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The arrays of an .npz file by name. ``np.load`` mixes up ``x`` and ``x.npy``."""
    with zipfile.ZipFile(path) as archive:
        found = {}
        for member in archive.namelist():
            with archive.open(member) as file:
                found[member.removesuffix(".npy")] = as_objects(np.lib.format.read_array(file, allow_pickle=False))
        return found


def as_objects(array: np.ndarray) -> np.ndarray:
    """NumPy's own strings, which files hold, as objects, which kernels take; other arrays as they are."""
    return np.asarray(array, np.object_ if array.dtype.kind == "U" else array.dtype)


def as_file_holds(array: np.ndarray) -> np.ndarray:
    """Objects as NumPy's own strings: those lose NULs at their end, which is an error."""
    if array.dtype.kind != "O":
        return array
    strings = array.astype(np.str_)
    if strings.tolist() != array.tolist():
        raise ValueError("files of NumPy arrays hold no objects but strings, and none that ends in NUL")
    return strings


def write_arrays(path: str | os.PathLike[str], arrays: Mapping[str, Any]) -> None:
    """An .npz file. ``np.savez`` takes no array called ``file``."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, as_file_holds(np.asarray(array)), allow_pickle=False)


class NumpyRunner(Runner):
    """Runs the artifact in the folder ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def description(self) -> str:
        return f"NumPy {np.__version__}, Python {platform.python_version()}"

    def run(self, batches: Sequence[Mapping[str, Any]], *, timeout: float = TIMEOUT) -> list[Outcome]:
        if self.workers is not FRESH:
            options, entry = {"path": str(self.path.resolve())}, "interlingua.runtimes.numpy:open_program"
            return run_worker(entry, options, batches, timeout=timeout, subject=self.description, workers=self.workers)
        outcomes: list[Outcome | None] = [None] * len(batches)
        with tempfile.TemporaryDirectory(prefix="interlingua-") as name:
            folder = Path(name)
            for index, batch in enumerate(batches):
                error = _write_inputs(folder / f"in-{index}.npz", batch)
                outcomes[index] = None if error is None else Outcome(None, error)
            left = [index for index, outcome in enumerate(outcomes) if outcome is None]
            if left:
                self._execute(folder, left, timeout)
            return [o or _read_outcome(folder / f"out-{i}.npz") for i, o in enumerate(outcomes)]

    def _execute(self, folder: Path, indices: Sequence[int], timeout: float) -> None:
        pairs = [name for i in indices for name in (f"in-{i}.npz", f"out-{i}.npz")]
        command = [sys.executable, str(self.path.resolve() / "model.py"), *pairs]
        try:
            execute(command, timeout=timeout, cwd=folder, subject=self.description)
        except RuntimeCrash:
            targets = [folder / f"out-{i}.npz" for i in indices]
            if not all(target.exists() or _error_file(target).exists() for target in targets):
                raise  # it did not get as far as to say what is wrong with which inputs


def open_program(path: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Execute the artifact's program in names of its own; for the worker. Inputs that are ``None`` are left out."""
    program = Path(path) / "model.py"
    names: dict[str, Any] = {"__name__": "artifact", "__file__": str(program)}
    exec(compile(program.read_text(encoding="utf-8"), str(program), "exec", dont_inherit=True), names)
    run: Callable[[dict[str, Any]], dict[str, Any]] = names["run"]
    return run


def _write_inputs(path: Path, batch: Mapping[str, Any]) -> str | None:
    try:
        write_arrays(path, {name: value for name, value in batch.items() if value is not None})
    except ValueError as error:
        return f"the inputs cannot be written to a file: {error}"
    return None


def _read_outcome(path: Path) -> Outcome:
    error = _error_file(path)
    if error.exists():
        return Outcome(None, error.read_text(encoding="utf-8"))
    return Outcome(read_arrays(path))


def _error_file(path: Path) -> Path:
    return path.with_name(path.name + ".error")
