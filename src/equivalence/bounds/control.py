"""Regions, and the ops on lists and optionals: errors go along with the values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from interlingua.equivalence.bounds.bounded import INF, Bounded, zeros
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.op import Op

Region = Callable[..., tuple[Any, ...]]
Empty = Callable[[Node, int], Bounded]


def structural(op: Op, operands: list[Any]) -> Any:
    """Lists and optionals of bounded tensors: the kernel does not look inside them."""
    place = {"sequence.insert": 2, "sequence.erase": 1, "sequence.at": 1}.get(op.name)
    given = [o.value if i == place and isinstance(o, Bounded) else o for i, o in enumerate(operands)]
    found = op.reference(*given)
    open_ = place is not None and len(operands) > place and _open(operands[place])
    result = Bounded(found, DType.of(found)) if isinstance(found, np.ndarray) else found
    return opened(result) if open_ else result


def _open(condition: Any) -> bool:
    return isinstance(condition, Bounded) and (
        condition.fluid or (condition.error is not None and bool(np.any(condition.error)))
    )


def opened(value: Any) -> Any:
    """``value`` with nothing said of it."""
    if isinstance(value, list):
        return [opened(v) for v in value]
    if not isinstance(value, Bounded):
        return value
    return Bounded(value.value, value.dtype, np.full(value.value.shape, INF), True)


def if_(node: Node, operands: list[Any], regions: list[Region], empty: Empty) -> list[Any]:
    condition, *rest = operands
    found = list(regions[0 if bool(condition.value.reshape(())) else 1](*rest))
    return [opened(f) for f in found] if _open(condition) else found


def call(node: Node, operands: list[Any], regions: list[Region], empty: Empty) -> list[Any]:
    return list(regions[0](*operands))


def while_(node: Node, operands: list[Any], regions: list[Region], empty: Empty) -> list[Any]:
    attributes = node.op.attributes()
    carried, stacked = attributes["carried"], attributes["stacked"]
    trips, condition, *rest = [*operands, None, None][: max(2, len(operands))]
    state, captured = rest[:carried], rest[carried:]
    unsure = _open(trips) or _open(condition)
    going = condition is None or bool(condition.value.reshape(()))
    limit = None if trips is None else int(trips.value.reshape(()))
    stacks: list[list[Any]] = []
    while going and (limit is None or len(stacks) < limit):
        index = Bounded(np.asarray(len(stacks), np.int64), DType.I64)
        flag = Bounded(np.asarray(going), DType.BOOL)
        again, *out = regions[0](index, flag, *state, *captured)
        going, unsure = bool(again.value.reshape(())), unsure or _open(again)
        state = out[:carried]
        stacks.append(out[carried:])
    results = [*state, *_stacked(node, stacks, carried, [0] * stacked, [False] * stacked, empty)]
    return [opened(r) for r in results] if unsure else results


def scan(node: Node, operands: list[Any], regions: list[Region], empty: Empty) -> list[Any]:
    a = node.op.attributes()
    states, scanned = a["states"], a["scanned"]
    state, sequences, captured = operands[:states], operands[states : states + scanned], operands[states + scanned :]
    length = sequences[0].value.shape[a["axes"][0]]
    stacks: list[list[Any]] = []
    for step in range(length):
        slices = [
            _slice(x, length - 1 - step if back else step, axis)
            for x, axis, back in zip(sequences, a["axes"], a["reverse"], strict=True)
        ]
        out = list(regions[0](*state, *slices, *captured))
        state = out[:states]
        stacks.append(out[states:])
    return [*state, *_stacked(node, stacks, states, a["out_axes"], a["out_reverse"], empty)]


def _slice(x: Bounded, index: int, axis: int) -> Bounded:
    error = None if x.error is None else np.take(x.error, index, axis=axis)
    return Bounded(np.take(x.value, index, axis=axis), x.dtype, error, x.fluid, x.signed)


def _stacked(node: Node, stacks: list[list[Any]], first: int, axes: Any, reverse: Any, empty: Empty) -> list[Any]:
    if not stacks:
        return [empty(node, first + i) for i in range(len(axes))]
    found = []
    for column, axis, back in zip(zip(*stacks, strict=True), axes, reverse, strict=True):
        parts = list(column[::-1] if back else column)
        error = None
        if any(p.error is not None for p in parts):
            error = np.stack([zeros(p.value, p.error) for p in parts], axis=axis)
        value = np.stack([p.value for p in parts], axis=axis)
        fluid = any(p.fluid for p in parts)
        found.append(Bounded(value, parts[0].dtype, error, fluid, all(p.signed for p in parts)))
    return found


CONTROL: dict[str, Callable[[Node, list[Any], list[Region], Empty], list[Any]]] = {
    "core.if": if_,
    "core.while": while_,
    "core.scan": scan,
    "core.call": call,
}
"""By op name: results of operands and regions, all of them bounded."""
