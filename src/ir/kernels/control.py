"""Kernels of control flow. A region is a callable on arrays that gives a tuple of arrays.

A stacked result of a loop that made no trip comes out as ``None``: only the declared type of the result says what an
empty stack of it looks like, so whoever runs the kernel puts it there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from interlingua.ir.kernels.array import Array


def if_(cond: Array, *args: Array, then: Callable[..., Any], orelse: Callable[..., Any]) -> tuple[Array, ...]:
    """One of two regions."""
    return tuple((then if bool(np.asarray(cond).reshape(())) else orelse)(*args))


def while_(
    trips: Array | None = None,
    cond: Array | None = None,
    *args: Array,
    carried: int,
    stacked: int,
    body: Callable[..., Any],
) -> tuple[Array | None, ...]:
    """Repeat ``body`` up to ``trips`` times while its condition holds."""
    state, captured = args[:carried], args[carried:]
    going = cond is None or bool(np.asarray(cond).reshape(()))
    limit = None if trips is None else int(np.asarray(trips).reshape(()))
    stacks: list[tuple[Array, ...]] = []
    done = 0
    while going and (limit is None or done < limit):
        out = body(np.asarray(done, dtype=np.int64), np.asarray(going), *state, *captured)
        going = bool(np.asarray(out[0]).reshape(()))
        state = tuple(out[1 : 1 + carried])
        stacks.append(tuple(out[1 + carried :]))
        done += 1
    return (*state, *stack_all(stacks, (0,) * stacked, (False,) * stacked))


def scan(
    *args: Array,
    states: int,
    scanned: int,
    axes: tuple[int, ...],
    reverse: tuple[bool, ...],
    out_axes: tuple[int, ...],
    out_reverse: tuple[bool, ...],
    body: Callable[..., Any],
) -> tuple[Array | None, ...]:
    """Run ``body`` over slices of the scanned operands, carrying the states."""
    state, captured = args[:states], args[states + scanned :]
    sequences = args[states : states + scanned]
    length = sequences[0].shape[axes[0]]
    stacks: list[tuple[Array, ...]] = []
    for step in range(length):
        slices = [  # arrays even of one string
            np.asarray(np.take(x, length - 1 - step if back else step, axis=axis), x.dtype)
            for x, axis, back in zip(sequences, axes, reverse, strict=True)
        ]
        out = body(*state, *slices, *captured)
        state = tuple(out[:states])
        stacks.append(tuple(out[states:]))
    return (*state, *stack_all(stacks, out_axes, out_reverse))


def stack_all(
    stacks: list[tuple[Array, ...]], axes: tuple[int, ...], reverse: tuple[bool, ...]
) -> tuple[Array | None, ...]:
    """Each position of the tuples stacked over the steps, along its axis."""
    if not stacks:
        return (None,) * len(axes)
    columns = zip(*stacks, strict=True)
    return tuple(
        np.stack(c[::-1] if back else c, axis=axis) for c, axis, back in zip(columns, axes, reverse, strict=True)
    )


def call(*args: Array, body: Callable[..., Any]) -> tuple[Array, ...]:
    """The region, once."""
    return tuple(body(*args))
