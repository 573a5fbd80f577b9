"""Elementwise ops: the kernel itself, evaluated at the ends of the operands' intervals, says how far their errors
carry."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np

from interlingua.equivalence.bounds.bounded import INF, Error, Step, deviation, shifted, total, zeros
from interlingua.equivalence.bounds.rounding import ULPS, rounded
from interlingua.equivalence.expectation import Array
from interlingua.runtimes.numerics import largest

DISCRETE = frozenset(
    """core.floor core.ceil core.round core.sign core.eq core.lt core.le core.is_nan core.is_inf core.and core.or
    core.xor core.not math.ne math.gt math.ge core.rem math.mod math.floor_div core.shift_left core.shift_right
    """.split()  # noqa: SIM905
)
"""Ops that jump: where their operands' errors reach a jump, either side of it is right."""
PATHLESS = frozenset("core.and core.or core.xor core.not core.shift_left core.shift_right math.bit_count".split())  # noqa: SIM905
"""Ops on integers whose result between two points the results at these say nothing of."""


def pointwise(step: Step) -> list[Error]:
    """Errors of the operands carried through, and the op's own rounding."""
    y = step.results[0]
    carried = propagated(step, y)
    if carried is not None and step.name in DISCRETE:
        step.note("ambiguous", int(np.count_nonzero(carried)))
    ulps = ULPS.get(step.name)
    if step.name in ("core.sinh", "core.cosh"):
        carried = _halved(step, y, carried)
    return [total(carried, None if ulps is None else rounded(step, y, step.dtypes[0], ulps, carried))]


def _halved(step: Step, y: Array, carried: Error) -> Error:
    """``(e^x ± e^-x) / 2`` overflows as soon as ``e^x`` does."""
    with np.errstate(all="ignore"):
        over = np.isfinite(y) & (2 * np.abs(y) > largest(step.dtypes[0]))
    if not over.any():
        return carried
    step.note("overflow", int(over.sum()))
    return np.where(over, INF, zeros(y, carried))


def propagated(step: Step, y: Array) -> Error:
    """The largest deviation over all corners of the operands' intervals."""
    errors = step.errors()
    moving = [i for i, e in enumerate(errors) if e is not None and e.any()]
    if not moving:
        return None
    found = np.zeros(y.shape)
    for signs in product((1, -1), repeat=len(moving)):
        arrays = list(step.arrays)
        for i, sign in zip(moving, signs, strict=True):
            arrays[i] = clamped(step, i, shifted(arrays[i], errors[i], sign))
        found = np.maximum(found, deviation(y, np.asarray(step.op.reference(*arrays))))
    special = SPECIAL.get(step.name)
    if special is not None:
        found = special(step, y, found)
    return lost(step, y, found, moving)


def clamped(step: Step, index: int, x: Array) -> Array:
    """The operand of a root that is not negative does not become so by its error: it is a sum of squares."""
    if step.name not in ("core.sqrt", "core.pow") or index != 0:
        return x
    return np.where((step.arrays[0] >= 0) & (x < 0), 0.0, x)


def lost(step: Step, y: Array, found: Array, moving: list[int]) -> Array:
    """Infinite where an operand is wholly open; for bools, the corners have said it already."""
    for i in moving:
        x, error = step.arrays[i], step.errors()[i]
        if x.dtype == np.bool_:
            continue
        open_ = np.isinf(error)
        if step.name in PATHLESS:
            open_ = error > 0
        if open_.any():
            found = np.where(np.broadcast_to(open_, y.shape), INF, found)
    return found


def _bounded_slope(step: Step, y: Array, found: Array) -> Array:
    """sin and cos: no slope is above 1, so that the ends and half the square of the error bound what lies between."""
    error = zeros(step.arrays[0], step.errors()[0])
    return np.where(np.isinf(found), found, np.minimum(found + np.square(np.minimum(error, 2.0)), 2.0))


def _tan(step: Step, y: Array, found: Array) -> Array:
    error = zeros(step.arrays[0], step.errors()[0])
    with np.errstate(all="ignore"):
        turn = np.floor(step.arrays[0] / np.pi + 0.5)
        crossed = (np.floor((step.arrays[0] + error) / np.pi + 0.5) != turn) | (
            np.floor((step.arrays[0] - error) / np.pi + 0.5) != turn
        )
    return np.where(crossed & (error > 0), INF, found)


def _pole(index: int) -> Callable[[Step, Array, Array], Array]:
    """Nothing can be said where the interval of this operand holds 0."""

    def rule(step: Step, y: Array, found: Array) -> Array:
        error = zeros(step.arrays[index], step.errors()[index])
        with np.errstate(all="ignore"):
            crossed = (error > 0) & (np.abs(step.arrays[index]) <= error)
        return np.where(np.broadcast_to(crossed, y.shape), INF, found)

    return rule


def _pow(step: Step, y: Array, found: Array) -> Array:
    base, exponent = step.arrays
    error = zeros(base, step.errors()[0])
    crossed = (error > 0) & (np.abs(base) <= error) & (exponent < 0)
    return np.where(np.broadcast_to(crossed, y.shape), INF, found)


def _equal(step: Step, y: Array, found: Array) -> Array:
    """Two intervals that meet may hold equal numbers, though no ends of theirs are equal."""
    a, b = step.arrays
    if a.dtype.kind not in "iuf":
        return found
    errors = zeros(a, step.errors()[0]) + zeros(b, step.errors()[1])
    with np.errstate(all="ignore"):
        near = (errors > 0) & (np.abs(a.astype(np.float64) - b.astype(np.float64)) <= errors)
    return np.where(near, INF, found)


def _remainder(step: Step, y: Array, found: Array) -> Array:
    """Between two quotients that differ, the remainder may be anything below the divisor."""
    a, b = step.arrays
    ea, eb = zeros(a, step.errors()[0]), zeros(b, step.errors()[1])
    with np.errstate(all="ignore"):
        ends = [np.floor((a + s * ea) / (b + t * eb)) for s in (1, -1) for t in (1, -1)]
        ends += [-np.floor(-e) for e in ends]
        differs = np.any([~(e == ends[0]) for e in ends[1:4]], axis=0)
        found = np.where(differs, np.maximum(found, np.abs(b) + eb), found)
        return _pole(1)(step, y, np.where(np.isnan(found), INF, found))


SPECIAL: dict[str, Callable[[Step, Array, Array], Array]] = {
    "core.sin": _bounded_slope,
    "core.cos": _bounded_slope,
    "core.tan": _tan,
    "core.div": _pole(1),
    "math.reciprocal": _pole(0),
    "core.pow": _pow,
    "core.eq": _equal,
    "math.ne": _equal,
    "core.rem": _remainder,
    "math.mod": _remainder,
    "math.floor_div": _pole(1),
}
"""Where the ends of an interval do not bound what lies between."""


def select(step: Step) -> list[Error]:
    """The error of the side that is taken; where the condition is open, the other side is right too."""
    condition, a, b = step.arrays
    flips, ea, eb = step.errors()
    y = step.results[0]
    if flips is None and ea is None and eb is None:
        return [None]
    ea, eb = zeros(a, ea), zeros(b, eb)
    chosen = np.where(condition, ea, eb)
    if flips is not None and flips.any():
        other = np.broadcast_to(deviation(*np.broadcast_arrays(a, b)), y.shape) + np.where(condition, eb, ea)
        chosen = np.where(flips > 0, np.maximum(chosen, other), chosen)
        step.note("ambiguous", int(np.count_nonzero(np.broadcast_to(flips > 0, y.shape))))
    return [np.array(np.broadcast_to(chosen, y.shape))]
