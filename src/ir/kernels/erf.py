"""The error function."""

from __future__ import annotations

import numpy as np

from interlingua.ir.kernels.array import Array
from interlingua.ir.kernels.precision import narrow


def erf(x: Array) -> Array:
    """``2/sqrt(pi)`` times the integral of ``exp(-t*t)`` from 0 to ``x``, in double precision."""
    with np.errstate(all="ignore"):
        v = np.asarray(x).astype(np.float64)
        a = np.abs(v)
        outer = np.copysign(1.0 - erfc_tail(np.clip(a, 0.46875, 6.0)), v)
        y = np.where(a <= 0.46875, erf_core(np.minimum(a, 0.46875)) * v, outer)
    return narrow(np.where(np.isnan(v), v, y), x)


def erf_core(a: Array) -> Array:
    """``erf(a)/a`` for ``a`` in [0, 0.46875]: a rational function of ``a*a``.

    Coefficients: W. J. Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969),
    631-637.
    """
    p = (1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2, 3.77485237685302021e2,
         3.20937758913846947e3)  # fmt: skip
    q = (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3)
    return np.asarray(np.polyval(p, a * a) / np.polyval(q, a * a))


def erfc_tail(a: Array) -> Array:
    """``1 - erf(a)`` for ``a`` in [0.46875, 6]; above, ``erf`` rounds to 1. Coefficients as in ``erf_core``.

    Cody's interval ends at 4. Beyond it the tail is below 2e-8: what it loses there does not reach erf.
    """
    p = (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e1,
         2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
         1.23033935479799725e3)  # fmt: skip
    q = (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
         3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3,
         1.23033935480374942e3)  # fmt: skip
    coarse = np.floor(a * 16.0) / 16.0  # exp(-a*a) in two factors, the first of an exact square
    return np.asarray(
        np.exp(-coarse * coarse) * np.exp(-(a - coarse) * (a + coarse)) * np.polyval(p, a) / np.polyval(q, a)
    )
