"""Quantization.

Semantics: ``tensorflow/lite/kernels/{quantize,dequantize,fake_quant}.cc``. Float16 goes through DEQUANTIZE, too: that
is how converters store half-precision weights. XNNPACK rounds the ties of QUANTIZE to even, as ``quant.quantize``
does, the builtin kernels away from zero; only a real exactly in the middle of two levels tells.
"""

from __future__ import annotations

import numpy as np

from interlingua.errors import InvalidModel
from interlingua.frontends.litert.levels import levels_of, quantized, real_of
from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import OWN, Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.unary import Round

TABLE = Table()


@TABLE.translate("QUANTIZE", quantized=OWN)
def quantize(n: LiteRtNode, b: Builder) -> Value:
    """Of reals, or of levels of another scale."""
    info, result = n.infos[0], n.result(0)
    if info is None or not quantized(result):
        raise InvalidModel(f"{result} has no scale")
    return levels_of(b, real_of(b, n[0], info), result)


@TABLE.translate("DEQUANTIZE", quantized=OWN)
def dequantize(n: LiteRtNode, b: Builder) -> Value:
    info = n.infos[0]
    if n.tensor(0).dtype.is_float:
        return b(Cast(to=n.dtype(0)), n[0])
    if info is None or not quantized(info):
        raise InvalidModel(f"{info} has no scale")
    return real_of(b, n[0], info)


@TABLE.translate("FAKE_QUANT")
def fake_quant(n: LiteRtNode, b: Builder) -> Value:
    """Reals as they come back from levels. The range is moved so that 0 is a level (``NudgeQuantizationRange``)."""
    low, high = np.float32(n.required("min")), np.float32(n.required("max"))
    bits = int(n.required("num_bits"))
    least, greatest = (
        np.float32(1 if n.option("narrow_range") else 0),
        np.float32((1 << bits) - 1) if 0 < bits < 17 else 0,
    )
    if not (np.isfinite(low) and np.isfinite(high) and low < high) or greatest <= least:
        raise InvalidModel(f"FAKE_QUANT of {bits} bits from {low} to {high}")
    scale = (high - low) / (greatest - least)
    zero = least - low / scale
    nudged = min(max(np.floor(zero + np.float32(0.5)), least), greatest)
    bottom, top = (least - nudged) * scale, (greatest - nudged) * scale
    shifted = Expr(b, n[0]).clip(float(bottom), float(top)) - float(bottom)
    levels = Expr(b, b(Round(), (shifted * float(np.float32(1) / scale)).value))
    return (levels * float(scale) + float(bottom)).value
