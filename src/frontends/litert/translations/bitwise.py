"""Bits of integers.

Semantics: ``tensorflow/lite/kernels/{bitwise_xor,right_shift,bitcast}.cc``; a shift is cut to the width of the type.
"""

from __future__ import annotations

from functools import reduce

from interlingua.errors import InvalidModel
from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Max, Min
from interlingua.ir.ops.convert import Bitcast, Cast
from interlingua.ir.ops.layout import Split, Squeeze, Stack
from interlingua.ir.ops.logic import Or, ShiftLeft, ShiftRight, Xor

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
    """Elements of another width lie along one axis more, or one less, the lowest bits first."""
    wide, to = n.tensor(0).dtype.bits, n.dtype(0)
    if wide == to.bits:
        return b(Bitcast(to=to), n[0])
    return (_parts if wide > to.bits else _whole)(n, b, to)


def _parts(n: LiteRtNode, b: Builder, to: DType) -> Value:
    bits = b(Bitcast(to=_unsigned(n.tensor(0).dtype.bits)), n[0])
    shifts = range(0, bits.tensor.dtype.bits, to.bits)
    moved = [b(ShiftRight(), bits, b.scalar(shift, bits)) if shift else bits for shift in shifts]
    return b(Bitcast(to=to), b(Stack(axis=n.rank(0)), *(b(Cast(to=_unsigned(to.bits)), part) for part in moved)))


def _whole(n: LiteRtNode, b: Builder, to: DType) -> Value:
    narrow, axis = n.tensor(0).dtype, n.rank(0) - 1
    count, size = to.bits // narrow.bits, n.tensor(0).dims[-1] if axis >= 0 else 0
    if isinstance(size, int) and size != count:
        raise InvalidModel(f"BITCAST of {n[0].type} to {to}")
    wide = b(Cast(to=_unsigned(to.bits)), b(Bitcast(to=_unsigned(narrow.bits)), n[0]))
    slices = b.add_all(Split(axis=axis, parts=count), wide, b.constant([1] * count))
    parts = [b(Squeeze(axes=(axis,)), part) for part in slices]
    moved = [b(ShiftLeft(), part, b.scalar(i * narrow.bits, part)) if i else part for i, part in enumerate(parts)]
    return b(Bitcast(to=to), reduce(lambda low, high: b(Or(), low, high), moved))


def _unsigned(bits: int) -> DType:
    return DType(f"u{bits}")
