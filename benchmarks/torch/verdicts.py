"""Every architecture exported, converted to ONNX and to PyTorch source, and verified against PyTorch.

::

    python -m benchmarks.torch.verdicts [--others] [-k PART] [--to onnx torch]

The share is that of the derived bound on errors at the worst element: above 1 it would be a MISMATCH. Seconds are those
of all of it, one process a model, one thread.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from typing import Any

from benchmarks.common import table
from benchmarks.torch.environment import run, torch_python
from benchmarks.torch.speed import PATIENCE, chosen


def row(name: str, to: str) -> tuple[Any, ...]:
    found = run("benchmarks.torch.one", "verdict", name, to, timeout=PATIENCE)
    if "error" in found:
        return (name, to, "CRASH", "", "", found["error"])
    share = "" if found.get("share") is None else f"{found['share']:.2g}"
    return (name, to, found["verdict"], share, found["seconds"], " ".join(found["reason"].split()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--others", action="store_true", help="the further architectures")
    parser.add_argument("-k", default="", metavar="PART", help="architectures whose name holds this")
    parser.add_argument("--to", nargs="*", default=["onnx", "torch"], help="backends")
    given = parser.parse_args()
    torch_python()
    rows = []
    for name in chosen(given.others, given.k):
        for to in given.to:
            rows.append(row(name, to))
            print(*rows[-1], sep=", ", file=sys.stderr, flush=True)
    table("Converted and verified", ("architecture", "to", "verdict", "share", "seconds", "reason"), rows)
    counts = Counter(r[2] for r in rows)
    print("\n" + ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common()))


if __name__ == "__main__":
    main()
