"""What a bisection found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from interlingua.ir.graph import NO_ORIGIN, Node, Origin, Value
from interlingua.report import Comparison, Verdict
from interlingua.stages import StageName

Kind: TypeAlias = Literal[
    "translation", "weight", "rewrite", "decomposition", "lowering", "neighbours", "drift", "error"
]
"""What is wrong: how a source node was translated; a weight that changed on the way; one rewrite of a pass; how a
composite was decomposed; how one op was lowered, or is computed by the runtime; several ops that are right by
themselves and wrong together (a runtime fuses them); no op, but the sum of their errors; a stage that raised."""


@dataclass(frozen=True, slots=True)
class Culprit:
    """One thing that is wrong.

    Attributes:
        stage: where it happens.
        kind: what it is.
        op: the op: of the source for a translation, of the IR else.
        origin: the node of the source that it comes from.
        scope: the module path of that node.
        value: the name of the result that is wrong.
        detail: the pass, for a rewrite.
        rewrite: its number within the pass, from 1.
        nodes: the nodes that are involved, where they are several.
        comparison: how far off it is.
        message: what was raised instead.
    """

    stage: StageName
    kind: Kind
    op: str
    origin: Origin = NO_ORIGIN
    scope: str = ""
    value: str = ""
    detail: str = ""
    rewrite: int | None = None
    nodes: tuple[str, ...] = ()
    comparison: Comparison | None = None
    message: str = ""

    @property
    def share(self) -> float:
        """The error over its bound; infinite where no number says how wrong it is."""
        return float("inf") if self.comparison is None else self.comparison.share

    def __str__(self) -> str:
        which = f" of {self.detail}" if self.detail else ""
        number = "" if self.rewrite is None else f" {self.rewrite}"
        place = str(self.origin) if self.origin != NO_ORIGIN else f"%{self.value}"
        lines = [f"{self.stage}: {self.kind}{number}{which}: {self.op or 'the model'} {place}"]
        if self.scope:
            lines.append(f"  scope: {self.scope}")
        if self.value:
            lines.append(f"  value: {self.value}")
        if self.nodes:
            lines.append(f"  nodes: {', '.join(self.nodes[:8])}{' …' if len(self.nodes) > 8 else ''}")
        if self.comparison is not None:
            c = self.comparison
            said = c.detail or f"error {c.error:.3g} where {c.bound:.3g} is allowed, at {list(c.index)}"
            lines.append(f"  {said}")
        if self.message:
            lines.append(f"  {self.message}")
        return "\n".join(lines)


DECISIVE = 1e3
"""Times a bound beyond which there is no doubt. A bound that knows of one algorithm less than is in use is a few
hundred times too small at the worst."""


def culprit_of(stage: StageName, kind: Kind, value: Value, **more: Any) -> Culprit:
    """The culprit that the node of ``value`` is."""
    node = value.node
    about = {} if node is None else {"op": node.op.name, "origin": node.origin, "scope": node.scope}
    return Culprit(stage, kind, **{"op": "", "value": value.name, **about, **more})


def describe(node: Node) -> str:
    """A node in few words."""
    return f"{node.op.name} %{node.results[0].name}" if node.results else node.op.name


@dataclass(slots=True)
class Diagnosis:
    """What was looked at and found.

    Attributes:
        verdict: MISMATCH where something is wrong, CRASH where a stage raised, VERIFIED where nothing was found,
            UNVERIFIED where the source takes no input that was tried.
        culprit: the first thing that is wrong; ``None`` where nothing is.
        others: what else is wrong in the same stage.
        case: the inputs that show it.
        inputs: these inputs by name.
        checked: how many computations each stage was asked for.
        runs: how many times a model was run, in whole or cut up: source, reference and artifact.
        seconds: how long it took.
        notes: what could not be looked at, and why.
    """

    verdict: Verdict
    culprit: Culprit | None = None
    others: tuple[Culprit, ...] = ()
    case: str = ""
    inputs: dict[str, Any] = field(default_factory=dict[str, Any])
    checked: dict[str, int] = field(default_factory=dict[str, int])
    runs: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list[str])

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON; arrays left out."""
        return {
            "verdict": self.verdict.value,
            "culprit": None if self.culprit is None else _plain(self.culprit),
            "others": [_plain(c) for c in self.others],
            "case": self.case,
            "checked": dict(self.checked),
            "runs": self.runs,
            "seconds": self.seconds,
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        lines = [self.verdict.value, *([] if self.culprit is None else str(self.culprit).splitlines())]
        if self.culprit is None and self.verdict is Verdict.VERIFIED:
            lines.append("  every part computes what it should on the inputs that were tried")
        if self.others:
            lines.append(f"  and {len(self.others)} more in this stage, first: {str(self.others[0]).splitlines()[0]}")
        if self.case:
            lines.append(f"  on inputs: {self.case}")
        looked = ", ".join(f"{count} in {stage}" for stage, count in self.checked.items())
        lines.append(f"  {looked or 'nothing'} held against a reference; {self.runs} runs, {self.seconds:.1f} s")
        lines.extend(f"  note: {note}" for note in self.notes)
        return "\n".join(lines)


def _plain(culprit: Culprit) -> dict[str, Any]:
    from dataclasses import asdict

    plain: dict[str, Any] = {**asdict(culprit), "share": culprit.share}
    if culprit.comparison is not None:
        plain["comparison"]["verdict"] = culprit.comparison.verdict.value
    return plain
