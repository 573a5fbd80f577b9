"""Holding outputs against a reference, element by element."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from interlingua.equivalence.tolerance import Tolerance
from interlingua.report import Comparison


def compare_outputs(
    reference: Mapping[str, Any], actual: Mapping[str, Any], tolerance: Tolerance, case: str
) -> list[Comparison]:
    """One comparison an output: names, dtypes and shapes must agree, floats within the tolerance, all else exactly.

    NaN must stand where NaN stands, and infinities where they stand.
    """
    if list(reference) != list(actual):
        return [_failed("*", case, f"the outputs are {list(actual)}, not {list(reference)}")]
    return [compare_values(name, want, actual[name], tolerance, case) for name, want in reference.items()]


def compare_values(name: str, want: Any, got: Any, tolerance: Tolerance, case: str) -> Comparison:
    """One output."""
    if isinstance(want, list) or want is None:
        same_kind = isinstance(got, list) if isinstance(want, list) else got is None
        if not same_kind or (want is not None and len(got) != len(want)):
            return _failed(name, case, "one is a sequence of another length or kind")
        parts = [
            compare_values(f"{name}[{i}]", w, g, tolerance, case)
            for i, (w, g) in enumerate(zip(want or [], got or [], strict=True))
        ]
        return max(parts, key=lambda c: c.share, default=Comparison(name, case, True, 0.0, 0.0, 0.0, ()))
    want, got = np.asarray(want), np.asarray(got)
    if want.dtype != got.dtype or want.shape != got.shape:
        return _failed(name, case, f"it is {got.dtype}{list(got.shape)}, not {want.dtype}{list(want.shape)}")
    if want.size == 0:
        return Comparison(name, case, True, 0.0, 0.0, 0.0, (), "empty")
    floating = want.dtype.kind in "fcV"
    return _floats(name, want, got, tolerance, case) if floating else _exact(name, want, got, case)


def _exact(name: str, want: np.ndarray[Any, Any], got: np.ndarray[Any, Any], case: str) -> Comparison:
    wrong = np.asarray(want != got)
    if not wrong.any():
        return Comparison(name, case, True, 0.0, 0.0, 0.0, (), "equal")
    index = _index(wrong)
    return _failed(name, case, f"{int(wrong.sum())} element(s) differ, {got[index]!r} is not {want[index]!r}", index)


def _floats(
    name: str, want: np.ndarray[Any, Any], got: np.ndarray[Any, Any], tolerance: Tolerance, case: str
) -> Comparison:
    wide = np.complex128 if want.dtype.kind == "c" else np.float64
    w, g = want.astype(wide), got.astype(wide)
    special = ~np.isfinite(w) | ~np.isfinite(g)
    misplaced = special & ~((w == g) | (np.isnan(w) & np.isnan(g)))
    if misplaced.any():
        index = _index(misplaced)
        return _failed(
            name,
            case,
            f"{int(misplaced.sum())} NaN or infinite element(s) differ: {got[index]} is not {want[index]}",
            index,
        )
    if special.all():
        return Comparison(name, case, True, 0.0, 0.0, 0.0, (), "nothing finite")
    error = np.abs(np.where(special, 0.0, w) - np.where(special, 0.0, g))
    bound = tolerance.bound(name, want)
    with np.errstate(all="ignore"):
        share = np.where(error == 0, 0.0, np.where(bound > 0, error / bound, np.inf))
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(share)), share.shape))
    worst = float(share[index])
    return Comparison(name, case, worst <= 1.0, worst, float(error[index]), float(bound[index]), index)


def _index(mask: np.ndarray[Any, Any]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(mask)), mask.shape))


def _failed(name: str, case: str, detail: str, index: tuple[int, ...] = ()) -> Comparison:
    return Comparison(name, case, False, float("inf"), float("inf"), 0.0, index, detail)
