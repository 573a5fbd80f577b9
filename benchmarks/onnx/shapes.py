"""Shapes known before a run: here, by ONNX Runtime's symbolic inference, and as a run then shows them.

::

    python benchmarks/onnx/shapes.py [--quick] [-k PART]

Over the real models, value by value, those in branches and loop bodies too. *Related* is a dim that ONNX Runtime's
inference (``onnxruntime.tools.symbolic_shape_infer``, unifying dims that broadcast; needs sympy) gives as a number or
as an expression of the inputs' dims alone, and that no run refutes. *Anonymous* are those of them that are not so
here, *unequal* those where ours has another value at a size that the model runs at, *elsewhere* those that differ at
random sizes only, at which the model fails (an addition of feature maps holds two sizes equal). *Wrong* are dims of
ours that a run refutes, *refuted there* dims of theirs that one refutes, and (in a branch that no run takes) cannot:
a value has another rank there.
``--quick`` leaves out the models on which their inference, or the runs, take long.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "tests")]

from common import MODELS, fetch, table  # noqa: E402

from support.shapes import compare  # noqa: E402

SLOW = ("ppocr-det", "ppocr-rec", "ppocr-cls", "silero")
RANKED = 0.99


def _listed(sizes: Iterable[int]) -> str:
    return " ".join(map(str, sorted(set(sizes))))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("-k", default="", metavar="PART", help="models whose name holds this")
    args = parser.parse_args()
    rows, values, unranked, missed = [], 0, 0, 0
    for name in MODELS:
        if args.k not in name or (args.quick and name in SLOW):
            continue
        start = time.perf_counter()
        found = compare(fetch(name))
        values, unranked = values + found.values, unranked + len(found.unranked)
        missed += len(found.anonymous) + len(found.wrong) + len(found.unequal)
        counts = (len(found.anonymous), len(found.unequal), found.other_where_it_fails, len(found.wrong))
        sizes = "; ".join(f"{n} {_listed(s[n] for s in found.sizes)}" for n in (found.sizes or [{}])[0])
        theirs = f"{found.refuted} + {found.undecided}" + (f" ({found.gave_up})" if found.gave_up else "")
        rows.append((name, found.values, len(found.unranked), found.related, *counts, found.gained, theirs, sizes))
        print(f"{name}: {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
        for line in (*found.anonymous, *found.unequal, *found.wrong):
            print(f"  {line}", file=sys.stderr)
    columns = ("model", "values", "unranked", "related there", "anonymous here", "unequal", "elsewhere", "wrong",
               "related here alone", "refuted there", "run at")  # fmt: skip
    table("Shapes known before a run", columns, rows)
    share = 1 - unranked / max(values, 1)
    print(
        f"\n{share:.2%} of {values} values have a known rank (at least {RANKED:.0%}); {missed} dim(s) missed or wrong"
    )
    return int(share < RANKED or missed > 0)


if __name__ == "__main__":
    sys.exit(main())
