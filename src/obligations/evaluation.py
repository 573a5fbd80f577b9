"""A window evaluated: both sides on the same values, judged as the contract says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from interlingua.equivalence.expect import expect, expect_exactly
from interlingua.equivalence.expectation import Expectation
from interlingua.equivalence.judge import judge
from interlingua.equivalence.rewritten import judge_rewritten
from interlingua.errors import EvaluationError, InterlinguaError
from interlingua.ir.draw import Kind
from interlingua.ir.graph import Module, Value
from interlingua.ir.interpret import Interpreter
from interlingua.obligations.capture import Captured
from interlingua.obligations.coarse import refined, refinement
from interlingua.obligations.draws import Draw, Undrawable, draw, sizings
from interlingua.obligations.window import Sides, Window
from interlingua.passes.base import Contract
from interlingua.report import Comparison, Verdict

Found: TypeAlias = Literal["holds", "broken", "nothing"]
"""Whether a claim holds on some values; ``nothing`` where these say nothing of it."""
KINDS: Mapping[Contract, tuple[Kind, ...]] = {
    "exact": ("normal", "special", "ties"),
    "rounding": ("normal", "small"),
    "approximate": (),
}
"""What is drawn. Every bit counts for an exact rewrite, those of NaN, infinities and zeros of both signs included; the
others are equal over the reals, which these are not."""
INDICES = (None, 1, 0)
"""Bounds of integers to try: an operand may be a number, an index, or an index of one element."""
SIZES = 3
"""Sets of sizes that a window is evaluated at."""
GROWTH = 8
"""Times that a window is grown, to see what a rule relied on around it."""


@dataclass(frozen=True, slots=True)
class Held:
    """What one set of values says.

    Attributes:
        found: whether the claim holds.
        inputs: the values by name of an input.
        comparison: how far off it is.
        message: what was raised instead.
    """

    found: Found
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    comparison: Comparison | None = None
    message: str = ""


def hold(sides: Sides, values: Mapping[Value, Any], contract: Contract, case: str = "") -> Held:
    """Evaluate both sides on ``values`` of the leaves."""
    inputs = {name: values[value] for name, value in sides.feeds.items()}
    try:
        exact = contract == "exact"
        wanted = expect_exactly(sides.before, inputs) if exact else expect(sides.before, inputs, numbers=True)
    except EvaluationError as error:
        return Held("nothing", inputs, message=error.what)
    try:
        comparison = compared(wanted, sides.after, inputs, contract, case)
    except InterlinguaError as error:
        return Held("broken", inputs, message=error.what)
    if not comparison.passed:
        return Held("broken", inputs, comparison)
    return Held("holds" if comparison.verdict is Verdict.VERIFIED else "nothing", inputs, comparison)


def compared(
    wanted: Expectation, after: Module, inputs: Mapping[str, Any], contract: Contract, case: str
) -> Comparison:
    """The after side held against what is wanted of it.

    Exact: bit for bit. Rounding: what both sides are in float64 differs by no more than the error of the before side,
    which is that of constants that were computed from others; and in its own dtypes the after side is off by no more
    than both errors together, since either may round as it does.

    Raises:
        EvaluationError: the after side has no answer.
    """
    outputs = Interpreter(after).run(inputs)
    if contract == "exact":
        (comparison,) = judge(wanted, outputs, case)
        return comparison
    factor = refinement(after.main.outputs[0])
    finer = {name: refined(want, factor) for name, want in wanted.outputs.items()}
    (comparison,) = judge_rewritten(wanted.outputs, after, inputs, outputs, case, finer)
    return comparison


@dataclass(frozen=True, slots=True)
class Tried:
    """What several sets of values say together: the first that breaks the claim, how many hold it."""

    found: Found
    cases: int = 0
    worst: Held | None = None
    sides: Sides | None = None
    grown: int = 0


def generated(window: Window, contract: Contract, seed: int) -> Tried:
    """Values are drawn for the leaves. Where the claim breaks on them, or takes none, the window is grown: what a rule
    relied on may be told by the nodes around."""
    tried = Tried("nothing")
    for grown in range(GROWTH + 1):
        if not window.foreign:
            tried = _drawn(window, contract, seed, grown)
            if tried.found == "holds":
                break
        if not window.grow():
            break
    return tried


def _drawn(window: Window, contract: Contract, seed: int, grown: int) -> Tried:
    sides, leaves = window.sides(), window.leaves
    cases = 0
    try:
        for sizes in sizings(leaves):
            held = [hold(sides, d.values, contract, d.label) for d in _draws(leaves, sizes, contract, seed + cases)]
            broken = next((h for h in held if h.found == "broken"), None)
            if broken is not None:
                return Tried("broken", cases, broken, sides, grown)
            cases += any(h.found == "holds" for h in held)
            if cases == SIZES:
                break
    except Undrawable:
        return Tried("nothing", grown=grown)
    return Tried("holds" if cases else "nothing", cases, None, sides, grown)


def _draws(leaves: Sequence[Value], sizes: Mapping[str, int], contract: Contract, seed: int) -> Iterator[Draw]:
    """Each kind of values, integers as they are and as indices."""
    integers = any(leaf.tensor.dtype.is_integer and leaf.tensor.known() is None for leaf in leaves)
    floats = any(leaf.tensor.dtype.kind in ("float", "complex") for leaf in leaves)
    for kind in KINDS[contract] if floats else KINDS[contract][:1]:
        for most in INDICES if integers else INDICES[:1]:
            yield draw(leaves, sizes, kind, seed, most)


def captured(sides: Sides, given: Iterable[Captured], contract: Contract) -> Tried:
    """The values that the leaves had when the whole model was run."""
    cases = 0
    for run in given:
        try:
            values = {leaf: run.of(leaf) for leaf in sides.feeds.values()}
        except KeyError:
            continue
        held = hold(sides, values, contract, f"captured: {run.label}")
        if held.found == "broken":
            return Tried("broken", cases, held, sides)
        cases += held.found == "holds"
    return Tried("holds" if cases else "nothing", cases, None, sides)
