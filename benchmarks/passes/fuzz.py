"""A fuzz of the passes, and whether it would find what it looks for. ``python -m benchmarks.passes.fuzz``.

::

    python -m benchmarks.passes.fuzz [--minutes 30] [--workers 2]    # the default pipeline: finds nothing
    python -m benchmarks.passes.fuzz --planted [--budget 600]        # bad rules: finds each

The bad rules are those of ``tests/support/planted_rules``: rewrites with a condition dropped that they need. All of
them look at the same cases; the seconds of a rule are those of drawing all cases up to the one that showed it and of
observing the rule on them.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass

from benchmarks.common import table

from interlingua.diagnosis.fuzz.campaign import Campaign, fuzz
from interlingua.passes.catalogue import PIPELINES
from support.planted_rules import BY_NAME
from support.planted_rules.search import Search


@dataclass(frozen=True, slots=True)
class Said:
    """Progress on standard error, now and then."""

    start: float

    def __call__(self, campaign: Campaign) -> None:
        if campaign.batches % 20 == 0:
            print(f"{campaign.cases} cases, {campaign.cpu:.0f} CPU seconds, {len(campaign.findings)} findings",
                  file=sys.stderr, flush=True)  # fmt: skip


def pipeline(name: str, minutes: float, workers: int, seed: int) -> int:
    """Fuzz a pipeline; gives the number of findings."""
    found = fuzz(
        passes=name, cpu_seconds=60 * minutes, workers=workers, seed=seed, progress=Said(time.perf_counter())
    )  # fmt: skip
    print(f"{name}: {found.cases} cases in {found.cpu / 60:.1f} CPU minutes: {dict(found.verdicts)}")
    for each in found.findings:
        print(f"FOUND {each.signature}: {each.message} (batch, case {each.place}, {each.origin})")
    for problem in found.problems:
        print(f"problem: {problem}")
    return len(found.findings) + len(found.problems)


def planted(budget: float, seed: int, only: str) -> int:
    """Look for each bad rule; gives how many were not found."""
    search = Search([r for n, r in BY_NAME.items() if only in n], seed)
    while search.left and search.drawing < budget:
        search.batch()
        print(f"{search.cases} cases, {search.drawing:.0f} s of drawing, left: {', '.join(sorted(search.left))}",
              file=sys.stderr, flush=True)  # fmt: skip
    rows = [[name, f.verdict, f.cases, f.seconds, f.message.replace("|", "/")[:80]] for name, f in search.found.items()]
    table("Bad rules", ["rule", "verdict", "cases", "seconds", "as"], rows)
    print(f"\nfound {len(search.found)} of {len(search.found) + len(search.left)} within {budget:.0f} s")
    for name in sorted(search.left):
        applied, seen = search.applied[name], dict(search.verdicts[name])
        print(f"NOT FOUND {name}: applied in {applied} cases: {seen}")
    return len(search.left)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--planted", action="store_true", help="look for the bad rules instead")
    parser.add_argument("--minutes", type=float, default=30.0, help="of processors, for the pipeline")
    parser.add_argument("--budget", type=float, default=600.0, help="seconds of drawing, for the bad rules")
    parser.add_argument("--pipeline", default="default", choices=PIPELINES)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="bad rules whose name holds this text")
    given = parser.parse_args()
    if given.planted:
        return int(planted(given.budget, given.seed, given.only) > 0)
    return int(pipeline(given.pipeline, given.minutes, given.workers, given.seed) > 0)


if __name__ == "__main__":
    sys.exit(main())
