"""From an exported program to an ONNX file: ours and ``torch.onnx.export(dynamo=True)``, in turns, one process a model.

::

    python -m benchmarks.torch.speed [--others] [-k PART]

The time of ``torch.export`` itself is in neither: both get the same exported program. CPU seconds, one thread; the best
of three runs after one to warm up.
"""

from __future__ import annotations

import argparse
import sys
from statistics import geometric_mean
from typing import Any

from benchmarks.common import table
from benchmarks.torch.environment import run, torch_python

PATIENCE = 1800.0


def chosen(others: bool, part: str) -> list[str]:
    """The architectures' names, which the environment tells."""
    names = run("benchmarks.torch.one", "names", "OTHERS" if others else "LISTED")["names"]
    return [name for name in names if part in name]


def row(name: str) -> tuple[Any, ...]:
    found = run("benchmarks.torch.one", "speed", name, timeout=PATIENCE)
    if "error" in found:
        return (name, "", "", "", found["error"])
    ours, theirs = found["ours"], found["theirs"]
    both = isinstance(ours, float) and isinstance(theirs, float)
    return (name, found["export"], ours, theirs, ours / theirs if both else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--others", action="store_true", help="the further architectures")
    parser.add_argument("-k", default="", metavar="PART", help="architectures whose name holds this")
    given = parser.parse_args()
    torch_python()
    rows = []
    for name in chosen(given.others, given.k):
        rows.append(row(name))
        print(*rows[-1], sep=", ", file=sys.stderr, flush=True)
    columns = ("architecture", "torch.export", "Interlingua", "torch.onnx.export", "ratio")
    table("From an exported program to a file, CPU seconds", columns, rows)
    ratios = [r[-1] for r in rows if isinstance(r[-1], float)]
    if ratios:
        print(f"\nratio: geometric mean {geometric_mean(ratios):.3f}, at most {max(ratios):.3f}, of {len(ratios)}")


if __name__ == "__main__":
    main()
