"""Contractions of levels: exact sums of integers, made real once.

The kernels (``internal/reference/integer_ops/{conv,depthwise_conv,fully_connected}.h``) sum products of levels less
their zero points in int32, add the bias, and bring the sum to the output's levels by a fixed-point multiplier. The
sums here are the same to the bit; the multiplier is a float32.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from interlingua.frontends.litert.levels import checked, levels_of, parameters, quantized, real_of
from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.reader import TensorInfo
from interlingua.frontends.litert.translations.activation import activated
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Add, Mul, Sub
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.quant import spread

BYTES = frozenset({DType.I8, DType.U8, DType.I4, DType.I2})
HYBRID = "its weights are quantized and its input is not: the kernel quantizes the input as it runs"


@dataclass(frozen=True)
class Places:
    """Which operands are what; ``channel`` is the axis of the filter that scales run along."""

    x: int
    filter: int
    bias: int
    channel: int


def contraction(
    n: LiteRtNode, b: Builder, places: Places, sums: Callable[[Value, Value, Value | None], Value]
) -> Value:
    """What ``sums`` makes of data, filter and bias, its channels last, with the fused activation: on reals, or by sums
    of integers on levels."""
    x, w, out = n.infos[places.x], n.infos[places.filter], n.result(0)
    assert x is not None and w is not None
    bias = n.get(places.bias)
    if not quantized(x) and not quantized(w):
        return activated(n, b, sums(n[places.x], n[places.filter], bias))
    if not quantized(x):
        n.unsupported(HYBRID)
    if n.tensor(places.x).dtype in BYTES and n.tensor(places.filter).dtype in BYTES and _summable(n, places):
        return levels_of(b, activated(n, b, _integers(n, b, places, sums)), out)
    real = [None if v is None or t is None else real_of(b, v, t) for v, t in zip(n.operands, n.infos, strict=True)]
    given = n.given(*real)
    return levels_of(b, activated(n, b, sums(given[places.x], given[places.filter], given.get(places.bias))), out)


def _summable(n: LiteRtNode, places: Places) -> bool:
    """Whether the scales come out of the sums: one for the data, one or one a channel for the filter, and a bias of
    int32."""
    bias = n.get(places.bias)
    x, w = n.infos[places.x], n.infos[places.filter]
    if x is None or w is None:
        return False
    weights = checked(w)
    whole = len(checked(x).scales) == 1 and (len(weights.scales) == 1 or weights.axis == places.channel)
    return whole and (bias is None or bias.tensor.dtype is DType.I32)


def _integers(n: LiteRtNode, b: Builder, places: Places, sums: Callable[[Value, Value, Value | None], Value]) -> Value:
    x, w = n.infos[places.x], n.infos[places.filter]
    assert x is not None and w is not None
    total = sums(_centred(b, n[places.x], x, 0), _centred(b, n[places.filter], w, places.channel), n.get(places.bias))
    (left, _), (right, _) = parameters(b, x), parameters(b, w)
    return b(Mul(), b(Cast(to=DType.F32), total), b(Mul(), left, right))


def _centred(b: Builder, value: Value, info: TensorInfo, axis: int) -> Value:
    """Levels less their zero point, in int32."""
    found = checked(info)
    wide = b(Cast(to=DType.I32), value)
    if not any(found.zero_points):
        return wide
    zero = b(Cast(to=DType.I32), parameters(b, info)[1])
    return b(Sub(), wide, spread(b, zero, value, axis, 0))


def biased(b: Builder, y: Value, bias: Value | None) -> Value:
    """``y`` and a bias along its last axis."""
    return y if bias is None else b(Add(), y, bias)
