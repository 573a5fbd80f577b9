"""Running a command to its end, with a time limit."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from interlingua.errors import RuntimeCrash, RuntimeTimeout

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
        raise RuntimeCrash(obituary(subject, status, log))


def obituary(subject: str, status: int, log: Path) -> str:
    """What a process died of, with the end of what it said."""
    tail = log.read_bytes()[-_STDERR_KEPT:].decode(errors="replace").strip()
    died = f"died of {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
    return f"{subject} {died}: {tail}" if tail else f"{subject} {died}"
