"""How the rewrites of the real models are discharged, and what that costs.

    python benchmarks/passes/obligations.py [--pass PIPELINE] [MODEL …]

Runs a pipeline over each trained model of ``tests/support/real_models.py``, unchecked and checked, and prints the
obligations by the means that discharged them, the share discharged, and both times.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

import interlingua
from interlingua.errors import BrokenObligation
from interlingua.obligations.ledger import EVALUATIONS, PROOFS
from support.real_models import MODELS, fetch

COLUMNS = (*PROOFS, *EVALUATIONS, "none")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pass", dest="passes", default="default")
    parser.add_argument("models", nargs="*", default=list(MODELS))
    given = parser.parse_args()
    print("| model | obligations |", " | ".join(COLUMNS), "| discharged | unchecked | checked | times |")
    print("|---|" + "---|" * (len(COLUMNS) + 5))
    wrong = 0
    for name in given.models:
        module = interlingua.load(fetch(name))
        start = perf_counter()
        interlingua.optimize(module, given.passes)
        plain = perf_counter() - start
        start = perf_counter()
        try:
            ledger = interlingua.optimize_checked(module, given.passes).ledger
        except BrokenObligation as error:
            assert error.ledger is not None
            print(f"| {name} | broken: {error.ledger.broken} |")
            wrong += 1
            continue
        checked = perf_counter() - start
        counts = " | ".join(str(ledger.by_means[c] or "") for c in COLUMNS)
        print(
            f"| {name} | {len(ledger.obligations)} | {counts} | {ledger.share:.2%} | {plain:.2f} s | {checked:.2f} s "
            f"| {checked / plain:.1f} |",
            flush=True,
        )
        for each in ledger.undischarged:
            print(f"  not discharged: {each}")
        wrong += len(ledger.undischarged)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
