"""Loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def while_loop(
    trips: Tensor | None,
    cond: Tensor | None,
    carried: list[Any],
    captured: list[Any],
    *,
    body: Callable[..., Any],
    stacks: list[Any],
) -> tuple[Any, ...]:
    """Repeat ``body`` while its condition holds, at most ``trips`` times.

    ``stacks`` are, for each result that is stacked, what no trip gives: its shape and dtype.
    """
    limit = None if trips is None else int(trips)
    going = True if cond is None else bool(cond)
    found: list[list[Tensor]] = [[] for _ in stacks]
    trip = 0
    while going and (limit is None or trip < limit):
        flag, *values = body(torch.tensor(trip), torch.tensor(going), *carried, *captured)
        going, trip = bool(flag), trip + 1
        carried = values[: len(carried)]
        for stack, value in zip(found, values[len(carried) :], strict=True):
            stack.append(value)
    return (*carried, *(stacked(values, *empty) for values, empty in zip(found, stacks, strict=True)))


def scan(
    states: list[Any],
    sequences: list[Tensor],
    captured: list[Any],
    *,
    body: Callable[..., Any],
    dims: tuple[int, ...],
    backwards: tuple[bool, ...],
    stacks: list[Any],
) -> tuple[Any, ...]:
    """Run ``body`` over the slices of ``sequences`` along ``dims``, carrying ``states``.

    ``stacks`` are, for each result that is stacked, what no step gives (its shape and dtype), the axis, and whether it
    runs from the end.
    """
    length = sequences[0].shape[dims[0]]
    found: list[list[Tensor]] = [[] for _ in stacks]
    for step in range(length):
        places = [length - 1 - step if back else step for back in backwards]
        slices = [x.select(dim, place) for x, dim, place in zip(sequences, dims, places, strict=True)]
        values = body(*states, *slices, *captured)
        states = list(values[: len(states)])
        for stack, value in zip(found, values[len(states) :], strict=True):
            stack.append(value)
    ordered = [values[::-1] if stack[3] else values for values, stack in zip(found, stacks, strict=True)]
    return (*states, *(stacked(values, *stack[:3]) for values, stack in zip(ordered, stacks, strict=True)))


def stacked(values: list[Tensor], dims: tuple[int | None, ...] | None, dtype: torch.dtype, dim: int = 0) -> Tensor:
    """``torch.stack``, or where there is nothing to stack an empty tensor: of length 0 along its first unknown axis."""
    if values:
        return torch.stack(values, dim)
    if dims is None:
        raise ValueError("a loop made no trip and the shape of what it stacks is unknown")
    shape = [0 if d is None else d for d in dims]
    return torch.zeros(shape if 0 in shape else [0, *shape[1:]], dtype=dtype)
