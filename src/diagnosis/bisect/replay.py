"""Isolated replay: every piece of a graph on the values that it should be given, judged by derived bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from interlingua.diagnosis.bisect.diagnosis import DECISIVE
from interlingua.equivalence.expect import expect
from interlingua.equivalence.judge import judge
from interlingua.errors import InterlinguaError, RuntimeMissing
from interlingua.ir.graph import Graph, Module, Value
from interlingua.obligations.sever import Severed, Unreachable, givable
from interlingua.report import Comparison
from interlingua.runtimes.numerics import Numerics

CHUNK = 64 << 20
"""Bytes of values that are replayed at once; the reference keeps several times as much."""

Values: TypeAlias = Mapping[Value, Any]
"""Arrays by the value that they are of."""
Compute: TypeAlias = Callable[[Severed, Module, Mapping[str, Any]], Mapping[str, Any]]
"""What pieces came to: given them, the module that they make, and its inputs."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A value that did not come out as it should: how far off, or what was raised, or both with a remark."""

    value: Value
    comparison: Comparison | None
    message: str = ""
    raised: InterlinguaError | None = None


@dataclass(slots=True)
class Replay:
    """Replays pieces.

    Attributes:
        compute: what is judged.
        numerics: of what computes.
        functions: what pieces may call.
        pieces: how many were judged.
        runs: how often the reference was evaluated for it.
        unreached: values that nothing could be said of.
    """

    compute: Compute
    numerics: Numerics
    functions: dict[str, Graph]
    pieces: int = 0
    runs: int = 0
    unreached: int = 0

    def __call__(self, wanted: Sequence[Value], given: Values) -> list[Wrong]:
        """The values among ``wanted`` that come out wrong, each computed from ``given`` alone.

        They are asked in order, a lot at a time, until one is wrong beyond doubt: the first is what is looked for.
        """
        found: list[Wrong] = []
        for chunk in _chunks(wanted, given):
            found.extend(self._halved(chunk, given))
            if any(w.comparison is None or w.comparison.share >= DECISIVE for w in found):
                break
        return found

    def _halved(self, wanted: Sequence[Value], given: Values) -> list[Wrong]:
        """Where something raises, both halves by themselves: in the end one value is left, and it is to blame."""
        try:
            return self._judged(wanted, given)
        except RuntimeMissing:
            raise
        except Unreachable:
            if len(wanted) == 1:
                self.unreached += 1
                return []
        except InterlinguaError as error:
            if len(wanted) == 1:
                return [Wrong(wanted[0], None, error.what, error)]
        half = len(wanted) // 2
        return [*self._halved(wanted[:half], given), *self._halved(wanted[half:], given)]

    def _judged(self, wanted: Sequence[Value], given: Values) -> list[Wrong]:
        severed = Severed(self.functions)
        severed.add(wanted, givable(given))
        module = severed.module()
        feeds = {name: given[value] for name, value in severed.feeds.items()}
        self.runs += 1
        expected = expect(module, feeds, self.numerics)
        actual = self.compute(severed, module, feeds)
        comparisons = [c for c in judge(expected, actual, "") if c.output not in severed.random]
        self.pieces += len(comparisons)
        return [Wrong(severed.wanted[c.output], c) for c in comparisons if not c.passed]


def _chunks(wanted: Sequence[Value], given: Values) -> Iterator[list[Value]]:
    chunk: list[Value] = []
    size = 0
    for value in wanted:
        operands = () if value.node is None else value.node.operands
        size += sum(np.asarray(given[v]).nbytes for v in (value, *operands) if v is not None and v in given)
        chunk.append(value)
        if size > CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
