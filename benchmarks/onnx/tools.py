"""One tool at one job, in its own process: ``tools.py JOB TOOL FILE …``, CPU seconds as a JSON object.

``evaluate``: the model FILE on the inputs in an npz file; ``write``: FILE to another file, cleaned up, timed; ``once``:
the same, once; ``many``: each file ``*.in.onnx`` in the folder FILE to ``*.out.onnx`` or, where that fails, to
``*.error``. A peer that fails prints an empty object.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPEAT = 3


def best(function: Callable[[], Any]) -> float:
    """The least CPU seconds of a few repetitions, after one to warm up."""
    times = []
    for _ in range(1 + REPEAT):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return min(times[1:])


def evaluate(tool: str, model: str, values: str) -> dict[str, float]:
    import numpy as np

    with np.load(values) as file:
        inputs = dict(file)
    if tool == "ours":
        import interlingua

        module = interlingua.load(model)
        return {
            "load": best(lambda: interlingua.load(model)),
            "evaluate": best(lambda: interlingua.evaluate(module, inputs)),
        }
    from onnx.reference import ReferenceEvaluator

    evaluator = ReferenceEvaluator(model)
    return {
        "load": best(lambda: ReferenceEvaluator(model)),
        "evaluate": best(lambda: evaluator.run(None, inputs)),
    }


def ours(source: str, target: str) -> None:
    import interlingua

    interlingua.convert(source, to="onnx", output=target, verify=False)


def onnxsim(source: str, target: str) -> None:
    import onnx
    import onnxsim as tool

    found, _ = tool.simplify(onnx.load(source))
    onnx.save(found, target)


def onnxslim(source: str, target: str) -> None:
    import onnxslim as tool

    tool.slim(source, target)


def onnxoptimizer(source: str, target: str) -> None:
    import onnx
    import onnxoptimizer as tool

    onnx.save(tool.optimize(onnx.load(source)), target)


def onnxscript(source: str, target: str) -> None:
    import onnx
    from onnxscript import optimizer as tool

    onnx.save(tool.optimize(onnx.load(source)), target)


WRITERS = {f.__name__: f for f in (ours, onnxsim, onnxslim, onnxoptimizer, onnxscript)}


def write(tool: str, source: str, target: str) -> dict[str, float]:
    return {"write": best(lambda: WRITERS[tool](source, target))}


def once(tool: str, source: str, target: str) -> dict[str, float]:
    start = time.process_time()
    WRITERS[tool](source, target)
    return {"seconds": time.process_time() - start}


def many(tool: str, folder: str) -> dict[str, float]:
    done = 0
    for source in sorted(Path(folder).glob("*.in.onnx")):
        name = source.name.removesuffix(".in.onnx")
        target, failure = source.with_name(f"{name}.out.onnx"), source.with_name(f"{name}.error")
        if target.exists() or failure.exists():
            continue
        failure.write_text("it died")  # unless something else is written there
        try:
            WRITERS[tool](str(source), str(target))
            failure.unlink()
        except Exception as error:  # noqa: BLE001 - whatever a tool raises
            failure.write_text(f"{type(error).__name__}: {error}")
            target.unlink(missing_ok=True)
        done += 1
    return {"done": done}


JOBS = {"evaluate": evaluate, "write": write, "once": once, "many": many}

if __name__ == "__main__":
    job, *arguments = sys.argv[1:]
    found: dict[str, float] = {}
    try:
        with contextlib.redirect_stdout(sys.stderr):
            found = JOBS[job](*arguments)
    except Exception as error:
        print(f"{arguments[0]}: {error}", file=sys.stderr)
        if arguments[0] == "ours":
            raise
    print(json.dumps(found))
