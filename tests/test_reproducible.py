"""The same input gives the same bytes, in another process and with another hash seed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

import interlingua
from support.mutations import handmade

PROGRAM = """
import sys
from pathlib import Path
import interlingua
source, folder = Path(sys.argv[1]), Path(sys.argv[2])
for backend in ("onnx", "numpy"):
    interlingua.convert(source, to=backend, output=folder / ("model." + backend), verify=False)
interlingua.save(interlingua.optimize(interlingua.load(source)), folder / "model.il")
"""


def digests(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def produced(source: Path, folder: Path, seed: str) -> dict[str, str]:
    folder.mkdir()
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-c", PROGRAM, str(source), str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return digests(folder)


@pytest.mark.parametrize("index", [0, 1, 2])
def test_other_processes_write_the_same_bytes(tmp_path: Path, index: int) -> None:
    demo = Path(interlingua.__file__).parent / "demo" / "digits.onnx"
    data = [demo.read_bytes(), *handmade()][index]
    source = tmp_path / "source.onnx"
    source.write_bytes(data)
    first = produced(source, tmp_path / "first", "1")
    assert {"model.onnx", "model.il"} <= set(first)
    assert any(name.startswith("model.numpy") for name in first)
    assert produced(source, tmp_path / "second", "2") == first


def test_the_same_process_writes_the_same_bytes_again(tmp_path: Path) -> None:
    """Counters, caches and registries keep nothing of the first time."""
    source = tmp_path / "source.onnx"
    source.write_bytes(handmade()[0])
    found = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        interlingua.convert(source, to="onnx", output=tmp_path / name / "model.onnx", verify=False)
        interlingua.save(interlingua.load(source), tmp_path / name / "model.il")
        found.append(digests(tmp_path / name))
    assert found[0] == found[1]
