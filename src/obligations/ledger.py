"""What was owed and how it was paid: every rewrite of a run, by the means that showed it to be right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from interlingua.errors import BrokenObligation
from interlingua.obligations.window import Sides
from interlingua.passes.base import Contract
from interlingua.report import Comparison

Proof: TypeAlias = Literal["identical", "unused", "constant", "shape", "movement", "affine"]
Evaluation: TypeAlias = Literal[
    "movement at several sizes", "generated and captured", "generated", "captured", "whole model"
]
Means: TypeAlias = Proof | Evaluation | Literal["none"]

PROOFS: tuple[str, ...] = get_args(Proof)
EVALUATIONS: tuple[str, ...] = get_args(Evaluation)
ABOUT: Mapping[str, str] = {
    "identical": "the same op on the same operands, or the region that runs for its node",
    "unused": "what is erased has no user",
    "constant": "both sides hang on constants alone, and were evaluated",
    "shape": "shape algebra, for all sizes",
    "movement": "elements are moved alike, whatever they are",
    "affine": "a polynomial identity, on random integers in exact arithmetic",
    "movement at several sizes": "elements are moved alike, whatever they are, at the sizes tried",
    "generated and captured": "evaluated on values of both kinds",
    "generated": "evaluated on generated values; no captured ones reach it",
    "captured": "evaluated on values of a run of the model; none could be generated",
    "whole model": "operands edited one by one: the model before and after the pass",
    "none": "not discharged",
}


@dataclass(frozen=True, slots=True)
class Obligation:
    """One claim that a rewrite makes.

    Attributes:
        number: in order, from 1.
        cause: the rule, or the pass where it is not made of rules.
        within: the pass.
        contract: what is claimed.
        nodes: what was there.
        made: what was put in.
        means: how it was discharged.
        reason: why it was not.
    """

    number: int
    cause: str
    within: str
    contract: Contract
    nodes: tuple[str, ...]
    made: tuple[str, ...]
    means: Means
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.cause} of {self.within}: {' + '.join(self.nodes)}: {self.reason}"

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Broken:
    """An obligation that does not hold, with what shows it: both sides, and inputs of both."""

    obligation: Obligation
    sides: Sides
    inputs: Mapping[str, Any]
    case: str
    comparison: Comparison | None
    message: str

    def __str__(self) -> str:
        o, c = self.obligation, self.comparison
        lines = [f"{o.cause} of {o.within} is not {o.contract}: {' + '.join(o.nodes)} became {_made(o)}"]
        if c is not None:
            said = c.detail or f"error {c.error:.3g} where {c.bound:.3g} is allowed"
            lines.append(f"  on {self.case or c.case or 'every input'}, at {list(c.index)}: {said}")
        if self.message:
            lines.append(f"  {self.message}")
        return "\n".join(lines)


def _made(obligation: Obligation) -> str:
    return " + ".join(obligation.made) or "what was there before"


@dataclass(slots=True)
class Ledger:
    """All obligations of a run.

    Attributes:
        obligations: in order; up to the one that is broken.
        broken: the first that does not hold.
        cases: the runs that values were captured from.
        seconds: what it took to check.
        passing: what the passes themselves took.
        notes: what could not be asked.
    """

    obligations: list[Obligation] = field(default_factory=list[Obligation])
    broken: Broken | None = None
    cases: list[str] = field(default_factory=list[str])
    seconds: float = 0.0
    passing: float = 0.0
    notes: list[str] = field(default_factory=list[str])

    @property
    def by_means(self) -> Counter[str]:
        """How many were discharged by which means."""
        return Counter(o.means for o in self.obligations)

    @property
    def undischarged(self) -> list[Obligation]:
        """Those of which nothing could be shown."""
        return [o for o in self.obligations if o.means == "none"]

    @property
    def share(self) -> float:
        """The share that is discharged; 1 where nothing is owed."""
        return 1.0 if not self.obligations else 1 - len(self.undischarged) / len(self.obligations)

    @property
    def overhead(self) -> float:
        """Times that the run takes, checked against unchecked."""
        return (self.passing + self.seconds) / self.passing if self.passing else 1.0

    def settle(self) -> None:
        """Go no further where something is broken.

        Raises:
            BrokenObligation: something is.
        """
        if self.broken is not None:
            error = BrokenObligation(str(self.broken), hint="leave the rule out with --skip, and report it")
            error.ledger = self
            raise error

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {
            "obligations": len(self.obligations),
            "share": self.share,
            "means": dict(self.by_means),
            "undischarged": [o.to_dict() for o in self.undischarged],
            "broken": None if self.broken is None else {**self.broken.obligation.to_dict(), "what": str(self.broken)},
            "captured from": list(self.cases),
            "seconds": {"passes": self.passing, "checking": self.seconds},
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        owed = len(self.obligations)
        lines = [f"{owed} obligation(s), {owed - len(self.undischarged)} discharged ({self.share:.1%})"]
        for kind, names in (("proof", PROOFS), ("evaluation", EVALUATIONS), ("nothing", ("none",))):
            for name in names:
                if count := self.by_means[name]:
                    label = kind if name == "none" else f"{kind}: {name}"
                    lines.append(f"  {count:6} {count / owed:6.1%}  {label} ({ABOUT[name]})")
        lines += [f"  not discharged: {o}" for o in self.undischarged]
        lines += [f"  captured from: {'; '.join(self.cases)}"] if self.cases else []
        lines.append(f"  passes {self.passing:.2f} s, checking {self.seconds:.2f} s: {self.overhead:.1f} times as long")
        lines += [f"  note: {note}" for note in self.notes]
        return "\n".join(lines)
