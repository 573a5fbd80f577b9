"""The judgement: what came out, held against what is expected, element by element."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from interlingua.equivalence.expectation import Array, Expectation, Expected
from interlingua.equivalence.magnitude import root_mean_square
from interlingua.ir.dtypes import DType
from interlingua.report import Comparison, Verdict
from interlingua.runtimes.numerics import largest, unit_roundoff

INF = float("inf")


def judge(expectation: Expectation, actual: Mapping[str, Any], case: str) -> list[Comparison]:
    """One comparison an output.

    Names, dtypes and shapes must agree; NaN and infinities must stand where they are expected; floats lie within their
    error, everything else is equal. What nothing can be said of is excused, and counted.
    """
    expected = expectation.outputs
    if list(expected) != list(actual):
        return [failed("*", case, f"the outputs are {list(actual)}, not {list(expected)}")]
    excuse = Verdict.UNDEFINED if expectation.undefined else Verdict.AMBIGUOUS
    return [judge_value(name, want, actual[name], case, excuse) for name, want in expected.items()]


def judge_value(name: str, want: Any, got: Any, case: str, excuse: Verdict = Verdict.AMBIGUOUS) -> Comparison:
    """One output: a tensor, a sequence, an optional. ``excuse`` is the verdict where nothing can be said at all."""
    if not isinstance(want, Expected):
        return _judge_parts(name, want, got, case, excuse)
    array = np.asarray(got)
    dtype = DType.of(array)
    if dtype is not want.dtype or (array.shape != want.value.shape and not want.fluid):
        return failed(name, case, f"it is {dtype}{list(array.shape)}, not {want.dtype}{list(want.value.shape)}")
    if array.shape != want.value.shape:
        return Comparison(name, case, excuse, 0.0, 0.0, 0.0, (), "its shape hangs on a discontinuity", excused=1.0)
    if array.size == 0:
        return Comparison(name, case, Verdict.VERIFIED, 0.0, 0.0, 0.0, (), "empty")
    return _judge_elements(name, want, array, case, excuse)


def _judge_parts(name: str, want: Any, got: Any, case: str, excuse: Verdict) -> Comparison:
    same_kind = isinstance(got, list) if isinstance(want, list) else got is None
    if not same_kind or (want is not None and len(got) != len(want)):
        return failed(name, case, "one is a sequence of another length or kind")
    parts = [
        judge_value(f"{name}[{i}]", w, g, case, excuse)
        for i, (w, g) in enumerate(zip(want or [], got or [], strict=True))
    ]
    fine = Comparison(name, case, Verdict.VERIFIED, 0.0, 0.0, 0.0, (), "empty")
    return max(parts, key=lambda c: (not c.passed, c.share), default=fine)


def _judge_elements(name: str, want: Expected, got: Array, case: str, excuse: Verdict) -> Comparison:
    bound = np.zeros(got.shape) if want.error is None else np.broadcast_to(want.error, got.shape)
    open_ = np.isinf(bound)
    excused = float(np.mean(open_))
    if open_.all():
        return Comparison(name, case, excuse, 0.0, 0.0, INF, (), "nothing can be said of any element", excused=1.0)
    if want.dtype is DType.STRING or (want.error is None and want.dtype.kind not in ("float", "complex")):
        return _judge_exact(name, want, got, case)
    if want.dtype.kind == "complex":
        return _judge_elements(name, _parts_of(want, bound), _real(got), case, excuse)
    w, g = _saturated(want), _wide(got)
    wrong = _misplaced(want, w, g, bound) & ~open_
    if wrong.any():
        index = index_of(wrong)
        return failed(name, case, f"{int(wrong.sum())} element(s): {got[index]} is not {w[index]}", index, excused)
    plain = np.isfinite(w) & np.isfinite(g) & ~open_
    if not plain.any():
        return Comparison(name, case, Verdict.VERIFIED, 0.0, 0.0, 0.0, (), "nothing finite", excused=excused)
    return _measured(
        name, want, np.where(plain, w, 0), np.where(plain, g, 0), np.where(plain, bound, 1.0), case, excused
    )


def _measured(name: str, want: Expected, w: Array, g: Array, bound: Array, case: str, excused: float) -> Comparison:
    with np.errstate(all="ignore"):
        error = np.abs(w - g)
        shares = np.where(error == 0, 0.0, np.where(bound > 0, error / bound, INF))
    index = index_of(shares == shares.max())
    share, detail = float(shares[index]), ""
    rms, signal = root_mean_square(error), root_mean_square(w)
    if rms > 0 and rms / max(want.rms, 5e-324) > share:
        share, detail = rms / max(want.rms, 5e-324), f"root mean square {rms:.3g}, allowed {want.rms:.3g}"
    verdict = Verdict.VERIFIED if share <= 1.0 else Verdict.MISMATCH
    sqnr = 20 * float(np.log10(signal) - np.log10(rms)) if rms > 0 and signal > 0 else None
    return Comparison(
        name, case, verdict, share, float(error[index]), float(bound[index]), index, detail, sqnr, excused
    )


def _judge_exact(name: str, want: Expected, got: Array, case: str) -> Comparison:
    wrong = np.asarray(want.value != got)
    if not wrong.any():
        return Comparison(name, case, Verdict.VERIFIED, 0.0, 0.0, 0.0, (), "equal")
    index = index_of(wrong)
    detail = f"{int(wrong.sum())} element(s) differ, {got[index]!r} is not {want.value[index]!r}"
    return failed(name, case, detail, index)


def _misplaced(want: Expected, w: Array, g: Array, bound: Array) -> Array:
    """Where NaN, an infinity or the sign of a zero is not what it should be."""
    with np.errstate(all="ignore"):
        special = ~np.isfinite(w) | ~np.isfinite(g)
        wrong = special & ~((w == g) | (np.isnan(w) & np.isnan(g)))
        if want.dtype.is_float:
            exact = _wide(want.value)
            overflows = np.isfinite(w) & np.isinf(g) & (np.sign(w) == np.sign(g)) & (bound >= _room(w, want.dtype))
            wrong &= ~(overflows | (np.isfinite(exact) & np.isfinite(g) & (np.abs(g - exact) <= bound)))
            if want.signed:
                wrong |= (w == 0) & (g == 0) & (np.signbit(w) != np.signbit(g))
    return np.asarray(wrong)


def _room(w: Array, dtype: DType) -> Array:
    """How far numbers are from what rounds to infinity: half a spacing beyond the largest one. With the unit roundoff
    ``u``, that is ``2^e (2 - 2u)``, and the spacing there is ``2^e 2u``."""
    u, most = unit_roundoff(dtype), largest(dtype)
    return np.asarray((most - np.abs(w)) + most / (2 - 2 * u) * u)


def _saturated(want: Expected) -> Array:
    """The reference as its dtype can say it: what is beyond the largest number is infinite."""
    wide = _wide(want.value)
    if not want.dtype.is_float:
        return wide
    limit = largest(want.dtype) * (1 + unit_roundoff(want.dtype))
    return np.asarray(np.where(np.abs(wide) > limit, np.copysign(INF, wide), wide))


def _parts_of(want: Expected, bound: Array) -> Expected:
    """A complex tensor as a real one, its parts along a new last axis: a part may be finite where the other is not."""
    part = DType.F32 if want.dtype is DType.C64 else DType.F64
    return replace(want, value=_real(want.value), dtype=part, error=np.stack([bound, bound], axis=-1))


def _real(array: Array) -> Array:
    return np.stack([array.real, array.imag], axis=-1)


def _wide(array: Array) -> Array:
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def index_of(mask: Array) -> tuple[int, ...]:
    """The first place where ``mask`` holds."""
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(mask)), mask.shape))


def failed(name: str, case: str, detail: str, index: tuple[int, ...] = (), excused: float = 0.0) -> Comparison:
    """A mismatch that no number measures."""
    return Comparison(name, case, Verdict.MISMATCH, INF, INF, 0.0, index, detail, None, excused)
