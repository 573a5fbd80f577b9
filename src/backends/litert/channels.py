"""Inputs and outputs whose channels come last in the artifact, though they are second in the source."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.target import LiteRtTarget
from interlingua.errors import UsageError
from interlingua.formats.litert import CHANNELS_LAST
from interlingua.ir.graph import Module, Value
from interlingua.ir.types import Tensor

SIDES = {"inputs_as_nhwc": "input", "outputs_as_nhwc": "output"}
"""The options, and what they are about."""
IMAGES = 4
"""The rank of what is meant where nothing is named."""
LEAST = 3
"""The least rank with channels and something after them."""


def chosen_ports(module: Module, option: str, given: Any) -> tuple[str, ...]:
    """The names that an option means.

    Raises:
        UsageError: it is neither names nor a truth value, or names what has no channels to move.
    """
    side = SIDES[option]
    values = dict(zip(module.input_names, module.main.inputs, strict=True))
    if side == "output":
        values = dict(zip(module.output_names, module.main.outputs, strict=True))
    if isinstance(given, bool):
        return tuple(name for name, value in values.items() if given and rank_of(value) == IMAGES)
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise UsageError(f"{option} is {given!r}", hint=f"give a list of the names of {side}s, or True for all images")
    for name in given:
        if name not in values:
            raise UsageError(f"{option} names no {side}: {name!r}", hint=f"there are: {', '.join(values)}")
        if rank_of(values[name]) < LEAST:
            raise UsageError(f"{side} {name!r} is {values[name].type}: it has no channels before other axes")
    return tuple(dict.fromkeys(given))


def rank_of(value: Value) -> int:
    """The rank of a tensor, 0 where there is none."""
    return value.type.rank if isinstance(value.type, Tensor) and value.type.shape is not None else 0


@dataclass(frozen=True, slots=True)
class Turned:
    """The inputs and outputs of one module whose channels come last in its artifact."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @classmethod
    def of(cls, module: Module, target: LiteRtTarget) -> Turned:
        """What the target asks for, as far as the module has it: parts of a module may have names of the whole."""
        return cls(
            _chosen(module.input_names, module.main.inputs, target.inputs_as_nhwc),
            _chosen(module.output_names, module.main.outputs, target.outputs_as_nhwc),
        )

    @property
    def metadata(self) -> dict[str, bytes]:
        """The entry that :func:`interlingua.formats.litert.channels_last` reads; none where nothing is turned."""
        found = {"inputs": self.inputs, "outputs": self.outputs}
        return {CHANNELS_LAST: json.dumps(found).encode()} if any(found.values()) else {}


def _chosen(names: Sequence[str], values: Sequence[Value], chosen: Sequence[str]) -> tuple[str, ...]:
    return tuple(n for n, v in zip(names, values, strict=True) if n in chosen and rank_of(v) >= LEAST)


def to_first(context: Context, last: Edge) -> Edge:
    """An input as the source has it."""
    return context.transpose(last, (0, last.rank - 1, *range(1, last.rank - 1)))


def to_last(context: Context, first: Edge) -> Edge:
    """An output as it is asked for."""
    return context.transpose(first, (0, *range(2, first.rank), 1))
