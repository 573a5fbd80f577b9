"""The mutation score: how many of the faults that are seeded into lowerings, rewrites and weights are caught.

::

    python -m benchmarks.judge.mutation [--quick] [--examples 40] [--only TEXT]

A fault of an op is seeded twice: as a pass that rewrites wrongly, run in our interpreter, and as a lowering of the ONNX
backend that emits wrongly, run in ONNX Runtime. Each is observed on examples that the op itself draws, as the generated
tests draw them. A fault of a weight is seeded into networks and judged by the judge of whole models.

Caught is what fails on the mutant while the sound original is VERIFIED on the same inputs, in the same way.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from benchmarks.common import table
from benchmarks.judge.faults import op_faults
from benchmarks.judge.faults.base import Fault, WrongLowering, WrongRewrite
from benchmarks.judge.faults.equivalent import EQUIVALENT, OWN
from benchmarks.judge.faults.weights import WEIGHTS
from benchmarks.judge.networks import NETWORKS

from interlingua.backends.onnx.backend import OnnxBackend
from interlingua.diagnosis.observe import BackendSubject, PassSubject, Subject
from interlingua.equivalence.generators.modules import module_of
from interlingua.ir.clone import clone_module
from interlingua.ir.graph import Module
from interlingua.ir.interpret import Interpreter
from interlingua.ir.rewriter import Rewriter
from interlingua.passes.base import Contract, Pass
from interlingua.report import Verdict
from interlingua.runtimes.workers import WarmWorker, Workers

EXAMPLES, DRAWS = 40, 200
"""Examples that a fault is tried on, and draws to find them among: one without room for the fault, without elements, or
that the subject declares unsupported is none."""
SEEDS = 2
"""Of each fault of a weight, in each network."""
SMALL = ("mobilenet", "unet", "gpt", "tagger")
CAUGHT = frozenset({Verdict.MISMATCH, Verdict.CRASH, Verdict.TIMEOUT, Verdict.UNDECLARED_UNSUPPORTED})


@dataclass(frozen=True, slots=True)
class Nothing(Pass):
    """A pass that changes nothing, but might round."""

    name: ClassVar[str] = "nothing"
    contract: ClassVar[Contract] = "rounding"

    def run(self, module: Module, rewriter: Rewriter) -> int:
        """As of every pass."""
        return 0


@dataclass(frozen=True)
class Outcome:
    """What came of one mutant.

    Attributes:
        result: ``caught``, ``missed``, ``not seeded`` (no example had room for it) or ``equivalent``.
        examples: how many were tried.
        verdicts: of the mutant on them.
    """

    place: str
    kind: str
    name: str
    result: str
    examples: int = 0
    verdicts: str = ""
    reason: str = ""


def original(place: str, workers: Workers) -> Subject:
    """The product without the fault."""
    if place == "rewrite":
        return PassSubject((Nothing(),))
    return BackendSubject(OnnxBackend(), workers=workers)


def mutant(place: str, fault: Fault, workers: Workers) -> Subject:
    """The product with it."""
    if place == "rewrite":
        return PassSubject((WrongRewrite(fault),))
    return BackendSubject(WrongLowering(OnnxBackend(), fault), workers=workers)


def observed(fault: Fault, place: str, examples: int, workers: Workers) -> Outcome:
    """Draw examples until one shows the fault."""
    reason = EQUIVALENT.get(fault.name) or (OWN.get(fault.name) if place == "lowering" else None)
    if reason is not None:
        return Outcome(place, fault.kind, fault.name, "equivalent", reason=reason)
    subject, sound, seen = mutant(place, fault, workers), original(place, workers), Counter[str]()
    for seed in range(DRAWS):
        if seen.total() == examples:
            break
        module, values = module_of(fault.sample(seed))
        inputs = dict(zip(module.input_names, values, strict=True))
        if not fault.put(clone_module(module), Rewriter()):
            continue
        found = subject.observe(module, inputs)
        if found.verdict in CAUGHT:
            kept = sound.observe(module, inputs).verdict
            if kept is Verdict.VERIFIED:
                return Outcome(place, fault.kind, fault.name, "caught", seen.total() + 1, found.verdict.value)
            seen[f"{found.verdict.value}, original {kept.value}"] += 1
        elif found.verdict is not Verdict.UNSUPPORTED and any(c.detail != "empty" for c in found.comparisons):
            seen[found.verdict.value] += 1
    tried = ", ".join(f"{count} {verdict}" for verdict, count in seen.most_common())
    return Outcome(place, fault.kind, fault.name, "missed" if seen else "not seeded", seen.total(), tried)


def weights(networks: tuple[str, ...], seeds: int) -> Iterator[Outcome]:
    """Every fault of a weight in every network."""
    from interlingua.equivalence.models import ModelJudge

    for name in networks:
        module, inputs = NETWORKS[name]()
        exact = Interpreter(module, "float64").run(inputs)
        sound = Interpreter(module).run(inputs)
        judge, want = ModelJudge(module), {n: v.astype(sound[n].dtype) for n, v in exact.items()}
        verified = all(c.passed for c in judge.judge(inputs, want, sound, name))
        for fault in WEIGHTS:
            for seed in range(seeds):
                found = fault.applied(module, seed)
                if found is None:
                    continue
                label = f"{name}: {fault.kind} at {found[1]}"
                wide = Interpreter(found[0], "float64").run(inputs)
                if all(np.array_equal(wide[n], exact[n]) for n in exact):
                    yield Outcome(
                        "weight", fault.kind, label, "equivalent", reason="the outputs are the same in float64"
                    )
                    continue
                passed = all(c.passed for c in judge.judge(inputs, want, Interpreter(found[0]).run(inputs), name))
                caught = verified and not passed
                share = max(float(np.max(np.abs(wide[n] - exact[n])) / np.std(exact[n])) for n in exact)
                reason = "" if caught else f"largest change {share:.1g} of the output's standard deviation"
                yield Outcome("weight", fault.kind, label, "caught" if caught else "missed", 1, reason=reason)


def campaign(given: argparse.Namespace) -> Iterator[Outcome]:
    """All outcomes."""
    faults = [f for f in op_faults() if given.only in f"{f.kind} {f.name}"]
    with WarmWorker() as workers:
        for number, fault in enumerate(faults[:: 12 if given.quick else 1]):
            for place in ("rewrite", "lowering"):
                outcome = observed(fault, place, given.examples, workers)
                if outcome.result == "missed":
                    print(f"missed: {outcome.place}, {outcome.name}: {outcome.verdicts}", file=sys.stderr, flush=True)
                yield outcome
            if number % 50 == 49:
                print(f"… {number + 1} faults of {len(faults)}", file=sys.stderr, flush=True)
    if not given.only:  # weights have names that only the run knows
        yield from weights(SMALL[-1:] if given.quick else SMALL, 1 if given.quick else SEEDS)


def report(outcomes: list[Outcome]) -> None:
    """Print the score by place and by kind, what was missed, what is no fault."""
    by_kind: dict[str, Counter[str]] = defaultdict(Counter)
    for each in outcomes:
        for key in (each.kind, f"**{each.place}s**", "**all**"):
            by_kind[key][each.result] += 1
    rows = [_row(kind, count) for kind, count in sorted(by_kind.items())]
    table("Mutation score", ["kind", "seeded", "caught", "score", "no fault", "not seeded"], rows)
    for result, title in (("missed", "Missed"), ("equivalent", "No fault"), ("not seeded", "Not seeded")):
        lines = [[o.place, o.kind, o.name, o.verdicts or o.reason] for o in outcomes if o.result == result]
        table(title, ["place", "kind", "fault", "why"], lines)
    how = Counter(o.verdicts for o in outcomes if o.result == "caught" and o.place != "weight")
    print("\ncaught in ops as: " + ", ".join(f"{verdict} {count}" for verdict, count in how.most_common()))
    needed = [o.examples for o in outcomes if o.result == "caught" and o.place != "weight"]
    print(
        f"\nexamples until caught: median {np.median(needed or [0]):.0f},"
        f" 95 % within {np.percentile(needed or [0], 95):.0f}"
    )


def _row(kind: str, count: Counter[str]) -> list[Any]:
    seeded = count["caught"] + count["missed"]
    score = f"{100 * count['caught'] / seeded:.1f} %" if seeded else "–"
    return [kind, seeded, count["caught"], score, count["equivalent"], count["not seeded"]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="every twelfth fault, one network")
    parser.add_argument("--examples", type=int, default=EXAMPLES)
    parser.add_argument("--only", default="", help="faults whose kind or name holds this text")
    start = time.monotonic()
    report(list(campaign(parser.parse_args())))
    print(f"{time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
