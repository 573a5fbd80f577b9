"""Ops that interpolate at computed coordinates: continuous in them, though the elements they pick jump.

A decomposition picks neighbours by rounded-down coordinates, and where one is near a whole number its pick is open. The
interpolated value is not: neighbour and weight change together. So the kernel itself is evaluated at coordinates moved
by their errors, one component at a time.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from interlingua.equivalence.bounds.bounded import INF, Error, Step, deviation, finite, zeros
from interlingua.equivalence.bounds.rounding import REFERENCE
from interlingua.equivalence.expectation import Array
from interlingua.ir.dtypes import DType
from interlingua.runtimes.numerics import unit_roundoff

ARITHMETIC = 6.0
"""Roundings of a coordinate: a sum, a product, a difference, a quotient, and of the weights that come of it."""
SUM = 16.0
"""Roundings of a weighted sum: of up to 8 neighbours, their weights being products of up to 3."""
CUBIC = 1.375
"""The absolute values of Keys' four weights add up to no more, along one axis."""
SEVERAL = 4.0
"""Samples of one bin are off independently; a box that moves as a whole moves them together."""


def _grid(step: Step, u: float) -> Array:
    """Coordinates are ``((g + 1)·size - 1) / 2``."""
    return np.asarray(ARITHMETIC * u * (np.abs(finite(step.arrays[1])) + 1.0))


def _boxes(step: Step, u: float) -> Array:
    """Coordinates are ``box·scale - ½ + (k + ½)·bin``."""
    boxes = np.abs(finite(step.arrays[1]))
    most = boxes.max(axis=-1, keepdims=True, initial=0.0) + 1.0 / step.op.attributes()["spatial_scale"]
    return np.asarray(SEVERAL * ARITHMETIC * u * most * np.ones_like(boxes))


COORDINATES: dict[str, Callable[[Step, float], Array]] = {"vision.grid_sample": _grid, "vision.roi_align": _boxes}
"""The error of coordinates that comes of computing with them, in their own units."""


def interpolated(step: Step) -> list[Error]:
    """The slope along each component of the coordinates times their errors, the errors of the data, and rounding."""
    x, y, dtype = step.arrays[0], step.results[0], step.dtypes[0]
    errors = step.errors()
    if len(errors) > 2 and errors[2] is not None and errors[2].any():
        return step.unknown()
    if not y.size:
        return [None]
    u = unit_roundoff(DType.F32 if dtype in (DType.F16, DType.BF16) else dtype) + REFERENCE
    moved = zeros(step.arrays[1], errors[1]) + (COORDINATES[step.name](step, u) if step.rounds else 0.0)
    found = _along_components(step, y, moved)
    if step.op.attributes()["mode"] == "nearest":
        step.note("ambiguous", int(np.count_nonzero(found)))
    if errors[0] is not None:
        found = found + _mass(step, errors[0])
    if step.rounds:
        mass = _mass(step, np.abs(finite(x)))
        found = found + SUM * (u * mass + step.numerics.floor(DType.F32 if dtype.bits < 32 else dtype) * (mass > 0))
        if dtype in (DType.F16, DType.BF16):
            found = found + unit_roundoff(dtype) * np.abs(y) + step.numerics.floor(dtype)
    found = np.where(np.isnan(found), INF, found)
    return [np.where(np.isfinite(y), found, INF if np.isinf(x).any() else 0.0)]


def _along_components(step: Step, y: Array, moved: Array) -> Array:
    found = np.zeros(y.shape)
    for k in range(moved.shape[-1]):
        only = np.zeros(moved.shape)
        only[..., k] = moved[..., k]
        ends = [
            np.asarray(step.op.reference(step.arrays[0], step.arrays[1] + sign * only, *step.arrays[2:]))
            for sign in (1, -1)
        ]
        found = found + np.maximum(*(deviation(y, e) for e in ends))
    return found


def _mass(step: Step, data: Array) -> Array:
    """The weighted sum of absolute values."""
    if step.op.attributes()["mode"] != "cubic":
        return np.asarray(step.op.reference(data, *step.arrays[1:]))
    axes = tuple(range(2, data.ndim))
    most = CUBIC ** len(axes) * data.max(axis=axes, keepdims=True, initial=0.0)
    return np.broadcast_to(most, step.results[0].shape)
