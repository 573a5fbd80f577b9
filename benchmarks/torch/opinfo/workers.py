"""Processes that answer line by line: one that dies or hangs is named by the line that it was at, and replaced."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.common import ROOT, with_sources
from benchmarks.torch.environment import ONE_THREAD, torch_python

RENEWED = 40
"""Answers after which a process makes place for a fresh one: torch keeps much of what it exports."""


class Worker:
    """One process, started when it is first asked."""

    def __init__(self, module: str, *args: str) -> None:
        self.command = [str(torch_python()), "-W", "ignore", "-m", module, *args]
        self.process: subprocess.Popen[str] | None = None
        self.answered = 0

    def ask(self, line: str, timeout: float) -> Any:
        """The answer, or ``None`` where the process dies or takes longer than ``timeout`` seconds."""
        process = self.process or self._start()
        assert process.stdin is not None and process.stdout is not None
        watch = threading.Timer(timeout, process.kill)
        watch.start()
        try:
            process.stdin.write(line + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        finally:
            watch.cancel()
        self.answered += 1
        if not answer or self.answered >= RENEWED:
            self.close()
        return json.loads(answer) if answer else None

    def close(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
        self.process = None

    def _start(self) -> subprocess.Popen[str]:
        self.answered = 0
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
            env={**with_sources(), **ONE_THREAD},
        )
        return self.process


def answers(
    module: str,
    args: Sequence[str],
    lines: Sequence[str],
    processes: int,
    timeout: float,
    told: Callable[[str, Any], None],
) -> None:
    """Have several processes answer each line; ``told`` gets it and its answer, ``None`` where a process died at it."""
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for line in lines:
        waiting.put(line)
    one_by_one = threading.Lock()

    def work() -> None:
        worker = Worker(module, *args)
        while True:
            try:
                line = waiting.get_nowait()
            except queue.Empty:
                return worker.close()
            answer = worker.ask(line, timeout)
            with one_by_one:
                told(line, answer)

    threads = [threading.Thread(target=work) for _ in range(processes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
