"""The processes that models run in: a fresh one for each job, or one that stays for many."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from interlingua.errors import RuntimeCrash, RuntimeTimeout
from interlingua.runtimes.execute import execute, obituary

COMMAND = (sys.executable, "-m", "interlingua.runtimes.worker")
JOBS = 400
"""Jobs after which a process that stays is replaced: runtimes keep memory."""


class Workers(Protocol):
    """Does jobs, each a folder that :mod:`interlingua.runtimes.worker` understands, in another process."""

    def do(self, folder: Path, *, timeout: float, subject: str) -> None:
        """Do the job in ``folder``.

        Raises:
            RuntimeCrash: the process died.
            RuntimeTimeout: ``timeout`` seconds passed; the process was killed.
        """


class FreshWorkers:
    """A process for each job: nothing of one model touches the next. For artifacts that are handed over."""

    def do(self, folder: Path, *, timeout: float, subject: str) -> None:
        """As :meth:`Workers.do`."""
        execute([*COMMAND, str(folder)], timeout=timeout, cwd=folder, subject=subject)


FRESH: Workers = FreshWorkers()


class WarmWorker:
    """One process for many jobs in turn, replaced when it dies: for campaigns of small models. A context manager;
    for one thread."""

    def __init__(self) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="interlingua-")
        self._log = Path(self._home.name) / "log.txt"
        self._process: subprocess.Popen[bytes] | None = None
        self._jobs = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self._stop()
        self._home.cleanup()

    def do(self, folder: Path, *, timeout: float, subject: str) -> None:
        """As :meth:`Workers.do`."""
        process = self._started()
        self._jobs += 1
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(os.fsencode(folder) + b"\n")
            process.stdin.flush()
        except BrokenPipeError:
            pass  # it died; the answer says so
        if not self._answered(process.stdout.fileno(), timeout):
            self._stop()
            raise RuntimeTimeout(f"{subject} took longer than {timeout:g} s", hint="allow more time with timeout=")
        if process.stdout.read(1) != b"\n":
            status = process.wait()
            message = obituary(subject, status, self._log)
            self._stop()
            raise RuntimeCrash(message)

    def _answered(self, descriptor: int, timeout: float) -> bool:
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            if select.select([descriptor], [], [], left)[0]:
                return True
        return False

    def _started(self) -> subprocess.Popen[bytes]:
        if self._jobs >= JOBS:
            self._stop()
        if self._process is None:
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    [*COMMAND, "--serve"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    cwd=self._home.name,
                    start_new_session=True,
                    bufsize=0,
                )
        return self._process

    def _stop(self) -> None:
        process, self._process, self._jobs = self._process, None, 0
        if process is None:
            return
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
