"""Elementwise ops of several operands, which broadcast as NumPy does.

Semantics: ``tensorflow/lite/kernels/{add,sub,mul,div,maximum_minimum,pow,floor_div,floor_mod,squared_difference,add_n,
comparisons,logical,atan2,select}.cc``. Integers divide towards zero (DIV) or down (FLOOR_DIV, FLOOR_MOD).
"""

from __future__ import annotations

from functools import reduce

from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import LEVELS, REAL, Table
from interlingua.frontends.litert.translations.activation import activated
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.binary import Add, Atan2, Div, Max, Min, Mul, Pow, Sub
from interlingua.ir.ops.layout import ExpandDims
from interlingua.ir.ops.logic import And, Eq, Le, Lt, Or, Select
from interlingua.ir.ops.math import FloorDiv, Ge, Gt, Mod, Ne, Square

TABLE = Table()

FUSED: dict[str, Op] = {"ADD": Add(), "DIV": Div(), "MUL": Mul(), "SUB": Sub()}
OPS: dict[str, Op] = {
    "ATAN2": Atan2(),
    "EQUAL": Eq(),
    "FLOOR_DIV": FloorDiv(),
    "FLOOR_MOD": Mod(),
    "GREATER": Gt(),
    "GREATER_EQUAL": Ge(),
    "LESS": Lt(),
    "LESS_EQUAL": Le(),
    "LOGICAL_AND": And(),
    "LOGICAL_OR": Or(),
    "MAXIMUM": Max(),
    "MINIMUM": Min(),
    "NOT_EQUAL": Ne(),
    "POW": Pow(),
}


@TABLE.translate(*FUSED, quantized=REAL)
def fused(n: LiteRtNode, b: Builder) -> Value:
    return activated(n, b, b(FUSED[n.op], n[0], n[1]))


@TABLE.translate(*OPS, quantized=REAL)
def binary(n: LiteRtNode, b: Builder) -> Value:
    return b(OPS[n.op], n[0], n[1])


@TABLE.translate("SQUARED_DIFFERENCE", quantized=REAL)
def squared_difference(n: LiteRtNode, b: Builder) -> Value:
    return b(Square(), b(Sub(), n[0], n[1]))


@TABLE.translate("ADD_N")
def add_n(n: LiteRtNode, b: Builder) -> Value:
    return reduce(lambda x, y: b(Add(), x, y), n.all)


@TABLE.translate("SELECT", quantized=LEVELS)
def select(n: LiteRtNode, b: Builder) -> Value:
    """A condition of rank 1 chooses whole slices along the first axis."""
    condition, rank = n[0], n.rank(1)
    if n.rank(0) == 1 and rank > 1:
        condition = b(ExpandDims(axes=tuple(range(1, rank))), condition)
    return b(Select(), condition, n[1], n[2])


@TABLE.translate("SELECT_V2", quantized=LEVELS)
def select_v2(n: LiteRtNode, b: Builder) -> Value:
    return b(Select(), n[0], n[1], n[2])
