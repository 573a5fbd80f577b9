"""Time of simplifying: load, passes, emission. ``python -m benchmarks.passes.time [MODEL …] [--peer onnxslim]``.

CPU seconds from file to file, the best of a few repetitions in a process, medians over processes that take turns. Then
the time per node of 50,000 nodes against that of 5,000 (``benchmarks/scale/nodes.py``), with the default pipeline.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.common import table
from benchmarks.onnx.speed import medians
from benchmarks.passes.written import ALL, PEERS, source

MOST = 1.0
"""Of the peer's time, on every model."""
SCALE = Path(__file__).parent.parent / "scale" / "nodes.py"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=[], help="all where none is named")
    parser.add_argument("--peer", default="onnxslim", choices=PEERS)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-scale", action="store_true", help="leave out the large graphs")
    given = parser.parse_args()
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    rows: list[list[object]] = []
    with tempfile.TemporaryDirectory() as folder:
        target = str(Path(folder) / "out.onnx")
        for name in given.models or ALL:
            timed = medians("write", ("ours", given.peer), given.runs, str(source(name)), target)
            ours, theirs = timed["ours"]["write"], timed[given.peer].get("write")
            rows.append([name, ours, "fails" if theirs is None else theirs, "–" if theirs is None else ours / theirs])
            print(*rows[-1], file=sys.stderr, flush=True)
    table("Load + passes + emission, CPU seconds", ["model", "Interlingua", given.peer, "ratio"], rows)
    ratios = [r[-1] for r in rows if isinstance(r[-1], float)]
    print(f"\nat most {MOST} times {given.peer}: {sum(r <= MOST for r in ratios)} of {len(ratios)}", flush=True)
    scaled = 0 if given.no_scale else subprocess.run([sys.executable, str(SCALE)], check=False).returncode
    return int(bool(scaled) or any(r > MOST for r in ratios))


if __name__ == "__main__":
    sys.exit(main())
