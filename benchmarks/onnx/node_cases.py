"""ONNX's node cases: how many are right here, and in the peers, in one run.

::

    python benchmarks/onnx/node_cases.py [--quick] [-k PART] [--way PART] [--write]

Six ways of computing each: ``load`` + ``evaluate``; ``convert(to="onnx")`` with its defaults, run in ONNX Runtime;
``convert(to="torch")``, run in PyTorch; ``convert(to="litert")``, run in LiteRT; ONNX's ReferenceEvaluator; ONNX
Runtime by itself on the case's own model. What is not right is listed with its reason. ``--quick`` takes every tenth
case; ``--way`` the ways whose name holds PART; ``--write`` puts the lists into docs/onnx.md, docs/torch-node-cases.md
and docs/litert-node-cases.md, as far as all ways of a page were taken.
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
    PAGES,
    Outcome,
    by_runtime,
    emitted,
    evaluated,
    node_cases,
    rows,
    summary,
)

BEGIN, END = "<!-- node cases: by benchmarks/onnx/node_cases.py -->", "<!-- end of node cases -->"
REFERENCE, RUNTIME = "ONNX's ReferenceEvaluator", "ONNX Runtime by itself"
CLASSES = ("right", "doubtful", "random", "unsupported", "wrong")


def measure(cases: list[Any], part: str) -> tuple[dict[str, dict[str, Outcome]], dict[str, float]]:
    """The outcome of every case in every way, and the seconds that each way took."""
    with WarmWorker() as worker:
        ways: dict[str, Callable[[Any], Outcome]] = {
            EVALUATED: evaluated,
            EMITTED["onnx"]: lambda case: emitted(case, worker),
            EMITTED["torch"]: lambda case: emitted(case, worker, "torch"),
            EMITTED["litert"]: lambda case: emitted(case, worker, "litert"),
            REFERENCE: lambda case: by_runtime(case, OnnxReferenceRunner(case.model), worker),
            RUNTIME: lambda case: by_runtime(case, OnnxRunner(case.model), worker),
        }
        found: dict[str, dict[str, Outcome]] = {}
        seconds = {}
        for name, way in ways.items():
            if part not in name:
                continue
            start = time.perf_counter()
            found[name] = {case.name: way(case) for case in cases}
            seconds[name] = time.perf_counter() - start
    return found, seconds


def section(found: dict[str, dict[str, Outcome]], title: str) -> str:
    """The part of a page that is made here: the ways counted, and what is not right in those of ours."""
    lines = [BEGIN, "", title, ""]
    lines += ["| way | cases | " + " | ".join(CLASSES) + " |", "|---|" + "---|" * (len(CLASSES) + 1)]
    for name, outcomes in found.items():
        counts = summary(outcomes.values())
        lines.append(f"| {name} | {len(outcomes)} | " + " | ".join(str(counts[c]) for c in CLASSES) + " |")
    for name in (n for n in found if n in PAGES):
        lines += ["", f"### {name}", "", "| class | reason | cases |", "|---|---|---|"]
        lines += ["| " + " | ".join(row) + " |" for row in rows(found[name])]
    return "\n".join([*lines, "", END])


def write(found: dict[str, dict[str, Outcome]]) -> None:
    """Put the sections of which every way is there in the places of those that are."""
    ours = f"Of onnx {version('onnx')}, in ONNX Runtime {version('onnxruntime')}:"
    pages = {
        PAGES[EVALUATED]: (ours, (EVALUATED, EMITTED["onnx"], REFERENCE, RUNTIME)),
        **{
            PAGES[EMITTED[to]]: (f"Of onnx {version('onnx')}, in {what} {version(package)}:", (EMITTED[to],))
            for to, what, package in (("torch", "PyTorch", "torch"), ("litert", "LiteRT", "ai-edge-litert"))
        },
    }
    for path, (title, ways) in pages.items():
        if found.keys() >= set(ways):
            page = path.read_text(encoding="utf-8")
            before, _, rest = page.partition(BEGIN)
            text = section({name: found[name] for name in ways}, title)
            path.write_text(before + text + rest.partition(END)[2], encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("-k", default="", metavar="PART", help="cases whose name holds this")
    parser.add_argument("--way", default="", metavar="PART", help="ways whose name holds this")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    cases = [case for case in node_cases() if args.k in case.name][:: 10 if args.quick else 1]
    found, seconds = measure(cases, args.way)
    counts = {name: summary(outcomes.values()) for name, outcomes in found.items()}
    title = f"Node cases of onnx {version('onnx')}, ONNX Runtime {version('onnxruntime')}"
    lines = [(n, len(cases), *(c[v] for v in CLASSES), seconds[n]) for n, c in counts.items()]
    table(title, ("way", "cases", *CLASSES, "seconds"), lines)
    for name in (n for n in found if n in PAGES):
        table(f"Not right: {name}", ("class", "reason", "cases"), rows(found[name]))
    if args.write and not (args.quick or args.k):
        write(found)


if __name__ == "__main__":
    main()
