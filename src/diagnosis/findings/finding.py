"""A finding: one bug, its smallest example, and how often it was met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from interlingua.backends.base import Target
from interlingua.diagnosis.findings.packed import Packed
from interlingua.diagnosis.findings.signature import Signature


@dataclass(frozen=True, slots=True)
class Finding:
    """One bug, as plain data.

    Attributes:
        signature: what makes it the same as another.
        message: what was said of the example, as it was.
        packed, inputs: the example.
        target: what it was emitted for, where the subject is a backend.
        place: the batch and the case that it was found in.
        origin: what drew that case.
        count: how often it was met.
        known: the known issue of the runtime that it is, if it is one.
        ballot: who agrees with whom on the example, where others could compute it.
    """

    signature: Signature
    message: str
    packed: Packed
    inputs: Mapping[str, Any]
    target: Target | None = None
    place: tuple[int, int] = (0, 0)
    origin: str = ""
    count: int = 1
    known: str = ""
    ballot: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, without module and arrays."""
        return {
            "key": self.signature.key,
            "signature": self.signature.to_dict(),
            "message": self.message,
            "nodes": self.packed.nodes,
            "batch": self.place[0],
            "case": self.place[1],
            "origin": self.origin,
            "count": self.count,
            "known": self.known,
            "ballot": self.ballot,
        }


@dataclass(slots=True)
class Findings:
    """Findings by signature: of each the smallest example, the earliest among equals, and the count of all."""

    by_signature: dict[Signature, Finding] = field(default_factory=dict[Signature, Finding])

    def add(self, finding: Finding) -> bool:
        """Whether it is of a signature that was not there."""
        known = self.by_signature.get(finding.signature)
        if known is None:
            self.by_signature[finding.signature] = finding
            return True
        best = min(known, finding, key=lambda f: (f.packed.size, f.place))
        self.by_signature[finding.signature] = replace(best, count=known.count + finding.count)
        return False

    def update(self, findings: Iterable[Finding]) -> None:
        """Add all."""
        for finding in findings:
            self.add(finding)

    def sorted(self) -> list[Finding]:
        """The unknown ones first, then by verdict, ops and key."""
        return sorted(self.by_signature.values(), key=_rank)

    def __len__(self) -> int:
        return len(self.by_signature)


def _rank(finding: Finding) -> tuple[Any, ...]:
    s = finding.signature
    return bool(finding.known), s.verdict.value, s.ops, s.key
