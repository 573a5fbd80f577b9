"""Control flow whose bodies are grown like graphs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from interlingua.equivalence.generators.graphs import Grower
from interlingua.equivalence.generators.recipe import New, Rejected
from interlingua.ir.draw import Held
from interlingua.ir.ops.control import Call, If, Scan, While

BODY = 3
"""The most nodes of a body."""
BODY_TRIES = 8
"""How often a node of a body is tried whose result must be of one type."""

Results: TypeAlias = tuple[int, ...]


def grow_region(grower: Grower) -> Results:
    """An if, loop, scan or call around a few nodes.

    Raises:
        Rejected: no body came about.
    """
    return grower.draw.choice(_KINDS)(grower)


def _if(grower: Grower) -> Results:
    number, value = _picked(grower)
    bodies = []
    for _ in range(2):
        inner, (x,) = _body(grower, value)
        inner.recipe.outputs = [_preserved(inner, x)]
        bodies.append(inner.recipe)
    cond = New(np.array(grower.draw.boolean()), constant=grower.draw.rarely(), fixed=True)
    return grower.recipe.add(If(), (cond, number), bodies)


def _while(grower: Grower) -> Results:
    number, value = _picked(grower)
    inner, (_, cond, x) = _body(grower, np.array(0, np.int64), np.array(True), value)
    kept = _preserved(inner, x)
    stacked = [kept] if grower.draw.boolean() else []
    inner.recipe.outputs = [cond, kept, *stacked]
    trips = New(np.array(grower.draw.integer(1, 3), np.int64), constant=grower.draw.boolean(), fixed=True)
    start = New(np.array(True), constant=grower.draw.boolean(), fixed=True) if grower.draw.boolean() else None
    return grower.recipe.add(While(1, len(stacked)), (trips, start, number), (inner.recipe,))


def _scan(grower: Grower) -> Results:
    number, value = _picked(grower)
    if not value.ndim or 0 in value.shape:
        raise Rejected("there is nothing to scan")
    draw = grower.draw
    axis = draw.integer(0, value.ndim - 1)
    part = np.take(value, 0, axis)
    inner, (state, x) = _body(grower, part, part)
    after = _preserved(inner, state)
    out = _preserved(inner, x)
    inner.recipe.outputs = [after, out]
    op = Scan(1, 1, (axis,), (draw.boolean(),), (draw.integer(0, part.ndim),), (draw.boolean(),))
    start = New(np.zeros_like(part), constant=draw.boolean())
    return grower.recipe.add(op, (start, number), (inner.recipe,))


def _call(grower: Grower) -> Results:
    number, value = _picked(grower)
    inner, (x,) = _body(grower, value)
    inner.recipe.outputs = [*inner.after(inner.draw.choice(inner.classes), x)]
    if any(isinstance(inner.recipe.values[o], Held) for o in inner.recipe.outputs):
        raise Rejected("regions give no optionals")
    return grower.recipe.add(Call(f"part{len(grower.recipe.steps)}"), (number,), (inner.recipe,))


_KINDS: tuple[Callable[[Grower], Results], ...] = (_if, _while, _scan, _call)


def _picked(grower: Grower) -> tuple[int, np.ndarray[Any, Any]]:
    number = grower.pick()
    value = None if number is None else grower.recipe.values[number]
    if number is None or not isinstance(value, np.ndarray):
        raise Rejected("there is no tensor to go on from")
    return number, value


def _body(grower: Grower, *values: np.ndarray[Any, Any]) -> tuple[Grower, list[int]]:
    inner = Grower(grower.draw, grower.classes, closed=True)
    return inner, [inner.recipe.leaf(value) for value in values]


def _preserved(inner: Grower, start: int) -> int:
    """A value of the type of ``start``, a few nodes later.

    Raises:
        Rejected: no node was found that gives one.
    """
    like, now = inner.recipe.values[start], start
    wanted = inner.draw.integer(1, BODY)
    for _ in range(BODY_TRIES):
        steps = list(inner.recipe.steps)
        try:
            results = inner.after(inner.draw.choice(inner.classes), now)
        except Rejected:
            continue
        values = [inner.recipe.values[r] for r in results]
        fitting = [r for r, v in zip(results, values, strict=True) if _alike(v, like)]
        if not fitting:
            inner.recipe.steps = steps
            for result in results:
                del inner.recipe.values[result]
            continue
        now, wanted = fitting[0], wanted - 1
        if not wanted:
            break
    if now == start:
        raise Rejected("no node keeps the type")
    return now


def _alike(value: Any, like: np.ndarray[Any, Any]) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == like.dtype and value.shape == like.shape
