"""Resampling of planes, channels last.

Semantics: ``internal/reference/{resize_bilinear,resize_nearest_neighbor}.h``: the scale is ``in / out``, with
``align_corners`` ``(in - 1) / (out - 1)`` (unless out is 1); an output stands at ``i * scale``, with
``half_pixel_centers`` at ``(i + 0.5) * scale - 0.5``. Nearest takes the floor of ``i * scale`` or ``(i + 0.5) *
scale``, or with ``align_corners`` rounds half up.

The kernels compute coordinates in float32. Where that picks other pixels than exact arithmetic does, nearest is a
gather of the very pixels.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from interlingua.errors import InvalidModel
from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import LEVELS, Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.resize import Coordinates, Nearest, Resize

TABLE = Table()
Indices: TypeAlias = "np.ndarray[Any, Any]"
_AXES = (1, 2)


def _coordinates(n: LiteRtNode) -> Coordinates:
    if n.required("align_corners"):
        if n.required("half_pixel_centers"):
            n.unsupported("align_corners and half_pixel_centers together")
        return "align_corners"
    return "half_pixel" if n.required("half_pixel_centers") else "asymmetric"


def _sizes(n: LiteRtNode, b: Builder) -> Value:
    if n.rank(0) != 4 or n.tensor(1).dims != (2,):
        raise InvalidModel(f"{n.op} of {n[0].type} to {n[1].type}")
    return n[1] if n.tensor(1).dtype is DType.I64 else b(Cast(to=DType.I64), n[1])


@TABLE.translate("RESIZE_BILINEAR")
def resize_bilinear(n: LiteRtNode, b: Builder) -> Value:
    return b(Resize(axes=_AXES, mode="linear", coordinates=_coordinates(n)), n[0], _sizes(n, b))


@TABLE.translate("RESIZE_NEAREST_NEIGHBOR", quantized=LEVELS)
def resize_nearest_neighbor(n: LiteRtNode, b: Builder) -> Value:
    coordinates, sizes = _coordinates(n), _sizes(n, b)
    rounding: Nearest = "floor" if coordinates == "asymmetric" else "round_prefer_ceil"
    wanted, x = n.constant(1), n[0]
    if wanted is not None:
        for axis, out in zip(_AXES, wanted, strict=True):
            size = x.tensor.dims[axis]
            if isinstance(size, int) and size > 0 and 0 < out < 1 << 24 and not _agrees(coordinates, size, int(out)):
                return _gathered(n, b, coordinates, wanted)
    return b(Resize(axes=_AXES, coordinates=coordinates, nearest=rounding), x, sizes)


def _picked(coordinates: Coordinates, size: int, out: int, real: Any) -> Indices:
    """The pixels along an axis, computed in ``real``, which is a float of NumPy's."""
    aligned = coordinates == "align_corners" and out > 1
    scale = real(size - 1) / real(out - 1) if aligned else real(size) / real(out)
    places = np.arange(out).astype(real) + real(0.5 if coordinates == "half_pixel" else 0)
    at = places * scale
    found = np.floor(at + real(0.5)) if coordinates == "align_corners" else np.floor(at)
    picked: Indices = np.clip(found.astype(np.int64), 0, size - 1)
    return picked


def _agrees(coordinates: Coordinates, size: int, out: int) -> bool:
    return bool((_picked(coordinates, size, out, np.float32) == _picked(coordinates, size, out, np.float64)).all())


def _gathered(n: LiteRtNode, b: Builder, coordinates: Coordinates, wanted: Indices) -> Value:
    x = n[0]
    for axis, out in zip(_AXES, wanted, strict=True):
        size = x.tensor.dims[axis]
        if not isinstance(size, int):
            n.unsupported("which pixels it takes depends on rounding, and the input's extents only the run knows")
        x = b(Gather(axis=axis), x, b.constant(_picked(coordinates, size, int(out), np.float32)))
    return x
