"""What became of a source, node by node: which value of the module stands for which value of the source.

Values of a source are known by keys. That of a weight is its name; that of anything else is its name, inside a graph
that a node carries with the path of that graph before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from interlingua.ir.graph import Module, Origin, Value
from interlingua.runtimes.numerics import Numerics
from interlingua.runtimes.workers import Workers


@dataclass(frozen=True, slots=True)
class Step:
    """One node or weight of the source, and the values that its outputs have become, by key.

    A weight has an origin without an op. A value may be one that an earlier step made.
    """

    origin: Origin
    outputs: tuple[tuple[str, Value], ...]


class Witness(Protocol):
    """A source that tells its interior values, from its own runtime with optimisations off."""

    numerics: Numerics
    workers: Workers
    runs: int
    """How often it was run."""

    def weights(self) -> Mapping[str, Any]:
        """Every weight whose name is the only one of its kind."""

    def values(self, inputs: Mapping[str, Any], *, timeout: float) -> Mapping[str, Any]:
        """Every value that was computed on ``inputs``, and these, by key.

        Raises:
            RunnerError: the source does not run on them.
        """


@dataclass(frozen=True, slots=True)
class Trace:
    """A loaded source: the module, how each part of it came about, and the source as a witness."""

    module: Module
    steps: Sequence[Step]
    witness: Witness


def region_path(path: str, outputs: Sequence[str], attribute: str) -> str:
    """The path of a graph that a node carries as ``attribute``; ``path`` is that of the graph around the node."""
    return f"{path}{next((o for o in outputs if o), '')}/{attribute}/"
