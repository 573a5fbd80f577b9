"""How many generated graphs are valid, how fast they and op samples come, and what is reached of what ops claim.

python benchmarks/judge/generator.py [--quick]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common import table

from interlingua.equivalence.expect import expect
from interlingua.equivalence.generators.claims import Claim, Unreached, claims, sample_of, some_claims
from interlingua.equivalence.generators.graphs import draw_graph, drawable
from interlingua.equivalence.generators.modules import Case, case_of
from interlingua.equivalence.generators.motifs import draw_motif
from interlingua.equivalence.generators.patterns import PATTERNS
from interlingua.errors import InterlinguaError
from interlingua.ir.draw import RandomDraw
from interlingua.ir.interpret import Interpreter
from interlingua.ir.verify import verify_module


def problem(case: Case) -> str | None:
    """Why a case is not valid: it does not verify, or the reference does not compute what the types say."""
    try:
        verify_module(case.module)
        Interpreter(case.module).run(case.inputs)
        expect(case.module, case.inputs)
    except InterlinguaError as error:
        return error.what
    return None


def graphs(count: int) -> tuple[list[Case], float]:
    """So many graphs of 10 to 20 nodes, and the processor seconds that drawing them took."""
    start = time.process_time()
    drawn = [draw_graph(RandomDraw(seed), nodes=(10, 20)) for seed in range(count)]
    return drawn, time.process_time() - start


def motifs(each: int) -> list[Case]:
    """Every pattern so many times."""
    return [draw_motif(RandomDraw(seed), pattern) for pattern in PATTERNS for seed in range(each)]


def examples(each: int) -> tuple[int, float, Counter[str]]:
    """Samples of every op through the reference and the bounds: their number, processor seconds, and failures."""
    failures: Counter[str] = Counter()
    done, start = 0, time.process_time()
    for cls in drawable(random=True):
        for seed in range(each):
            case = case_of(cls.sample(RandomDraw(seed)), symbolic=seed % 2 == 1)
            done += 1
            try:
                expect(case.module, case.inputs)
            except InterlinguaError as error:
                failures[f"{cls.name}: {error.what}"] += 1
    return done, time.process_time() - start, failures


def reached(claim: Claim, symbolic: bool) -> bool:
    """Whether another sample of the claim than the one it rests on comes about, and is valid."""
    for seed in range(1, 4):
        try:
            sample = sample_of(claim, RandomDraw(seed))
        except Unreached:
            continue
        return problem(case_of(sample, symbolic=symbolic)) is None
    return False


def coverage(quick: bool) -> list[list[object]]:
    """By op family: ops, dtypes, ranks, claims, and those of which another sample was drawn."""
    rows: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    names: dict[str, tuple[set[object], set[object]]] = defaultdict(lambda: (set(), set()))
    for cls in drawable(random=True):
        family = cls.name.split(".")[0]
        found = some_claims(cls) if quick else claims(cls)
        rows[family][0] += 1
        for claim in found:
            rows[family][1] += 1
            rows[family][2] += 2
            for symbolic in (False, True):
                rows[family][3] += reached(claim, symbolic)
            names[family][0].add(claim.dtype)
            names[family][1].add(claim.rank)
    return [
        [family, ops, len(names[family][0]), len(names[family][1]), each, both, reached]
        for family, (ops, each, both, reached) in rows.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short run")
    quick = parser.parse_args().quick
    drawn, seconds = graphs(100 if quick else 1000)
    small = motifs(2 if quick else 10)
    done, spent, failures = examples(2 if quick else 20)
    invalid = [(case.origin, why) for case in (*drawn, *small) if (why := problem(case)) is not None]
    count = len(drawn) + len(small)
    nodes = [sum(n.op.name != "core.constant" for n in case.module.main.nodes) for case in drawn]
    ops = {n.op.name for case in drawn for n in case.module.walk()}
    rows = [
        ["valid graphs and motifs", f"{count - len(invalid)} of {count}", "99 %"],
        ["graphs of 10–20 nodes a second", f"{len(drawn) / seconds:.0f}", "20"],
        ["nodes a graph, mean", f"{sum(nodes) / len(nodes):.1f}", ""],
        ["ops met in graphs", f"{len(ops)}", ""],
        ["op examples a second, reference and bounds", f"{done / spent:.0f}", "100"],
        ["op examples without a reference", f"{sum(failures.values())} of {done}", ""],
    ]
    table("Generator", ["", "measured", "asked for"], rows)
    for origin, why in invalid:
        print(f"invalid: {origin}: {why}")
    for why, times in failures.most_common(10):
        print(f"no reference: {times} × {why}")
    columns = ["family", "ops", "dtypes", "ranks", "claims", "static and dynamic", "reached"]
    table("Claims", columns, coverage(quick))


if __name__ == "__main__":
    main()
