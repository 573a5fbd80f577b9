"""The process that a model runs in: ``python -m interlingua.runtimes.worker FOLDER``.

The folder holds the job. Its entry is a function ``open_model(**options)`` that loads the model and gives a callable
from inputs to outputs, both by name.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from interlingua.runtimes import codec


def main(folder: Path) -> None:
    """Do the job; what came of it is in ``result.json``."""
    job = json.loads((folder / "job.json").read_text())
    result = _run(job, folder)
    (folder / "result.json").write_text(json.dumps(result))


def _run(job: dict[str, Any], folder: Path) -> dict[str, Any]:
    module, _, function = job["entry"].partition(":")
    try:
        call = getattr(importlib.import_module(module), function)(**job["options"])
    except ModuleNotFoundError as error:
        return {"missing": str(error), "hint": f"install {error.name}"}
    except Exception as error:  # noqa: BLE001 - whatever a runtime raises on loading is its refusal
        return {"refused": f"{type(error).__name__}: {error}"}
    return {"errors": [_one(call, folder, index) for index in range(job["batches"])]}


def _one(call: Callable[[dict[str, Any]], dict[str, Any]], folder: Path, index: int) -> str | None:
    try:
        outputs = call(codec.read(folder / f"inputs-{index}"))
    except Exception as error:  # noqa: BLE001 - whatever a runtime raises on running is the outcome
        return f"{type(error).__name__}: {error}"
    codec.write(folder / f"outputs-{index}", outputs)
    return None


if __name__ == "__main__":
    main(Path(sys.argv[1]))
