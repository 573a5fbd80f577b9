"""Where an op says that its result is undefined."""

from __future__ import annotations

from collections.abc import Callable

import ml_dtypes
import numpy as np

from interlingua.equivalence.bounds.bounded import Step
from interlingua.equivalence.expectation import Array
from interlingua.ir.dtypes import DType
from interlingua.ir.image import lossless


def _division(step: Step) -> Array | None:
    a, b = step.arrays
    if a.dtype.kind not in "iu":
        return None
    least = np.iinfo(a.dtype).min
    return np.asarray((b == 0) | ((a == least) & (b == -1) if least else False))


def _power(step: Step) -> Array | None:
    a, b = step.arrays
    return np.asarray((a == 0) & (b < 0)) if a.dtype.kind == "i" else None


def _shift(step: Step) -> Array | None:
    a, b = step.arrays
    return np.asarray((b < 0) | (b >= 8 * a.dtype.itemsize)) & np.ones(a.shape, bool)


def _cast(step: Step) -> Array | None:
    x, target = step.arrays[0], step.dtypes[0]
    if target is DType.STRING and x.dtype.kind in "bf":
        return np.asarray(True)
    if x.dtype.kind != "f" or not target.is_integer or step.op.attributes()["saturate"]:
        return None
    info = ml_dtypes.iinfo(target.numpy)
    with np.errstate(all="ignore"):
        whole = np.trunc(x)
        return np.asarray(~((whole >= float(info.min)) & (whole < float(info.max) + 1.0)))


def _levels(step: Step) -> Array | None:
    """``quant.quantize``: NaN to an integer."""
    x, target = step.arrays[0], step.dtypes[0]
    return np.isnan(x) if target.is_integer and x.dtype.kind == "f" else None


def _dynamic(step: Step) -> Array | None:
    return np.asarray(not np.isfinite(step.arrays[0]).all())


def _grid(step: Step) -> Array:
    """A coordinate that is not finite: all channels at its place."""
    return np.asarray(~np.isfinite(step.arrays[1]).all(axis=-1))[:, None]


def _boxes(step: Step) -> Array:
    return np.asarray(~np.isfinite(step.arrays[1]).all(axis=-1)).reshape(-1, 1, 1, 1)


def _pixels(step: Step) -> Array:
    """``vision.decode_image``: of a file whose pixels hang on the decoder."""
    return np.asarray(not lossless(step.arrays[0]))


UNDEFINED: dict[str, Callable[[Step], Array | None]] = {
    **dict.fromkeys(("core.div", "core.rem", "math.floor_div", "math.mod"), _division),
    "core.pow": _power,
    "core.shift_left": _shift,
    "core.shift_right": _shift,
    "core.cast": _cast,
    "quant.quantize": _levels,
    "vision.grid_sample": _grid,
    "vision.roi_align": _boxes,
    "quant.dynamic_quantize": _dynamic,
    "vision.decode_image": _pixels,
}
"""Masks over the (first) result, or ``None``."""
