"""Ours against onnx2tf on the models that both convert: time, transposes left, latency in LiteRT, size of the file.

::

    python -m benchmarks.litert.against [MODEL …] [--rounds 3] [--keep FOLDER]

Models are the trained ones from ONNX and PyTorch's architectures, exported with fixed sizes. onnx2tf, which converts no
dynamic sizes of these, is given fixed ones; ours stays dynamic. Images come and go channels last in both files, as
onnx2tf makes them and as is asked of ours. Conversion is CPU seconds without imports, the first in a process. Latency
is of one thread with XNNPACK, as users run a file; the two files take turns in a process, and a round is two processes,
since what is loaded first is slower by a hundredth or two: ours first in the one, theirs in the other. Reported is the
median over the rounds of the geometric mean of the ratios of medians.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import geometric_mean, median
from typing import Any

import numpy as np
from benchmarks.common import MODELS, environment, fetch, table, with_sources
from benchmarks.torch.environment import run as run_torch

HERE = Path(__file__).parent
FIXED: dict[str, str] = {
    "ppocr-det": "x:1,3,640,640",
    "ppocr-rec": "x:1,3,48,320",
    "ppocr-cls": "x:1,3,48,192",
    "basic-pitch": "serving_default_input_2:0:1,43844,1",
    "magika": "bytes:1,2048",
}
"""The sizes that dynamic models are run at."""
ARCHITECTURES = (
    *("resnet18", "mobilenet_v2", "mobilenet_v3_small", "efficientnet_b0", "densenet121", "squeezenet1_1"),
    *("shufflenet_v2_x1_0", "regnet_y_400mf", "convnext_tiny", "deeplabv3_mobilenet_v3_large", "vgg11_bn", "vit_b_16"),
)
SECONDS = 2.0
"""Of timed runs for each file in each round."""


def source(name: str, folder: Path) -> Path:
    """A model as ONNX."""
    if name in MODELS:
        return fetch(name)
    path = folder / f"{name}.onnx"
    if not path.is_file():
        found = run_torch("benchmarks.torch.one", "onnx", name, str(path))
        if "error" in found:
            raise RuntimeError(f"{name} as ONNX: {found['error']}")
    return path


def converted(python: Path | str, script: str, *args: str) -> float | str:
    """Seconds that a conversion takes, or why there is none."""
    command = [str(python), "-W", "ignore", str(HERE / script), *args]
    done = subprocess.run(command, capture_output=True, text=True, env=with_sources(), check=False)
    if done.returncode:
        lines = [line for line in (done.stderr or done.stdout).strip().splitlines() if line.strip()]
        return lines[-1][:200] if lines else f"it ended with {done.returncode}"
    return float(json.loads(done.stdout.strip().splitlines()[-1])["seconds"])


def transposes(path: Path) -> int:
    """How many operators of a file transpose."""
    from interlingua.formats.litert import schema

    litert = schema()
    model = litert.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
    codes = [max(c.builtinCode, c.deprecatedBuiltinCode) for c in model.operatorCodes]
    every = [op for graph in model.subgraphs for op in graph.operators or ()]
    return sum(codes[op.opcodeIndex] == litert.BuiltinOperator.TRANSPOSE for op in every)


def interpreter(path: str, sizes: dict[int, tuple[int, ...]]) -> Any:
    """A file ready to run, its inputs set. ``sizes`` are those of open dims, by the number of elements' order."""
    from ai_edge_litert.interpreter import Interpreter

    made = Interpreter(model_path=path, num_threads=1)
    rng = np.random.default_rng(0)
    for place, detail in enumerate(made.get_input_details()):
        if (detail["shape_signature"] < 0).any():
            made.resize_tensor_input(detail["index"], sizes[place])
    made.allocate_tensors()
    for detail in made.get_input_details():
        draw = rng.standard_normal if detail["dtype"] == np.float32 else lambda shape: rng.integers(0, 100, shape)
        made.set_tensor(detail["index"], np.asarray(draw(tuple(detail["shape"]))).astype(detail["dtype"]))
    return made


def timed(made: Any, times: int) -> float:
    start = time.thread_time()
    for _ in range(times):
        made.invoke()
    return (time.thread_time() - start) / times


def round_of(first: str, second: str, sizes: dict[int, tuple[int, ...]]) -> tuple[float, float]:
    """Median seconds of a run of both, loaded in this order."""
    pair = [interpreter(path, sizes) for path in (first, second)]
    once = min(timed(made, 2) for made in pair for _ in range(2))
    times = max(1, round(0.002 / once))
    found: list[list[float]] = [[], []]
    for turn in range(max(9, round(SECONDS / (once * times)))):
        for place in (0, 1) if turn % 2 else (1, 0):
            found[place].append(timed(pair[place], times))
    return median(found[0]), median(found[1])


def latency(first: Path, second: Path, sizes: dict[int, tuple[int, ...]]) -> float:
    """How many times longer the first takes than the second, in a process of their own."""
    command = [sys.executable, "-m", "benchmarks.litert.against", "--round", str(first), str(second), json.dumps(sizes)]
    done = subprocess.run(command, capture_output=True, text=True, env=with_sources(), check=True)
    a, b = json.loads(done.stdout.strip().splitlines()[-1])
    return float(a / b)


def row(name: str, folder: Path, peer: Path, rounds: int) -> tuple[Any, ...]:
    model = source(name, folder)
    ours, theirs = folder / f"{name}.ours.tflite", folder / f"{name}.theirs.tflite"
    times = [converted(sys.executable, "ours.py", str(model), str(ours))]
    shapes = [FIXED[name]] if name in FIXED else []
    times.append(converted(peer, "theirs.py", str(model), str(theirs), *shapes))
    if any(isinstance(t, str) for t in times):
        return (name, *times, *("",) * 6)
    sizes = {0: _channels_last(tuple(int(d) for d in shapes[0].rpartition(":")[2].split(",")))} if shapes else {}
    pairs = [(latency(ours, theirs, sizes), 1 / latency(theirs, ours, sizes)) for _ in range(rounds)]
    ratio = median(map(geometric_mean, pairs))
    bytes_ = ours.stat().st_size / theirs.stat().st_size
    return (name, *times, times[0] / times[1], transposes(ours), transposes(theirs), ratio, bytes_)


def _channels_last(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (shape[0], *shape[2:], shape[1]) if len(shape) == 4 else shape


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=[*MODELS, *ARCHITECTURES])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="where the files are kept")
    parser.add_argument("--round", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.round:
        first, second, sizes = given.round
        print(json.dumps(round_of(first, second, {int(k): tuple(v) for k, v in json.loads(sizes).items()})))
        return
    peer = environment("onnx2tf", (HERE / "requirements.txt").read_text())
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for name in given.models:
            rows.append(row(name, folder.resolve(), peer, given.rounds))
            print(*rows[-1], sep=", ", file=sys.stderr, flush=True)
    columns = ("model", "ours, s", "onnx2tf, s", "ratio", "transposes", "its", "latency, ratio", "bytes, ratio")
    table("From ONNX to LiteRT, ours and onnx2tf", columns, rows)
    both = [r for r in rows if isinstance(r[3], float)]
    if both:
        means = [geometric_mean(float(r[i]) for r in both) for i in (3, 6, 7)]
        print(f"\n{len(both)} models that both convert; geometric means: time {means[0]:.3f}, at most "
              f"{max(r[3] for r in both):.3f}; latency {means[1]:.3f}; bytes {means[2]:.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
