"""How one obligation is discharged: by the first proof that takes it, else by evaluation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from interlingua.equivalence.expect import expect_exactly
from interlingua.equivalence.judge import judge
from interlingua.equivalence.models import ModelJudge
from interlingua.errors import InterlinguaError
from interlingua.ir.graph import Module
from interlingua.ir.interpret import Interpreter
from interlingua.ir.ops.opaque import Opaque
from interlingua.obligations.affine import agrees
from interlingua.obligations.capture import Captured
from interlingua.obligations.evaluation import GROWTH, Held, Tried, captured, generated, hold
from interlingua.obligations.ledger import Evaluation, Means
from interlingua.obligations.movement import moves
from interlingua.obligations.shapes import shapes_agree
from interlingua.obligations.window import Sides, Window, identical
from interlingua.passes.base import Contract
from interlingua.report import Verdict


@dataclass(frozen=True, slots=True)
class Payment:
    """By what an obligation was discharged.

    Attributes:
        means: the means.
        reason: why there is none.
        broken: what breaks it, where it is broken.
        open: whether the model as a whole may tell what the window did not.
    """

    means: Means
    reason: str = ""
    broken: tuple[Held, Sides] | None = None
    open: bool = False


def discharge(window: Window, contract: Contract, given: Iterable[Captured], seed: int) -> Payment:
    """Show that both values of a window are one, as far as the contract says.

    Args:
        window: is grown, where that helps.
        contract: what is claimed.
        given: values of the whole model, by case.
        seed: of what is generated.

    Raises:
        Unreachable: the window cannot be cut out.
    """
    if identical(window.old, window.new):
        return Payment("identical")
    sides = window.sides()
    obstacle = _obstacle(sides, contract)
    if obstacle:
        return Payment("none", obstacle)
    return _proven(sides, contract) or _evaluated(window, sides, contract, given, seed)


def _obstacle(sides: Sides, contract: Contract) -> str:
    """Why nothing can be shown of a window; empty where something can."""
    if contract == "approximate":
        return "the change is one that was asked for: no bound is derived for it"
    if sides.random:
        return "it draws random numbers"
    if any(isinstance(n.op, Opaque) for side in (sides.before, sides.after) for n in side.walk()):
        return "it holds an op that nothing here knows"
    return ""


def _proven(sides: Sides, contract: Contract) -> Payment | None:
    if not sides.feeds:
        held = hold(sides, {}, contract)
        if held.found == "nothing":
            return Payment("none", held.message or "nothing can be said of any element")
        return Payment("constant", broken=(held, sides) if held.found == "broken" else None)
    if shapes_agree(sides):
        return Payment("shape")
    moved = moves(sides)
    if moved is None:
        return Payment("affine") if contract == "rounding" and agrees(sides) else None
    return Payment("movement" if moved.complete else "movement at several sizes")


def _evaluated(window: Window, sides: Sides, contract: Contract, given: Iterable[Captured], seed: int) -> Payment:
    for _ in range(GROWTH):  # values that a run left hold together only as far as they are the same on both sides
        if not window.foreign or not window.grow():
            break
        sides = window.sides()
    real = captured(sides, given, contract)
    drawn = Tried("nothing") if real.found == "broken" or window.old.node is None else generated(window, contract, seed)
    for tried, means in ((real, CAPTURED), (drawn, GENERATED)):
        if tried.worst is not None and tried.sides is not None:
            return Payment(means, broken=(tried.worst, tried.sides))
    shown = (drawn.found == "holds", real.found == "holds")
    if not any(shown):
        return Payment("none", "no run of the model reaches it, and it takes no values that were drawn", open=True)
    return Payment(_MEANS[shown])


def whole(before: Module, after: Module, given: Iterable[Captured], contract: Contract) -> Payment:
    """Edits that claim nothing one by one are one claim together: the model computes what it did."""
    if contract == "approximate":
        return Payment("none", "the change is one that was asked for: no bound is derived for it")
    judge_model, shown = ModelJudge(before), False
    sides = Sides(before, after, dict(zip(before.input_names, before.main.inputs, strict=True)), random=False)
    for run in given:
        try:
            outputs = Interpreter(after).run(run.inputs)
        except InterlinguaError as error:
            return Payment("whole model", broken=(Held("broken", run.inputs, message=error.what), sides))
        if contract == "exact":
            found = judge(expect_exactly(before, run.inputs), outputs, run.label)
        else:
            found = judge_model.judge(run.inputs, Interpreter(before).run(run.inputs), outputs, run.label)
        wrong = next((c for c in found if not c.passed), None)
        if wrong is not None:
            return Payment("whole model", broken=(Held("broken", run.inputs, wrong), sides))
        shown = shown or any(c.verdict is Verdict.VERIFIED for c in found)
    return Payment("whole model") if shown else Payment("none", "operands were edited, and no run of the model tells")


CAPTURED: Evaluation = "captured"
GENERATED: Evaluation = "generated"
_MEANS: dict[tuple[bool, bool], Evaluation] = {
    (True, True): "generated and captured",
    (True, False): GENERATED,
    (False, True): CAPTURED,
}
"""By whether generated values, and captured ones, show that it holds."""
