"""Running models in a process of their own: a crash or a hang there is a verdict here, not the end of the program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from interlingua.errors import RuntimeCrash, RuntimeMissing, RuntimeTimeout
from interlingua.runtimes import codec
from interlingua.runtimes.base import Outcome

_STDERR_KEPT = 2000


def execute(command: Sequence[str], *, timeout: float, cwd: Path, subject: str) -> None:
    """Run a command to its end.

    Raises:
        RuntimeTimeout: it took longer than ``timeout`` seconds; it and its children were killed.
        RuntimeCrash: it ended with another status than 0, or by a signal.
    """
    log = cwd / "log.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise RuntimeTimeout(
                f"{subject} took longer than {timeout:g} s", hint="allow more time with timeout="
            ) from error
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    if status:
        tail = log.read_bytes()[-_STDERR_KEPT:].decode(errors="replace").strip()
        died = f"died of {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        raise RuntimeCrash(f"{subject} {died}: {tail}" if tail else f"{subject} {died}")


def run_worker(
    entry: str, options: Mapping[str, Any], batches: Sequence[Mapping[str, Any]], *, timeout: float, subject: str
) -> list[Outcome]:
    """Call ``entry`` (``module:function``) in a worker process; see :mod:`interlingua.runtimes.worker`.

    Raises:
        RuntimeMissing, RuntimeCrash, RuntimeTimeout: as the names say.
    """
    with tempfile.TemporaryDirectory(prefix="interlingua-") as name:
        folder = Path(name)
        for index, batch in enumerate(batches):
            codec.write(folder / f"inputs-{index}", batch)
        job = {"entry": entry, "options": dict(options), "batches": len(batches)}
        (folder / "job.json").write_text(json.dumps(job))
        execute(
            [sys.executable, "-m", "interlingua.runtimes.worker", name], timeout=timeout, cwd=folder, subject=subject
        )
        result = json.loads((folder / "result.json").read_text())
        if "missing" in result:
            raise RuntimeMissing(f"{subject} cannot run: {result['missing']}", hint=result["hint"])
        if "refused" in result:
            raise RuntimeCrash(f"{subject} refused the model: {result['refused']}")
        return [
            Outcome(None, error) if error is not None else Outcome(codec.read(folder / f"outputs-{index}"))
            for index, error in enumerate(result["errors"])
        ]
