"""Ops that choose by order: the largest, the first, the distinct."""

from __future__ import annotations

import numpy as np

from interlingua.equivalence.bounds.bounded import INF, Error, Step, deviation, shifted
from interlingua.equivalence.expectation import Array


def extreme(step: Step) -> list[Error]:
    """The greatest or least of some: monotone in all of them, so that both ends of their intervals bound it."""
    (error, *_), x, y = step.errors(), step.arrays[0], step.results[0]
    if error is None:
        return [None]
    ends = [step.op.reference(shifted(x, error, sign), *step.arrays[1:]) for sign in (1, -1)]
    found = np.maximum(*(deviation(y, np.asarray(e)) for e in ends))
    if np.isinf(error).any() and x.dtype != np.bool_:
        found = np.where(touched(step, np.isinf(error)), INF, found)
    return [found]


def touched(step: Step, where: Array) -> Array:
    """Which results have a marked element among those that they choose from."""
    marks = where.astype(np.float64)
    if "min" in step.name:
        return np.asarray(step.op.reference(-marks, *step.arrays[1:])) < 0
    return np.asarray(step.op.reference(marks, *step.arrays[1:])) > 0


def place_of_extreme(step: Step) -> list[Error]:
    """argmax and argmin: open where another element comes as near to the extreme as the errors reach."""
    (error, *_), x, y = step.errors(), step.arrays[0], step.results[0]
    if error is None or x.size == 0:
        return [None]
    attributes = step.op.attributes()
    axis = attributes["axis"] % x.ndim
    index = y if attributes["keepdims"] else np.expand_dims(y, axis)
    sign = 1.0 if step.name == "core.argmax" else -1.0
    values = sign * x.astype(np.float64)
    best, slack = np.take_along_axis(values, index, axis), np.take_along_axis(error, index, axis)
    with np.errstate(all="ignore"):
        rival = values + error >= best - slack
    rival |= np.isinf(error) | ((best == values) & (error + slack > 0))
    rival &= error + slack > 0
    np.put_along_axis(rival, index, False, axis)
    open_ = rival.any(axis=axis, keepdims=attributes["keepdims"])
    step.note("ambiguous", int(open_.sum()))
    return [np.where(open_, INF, 0.0)]


def top_k(step: Step) -> list[Error]:
    """The values move no further than the largest error; places are open where neighbours in order are that close."""
    x, (values, places) = step.arrays[0], step.results
    error = step.errors()[0]
    attributes = step.op.attributes()
    if not attributes["sorted"] and values.size:
        step.note("undefined", values.size)
        return [np.full(values.shape, INF), np.full(places.shape, INF)]
    if error is None or values.size == 0:
        return [None, None]
    axis = attributes["axis"] % x.ndim
    most = np.max(error, axis=axis, keepdims=True)
    ordered = np.sort(x.astype(np.float64), axis=axis)
    ordered = np.flip(ordered, axis) if attributes["largest"] else ordered
    with np.errstate(all="ignore"):
        close = (np.abs(np.diff(ordered, axis=axis)) <= 2 * most) & (most > 0)
    edge = np.zeros([1 if i == axis else s for i, s in enumerate(x.shape)], bool)
    near = np.concatenate([edge, close], axis) | np.concatenate([close, edge], axis)
    near = np.take(near, np.arange(values.shape[axis]), axis=axis) | np.isinf(most)
    step.note("ambiguous", int(near.sum()))
    moved = np.where(np.isfinite(values), np.broadcast_to(most, values.shape), 0.0)
    return [np.where(np.isinf(most), INF, moved), np.where(near, INF, 0.0)]


def count(step: Step) -> list[Error]:
    """``non_zero`` and ``unique``: with the values, their number is open."""
    error, x = step.errors()[0], step.arrays[0]
    if error is None:
        return [None] * len(step.results)
    if step.name == "core.non_zero":
        open_ = (error > 0) & (np.abs(x.astype(np.float64)) <= error) if x.dtype != np.bool_ else error > 0
        if not open_.any():
            return [None]
    elif not error.any():
        return [None] * len(step.results)
    step.fluid = True
    return step.unknown()
