"""The real models: load and evaluate against ONNX's ReferenceEvaluator, load + emission against onnxsim and onnxslim.

``python benchmarks/onnx/speed.py [--quick]``. CPU seconds with one thread, medians over processes that run in turns;
in each process the best of a few repetitions. The issue's bound for evaluation is 0.7 times the peer.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import numpy as np  # noqa: E402
from common import MODELS, fetch, peers_python, run_json, table  # noqa: E402

BOUND = 0.7
SILERO = {"input": (1, 512), "state": (2, 1, 128), "sr": ()}
PORTABLE = {"input": (16, 576), "h": (1, 1, 128), "c": (1, 1, 128)}
INPUTS: dict[str, Mapping[str, tuple[int, ...]]] = {
    "basic-pitch": {"serving_default_input_2:0": (1, 43844, 1)},
    "magika": {"bytes": (1, 2048)},
    "silero": SILERO,
    "silero-16k-op15": SILERO,
    "silero-16k-sequence": PORTABLE,
    "silero-half": {name: SILERO[name] for name in ("input", "state")},
    "silero-op18-ifless": SILERO,
    "silero-openvino-16k": {"input": (1, 576), "state": (2, 1, 128)},
    "faster-whisper-silero-v6": PORTABLE,
    "ppocr-det": {"x": (1, 3, 320, 320)},
    "ppocr-rec": {"x": (1, 3, 48, 320)},
    "ppocr-cls": {"x": (6, 3, 48, 192)},
}
"""What is fed: the sizes that the packages of the models feed, images scaled down to what an evaluator can bear."""
INTEGERS = {"bytes": np.int32, "sr": np.int64}
EVALUATORS = ("ours", "reference")
WRITERS = ("ours", "onnxsim", "onnxslim")


def draw(name: str, folder: Path) -> Path:
    """The inputs of a model, in a file."""
    rng = np.random.default_rng(0)
    arrays = {}
    for port, shape in INPUTS[name].items():
        if port in INTEGERS:
            arrays[port] = np.asarray(16000 if port == "sr" else rng.integers(0, 256, shape), INTEGERS[port])
        else:
            arrays[port] = rng.standard_normal(shape).astype(np.float32)
    path = folder / f"{name}.npz"
    np.savez(path, **arrays)
    return path


def medians(job: str, tools: tuple[str, ...], runs: int, *args: str) -> dict[str, dict[str, float]]:
    """Median CPU seconds of each tool, by what it was timed at; a tool that fails has none."""
    found: dict[str, list[dict[str, float]]] = {tool: [] for tool in tools}
    for _ in range(runs):
        for tool in tools:
            python = sys.executable if tool == "ours" else peers_python()
            found[tool].append(run_json(python, HERE / "tools.py", job, tool, *args))
    return {
        tool: {key: median(r[key] for r in rows) for key in rows[0]} if all(rows) else {}
        for tool, rows in found.items()
    }


def ratio(ours: float, theirs: float | None) -> float | str:
    return "fails" if theirs is None else ours / theirs


def evaluation(names: list[str], runs: int, folder: Path) -> None:
    """Time of loading and evaluating."""
    rows = []
    for name in names:
        timed = medians("evaluate", EVALUATORS, runs, str(fetch(name)), str(draw(name, folder)))
        a, b = timed["ours"], timed["reference"]
        both = None if not b else b["load"] + b["evaluate"]
        rows.append(
            (
                name,
                a["load"],
                b.get("load", "fails"),
                a["evaluate"],
                b.get("evaluate", "fails"),
                ratio(a["evaluate"], b.get("evaluate")),
                ratio(a["load"] + a["evaluate"], both),
            )
        )
    columns = ("model", "load", "its load", "evaluate", "its evaluate", "evaluate, ratio", "load + evaluate, ratio")
    table("Against ONNX's ReferenceEvaluator, CPU seconds", columns, rows)
    for label, index in (("evaluate", -2), ("load + evaluate", -1)):
        found = [row[index] for row in rows if isinstance(row[index], float)]
        print(f"\n{label}: {sum(r <= BOUND for r in found)} of {len(found)} at most {BOUND} times the evaluator's time")


def emission(names: list[str], runs: int, folder: Path) -> None:
    """Time from file to file."""
    rows = []
    for name in names:
        timed = medians("write", WRITERS, runs, str(fetch(name)), str(folder / "out.onnx"))
        ours, *peers = (timed[tool].get("write") for tool in WRITERS)
        assert ours is not None
        rows.append((name, ours, *("fails" if p is None else p for p in peers), *(ratio(ours, p) for p in peers)))
    columns = ("model", "Interlingua", "onnxsim", "onnxslim", "ratio to onnxsim", "ratio to onnxslim")
    table("Load + clean-up + emission, CPU seconds", columns, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one run, three models")
    quick = parser.parse_args().quick
    names, runs = (["magika", "silero-half", "ppocr-cls"], 1) if quick else (list(MODELS), 3)
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    with tempfile.TemporaryDirectory() as folder:
        evaluation(names, runs, Path(folder))
        emission(names, runs, Path(folder))


if __name__ == "__main__":
    main()
