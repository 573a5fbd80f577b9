"""The error that an op makes by itself: how many unit roundoffs, and where none."""

from __future__ import annotations

import numpy as np

from interlingua.equivalence.bounds.bounded import INF, Error, Step
from interlingua.equivalence.expectation import Array
from interlingua.ir.dtypes import DType
from interlingua.runtimes.numerics import smallest_normal, unit_roundoff

IEEE_ROUNDED = 1.0
"""Correctly rounded: half a unit in the last place."""
LIBRARY = 8.0
"""Elementary functions: 4 units in the last place, what the vectorised ones promise (Intel's SVML at its low accuracy,
which NumPy uses, 4; SLEEF 1 or 3.5; MLAS and Eigen come within 4 where they are not flushed or clamped)."""
UNDERFLOW = 256.0
"""How much smaller than its result an elementary function's intermediate ones may be, and lose digits below the normal
numbers: rational approximations ``x·p(x²)/q(x²)`` have leading coefficients like 0.005."""
REFERENCE = 2.0**-53
"""The unit roundoff of the reference itself: counts where a runtime computes in float64 too."""

ULPS: dict[str, float] = {
    **dict.fromkeys(("core.add", "core.sub", "core.mul", "core.div", "math.square"), IEEE_ROUNDED),
    "math.mod": IEEE_ROUNDED,  # where the signs differ, one addition
    "core.sqrt": 2.0,  # Intel's VML, which PyTorch uses, promises a unit in the last place
    **dict.fromkeys(
        (
            *(f"core.{n}" for n in "exp log sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh".split()),  # noqa: SIM905
            "core.erf", "core.pow", "core.atan2", "math.log1p", "math.expm1",
        ),
        LIBRARY,
    ),
    "math.reciprocal": 2.0,  # an estimate and Newton's steps
    "math.rsqrt": 4.0,  # a root and a division, or an estimate and Newton's steps
    "math.sigmoid": 10.0,  # e^x within 4 ulp, a sum, a division
}  # fmt: skip
"""Unit roundoffs of one result, by op."""
EXACTING = frozenset({"core.add", "core.sub", "core.mul", "core.div", "core.sqrt", "math.square"})
"""Ops that do not round where the result of exact operands is representable."""
RECIPROCAL = 2.0
"""A division inside a composite: many multiply by the rounded reciprocal instead."""
COMPOSED = {"math.reciprocal": 1.0, "math.rsqrt": 2.0, "math.sigmoid": 3.0, "math.log1p": 4.0, "math.expm1": 4.0}
"""Roundings to the declared dtype where the op is made of others: for narrow floats, which ops compute in float32."""


def unit(step: Step, dtype: DType, ulps: float) -> float:
    """The relative error of one result of ``dtype``: narrow floats are computed in float32 and rounded once."""
    given = step.numerics.ulps.get(step.name)
    u = unit_roundoff(dtype)
    if given is not None:
        return given * u + REFERENCE
    if dtype in (DType.F16, DType.BF16):
        spent = 0.0 if step.name in EXACTING else ulps * unit_roundoff(DType.F32)
        return COMPOSED.get(step.name, 1.0) * u + spent + REFERENCE
    return ulps * (u + REFERENCE)


def rounded(step: Step, y: Array, dtype: DType, ulps: float, carried: Error) -> Error:
    """The error of rounding ``y``, on top of the one ``carried`` there.

    Where operands are exact and a correctly rounded result is representable, there is none."""
    if not step.rounds or dtype.kind not in ("float", "complex") or y.size == 0:
        return None
    with np.errstate(all="ignore"):
        size = np.abs(y)
        if step.name in step.numerics.absolute:
            size = np.where(size == 0, size, np.maximum(size, step.numerics.absolute[step.name]))
        divided = step.inside and step.name == "core.div"
        if divided:
            ulps = RECIPROCAL
        own = unit(step, dtype, ulps) * size + tiny(step, y, dtype)
        if ulps >= LIBRARY:
            own = own + UNDERFLOW * tiny(step, y, DType.F32 if dtype in (DType.F16, DType.BF16) else dtype)
        own = np.where(np.isfinite(y), own, 0.0)
        if step.name in EXACTING and step.name not in step.numerics.ulps:
            held = representable(y, dtype) & ~_lost(step, y)
            if divided:
                held = held & (np.abs(np.frexp(step.arrays[1])[0]) == 0.5)  # the reciprocal of a power of two is exact
            if carried is not None:
                held = held & (carried == 0)
            own = np.where(held, 0.0, own)
    return own if own.any() else None


def _lost(step: Step, y: Array) -> Array:
    """Where float64 itself rounded a sum: what it leaves may be representable, the sum is not."""
    if step.name not in ("core.add", "core.sub"):
        return np.zeros((), np.bool_)
    a, b = step.arrays[0], step.arrays[1] if step.name == "core.add" else -step.arrays[1]
    taken = y - a
    return np.asarray((a - (y - taken)) + (b - taken) != 0)


def tiny(step: Step, y: Array, dtype: DType) -> Array:
    """The absolute error of results below the normal numbers."""
    size = np.abs(y)
    return np.where((size > 0) & (size < smallest_normal(dtype)), step.numerics.floor(dtype), 0.0)


def representable(y: Array, dtype: DType) -> Array:
    """Where ``y`` is a number of ``dtype``. Of float64 and complex128, whose every value is one: of the next narrower,
    for then sums and products of such numbers do not round."""
    narrower = {DType.F64: DType.F32, DType.C128: DType.C64}.get(dtype, dtype)
    with np.errstate(all="ignore"):
        return np.asarray(y.astype(narrower.numpy).astype(y.dtype) == y)


def quantum(x: Array) -> float:
    """The largest power of two that divides every finite element."""
    parts = np.concatenate([x.real.ravel(), x.imag.ravel()]) if x.dtype.kind == "c" else x.ravel()
    parts = parts[np.isfinite(parts) & (parts != 0)].astype(np.float64)
    if parts.size == 0:
        return INF
    mantissa, exponent = np.frexp(parts)
    whole = np.ldexp(mantissa, 53).astype(np.int64)
    return float(np.ldexp((whole & -whole).astype(np.float64), exponent - 53).min())
