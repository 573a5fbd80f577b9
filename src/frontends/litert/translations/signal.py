"""Fourier transforms and complex numbers, which are pairs of floats along a last axis more.

Semantics: ``tensorflow/lite/kernels/{rfft2d,complex_support}.cc``: the last two axes, cut or padded with zeros to the
length given, real to complex along the last of them.
"""

from __future__ import annotations

from interlingua.errors import InvalidModel
from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.layout import ExpandDims, Squeeze
from interlingua.ir.ops.reduction import L2
from interlingua.ir.ops.shape import Slice
from interlingua.ir.ops.signal import Dft

TABLE = Table()


@TABLE.translate("RFFT2D", takes_complex=True)
def rfft2d(n: LiteRtNode, b: Builder) -> Value:
    rank = n.rank(0)
    if rank < 2 or n.tensor(1).dims != (2,):
        raise InvalidModel(f"RFFT2D of {n[0].type} by {n[1].type}")
    height, width = (b(Slice(axes=(0,)), n[1], b.constant([i]), b.constant([i + 1])) for i in (0, 1))
    pairs = b(ExpandDims(axes=(rank,)), n[0])
    rows = b(Dft(axis=rank - 1, onesided=True), pairs, width)
    return b(Dft(axis=rank - 2), rows, height)


def _part(n: LiteRtNode, b: Builder, index: int) -> Value:
    axis = n.rank(0) - 1
    part = b(Slice(axes=(axis,)), n[0], b.constant([index]), b.constant([index + 1]))
    return b(Squeeze(axes=(axis,)), part)


@TABLE.translate("REAL", takes_complex=True)
def real(n: LiteRtNode, b: Builder) -> Value:
    return _part(n, b, 0)


@TABLE.translate("IMAG", takes_complex=True)
def imag(n: LiteRtNode, b: Builder) -> Value:
    return _part(n, b, 1)


@TABLE.translate("COMPLEX_ABS", takes_complex=True)
def complex_abs(n: LiteRtNode, b: Builder) -> Value:
    return b(L2(axes=(n.rank(0) - 1,)), n[0])
