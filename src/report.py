"""Reports: what was checked, how, and what came of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any


class Verdict(Enum):
    """What the evidence says; never folded into one another."""

    VERIFIED = "VERIFIED"
    """Both were run, and agree."""
    UNVERIFIED = "UNVERIFIED"
    """Nothing could be held against anything; the reason says why."""
    MISMATCH = "MISMATCH"
    """They compute different things."""
    CRASH = "CRASH"
    """A process died or raised where the reference did not."""
    TIMEOUT = "TIMEOUT"
    """A time limit passed."""
    UNSUPPORTED = "UNSUPPORTED"
    """It was declared beforehand that this cannot be taken."""
    UNDECLARED_UNSUPPORTED = "UNDECLARED_UNSUPPORTED"
    """It was taken, and then the runtime refused it."""
    UNDEFINED = "UNDEFINED"
    """The reference has no defined answer on these inputs: an integer divided by zero, a float out of the range of an
    integer."""
    AMBIGUOUS = "AMBIGUOUS"
    """They differ where a discontinuity lies within the error bound: each may be right."""
    ORACLE_SUSPECT = "ORACLE_SUSPECT"
    """The reference is outvoted."""
    SUPPORTED = "SUPPORTED"
    """Everything in the model can be taken."""

    @property
    def failed(self) -> bool:
        """Whether an artifact with this verdict is withheld."""
        return self in _FAILED


_FAILED = frozenset(
    {
        Verdict.MISMATCH,
        Verdict.CRASH,
        Verdict.TIMEOUT,
        Verdict.UNSUPPORTED,
        Verdict.UNDECLARED_UNSUPPORTED,
    }
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One output on one set of inputs.

    Attributes:
        verdict: VERIFIED, MISMATCH, AMBIGUOUS or UNDEFINED.
        share: the error over the bound, at the element where that is largest.
        error, bound, index: of that element; errors are absolute.
        sqnr: signal to noise in dB, the reference's power over that of the difference; a diagnostic, never a verdict.
        excused: the share of elements that nothing could be said of: undefined, or behind a discontinuity within the
            bound.
    """

    output: str
    case: str
    verdict: Verdict
    share: float
    error: float
    bound: float
    index: tuple[int, ...]
    detail: str = ""
    sqnr: float | None = None
    excused: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against it."""
        return self.verdict is not Verdict.MISMATCH


@dataclass(slots=True)
class Report:
    """What was done and found.

    ``unsupported`` maps "op: reason" to places; ``votes`` say, for a case that differs, who agrees with whom;
    ``explanation`` says where the error to expect at the worst element comes from; ``notes`` what was taken to be so:
    which input is which, what could not be asked; ``diverging`` is the first value of two graphs that differs.
    """

    verdict: Verdict
    reason: str = ""
    subject: str = ""
    reference: str = ""
    runtime: str = ""
    cases: list[str] = field(default_factory=list[str])
    rejected: list[str] = field(default_factory=list[str])
    comparisons: list[Comparison] = field(default_factory=list[Comparison])
    explanation: list[str] = field(default_factory=list[str])
    votes: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])
    diverging: str = ""
    unsupported: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    timings: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def worst(self) -> Comparison | None:
        """The comparison nearest to its bound, or furthest beyond."""
        return max(self.comparisons, key=lambda c: c.share, default=None)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        plain: dict[str, Any] = {**asdict(self), "verdict": self.verdict.value}
        for comparison in plain["comparisons"]:
            comparison["verdict"] = comparison["verdict"].value
        return plain

    def __str__(self) -> str:
        lines = [f"{self.verdict.value}{': ' + self.reason if self.reason else ''}"]
        if self.reference:
            lines.append(f"  reference: {self.reference}")
        if self.runtime:
            lines.append(f"  artifact in: {self.runtime}")
        if self.cases:
            lines.append(f"  inputs: {len(self.cases)} set(s): {'; '.join(self.cases)}")
        if self.rejected:
            lines.append(f"  sizes that the source itself rejects: {'; '.join(self.rejected)}")
        worst = self.worst
        if worst is not None:
            lines.append(
                f"  worst element: {worst.output}{list(worst.index)} on {worst.case}: "
                f"error {worst.error:.3g}, bound {worst.bound:.3g}{' — ' + worst.detail if worst.detail else ''}"
            )
        lines.extend(f"  {each}" for each in self.explanation)
        lines.extend(f"  vote {each}" for each in self.votes)
        if self.diverging:
            lines.append(f"  first diverging value: {self.diverging}")
        lines.extend(f"  note: {each}" for each in self.notes)
        for group, places in self.unsupported.items():
            lines.append(f"  - {group} [{', '.join(places[:3])}{' …' if len(places) > 3 else ''}]")
        return "\n".join(lines)
