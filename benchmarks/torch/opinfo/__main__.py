"""Every op that torch has samples of: how many of them are loaded and evaluated right.

::

    python -m benchmarks.torch.opinfo [-k PART] [--samples 12] [--processes 2] [--write]

``--write`` makes docs/torch-ops.md anew.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from benchmarks.common import table
from benchmarks.torch.environment import run
from benchmarks.torch.opinfo.page import CLASSES, PAGE, counted, page, reasons, summary
from benchmarks.torch.opinfo.workers import answers

PATIENCE = 300.0
"""Seconds for all samples of one op."""
LOST = [{"dtype": "", "targets": [], "verdict": "crash", "reason": "the process dies, or takes longer than its time"}]


def measured(names: dict[str, str], most: int, processes: int) -> dict[str, Any]:
    """The outcomes of each op, by name; ``names`` by number."""
    done: list[str] = []

    def told(line: str) -> None:
        done.append(line)
        print(f"{len(done)} of {len(names)}: {names[line]}", file=sys.stderr, flush=True)

    found = answers("benchmarks.torch.opinfo.samples", [str(most)], list(names), processes, PATIENCE, told)
    return {names[line]: LOST if outcomes is None else outcomes for line, outcomes in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", default="", metavar="PART", help="ops whose name holds this")
    parser.add_argument("--samples", type=int, default=12, help="of each op and dtype, at most")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    start = time.perf_counter()
    database = run("benchmarks.torch.opinfo.database")
    names = {str(i): name for i, name in enumerate(database["ops"]) if given.k in name}
    found = measured(names, given.samples, given.processes)
    if given.k:
        table("By name", ("name", *CLASSES), [(name, *counted(o)) for name, o in found.items()])
    for verdict in ("wrong", "crash", "unsupported"):
        table(verdict.capitalize(), ("reason", "samples", "names"), reasons(found, verdict))
    table("Samples", ("samples", "number", *CLASSES), summary(found, database["core"]))
    print(f"\n{time.perf_counter() - start:.0f} s")
    if given.write and not given.k:
        PAGE.write_text(page(found, database["core"], database["torch"], given.samples), encoding="utf-8")


if __name__ == "__main__":
    main()
