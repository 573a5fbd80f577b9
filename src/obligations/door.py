"""Passes run with every rewrite checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from interlingua.collector import uncollected
from interlingua.equivalence.generate import Case
from interlingua.errors import BrokenObligation, InterlinguaError
from interlingua.ir.clone import clone_module
from interlingua.ir.graph import Module
from interlingua.ir.interpret import bind_inputs
from interlingua.ir.rewriter import Rewriter
from interlingua.obligations.audit import Audit
from interlingua.obligations.capture import Runs
from interlingua.obligations.cases import proposed
from interlingua.obligations.ledger import Ledger
from interlingua.passes.base import Pass
from interlingua.passes.pipeline import Around, run_passes, together

CASES = 3
"""Runs of the model that values are captured from."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A transformed module, and how each rewrite was shown to be right."""

    module: Module
    ledger: Ledger


def run_checked(
    module: Module,
    passes: Sequence[Pass],
    *,
    examples: Sequence[Mapping[str, Any] | Sequence[Any]] = (),
    seed: int = 0,
    rewriter: Rewriter | None = None,
    around: Around | None = None,
) -> Checked:
    """A transformed copy of ``module``, every rewrite discharged as an obligation.

    Args:
        module: stays as it is.
        passes: in order.
        examples: sets of inputs to capture values on, in place of generated ones.
        seed: of what is generated.
        rewriter: whose listeners and observers are told of what happens.
        around: is called before and after each pass.

    Raises:
        BrokenObligation: a rewrite does not keep its contract; ``.ledger`` has it, with both sides and inputs.
        IRError: a pass failed or broke the module.
    """
    ledger, copy = Ledger(), clone_module(module)
    start = perf_counter()
    runs = Runs(copy, lambda: _cases(module, examples, seed), len(examples) or CASES, bool(examples))
    ledger.seconds += perf_counter() - start
    audit = Audit(ledger, runs, seed)
    if rewriter is not None:
        audit.rewriter.observers = rewriter.observers
        audit.rewriter.listeners = (*audit.rewriter.listeners, *rewriter.listeners)

    told = audit.around if around is None else together(audit.around, around)
    checking, start = ledger.seconds, perf_counter()
    try:
        with uncollected():
            run_passes(copy, passes, verify=True, rewriter=audit.rewriter, around=told)
    except BrokenObligation:
        raise
    except InterlinguaError:
        ledger.settle()  # a rewrite that is wrong is what broke the pass
        raise
    finally:
        ledger.passing = perf_counter() - start - (ledger.seconds - checking)
        ledger.cases, ledger.notes = runs.labels, runs.notes
    return Checked(copy, ledger)


def _cases(module: Module, examples: Sequence[Any], seed: int) -> Iterator[Case]:
    if not examples:
        yield from proposed(module, seed)
    for number, example in enumerate(examples):
        inputs = dict(zip(module.input_names, bind_inputs(module, example), strict=True))
        yield Case(f"example {number}", {}, inputs)
