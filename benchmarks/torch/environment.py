"""The environment with PyTorch, its exporter to ONNX and the libraries of models, and programs run in it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.common import ROOT, environment, own_requirements, with_sources

HERE = Path(__file__).parent
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
OVERRIDE = "INTERLINGUA_TORCH_PYTHON"
"""An environment variable: a Python that has everything already."""


def torch_python() -> Path:
    """The Python of the environment; made on first use."""
    if OVERRIDE in os.environ:
        return Path(os.environ[OVERRIDE])
    wanted = (HERE / "requirements.txt").read_text() + "\n".join(own_requirements("onnx", "litert"))
    return environment("torch", wanted, (HERE / "alone.txt").read_text())


def run(module: str, *args: str, timeout: float | None = None) -> dict[str, Any]:
    """What a module, run in the environment with one thread, prints as its last line: a JSON object.

    A process that dies, hangs or raises gives ``{"error": …}``.
    """
    command = [str(torch_python()), "-W", "ignore", "-m", module, *args]
    variables = {**with_sources(), **ONE_THREAD}
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=variables, timeout=timeout)
    except subprocess.TimeoutExpired:
        return {"error": f"it takes longer than {timeout:g} s"}
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
        return {"error": lines[-1]}
    return json.loads(done.stdout.strip().splitlines()[-1])
