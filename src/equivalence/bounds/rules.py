"""Which rule bounds the errors of which op. What is not named here is bounded through its decomposition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from interlingua.equivalence.bounds import contraction, convert, movement, order, string
from interlingua.equivalence.bounds.bounded import INF, Error, Step
from interlingua.equivalence.bounds.contraction import TERMS
from interlingua.equivalence.bounds.interpolation import COORDINATES, interpolated
from interlingua.equivalence.bounds.pointwise import pointwise, select
from interlingua.equivalence.bounds.rounding import REFERENCE, ULPS, representable
from interlingua.equivalence.bounds.undefined import UNDEFINED
from interlingua.runtimes.numerics import unit_roundoff

Rule = Callable[[Step], list[Any]]


def iota(step: Step) -> list[Error]:
    """A product and a sum an element, or one sum after another; an open end is an open count."""
    if any(e is not None and e.any() for e in step.errors()):
        step.fluid = True
        return step.unknown()
    y, dtype = step.results[0], step.dtypes[0]
    if y.dtype.kind != "f" or not y.size:
        return [None]
    moved = y - step.arrays[0]
    own = (unit_roundoff(dtype) + REFERENCE) * (np.abs(moved) + np.cumsum(np.abs(y)))
    exact = np.logical_and.accumulate(representable(y, dtype) & representable(moved, dtype))
    return [np.where(exact, 0.0, own) if step.rounds else None]


def unknown(step: Step) -> list[Error]:
    """Nothing but shape and dtype: random samples, and ops that nobody has described."""
    return [np.full(np.shape(r), INF) if isinstance(r, np.ndarray) else None for r in step.results]


EXACT_POINTWISE = """
    core.neg core.abs core.sign core.floor core.ceil core.round core.max core.min core.rem core.not core.and core.or
    core.xor core.eq core.lt core.le core.is_nan core.is_inf core.shift_left core.shift_right math.ne math.gt math.ge
    math.bit_count nn.relu nn.clip
    """.split()  # noqa: SIM905

RULES: dict[str, Rule] = {
    **dict.fromkeys((*ULPS, *EXACT_POINTWISE), pointwise),
    **dict.fromkeys(TERMS, contraction.contraction),
    **dict.fromkeys(movement.DATA, movement.movement),
    **dict.fromkeys(movement.FREE, movement.free),
    **dict.fromkeys(COORDINATES, interpolated),
    "core.iota": iota,
    "core.select": select,
    "core.scatter_nd": contraction.scatter,
    "core.scatter_along": contraction.scatter,
    "core.reduce_prod": contraction.product,
    "math.cumprod": contraction.product,
    **dict.fromkeys(("core.reduce_max", "core.reduce_min", "core.max_pool", "nn.any", "nn.all"), order.extreme),
    **dict.fromkeys(("core.argmax", "core.argmin"), order.place_of_extreme),
    "core.top_k": order.top_k,
    "core.non_zero": order.count,
    "core.unique": order.count,
    "core.cast": convert.cast,
    "core.bitcast": convert.bitcast,
    "sequence.concat": movement.joined,
    "string.split": string.split,
}
"""By op name."""

ROUNDING = frozenset(
    {
        *ULPS,
        *TERMS,
        *COORDINATES,
        "core.iota",
        "core.scatter_nd",
        "core.scatter_along",
        "core.reduce_prod",
        "math.cumprod",
    }
    | {"core.cast", "core.bitcast", "core.top_k", "string.split", *UNDEFINED}
)
"""Ops whose results of exact operands are not exact, or not defined everywhere."""

SIGNED = frozenset(
    """core.neg core.abs core.sign core.select core.cast core.bitcast core.mul core.div core.add core.sub core.sqrt
    core.floor core.ceil core.round core.constant sequence.concat math.square math.reciprocal""".split()  # noqa: SIM905
) | frozenset(movement.DATA)
"""Ops whose results have the zeros that IEEE 754, or the op itself, says they have."""
