"""Upsampling: to sizes, or by factors, which then also are the scale of the coordinates."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Mul
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.resize import Resize
from interlingua.ir.ops.shaping import dim_of, vector

TABLE = Table()

_MODES: dict[str, dict[str, Any]] = {
    "upsample_nearest": {"mode": "nearest", "coordinates": "asymmetric", "nearest": "floor"},
    "_upsample_nearest_exact": {"mode": "nearest", "coordinates": "half_pixel", "nearest": "round_prefer_ceil"},
    "upsample_linear": {"mode": "linear"},
    "upsample_bilinear": {"mode": "linear"},
    "upsample_trilinear": {"mode": "linear"},
    "upsample_bicubic": {"mode": "cubic", "cubic_coeff": -0.75},
    "_upsample_bilinear_aa": {"mode": "linear", "antialias": True, "exclude_outside": True},
    "_upsample_bicubic_aa": {"mode": "cubic", "cubic_coeff": -0.5, "antialias": True, "exclude_outside": True},
}
"""What each operator is; the number of axes stands in its name. A half pixel before the first is clamped to it."""

_OVERLOADS = [
    f"{name.removesuffix('_aa')}{axes}d{'_aa' if name.endswith('_aa') else ''}.{variant}"
    for name, axes_of in {
        "upsample_nearest": (1, 2, 3),
        "_upsample_nearest_exact": (1, 2, 3),
        "upsample_linear": (1,),
        "upsample_bilinear": (2,),
        "upsample_trilinear": (3,),
        "upsample_bicubic": (2,),
        "_upsample_bilinear_aa": (2,),
        "_upsample_bicubic_aa": (2,),
    }.items()
    for axes in axes_of
    for variant in ("vec", "default")
]


@TABLE.translate(*_OVERLOADS)
def upsample(n: TorchNode, b: Builder) -> Value:
    x = n.value("input" if "input" in n.arguments else "self")
    axes = tuple(range(2, x.tensor.rank))
    name = n.op.partition(".")[0]
    settings = dict(_MODES[re.sub(r"\dd", "", name)])
    if not x.tensor.dtype.is_float and settings["mode"] != "nearest":
        n.unsupported("integers are rounded in a way of their own")
    if n.arguments.get("align_corners"):
        if settings.get("antialias"):
            n.unsupported("smoothed with its corners aligned, which PyTorch counts from half pixels all the same")
        settings["coordinates"] = "align_corners"
    factors = _factors(n)
    aligned = settings.get("coordinates") == "align_corners"
    if n["output_size"] is None and not aligned:
        return b(Resize(axes=axes, factors=factors, **settings), x)
    if n["output_size"] is not None and factors is not None and not aligned:
        n.unsupported("sizes and scales at once")
    sizes = n.vector("output_size") if n["output_size"] is not None else _scaled(b, x, axes, factors)
    return b(Resize(axes=axes, **settings), x, sizes)


def _scaled(b: Builder, x: Value, axes: Sequence[int], factors: Sequence[float] | None) -> Value:
    """The extents that factors give. Where corners are aligned the coordinates come from extents alone."""
    assert factors is not None
    parts: list[int | Value] = []
    for axis, factor in zip(axes, factors, strict=True):
        size = dim_of(b, x, axis)
        if isinstance(size, int):
            parts.append(math.floor(size * factor))
        elif factor == int(factor):
            parts.append(b(Mul(), size, b.constant([int(factor)])))
        else:
            parts.append((Expr(b, size).to(DType.F64) * factor).floor().to(DType.I64).value)
    return vector(b, parts)


def _factors(n: TorchNode) -> tuple[float, ...] | None:
    given = n["scale_factors"] if "scale_factors" in n.arguments else None
    names = [k for k in n.arguments if k.startswith("scales")]
    found = given if given is not None else [n[k] for k in names if n[k] is not None]
    if not found:
        return None
    if any(isinstance(f, Value) for f in found):
        n.unsupported("scales that only the run knows")
    return tuple(float(f) for f in found)
