"""Pairs that cannot simply be compared: does each come to the verdict or the clear error that it deserves?

The pairs are those of tests/support/odd_pairs.py: mismatched interfaces, dtypes, missing runtimes, NaN everywhere,
random ops, empty tensors, functions that raise, hang or change their inputs, damaged files, processes that die or hang.
``--damaged N`` adds N damaged copies of a small TensorFlow Lite file, of which nothing is known beforehand: any verdict
or error of ours will do, and nothing may escape.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "tests"))

from common import table

import interlingua
from interlingua.errors import InterlinguaError
from support.mutations import BYTES
from support.odd_pairs import MISSING, ODD, relu, tell, tell_missing

ESCAPED = "ESCAPED"


def attempt(action) -> tuple[str, str, float]:
    """The outcome, what is said, the seconds."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            outcome, text = action(Path(folder))
        except BaseException as error:  # noqa: BLE001 - whatever escapes is what is looked for
            outcome, text = ESCAPED, f"{type(error).__name__}: {error}"
    return outcome, text, time.perf_counter() - start


def known() -> list[list[object]]:
    """A row for each pair: kind, pair, outcome, as wanted, seconds."""
    rows: list[list[object]] = []
    for kind, pairs in ODD.items():
        for pair in pairs:
            outcome, text, seconds = attempt(lambda folder, pair=pair: tell(pair, folder))
            right = outcome == pair.outcome and pair.says in text
            rows.append(
                [kind, pair.name, outcome, "yes" if right else f"NO, wanted {pair.outcome} {pair.says}", seconds]
            )
    for name, package, says in MISSING:
        outcome, text, seconds = attempt(lambda folder, n=name, p=package: tell_missing(n, p, folder))
        right = outcome == "UNVERIFIED" and says in text
        rows.append(["missing runtime", package, outcome, "yes" if right else "NO", seconds])
    return rows


def damaged(count: int) -> Counter[str]:
    """How often each outcome comes of damaged TensorFlow Lite files."""
    from support.tflite import Declared, unary

    sound = unary("RELU", Declared("x", (2, 3)), Declared("y", (2, 3)), names=("x", "y"))
    found: Counter[str] = Counter()
    for number in range(count):
        rng = random.Random(number)
        data = rng.choice(BYTES)(rng, sound)

        def act(folder: Path, data: bytes = data) -> tuple[str, str]:
            path = folder / "a.tflite"
            path.write_bytes(data)
            try:
                return interlingua.compare(path, relu, timeout=20).verdict.value, ""
            except InterlinguaError as error:
                return type(error).__name__, ""

        outcome, text, _ = attempt(act)
        found[outcome if outcome != ESCAPED else text] += 1
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--damaged", type=int, default=100)
    parser.add_argument("--quick", action="store_true", help="ten damaged files")
    given = parser.parse_args()
    rows = known()
    table("Pairs that cannot simply be compared", ["kind", "pair", "outcome", "as wanted", "seconds"], rows)
    right = sum(row[3] == "yes" for row in rows)
    count = 10 if given.quick else given.damaged
    outcomes = damaged(count)
    escaped = sum(n for name, n in outcomes.items() if ": " in name) + sum(row[2] == ESCAPED for row in rows)
    table("Damaged TensorFlow Lite files", ["outcome", "files"], [[k, n] for k, n in outcomes.most_common()])
    table("All", ["pairs", "as wanted", "damaged files", "escaped"], [[len(rows), right, count, escaped]])
    return 0 if right == len(rows) and not escaped else 1


if __name__ == "__main__":
    sys.exit(main())
