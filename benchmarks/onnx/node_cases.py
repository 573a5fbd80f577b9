"""ONNX's node cases: how many are right here, and in the peers, in one run.

::

    python benchmarks/onnx/node_cases.py [--quick] [-k PART] [--write]

Four ways of computing each: ``load`` + ``evaluate``; ``convert(to="onnx")`` with its defaults, run in ONNX Runtime;
ONNX's ReferenceEvaluator; ONNX Runtime by itself on the case's own model. What is not right is listed with its reason.
``--quick`` takes every tenth case; ``--write`` puts the lists into docs/onnx.md.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "tests")]

from common import table  # noqa: E402

from interlingua.runtimes.onnxreference import OnnxReferenceRunner  # noqa: E402
from interlingua.runtimes.onnxruntime import OnnxRunner  # noqa: E402
from interlingua.runtimes.workers import WarmWorker  # noqa: E402
from support.node_cases import (  # noqa: E402
    EMITTED,
    EVALUATED,
    PAGE,
    Outcome,
    by_runtime,
    emitted,
    evaluated,
    node_cases,
    rows,
    summary,
)

BEGIN, END = "<!-- node cases: by benchmarks/onnx/node_cases.py -->", "<!-- end of node cases -->"
CLASSES = ("right", "doubtful", "random", "unsupported", "wrong")


def measure(cases: list[Any]) -> tuple[dict[str, dict[str, Outcome]], dict[str, float]]:
    """The outcome of every case in every way, and the seconds that each way took."""
    with WarmWorker() as worker:
        ways: dict[str, Callable[[Any], Outcome]] = {
            EVALUATED: evaluated,
            EMITTED: lambda case: emitted(case, worker),
            "ONNX's ReferenceEvaluator": lambda case: by_runtime(case, OnnxReferenceRunner(case.model), worker),
            "ONNX Runtime by itself": lambda case: by_runtime(case, OnnxRunner(case.model), worker),
        }
        found: dict[str, dict[str, Outcome]] = {}
        seconds = {}
        for name, way in ways.items():
            start = time.perf_counter()
            found[name] = {case.name: way(case) for case in cases}
            seconds[name] = time.perf_counter() - start
    return found, seconds


def section(found: dict[str, dict[str, Outcome]]) -> str:
    """The part of the page that is made here."""
    lines = [BEGIN, "", f"Of onnx {version('onnx')}, in ONNX Runtime {version('onnxruntime')}:", ""]
    lines += ["| way | cases | " + " | ".join(CLASSES) + " |", "|---|" + "---|" * (len(CLASSES) + 1)]
    for name, outcomes in found.items():
        counts = summary(outcomes.values())
        lines.append(f"| {name} | {len(outcomes)} | " + " | ".join(str(counts[c]) for c in CLASSES) + " |")
    for name in (EVALUATED, EMITTED):
        lines += ["", f"### {name}", "", "| class | reason | cases |", "|---|---|---|"]
        lines += ["| " + " | ".join(row) + " |" for row in rows(found[name])]
    return "\n".join([*lines, "", END])


def write(text: str) -> None:
    """Put ``text`` in the place of the part that is there."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    PAGE.write_text(before + text + rest.partition(END)[2], encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("-k", default="", metavar="PART", help="cases whose name holds this")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    cases = [case for case in node_cases() if args.k in case.name][:: 10 if args.quick else 1]
    found, seconds = measure(cases)
    counts = {name: summary(outcomes.values()) for name, outcomes in found.items()}
    title = f"Node cases of onnx {version('onnx')}, ONNX Runtime {version('onnxruntime')}"
    lines = [(n, len(cases), *(c[v] for v in CLASSES), seconds[n]) for n, c in counts.items()]
    table(title, ("way", "cases", *CLASSES, "seconds"), lines)
    for name in (EVALUATED, EMITTED):
        table(f"Not right: {name}", ("class", "reason", "cases"), rows(found[name]))
    if args.write and not (args.quick or args.k):
        write(section(found))


if __name__ == "__main__":
    main()
