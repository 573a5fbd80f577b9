"""Every real model emitted at older and newer opsets, each held against its source.

::

    python benchmarks/onnx/opsets.py [--quick] [-k PART]

An opset that cannot say a model is named with op and reason, as ``check`` does. The numbers are shares of the derived
bound on errors, at the worst element of all outputs on all inputs: above 1 it would be a MISMATCH. ``--quick`` takes
the three smallest models.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "tests")]

from common import MODELS, fetch, table  # noqa: E402

import interlingua  # noqa: E402
from interlingua.errors import UnsupportedOps, VerificationFailed  # noqa: E402
from support.real_models import SMALL, SWEPT_OPSETS  # noqa: E402


def outcome(path: Path, opset: int) -> str:
    """The verdict, and how much of the bound is used; or what is refused and why."""
    report = interlingua.check(path, to="onnx", opset=opset)
    if report.unsupported:
        return "UNSUPPORTED: " + "; ".join(report.unsupported)
    try:
        found = interlingua.convert(path, to="onnx", opset=opset).report
    except (VerificationFailed, UnsupportedOps) as error:
        return f"{type(error).__name__}: {error.what}"
    worst = found.worst
    return found.verdict.value if worst is None else f"{found.verdict.value} ({worst.share:.2g})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("-k", default="", metavar="PART", help="models whose name holds this")
    args = parser.parse_args()
    rows = []
    for name in SMALL if args.quick else MODELS:
        if args.k not in name:
            continue
        start = time.perf_counter()
        found = [outcome(fetch(name), opset) for opset in SWEPT_OPSETS]
        source = interlingua.load(fetch(name)).metadata["onnx.opset"]
        rows.append((name, source, *found, time.perf_counter() - start))
        print(*rows[-1], sep=", ", file=sys.stderr, flush=True)
    columns = ("model", "source", *(str(o) for o in SWEPT_OPSETS), "seconds")
    table("Verdict (share of the bound) by opset", columns, rows)


if __name__ == "__main__":
    main()
