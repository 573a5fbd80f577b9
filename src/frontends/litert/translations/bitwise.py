"""Bits of integers.

Semantics: ``tensorflow/lite/kernels/{bitwise_xor,right_shift,bitcast}.cc``; a shift is cut to the width of the type.
"""

from __future__ import annotations

from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Max, Min
from interlingua.ir.ops.convert import Bitcast
from interlingua.ir.ops.logic import ShiftRight, Xor

TABLE = Table()


@TABLE.translate("BITWISE_XOR")
def bitwise_xor(n: LiteRtNode, b: Builder) -> Value:
    return b(Xor(), n[0], n[1])


@TABLE.translate("RIGHT_SHIFT")
def right_shift(n: LiteRtNode, b: Builder) -> Value:
    amount, bits = n[1], n.tensor(0).dtype.bits
    amount = b(Min(), b(Max(), amount, b.scalar(0, amount)), b.scalar(bits - 1, amount))
    return b(ShiftRight(), n[0], amount)


@TABLE.translate("BITCAST")
def bitcast(n: LiteRtNode, b: Builder) -> Value:
    to = n.dtype(0)
    if to.bits != n.tensor(0).dtype.bits:
        n.unsupported(f"from {n.tensor(0).dtype} to {to}: the widths differ")
    return b(Bitcast(to=to), n[0])
