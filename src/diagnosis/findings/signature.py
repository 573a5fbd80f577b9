"""When two failures are one bug: the signature of a failure.

Generated cases meet the same bug again and again, each time with other names, sizes and values. What is left when these
are taken away is the signature.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from interlingua.diagnosis.observe import Observation
from interlingua.equivalence.expectation import Expected
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module
from interlingua.ir.ops.source import Constant
from interlingua.report import Verdict

LENGTH = 300
"""Characters of a message that count: runtimes append whole graphs."""
MOST_OPS = 8
"""Ops that are named; of a larger module, the first ones."""

_DTYPE = r"(?:" + "|".join(sorted((re.escape(d.value) for d in DType), key=len, reverse=True)) + r")"
_STRIPPED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"0x[0-9a-fA-F]+"), "#"),
    (re.compile(r"(?:/[\w.@+-]+)+/([\w+-]+\.\w+)"), r"\1"),
    (re.compile(r"(?:/[\w.@+-]+){2,}/?"), "<path>"),
    (re.compile(r"'(?!tensor\()[^'\n]*'|\"[^\"\n]*\"|`[^`\n]*`"), "<name>"),
    (re.compile(r"%[\w.]+"), "<name>"),
    (re.compile(r"^(?:[\w.\[\]/-]+): "), "<name>: "),
    (re.compile(r"\b(?:[a-z]|\w+_)\d+\b"), "<name>"),
    (re.compile(r"-?\b0\.0\b(?![.\d])"), "zero"),
    (re.compile(r"(?<![\w#])[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?(?![\w])", re.IGNORECASE), "#"),
    (re.compile(r"\[#?(?:, ?#)*\]|\{#?(?:, ?#)*\}|\(#?(?:, ?#)*,?\)"), "[#]"),
    (re.compile(r"\s+"), " "),
)


@dataclass(frozen=True, slots=True)
class Signature:
    """What makes a failure the same as another.

    Attributes:
        subject: the backend or the passes.
        stage: where it went wrong.
        verdict: how.
        message: what was said, without numbers, names, paths and addresses.
        ops: the ops of the (reduced) module in order, constants left out.
        culprit: the rewrite or the optimiser that is to blame, where it is known.
    """

    subject: str
    stage: str
    verdict: Verdict
    message: str
    ops: tuple[str, ...]
    culprit: str = ""

    @property
    def key(self) -> str:
        """A short name for it, the same on every machine."""
        text = json.dumps(self.to_dict(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:10]

    @property
    def title(self) -> str:
        """A line for people."""
        blame = f" by {self.culprit}" if self.culprit else ""
        return f"{self.verdict.value} in {self.subject} ({self.stage}{blame}): {' → '.join(self.ops) or 'no op'}"

    @property
    def folder(self) -> str:
        """A name for the folder of its example."""
        ops = "-".join(op.rpartition(".")[2] for op in self.ops[:3])
        return f"{self.verdict.value.lower().replace('_', '-')}-{ops or 'empty'}-{self.key}"

    def blaming(self, culprit: str) -> Signature:
        """The same, with the culprit known."""
        return replace(self, culprit=culprit)

    def same_failure(self, other: Signature) -> bool:
        """Whether they agree in all but the ops: what a smaller module has to keep."""
        return replace(self, ops=(), culprit="") == replace(other, ops=(), culprit="")

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {**asdict(self), "verdict": self.verdict.value, "ops": list(self.ops)}


def signature(subject: str, module: Module, observation: Observation) -> Signature:
    """The signature of a failure of ``module`` in ``subject``."""
    message = difference(observation) or normalized(observation.message)
    return Signature(subject, str(observation.stage), observation.verdict, message, ops_of(module))


def ops_of(module: Module) -> tuple[str, ...]:
    """The ops in order, those of regions after the op that carries them; constants are data."""
    found = [node.op.name for node in module.walk() if not isinstance(node.op, Constant)]
    return tuple(found[:MOST_OPS])


def difference(observation: Observation) -> str:
    """In what wrong outputs of the right shape and dtype differ: numbers, or only infinities, NaNs, signs of zeros.

    Empty for every other failure. Which element a message shows is chance: one bug has a message of each kind.
    """
    if observation.verdict is not Verdict.MISMATCH or observation.expected is None or observation.outputs is None:
        return ""
    found: list[str] = []
    for comparison in observation.comparisons:
        want, got = observation.expected.outputs.get(comparison.output), observation.outputs.get(comparison.output)
        if not comparison.passed:
            if (
                not isinstance(want, Expected)
                or np.asarray(got).shape != want.value.shape
                or DType.of(np.asarray(got)) is not want.dtype
            ):
                return ""
            found.append(_kind(want, np.asarray(got)))
    return f"{min(found, key=_KINDS.index)} differ" if found else ""


_KINDS = ("numbers", "infinities", "NaNs", "signs of zeros")


def _kind(want: Expected, got: np.ndarray[Any, Any]) -> str:
    """The first of the kinds in which elements differ that are to be judged."""
    if want.dtype.kind not in ("float", "complex"):
        return _KINDS[0]
    bound = np.zeros(got.shape) if want.error is None else np.broadcast_to(want.error, got.shape)
    judged, w = np.isfinite(bound), want.value
    g = got.astype(w.dtype)
    with np.errstate(all="ignore"):
        finite = judged & np.isfinite(w) & np.isfinite(g)
        numbers = finite & (np.abs(g - w) > bound)
        nans = judged & (np.isnan(w) != np.isnan(g))
        infinities = judged & ~nans & ~np.isnan(w) & ~finite & (g != w)
    kinds = zip(_KINDS, (numbers, infinities, nans), strict=False)
    rms = not (infinities.any() or nans.any()) and (g != w)[finite].any()
    return next((kind for kind, where in kinds if where.any()), _KINDS[0] if rms else _KINDS[-1])


def normalized(message: str) -> str:
    """A message without what changes from one example to the next.

    Dtypes become ``T0``, ``T1`` … in order of appearance: that two of them differ is kept, which they are is not. NaN,
    infinities and zeros stay, for a lost NaN is another fault than a wrong number.
    """
    text = _without_dtypes(message.strip())
    for pattern, put in _STRIPPED:
        text = pattern.sub(put, text)
    return text[:LENGTH].strip()


def _without_dtypes(text: str) -> str:
    seen: dict[str, str] = {}

    def named(match: re.Match[str]) -> str:
        return seen.setdefault(match[0], f"T{len(seen)}")

    return re.sub(rf"\b{_DTYPE}\b", named, text)
