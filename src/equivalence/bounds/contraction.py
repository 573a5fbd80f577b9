"""Ops that sum products: the same kernel on absolute values and on errors."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from interlingua.equivalence.bounds.bounded import INF, Error, Step, finite, total, wide, zeros
from interlingua.equivalence.bounds.rounding import REFERENCE, quantum, representable
from interlingua.equivalence.expectation import Array
from interlingua.ir.dtypes import DType
from interlingua.runtimes.numerics import largest, smallest_normal, unit_roundoff

LAMBDA = 4.0
"""Rounding errors are as good as independent: their sum stays within a few of its standard deviations."""


Counting: TypeAlias = "Callable[[Any, Sequence[Any]], int]"


def _axes_size(op: Any, arrays: Sequence[Any]) -> int:
    return math.prod(arrays[0].shape[a] for a in op.axes)


def _window(op: Any, arrays: Sequence[Any]) -> int:
    return math.prod(op.window)


def _conv(op: Any, arrays: Sequence[Any]) -> int:
    return int(math.prod(arrays[1].shape[1:])) + (len(arrays) > 2 and arrays[2] is not None)


def _conv_transpose(op: Any, arrays: Sequence[Any]) -> int:
    w = arrays[1]
    return int(w.shape[0] // max(op.groups, 1) * math.prod(w.shape[2:])) + (len(arrays) > 2 and arrays[2] is not None)


TERMS: dict[str, Counting] = {
    "core.matmul": lambda op, arrays: arrays[0].shape[-1],
    "core.conv": _conv,
    "core.conv_transpose": _conv_transpose,
    "core.avg_pool": _window,
    "core.reduce_sum": _axes_size,
    "core.cumsum": lambda op, arrays: arrays[0].shape[op.axis],
}
"""How many terms a result adds up at most."""
PRODUCTS = frozenset({"core.matmul", "core.conv", "core.conv_transpose"})
DIVIDED = frozenset({"core.avg_pool"})
"""Sums that are divided: by the count, or multiplied by its rounded reciprocal."""


def contraction(step: Step) -> list[Error]:
    """``λ·√K·u·(|A|·|B|) + |A|·E_B + E_A·|B| + E_A·E_B``, and the rounding of the result to its dtype."""
    y, dtype = step.results[0], step.dtypes[0]
    if y.size == 0:
        return [None]
    sizes = [None if a is None else np.abs(finite(wide(a))) for a in step.arrays]
    if dtype.kind not in ("float", "complex"):
        return [_carried(step, sizes)]
    with np.errstate(all="ignore"):
        mass = step.op.reference(*sizes)
        carried = _carried(step, sizes)
        own = _summing(step, mass, carried) if step.rounds else None
        found = total(carried, own)
        if found is None:
            return [None]
        found = np.where(np.isnan(found), INF, found)
        if dtype.kind == "complex":
            found = _by_parts(step, y, found)
        elif carried is not None:
            open_ = ~np.isfinite(y) & (carried > 0) & ~_poisoned(step)
            found = np.where(open_, INF, np.where(np.isfinite(y), found, 0.0))
        else:
            found = np.where(np.isfinite(y), found, 0.0)
        over = np.isfinite(found) & (mass > largest(_kept(step, dtype)))
        if over.any():
            step.note("overflow", int(over.sum()))
            found = np.where(over, INF, found)
    return [found]


def _poisoned(step: Step) -> Array:
    """Where a NaN is among the terms: the sum is NaN, whatever the others are."""
    holes = [None if a is None else np.isnan(a).astype(np.float64) for a in step.arrays]
    if step.name not in PRODUCTS:
        return np.asarray(step.op.reference(*holes) > 0)
    a, b = step.arrays[:2]
    there = [np.ones(np.shape(a)), np.ones(np.shape(b))]
    rest = [None] * (len(step.arrays) - 2)
    left = step.op.reference(holes[0], there[1], *rest)
    return np.asarray(step.op.reference(there[0], holes[1], *holes[2:]) + left > 0)


def _by_parts(step: Step, y: Array, found: Array) -> Array:
    """Complex sums: one part may be finite where the other is not. What a product with an infinity is, libraries do
    not agree on."""
    plain = all(np.isfinite(a).all() for a in step.arrays if a is not None)
    return found if plain or step.name not in PRODUCTS else np.where(np.isfinite(y), found, INF)


def _kept(step: Step, dtype: DType) -> DType:
    """The dtype whose range sums have."""
    wide = {DType.C64: DType.F32, DType.C128: DType.F64, DType.F16: DType.F32, DType.BF16: DType.F32}
    return wide.get(dtype, dtype)


def _carried(step: Step, sizes: list[Any]) -> Error:
    """The operands' errors."""
    errors = step.errors()
    if all(e is None or not e.any() for e in errors):
        return None
    rest: list[Any] = [None] * (len(sizes) - 2)
    if step.name not in PRODUCTS:
        return np.asarray(step.op.reference(zeros(sizes[0], errors[0]), *sizes[1:]))
    found = np.asarray(0.0)
    a, b = sizes[:2]
    ea, eb = errors[:2]
    if eb is not None and eb.any():
        found = found + step.op.reference(a, eb, *rest)
    if ea is not None and ea.any():
        found = found + step.op.reference(ea, b + zeros(b, eb), *rest)
    if len(errors) > 2 and errors[2] is not None:
        found = found + step.op.reference(np.zeros_like(a), np.zeros_like(b), errors[2])
    return np.where(_indefinite(step, rest), INF, found)


def _indefinite(step: Step, rest: list[Any]) -> Array:
    """Where an infinity meets what may as well be 0: their product may be NaN."""
    a, b = (np.asarray(x) for x in step.arrays[:2])
    none = [
        np.zeros(x.shape) if e is None else ((e > 0) & (np.abs(x) <= e)).astype(np.float64)
        for x, e in zip((a, b), step.errors()[:2], strict=True)
    ]
    left, right = (np.isinf(x).astype(np.float64) for x in (a, b))
    if not (left.any() or right.any()):
        return np.zeros(step.results[0].shape, bool)
    return np.asarray(step.op.reference(none[0], right, *rest) + step.op.reference(left, none[1], *rest) > 0)


def growth(step: Step, terms: Any, *, products: bool) -> Any:
    """Unit roundoffs that a sum of ``terms`` picks up, relative to the sum of the absolute values."""
    worst = terms if products else np.maximum(np.asarray(terms) - 1, 0)
    return worst if step.rules.strict else np.minimum(LAMBDA * np.sqrt(terms), worst)


def accumulator(step: Step, dtype: DType) -> float:
    """The unit roundoff of sums, and that of the reference's own."""
    parts = {DType.C64: DType.F32, DType.C128: DType.F64}
    scale = 2.0 if dtype in parts else 1.0
    return scale * (step.numerics.accumulator(parts.get(dtype, dtype)) + REFERENCE)


def _summing(step: Step, mass: Array, carried: Error) -> Error:
    """The error of the sums themselves: none where all partial sums are representable."""
    y, dtype = step.results[0], step.dtypes[0]
    u = accumulator(step, dtype)
    terms = TERMS[step.name](step.op, step.arrays)
    own = growth(step, terms, products=step.name in PRODUCTS) * u * mass
    own = own + np.where(mass > 0, terms * step.numerics.floor(_kept(step, dtype)), 0.0)
    divided = step.name in DIVIDED
    if carried is None:
        grain = _grain(step)
        if divided:
            grain, mass = grain, mass * TERMS[step.name](step.op, step.arrays)
        exact = (mass / grain * step.numerics.accumulator(dtype) <= 1.0) if grain < INF else np.ones(y.shape, bool)
        own = np.where(exact, 0.0, own)
    roundings = 2.0 * divided + (dtype in (DType.F16, DType.BF16))
    if roundings:
        rounded = np.abs(y) + _before_bias(step, y)
        last = roundings * (unit_roundoff(dtype) + REFERENCE) * rounded + step.numerics.floor(dtype) * (y != 0)
        own = own + np.where(representable(y, dtype) & (own == 0) & (carried is None), 0.0, last)
    return np.asarray(own)


def _before_bias(step: Step, y: Array) -> Any:
    """What a bias is added to, where it is another op's business: that sum is rounded to the dtype as well."""
    if step.name not in ("core.conv", "core.conv_transpose") or len(step.arrays) < 3 or step.arrays[2] is None:
        return 0.0
    a, b, given = step.arrays
    bias = step.op.reference(np.zeros_like(a), np.zeros_like(b), finite(given))
    return np.abs(y - bias)


def _grain(step: Step) -> float:
    """The power of two that every partial sum is a multiple of."""
    multiplied = 2 if step.name in PRODUCTS else 1
    parts = [quantum(a) for a in step.arrays[:multiplied] if a is not None]
    found = math.prod(parts) if all(p < INF for p in parts) else INF
    for extra in step.arrays[multiplied:]:
        if isinstance(extra, np.ndarray) and extra.dtype.kind in "fc":
            found = min(found, quantum(extra))
    return found


def scatter(step: Step) -> list[Error]:
    """Elements written, or combined with what is there."""
    reduction = step.op.attributes()["reduction"]
    x, index, updates = step.arrays
    ex, ei, eu = step.errors()
    if ei is not None and ei.any():
        return step.unknown()
    counts = _counts(step)
    if reduction == "none":
        return [_written(step, counts, ex, eu)]
    if reduction in ("max", "min"):
        return [_extreme(step, ex, eu)]
    y, dtype = step.results[0], step.dtypes[0]
    if y.dtype.kind not in "fc":
        return [None] if ex is None and eu is None else step.unknown()
    with np.errstate(all="ignore"):
        px, pu = np.abs(finite(x)), np.abs(finite(updates))
        mass = step.op.reference(px, index, pu)
        carried = None
        if ex is not None or eu is not None:
            carried = step.op.reference(px + zeros(x, ex), index, pu + zeros(updates, eu)) - mass
            carried = np.where(np.isnan(carried), INF, carried)
        grow = growth(step, counts + 1, products=False) if reduction == "add" else counts
        own = grow * accumulator(step, dtype) * mass + np.where(counts > 0, step.numerics.floor(dtype) * counts, 0.0)
        if carried is None and reduction == "add":
            grain = min(quantum(x), quantum(updates))
            own = np.where(mass / grain * step.numerics.accumulator(dtype) <= 1.0, 0.0, own) if grain < INF else 0 * own
        elif carried is None:
            own = np.where(representable(y, dtype) & (counts == 1), 0.0, own)
        if dtype in (DType.F16, DType.BF16):
            last = np.where(counts > 0, unit_roundoff(dtype) * np.abs(y) + step.numerics.floor(dtype), 0.0)
            own = own + np.where(representable(y, dtype) & (own == 0), 0.0, last)
        found = np.where(np.isfinite(y), own if step.rounds else 0.0, 0.0)
        over = mass > largest(_kept(step, dtype))
        step.note("overflow", int(over.sum()))
        return [np.where(over, INF, found if carried is None else found + carried)]


def _counts(step: Step) -> Array:
    """How many updates go to each element."""
    x, index, updates = step.arrays
    counting = type(step.op)(**{**step.op.attributes(), "reduction": "add"})
    return np.asarray(counting.reference(np.zeros(np.shape(x)), index, np.ones(np.shape(updates))))


def _written(step: Step, counts: Array, ex: Error, eu: Error) -> Error:
    x, index, updates = step.arrays
    twice = counts > 1
    found = None
    if ex is not None or eu is not None:
        found = step.op.reference(zeros(x, ex), index, zeros(updates, eu))
    if twice.any():
        step.note("undefined", int(twice.sum()))
        found = np.where(twice, INF, zeros(x, found))
    return found


def _extreme(step: Step, ex: Error, eu: Error) -> Error:
    x, index, updates = step.arrays
    if ex is None and eu is None:
        return None
    from interlingua.equivalence.bounds.bounded import deviation, shifted

    ends = [
        step.op.reference(shifted(x, zeros(x, ex), s), index, shifted(updates, zeros(updates, eu), s)) for s in (1, -1)
    ]
    found = np.maximum(*(deviation(step.results[0], e) for e in ends))
    touched = step.op.reference(np.isinf(zeros(x, ex)).astype(float), index, np.isinf(zeros(updates, eu)).astype(float))
    return np.where(touched > 0, INF, found)


def product(step: Step) -> list[Error]:
    """Products of many: each factor's relative error, and one rounding a factor. Partial products may leave the range
    though the whole does not."""
    y, dtype, x = step.results[0], step.dtypes[0], step.arrays[0]
    (error,) = step.errors()
    if y.size == 0 or y.dtype.kind not in "fc":
        return [None] if error is None else step.unknown()
    with np.errstate(all="ignore"):
        size = np.abs(finite(x))
        carried = None
        if error is not None:
            carried = np.abs(step.op.reference(size + error) - step.op.reference(size))
            carried = np.where(np.isnan(carried), INF, carried)
        axis = step.op.attributes().get("axis")
        count = _axes_size(step.op, step.arrays) if axis is None else x.shape[axis]
        own = max(count - 1, 0) * accumulator(step, dtype) * np.abs(y)
        high = step.op.reference(np.maximum(size, 1.0))
        own = own + max(count - 1, 0) * step.numerics.floor(_kept(step, dtype)) * high
        if dtype in (DType.F16, DType.BF16):
            own = own + unit_roundoff(dtype) * np.abs(y) + step.numerics.floor(dtype) * (y != 0)
        if carried is None:
            own = np.where(_short(step, y, dtype), 0.0, own)
        found = np.where(np.isfinite(y), own if step.rounds else 0.0, 0.0)
        low = step.op.reference(np.minimum(np.where(size == 0, 1.0, size), 1.0))
        over = np.isfinite(y) & (high > largest(_kept(step, dtype)))
        over |= np.isinf(y) & (low < smallest_normal(dtype))  # 0 · inf
        step.note("overflow", int(over.sum()))
        return [np.where(over, INF, found if carried is None else found + carried)]


def _short(step: Step, y: Array, dtype: DType) -> Array:
    """Where every partial product is representable: integers times a power of two, or a product of few digits."""
    x = finite(step.arrays[0])
    grain = quantum(x)
    if grain == INF:
        return np.ones(y.shape, bool)
    whole = step.op.reference(np.maximum(np.abs(x) / grain, 1.0))
    return np.asarray((whole * step.numerics.accumulator(dtype) <= 1.0) & representable(y, dtype))
