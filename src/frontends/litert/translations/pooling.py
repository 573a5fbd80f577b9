"""Poolings over planes, channels last.

Semantics: ``tensorflow/lite/kernels/pooling.cc`` and ``internal/reference/pooling.h``: padding counts neither in a
mean nor in a maximum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from interlingua.errors import InvalidModel
from interlingua.frontends.litert.levels import levels_of, quantized, real_of
from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import OWN, REAL, Table
from interlingua.frontends.litert.translations.activation import activated
from interlingua.frontends.litert.windows import Windows, spatial, windows
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Div, Mul
from interlingua.ir.ops.pooling import AvgPool, MaxPool
from interlingua.ir.ops.shape import BroadcastTo, Pad
from interlingua.ir.ops.source import ShapeOf
from interlingua.ir.ops.unary import Sqrt

TABLE = Table()


@dataclass(frozen=True)
class Plan:
    """Windows and their attributes."""

    found: Windows
    window: tuple[int, ...]
    strides: tuple[int, ...]

    def attributes(self) -> dict[str, Any]:
        return {
            "window": self.window,
            "strides": self.strides,
            "pads": self.found.pads,
            "dilations": (1, 1),
            "layout": "channels_last",
        }


def _plan(n: LiteRtNode, b: Builder, x: Value, fill: Any = 0) -> Plan:
    if n.rank(0) != 4:
        raise InvalidModel(f"{n.op} of {n[0].type}")
    window, strides = spatial(n, "filter_height", "filter_width"), spatial(n, "stride_h", "stride_w")
    return Plan(windows(n, b, x, window, strides, fill=fill), window, strides)


def _mean(n: LiteRtNode, b: Builder, x: Value) -> Value:
    """Where the pads are known to the run alone, the mean of the padded input over that of a padded tensor of ones."""
    plan = _plan(n, b, x)
    op = AvgPool(**plan.attributes())
    mean = b(op, plan.found.x)
    if plan.found.padded is None:
        return mean
    ones = b(BroadcastTo(), b.scalar(1, x), b(ShapeOf(), x))
    return b(Div(), mean, b(op, b(Pad(), ones, plan.found.padded)))


@TABLE.translate("AVERAGE_POOL_2D", quantized=REAL)
def average_pool_2d(n: LiteRtNode, b: Builder) -> Value:
    return activated(n, b, _mean(n, b, n[0]))


@TABLE.translate("L2_POOL_2D")
def l2_pool_2d(n: LiteRtNode, b: Builder) -> Value:
    """The root of the mean of squares."""
    return activated(n, b, b(Sqrt(), _mean(n, b, b(Mul(), n[0], n[0]))))


@TABLE.translate("MAX_POOL_2D", quantized=OWN)
def max_pool_2d(n: LiteRtNode, b: Builder) -> Value:
    """Of levels the greatest level: input and output have one scale. A fused activation is of reals."""
    dtype: DType = n.tensor(0).dtype
    fill = -np.inf if dtype.is_float else np.iinfo(dtype.numpy).min
    plan = _plan(n, b, n[0], fill)
    found = b(MaxPool(**plan.attributes()), plan.found.x)
    info = n.infos[0]
    if info is None or not quantized(info) or n.choice("fused_activation_function", "ActivationFunctionType") == "NONE":
        return activated(n, b, found)
    return levels_of(b, activated(n, b, real_of(b, found, info)), n.result(0))
