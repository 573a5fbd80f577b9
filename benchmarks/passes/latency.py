"""Latency in ONNX Runtime of what each tool writes. ``python -m benchmarks.passes.latency [MODEL …] [--rounds 3]``.

One thread, ``ORT_ENABLE_ALL``: as users run a file. Timed is the thread that runs it, which waits for nobody: what
other processes keep it from does not count. A round is a process in which the original and every tool's file take
turns, the order rotated; what counts is the ratio to the original's run next to it, so that what else the machine does
hits both. Reported is the median over the rounds of the medians of these ratios.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import geometric_mean, median
from typing import Any

import numpy as np
from benchmarks.common import MODELS, table
from benchmarks.onnx.speed import draw
from benchmarks.passes.written import PEERS, TOOLS, source, written

SECONDS = 2.0
"""Of timed runs for each file in each round."""
BLOCK = 0.002
"""Runs that are shorter are timed several at a time."""
WARM = 0.3
BETTER, WORSE = 0.97, 1.02
"""What ours is to be: of the best peer in the mean, of the original on every model."""


def session(path: str) -> Any:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 4
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def timed(run: Any, times: int) -> float:
    start = time.thread_time()
    for _ in range(times):
        run()
    return (time.thread_time() - start) / times


def round_of(values: str, paths: Mapping[str, str], seconds: float) -> dict[str, Any]:
    """Seconds a run of each file, in the order of the turns."""
    with np.load(values) as file:
        inputs = dict(file)
    runs = {}
    for name, path in paths.items():
        made = session(path)
        fed = {i.name: inputs[i.name] for i in made.get_inputs()}
        runs[name] = lambda made=made, fed=fed: made.run(None, fed)
    start, warmed = time.perf_counter(), 0
    while warmed < 3 or time.perf_counter() - start < WARM * len(runs):
        for run in runs.values():
            run()
        warmed += 1
    once = min(timed(run, 3) for run in runs.values())
    times = max(1, round(BLOCK / once))
    turns = max(15, round(seconds / (once * times)))
    found: dict[str, list[float]] = {name: [] for name in runs}
    order = list(runs)
    for _ in range(turns):
        for name in order:
            found[name].append(timed(runs[name], times))
        order.append(order.pop(0))
    return found


def ratios(found: Mapping[str, list[float]]) -> dict[str, float]:
    """The median of the ratios of a turn, to the original's in the same turn; the original's own is in milliseconds."""
    base = found["original"]
    medians = {
        name: median(a / b for a, b in zip(seconds, base, strict=True))
        for name, seconds in found.items()
        if name != "original"
    }
    return {"original": 1e3 * median(base), **medians}


def measure(name: str, tools: list[str], rounds: int, seconds: float, folder: Path) -> dict[str, float]:
    """Ratios of one model. A tool whose file is missing, or does not run, has none."""
    paths = {"original": str(source(name))}
    for tool in tools:
        target = folder / f"{name}.{tool}.onnx"
        if written(tool, source(name), target) is not None:
            paths[tool] = str(target)
    values = str(draw(name, folder))
    for tool in [t for t in paths if t not in ("original", "ours")]:
        if subprocess.run(_command(values, {tool: paths[tool]}, 0.0), capture_output=True, check=False).returncode:
            del paths[tool]
    all_ = []
    for turn in range(rounds):
        names = [*list(paths)[turn % len(paths) :], *list(paths)[: turn % len(paths)]]
        command = _command(values, {n: paths[n] for n in names}, seconds)
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        all_.append(ratios(json.loads(done.stdout.splitlines()[-1])))
    return {key: median(r[key] for r in all_) for key in all_[0]}


def _command(values: str, paths: Mapping[str, str], seconds: float) -> list[str]:
    worker = ["--worker", values, json.dumps(paths), str(seconds)]
    return [sys.executable, "-m", "benchmarks.passes.latency", *worker]


def report(found: Mapping[str, Mapping[str, float]], tools: list[str]) -> None:
    """Print ratios by model, means, and how ours compares."""
    rows = []
    for name, each in found.items():
        peers = [each[t] for t in tools if t in PEERS and t in each]
        against = each["ours"] / min(peers) if "ours" in each and peers else "–"
        rows.append([name, each["original"], *(each.get(t, "fails") for t in tools), against])
    table("Latency in ONNX Runtime", ["model", "original, ms", *tools, "ours to the best peer"], rows)
    print("\ngeometric means of the ratios to the original, over the models that the tool does not fail on:")
    for tool in tools:
        values = [each[tool] for each in found.values() if tool in each]
        print(f"  {tool}: {geometric_mean(values):.3f} ({len(values)} models)")
    if "ours" in tools:
        for tool in (t for t in tools if t in PEERS):
            pairs = [each["ours"] / each[tool] for each in found.values() if tool in each]
            print(f"  ours to {tool}: {geometric_mean(pairs):.3f} (wanted: at most {BETTER} for the best)")
        each_best = [row[-1] for row in rows if isinstance(row[-1], float)]
        if each_best:
            print(f"  ours to the best peer of each model: {geometric_mean(each_best):.3f}")
        worst = max(found, key=lambda n: found[n]["ours"])
        print(f"  worst to the original: {worst}, {found[worst]['ours']:.3f} (wanted: at most {WORSE})")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=[], help="all real models where none is named")
    parser.add_argument("--tools", default=",".join(TOOLS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        values, paths, seconds = given.worker
        print(json.dumps(round_of(values, json.loads(paths), float(seconds))))
        return 0
    tools, found = given.tools.split(","), {}
    with tempfile.TemporaryDirectory() as folder:
        for name in given.models or list(MODELS):
            found[name] = measure(name, tools, given.rounds, given.seconds, Path(folder))
            print(name, {k: round(v, 3) for k, v in found[name].items()}, file=sys.stderr, flush=True)
    report(found, tools)
    return 0


if __name__ == "__main__":
    sys.exit(main())
