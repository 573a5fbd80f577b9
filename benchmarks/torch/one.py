"""One architecture in its process: ``python -m benchmarks.torch.one JOB NAME``, a JSON object as its last line.

``names``: those of the table LISTED or OTHERS. ``export``: seconds that ``torch.export`` takes, and the nodes of the
program. ``speed``: CPU seconds from the exported program to an ONNX file, by ``torch.onnx.export`` and by us, in turns;
each the best of a few after one to warm up. ``verdict``: the architecture converted for a backend and verified.
``onnx``: the architecture as an ONNX file with the sizes of its example.
"""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from benchmarks.torch.architectures import ARCHITECTURES, LISTED, OTHERS

REPEAT = 3


def reason(error: BaseException) -> str:
    """The first line that says something."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else ''}"


def seconds(function: Callable[[], Any]) -> float | str:
    """CPU seconds of a call, or why it fails."""
    start = time.process_time()
    try:
        function()
    except Exception as error:  # noqa: BLE001 - whatever a tool raises
        return reason(error)
    return time.process_time() - start


def names(table: str) -> dict[str, Any]:
    return {"names": list({"LISTED": LISTED, "OTHERS": OTHERS}[table])}


def export(name: str) -> dict[str, Any]:
    architecture = ARCHITECTURES[name]()
    start = time.process_time()
    program = architecture.export()
    return {"seconds": time.process_time() - start, "nodes": len(program.graph.nodes)}


def theirs(program: torch.export.ExportedProgram, path: Path) -> None:
    made = torch.onnx.export(program, dynamo=True, verbose=False)
    assert made is not None
    made.save(path)


def ours(program: torch.export.ExportedProgram, path: Path) -> None:
    import interlingua

    interlingua.convert(program, to="onnx", verify=False, output=path)


def speed(name: str) -> dict[str, Any]:
    architecture = ARCHITECTURES[name]()
    start = time.process_time()
    program = architecture.export()
    found: dict[str, Any] = {"export": time.process_time() - start, "ours": [], "theirs": []}
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(1 + REPEAT):
            for tool in (ours, theirs):
                path = Path(folder) / f"{tool.__name__}.onnx"
                found[tool.__name__].append(seconds(lambda tool=tool, path=path: tool(program, path)))
            if turn == 0:
                warm = {tool: found[tool].pop() for tool in ("ours", "theirs")}
    for tool, first in warm.items():
        times = [t for t in found[tool] if not isinstance(t, str)]
        found[tool] = min(times) if times else first
    return found


def verdict(name: str, to: str) -> dict[str, Any]:
    import interlingua
    from interlingua.errors import InterlinguaError

    architecture = ARCHITECTURES[name]()
    start = time.perf_counter()
    try:
        report = interlingua.convert(
            architecture.module,
            to=to,
            example_inputs=architecture.example_inputs,
            dynamic_shapes=architecture.dynamic_shapes,
        ).report
    except InterlinguaError as error:
        report = getattr(error, "report", None)
        if report is None:
            return {"verdict": type(error).__name__, "reason": str(error), "seconds": time.perf_counter() - start}
    return {
        "verdict": report.verdict.value,
        "reason": report.reason,
        "share": None if report.worst is None else report.worst.share,
        "timings": report.timings,
        "seconds": time.perf_counter() - start,
    }


def onnx(name: str, path: str) -> dict[str, Any]:
    import interlingua

    architecture = ARCHITECTURES[name]()
    interlingua.convert(
        architecture.module, to="onnx", example_inputs=architecture.example_inputs, verify=False, output=path
    )
    return {}


JOBS: dict[str, Callable[..., dict[str, Any]]] = {
    "names": names,
    "export": export,
    "speed": speed,
    "verdict": verdict,
    "onnx": onnx,
}

if __name__ == "__main__":
    torch.set_num_threads(1)
    job, *arguments = sys.argv[1:]
    with contextlib.redirect_stdout(sys.stderr):
        try:
            result = JOBS[job](*arguments)
        except Exception as error:  # noqa: BLE001 - a crash is an outcome
            traceback.print_exc()
            result = {"error": reason(error)}
    print(json.dumps(result))
