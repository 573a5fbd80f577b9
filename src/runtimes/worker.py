"""The process that a model runs in: ``python -m interlingua.runtimes.worker FOLDER``, or ``--serve`` for many jobs.

The folder holds the job. Its entry is a function ``open_model(**options)`` that loads the model and gives a callable
from inputs to outputs, both by name. The callable may have a ``caveat`` on its last outputs, see
:class:`~interlingua.runtimes.base.Outcome`.
"""

from __future__ import annotations

import importlib
import json
import os
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
        return {"missing": str(error), "package": error.name}
    except Exception as error:  # noqa: BLE001 - whatever a runtime raises on loading is its refusal
        return {"refused": f"{type(error).__name__}: {error}"}
    caveats = list[str]()
    errors = list[str | None]()
    for index in range(job["batches"]):
        errors.append(_one(call, folder, index))
        caveats.append("" if errors[-1] is not None else getattr(call, "caveat", ""))
    return {"errors": errors, "caveats": caveats}


def _one(call: Callable[[dict[str, Any]], dict[str, Any]], folder: Path, index: int) -> str | None:
    try:
        outputs = call(codec.read(folder / f"inputs-{index}"))
    except Exception as error:  # noqa: BLE001 - whatever a runtime raises on running is the outcome
        return f"{type(error).__name__}: {error}"
    codec.write(folder / f"outputs-{index}", outputs)
    return None


def serve() -> None:
    """Do one job after another: each line of standard input names a folder, and is answered by an empty line.

    What runtimes print goes to standard error: the answers have their channel to themselves.
    """
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    for line in sys.stdin.buffer:
        main(Path(os.fsdecode(line.rstrip(b"\n"))))
        answers.write(b"\n")


if __name__ == "__main__":
    serve() if sys.argv[1] == "--serve" else main(Path(sys.argv[1]))
