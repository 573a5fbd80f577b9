"""StableHLO's ops inside a file, where one of ours is the same.

Semantics: the StableHLO specification, which ``tensorflow/lite/kernels/stablehlo_{elementwise,and,shift_left}.cc``
follow, but that their maximum and minimum lose a NaN of the second operand. Operands are of one shape.
"""

from __future__ import annotations

from interlingua.errors import InvalidModel
from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.binary import Add, Div, Max, Min, Mul, Pow, Rem, Sub
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.logic import And, Eq, Le, Lt, Or, Select, ShiftLeft
from interlingua.ir.ops.math import Ge, Gt, Ne, Rsqrt, Sigmoid
from interlingua.ir.ops.shape import Concat, Reshape, Slice, Transpose
from interlingua.ir.ops.unary import Abs, Cos, Exp, Floor, Log, Neg, Tanh

TABLE = Table()

OPS: dict[str, tuple[Op, int]] = {
    "STABLEHLO_ABS": (Abs(), 1),
    "STABLEHLO_ADD": (Add(), 2),
    "STABLEHLO_AND": (And(), 2),
    "STABLEHLO_COSINE": (Cos(), 1),
    "STABLEHLO_DIVIDE": (Div(), 2),
    "STABLEHLO_EXPONENTIAL": (Exp(), 1),
    "STABLEHLO_FLOOR": (Floor(), 1),
    "STABLEHLO_LOG": (Log(), 1),
    "STABLEHLO_LOGISTIC": (Sigmoid(), 1),
    "STABLEHLO_MAXIMUM": (Max(), 2),
    "STABLEHLO_MINIMUM": (Min(), 2),
    "STABLEHLO_MULTIPLY": (Mul(), 2),
    "STABLEHLO_NEGATE": (Neg(), 1),
    "STABLEHLO_OR": (Or(), 2),
    "STABLEHLO_POWER": (Pow(), 2),
    "STABLEHLO_REMAINDER": (Rem(), 2),
    "STABLEHLO_RSQRT": (Rsqrt(), 1),
    "STABLEHLO_SELECT": (Select(), 3),
    "STABLEHLO_SUBTRACT": (Sub(), 2),
    "STABLEHLO_TANH": (Tanh(), 1),
}
LOGICAL: dict[str, Op] = {
    "STABLEHLO_ADD": Or(),
    "STABLEHLO_MAXIMUM": Or(),
    "STABLEHLO_MINIMUM": And(),
    "STABLEHLO_MULTIPLY": And(),
}
"""What arithmetic is on bools."""
COMPARISONS: dict[str, Op] = {
    "STABLEHLO_COMPARISON_DIRECTION_EQ": Eq(),
    "STABLEHLO_COMPARISON_DIRECTION_NE": Ne(),
    "STABLEHLO_COMPARISON_DIRECTION_GE": Ge(),
    "STABLEHLO_COMPARISON_DIRECTION_GT": Gt(),
    "STABLEHLO_COMPARISON_DIRECTION_LE": Le(),
    "STABLEHLO_COMPARISON_DIRECTION_LT": Lt(),
}


def _alike(n: LiteRtNode, first: int = 0) -> None:
    """Check that operands from ``first`` on are of one shape, as far as is known."""
    for value in n.all[first + 1 :]:
        pairs = zip(n.tensor(first).dims, value.tensor.dims, strict=False)
        apart = any(isinstance(a, int) and isinstance(b, int) and a != b for a, b in pairs)
        if apart or value.tensor.rank != n.rank(first):
            raise InvalidModel(f"{n.op} takes operands of one shape, not {n[first].type} and {value.type}")


@TABLE.translate(*OPS)
def elementwise(n: LiteRtNode, b: Builder) -> Value:
    """The condition of a selection may be a scalar."""
    op, count = OPS[n.op]
    if len(n) != count:
        raise InvalidModel(f"{n.op} has {len(n)} operands")
    _alike(n, 1 if count == 3 and n.rank(0) == 0 else 0)
    return b(LOGICAL.get(n.op, op) if n.tensor(0).dtype is DType.BOOL else op, *n.all)


@TABLE.translate("STABLEHLO_SHIFT_LEFT")
def shift_left(n: LiteRtNode, b: Builder) -> Value:
    """By as many bits as there are, or more, nothing is left; our op says nothing of those."""
    _alike(n)
    x, amount = n[0], n[1]
    zero, bits = b.scalar(0, amount), b.scalar(x.tensor.dtype.bits, amount)
    within = b(And(), b(Le(), zero, amount), b(Lt(), amount, bits))
    return b(Select(), within, b(ShiftLeft(), x, b(Select(), within, amount, zero)), b.scalar(0, x))


@TABLE.translate("STABLEHLO_COMPARE")
def compare(n: LiteRtNode, b: Builder) -> Value:
    _alike(n)
    if n.choice("compare_type", "StablehloComparisonType") == "STABLEHLO_COMPARISON_TYPE_FLOAT_TOTAL_ORDER":
        n.unsupported("the total order of floats is not that of our ops")
    return b(COMPARISONS[n.choice("comparison_direction", "StablehloComparisonDirection")], n[0], n[1])


@TABLE.translate("STABLEHLO_CONVERT")
def convert(n: LiteRtNode, b: Builder) -> Value:
    return b(Cast(to=n.dtype(0)), n[0])


@TABLE.translate("STABLEHLO_CONCATENATE")
def concatenate(n: LiteRtNode, b: Builder) -> Value:
    return b(Concat(axis=n.axis("dimension")), *n.all)


@TABLE.translate("STABLEHLO_RESHAPE")
def reshape(n: LiteRtNode, b: Builder) -> Value:
    """To the shape that the file declares of its output."""
    shape = n.result(0).shape
    if shape.count(-1) > 1:
        n.unsupported("several dims of its output are open")
    return b(Reshape(), n[0], b.constant(shape, DType.I64))


@TABLE.translate("STABLEHLO_SLICE")
def slice_(n: LiteRtNode, b: Builder) -> Value:
    starts, limits, strides = (n.listed(name, "i64") for name in ("start_indices", "limit_indices", "strides"))
    if starts is None or limits is None or strides is None or not len(starts) == len(limits) == len(strides):
        raise InvalidModel("STABLEHLO_SLICE says no bounds")
    axes = tuple(range(len(starts)))
    return b(Slice(axes=axes), n[0], b.constant(starts), b.constant(limits), b.constant(strides))


@TABLE.translate("STABLEHLO_TRANSPOSE")
def transpose(n: LiteRtNode, b: Builder) -> Value:
    perm = n.listed("permutation", "i64")
    if perm is None:
        raise InvalidModel("STABLEHLO_TRANSPOSE says no permutation")
    return b(Transpose(perm=tuple(perm)), n[0])
