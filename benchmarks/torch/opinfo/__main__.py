"""Every op that torch has samples of: how many of them are loaded and evaluated right.

::

    python -m benchmarks.torch.opinfo [-k PART] [--samples 12] [--processes 2] [--keep FILE] [--write]

``--keep`` names a file of outcomes so far: a run that was stopped goes on from there. The ops of the core opset come
first. ``--write`` makes docs/torch-ops.md anew; ops that have not been run are not in it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.common import table
from benchmarks.torch.environment import run
from benchmarks.torch.opinfo.page import CLASSES, PAGE, counted, page, reasons, summary
from benchmarks.torch.opinfo.workers import answers

PATIENCE = 300.0
"""Seconds for all samples of one op."""
LOST = [{"dtype": "", "targets": [], "verdict": "crash", "reason": "the process dies, or takes longer than its time"}]


def measured(names: dict[str, str], given: argparse.Namespace) -> dict[str, Any]:
    """The outcomes of each op, by name; ``names`` by number."""
    kept: dict[str, Any] = {}
    if given.keep is not None and given.keep.is_file():
        kept = dict(json.loads(line) for line in given.keep.read_text(encoding="utf-8").splitlines())
    waiting = [line for line, name in names.items() if name not in kept]

    def told(line: str, outcomes: Any) -> None:
        name = names[line]
        kept[name] = LOST if outcomes is None else outcomes
        if given.keep is not None:
            with given.keep.open("a", encoding="utf-8") as file:
                file.write(json.dumps([name, kept[name]]) + "\n")
        print(f"{len(kept)} of {len(names)}: {name}", file=sys.stderr, flush=True)

    module, args = "benchmarks.torch.opinfo.samples", [str(given.samples)]
    answers(module, args, waiting, given.processes, PATIENCE, told)
    return {name: kept[name] for name in sorted(names.values()) if name in kept}


def core_first(names: list[str], core: list[str]) -> dict[str, str]:
    """The names by number, those that the core opset has first."""
    plain = {op.removeprefix("aten.").partition(".")[0] for op in core}
    first = {n for n in names if n.partition(".")[0] in plain or n.removeprefix("nn.functional.") in plain}
    order = sorted(range(len(names)), key=lambda i: names[i] not in first)
    return {str(i): names[i] for i in order}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", default="", metavar="PART", help="ops whose name holds this")
    parser.add_argument("--samples", type=int, default=12, help="of each op and dtype, at most")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--keep", type=Path, metavar="FILE")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    start = time.perf_counter()
    database = run("benchmarks.torch.opinfo.database")
    names = {i: name for i, name in core_first(database["ops"], database["core"]).items() if given.k in name}
    found = measured(names, given)
    if given.k:
        table("By name", ("name", *CLASSES), [(name, *counted(o)) for name, o in found.items()])
    for verdict in ("wrong", "crash", "unsupported"):
        table(verdict.capitalize(), ("reason", "samples", "names"), reasons(found, verdict))
    table("Samples", ("samples", "number", *CLASSES), summary(found, database["core"]))
    print(f"\n{time.perf_counter() - start:.0f} s")
    if given.write and not given.k:
        text = page(found, database["core"], database["torch"], given.samples, len(database["ops"]))
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
