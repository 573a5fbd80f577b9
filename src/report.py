"""Reports: what was checked, how, and what came of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any


class Verdict(Enum):
    """What the evidence says; never folded into one another."""

    VERIFIED = "VERIFIED"
    UNVERIFIED = "UNVERIFIED"
    MISMATCH = "MISMATCH"
    CRASH = "CRASH"
    TIMEOUT = "TIMEOUT"
    UNSUPPORTED = "UNSUPPORTED"
    SUPPORTED = "SUPPORTED"

    @property
    def failed(self) -> bool:
        """Whether an artifact with this verdict is withheld."""
        return self in (Verdict.MISMATCH, Verdict.CRASH, Verdict.TIMEOUT, Verdict.UNSUPPORTED)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One output on one set of inputs: the largest error beside the bound at that element (``share`` = error /
    bound)."""

    output: str
    case: str
    passed: bool
    share: float
    error: float
    bound: float
    index: tuple[int, ...]
    detail: str = ""


@dataclass(slots=True)
class Report:
    """What was done and found. ``unsupported`` maps "op: reason" to places."""

    verdict: Verdict
    reason: str = ""
    subject: str = ""
    reference: str = ""
    runtime: str = ""
    cases: list[str] = field(default_factory=list[str])
    rejected: list[str] = field(default_factory=list[str])
    comparisons: list[Comparison] = field(default_factory=list[Comparison])
    unsupported: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    timings: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def worst(self) -> Comparison | None:
        """The comparison nearest to its bound, or furthest beyond."""
        return max(self.comparisons, key=lambda c: c.share, default=None)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {**asdict(self), "verdict": self.verdict.value}

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
        for group, places in self.unsupported.items():
            lines.append(f"  - {group} [{', '.join(places[:3])}{' …' if len(places) > 3 else ''}]")
        return "\n".join(lines)
