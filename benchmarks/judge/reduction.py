"""From a failing model of 300 nodes to the nodes that matter: how few, after how many observations, in what time.

::

    python benchmarks/judge/reduction.py [--quick] [--nodes 300] [--seed 0] [--onnxruntime FOLDER]

Each model is a residual network of random blocks, in which one more block sits that a planted fault is about: a
lowering that is wrong under a condition, a fusion that is wrong, a crash. Rows marked *real* plant nothing: what fails
there is ONNX Runtime itself. ``--onnxruntime`` puts a folder with another version in front: what one version does wrong
the next may do right, and a row whose model does not fail is said to be such.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

from common import table  # noqa: E402
from reduction_faults import PLANS, Plan  # noqa: E402
from reduction_models import draw  # noqa: E402

from interlingua.diagnosis.reduce.reducer import Reduction, reduce  # noqa: E402
from interlingua.errors import UsageError  # noqa: E402
from interlingua.ir.ops.source import Constant  # noqa: E402
from interlingua.runtimes.onnxruntime import OnnxRunner  # noqa: E402
from interlingua.runtimes.workers import WarmWorker  # noqa: E402

MOST_NODES = 5
MOST_SECONDS = 60.0
DRAWS = 5
"""Models drawn until one fails: in a deep one a small fault may drown in what rounding does."""


def run(plan: Plan, seed: int, nodes: int) -> tuple[Reduction | None, str]:
    """The reduction of the first model drawn in which the fault shows, or why there is none."""
    why = ""
    for redrawn in range(DRAWS):
        module, inputs = draw(seed + 100 * redrawn, nodes, plan.special, plan.dtype)
        with WarmWorker() as worker:
            try:
                return reduce(module, subject=plan.subject(worker), inputs=inputs), ""
            except UsageError as error:
                why = error.what
    return None, why


def ops_of(reduction: Reduction) -> str:
    return " → ".join(n.op.name for n in reduction.module.walk() if not isinstance(n.op, Constant))


def rows(plans: tuple[Plan, ...], seed: int, nodes: int) -> Iterator[tuple[Plan, Reduction | None, str]]:
    for plan in plans:
        found, why = run(plan, seed + PLANS.index(plan), nodes)
        yield plan, found, why


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="models of 100 nodes")
    parser.add_argument("--nodes", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--onnxruntime", type=Path, help="a folder with another version of the runtime")
    parser.add_argument("--only", default="", help="rows whose name contains this")
    given = parser.parse_args()
    if given.onnxruntime is not None:
        sys.path.insert(0, str(given.onnxruntime.resolve()))
        os.environ["PYTHONPATH"] = sys.path[0]
    plans = tuple(p for p in PLANS if given.only in p.name)
    nodes = 100 if given.quick else given.nodes
    shown, seconds, left = [], [], []
    for plan, found, why in rows(plans, given.seed, nodes):
        name = f"{plan.name}{' (real)' if plan.real else ''}"
        if found is None:
            shown.append((name, "–", "–", "–", "–", f"does not fail: {why}"))
            continue
        seconds.append(found.seconds)
        left.append(found.nodes[1])
        note = ops_of(found) + (" FLAKY" if found.flaky else "") + (" BUDGET SPENT" if found.exhausted else "")
        shown.append((name, *found.nodes, found.observations, found.seconds, note))
    print(OnnxRunner("").description)
    table("Reduction", ("what is wrong", "nodes", "left", "observations", "seconds", "what is left"), shown)
    if not seconds:
        return 1
    table(
        "Over all that fail", ("models", "median nodes left", "most", "median seconds", "most"),
        [(len(left), median(left), max(left), median(seconds), max(seconds))],
    )  # fmt: skip
    return int(median(left) > MOST_NODES or median(seconds) > MOST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
