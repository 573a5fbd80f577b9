"""Scans: unrolled where they are short, else loops of several steps a trip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.lowerings.loops import Loop, close, front, known_as, loose, put, read, room, run, stack
from interlingua.backends.litert.lowerings.pace import Pace, pace_of
from interlingua.backends.litert.lowerings.places import scalar
from interlingua.backends.lowering import Lowerings
from interlingua.ir.dims import DimLike
from interlingua.ir.graph import Graph
from interlingua.ir.ops.control import Scan

TABLE = Lowerings()

Found: TypeAlias = "tuple[Sequence[Edge], Sequence[Edge]]"
"""The states, and the results along a new first axis."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What a step is, and how the sequences lie."""

    op: Scan
    body: Graph
    axes: Sequence[int]

    @property
    def backwards(self) -> bool:
        """Whether something is read or put from the end."""
        return any((*self.op.reverse, *self.op.out_reverse))


@dataclass(frozen=True, slots=True)
class Given:
    """What steps go out from: states, sequences, and what every step reads."""

    states: Sequence[Edge]
    sequences: Sequence[Edge]
    held: Sequence[Edge]

    @property
    def all(self) -> list[Edge]:
        return [*self.states, *self.sequences, *self.held]


@TABLE.lower(Scan)
def scan(op: Scan, ctx: Context, *values: Edge, body: Graph) -> Any:
    n, m = op.states, op.scanned
    given = Given(values[:n], values[n : n + m], values[n + m :])
    steps = Steps(op, body, [a % e.rank for a, e in zip(op.axes, given.sequences, strict=True)])
    length = given.sequences[0].shape[steps.axes[0]]
    if length == 0:
        found: Found = given.states, [stack(ctx, v, 0, *values) for v in body.outputs[n:]]
    else:
        found = _scanned(ctx, steps, length, given, pace_of(length, body, n, list(given.held)))
    states, stacks = found
    return (*states, *(_placed(ctx, e, axis) for e, axis in zip(stacks, op.out_axes, strict=True)))


def _scanned(ctx: Context, steps: Steps, length: DimLike, given: Given, pace: Pace) -> Found:
    """All steps, at a pace."""
    while pace and isinstance(length, int) and length <= pace[0] and length > 1:
        pace = pace[1:]
    if pace:
        return _loop(ctx, steps, length, given, pace)
    assert isinstance(length, int)
    cut = [_elements(ctx, x, axis, length) for x, axis in zip(given.sequences, steps.axes, strict=True)]
    states, results = _unrolled(ctx, steps, cut, given)
    return states, [_packed(ctx, elements) for elements in results]


def _unrolled(ctx: Context, steps: Steps, cut: Sequence[Sequence[Edge]], given: Given) -> tuple[Any, list[list[Edge]]]:
    """A step for each element of the sequences; states after them, and the elements of each result in their order."""
    op, states = steps.op, given.states
    results: list[list[Edge]] = [[] for _ in op.out_axes]
    turned = [c[:: -1 if back else 1] for c, back in zip(cut, op.reverse, strict=True)]
    for slices in zip(*turned, strict=True):
        found = ctx.inline(steps.body, [*states, *slices, *given.held])
        states = found[: op.states]
        for made, element in zip(results, found[op.states :], strict=True):
            made.append(element)
    return states, [r[:: -1 if back else 1] for r, back in zip(results, op.out_reverse, strict=True)]


def _loop(ctx: Context, steps: Steps, length: DimLike, given: Given, pace: Pace) -> Found:
    """A loop over the places of the sequences, and what is left after its last trip."""
    body, n = steps.body, steps.op.states
    limit = scalar(ctx, length, given.sequences[0])
    rest = length % pace[0] if isinstance(length, int) else 0
    whole = ctx.constant(length - rest) if isinstance(length, int) else limit
    loop = Loop()
    loop.slot(ctx.constant(0))
    last, end = loop.held(whole), loop.held(limit)
    states = [
        loop.slot(edge, loose(edge, *types))
        for edge, *types in zip(given.states, body.inputs[:n], body.outputs[:n], strict=True)
    ]
    sequences, held = [loop.held(e) for e in given.sequences], [loop.held(e) for e in given.held]
    rooms = [room(ctx, loop, v, limit, given.all) for v in body.outputs[n:]]

    inner = ctx.inner("body")
    inputs = loop.formal(inner)
    known_as([inputs[s] for s in states], body.inputs[:n])
    inside = Given([inputs[s] for s in states], [read(inputs, s) for s in sequences], [read(inputs, s) for s in held])
    after, put_in = _trip(inner, steps, inputs[0], read(inputs, end), inside, [inputs[s] for s in rooms], pace)
    changed = {0: inner.emit("ADD", inputs[0], inner.constant(pace[0]))}
    close(inner, changed | dict(zip((*states, *rooms), (*after, *put_in), strict=True)), inputs)

    cond = ctx.inner("cond")
    formal = loop.formal(cond)
    cond.graph.outputs = [cond.emit("LESS", formal[0], read(formal, last))]
    made = run(ctx, loop, cond, inner)
    after, stacks = [made[s] for s in states], [made[s] for s in rooms]
    if not isinstance(length, int):
        return after, [front(ctx, e, made[0]) for e in stacks]
    if not rest:
        return after, stacks
    left = Given(after, given.sequences, given.held)
    return _trip(ctx, steps, whole, limit, left, stacks, (rest, *pace[1:]))


def _trip(
    ctx: Context, steps: Steps, at: Edge, end: Edge, given: Given, rooms: Sequence[Edge], pace: Pace
) -> tuple[Sequence[Edge], list[Edge]]:
    """The steps of a trip, the first at the place ``at``, and the rooms with their results put in."""
    op, count = steps.op, pace[0]
    low = ctx.emit("SUB", end, ctx.emit("ADD", at, ctx.constant(count))) if steps.backwards else at
    places = [low if back else at for back in op.reverse]
    cut = [_part(ctx, x, p, axis, count) for x, p, axis in zip(given.sequences, places, steps.axes, strict=True)]
    if count == 1:
        states, found = _unrolled(ctx, steps, [[x] for x in cut], given)
        results: Sequence[Edge] = [r[0] for r in found]
    else:
        states, results = _scanned(ctx, steps, count, Given(given.states, cut, given.held), pace[1:])
    triples = zip(rooms, results, op.out_reverse, strict=True)
    return states, [put(ctx, space, made, low if back else at) for space, made, back in triples]


def _part(ctx: Context, x: Edge, at: Edge, axis: int, count: int) -> Edge:
    """``count`` elements along an axis; one by itself is without it."""
    index = at if count == 1 else ctx.emit("ADD", at, ctx.constant(np.arange(count)))
    shape = (*x.shape[:axis], *([] if count == 1 else [count]), *x.shape[axis + 1 :])
    return ctx.emit("GATHER", x, index, shape=shape, axis=axis, batch_dims=0)


def _elements(ctx: Context, x: Edge, axis: int, count: int) -> list[Edge]:
    """Each element along an axis."""
    return [_part(ctx, x, ctx.constant(i), axis, 1) for i in range(count)]


def _packed(ctx: Context, elements: Sequence[Edge]) -> Edge:
    """Elements along a new first axis."""
    shape = (len(elements), *elements[0].shape)
    return ctx.emit("PACK", *elements, shape=shape, axis=0, values_count=len(elements))


def _placed(ctx: Context, x: Edge, axis: int) -> Edge:
    """The first axis put in the place of ``axis``."""
    order = list(range(1, x.rank))
    order.insert(axis % x.rank, 0)
    return ctx.transpose(x, order)
