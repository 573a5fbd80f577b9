"""Logic, bits, comparison and selection."""

from __future__ import annotations

from interlingua.frontends.onnx.elementwise import aligned
from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table, Translation
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.op import Op
from interlingua.ir.ops.convert import Bitcast
from interlingua.ir.ops.logic import And, Eq, Le, Lt, Not, Or, Select, ShiftLeft, ShiftRight, Xor
from interlingua.ir.ops.math import Ge, Gt

TABLE = Table()

_BINARY: dict[str, tuple[type[Op], tuple[int, ...]]] = {
    "And": (And, (1, 7)),
    "Or": (Or, (1, 7)),
    "Xor": (Xor, (1, 7)),
    "BitwiseAnd": (And, (18,)),
    "BitwiseOr": (Or, (18,)),
    "BitwiseXor": (Xor, (18,)),
    "Equal": (Eq, (1, 7, 11, 13, 19)),
    "Greater": (Gt, (1, 7, 9, 13)),
    "GreaterOrEqual": (Ge, (12, 16)),
    "Less": (Lt, (1, 7, 9, 13)),
    "LessOrEqual": (Le, (12, 16)),
}
"""ONNX ops that are an IR op without attributes, and their versions."""


def _binary(op: type[Op]) -> Translation:
    return lambda n, b: b(op(), *aligned(n, b))


for _name, (_op, _versions) in _BINARY.items():
    TABLE.translate(_name, *_versions)(_binary(_op))


@TABLE.translate("Not", 1)
@TABLE.translate("BitwiseNot", 18)
def invert(n: OnnxNode, b: Builder) -> Value:
    return b(Not(), n[0])


@TABLE.translate("Where", 9, 16)
def where(n: OnnxNode, b: Builder) -> Value:
    return b(Select(), n[0], n[1], n[2])


@TABLE.translate("BitCast", 26)
def bitcast(n: OnnxNode, b: Builder) -> Value:
    return b(Bitcast(to=n.dtype("to")), n[0])


@TABLE.translate("BitShift", 11, 28)
def shift(n: OnnxNode, b: Builder) -> Value:
    """Since opset 28 an amount outside [0, bits) leaves the sign bits alone; before, it is undefined."""
    left = n.required("direction") == "LEFT"
    x, amount = n[0], n[1]
    op = ShiftLeft() if left else ShiftRight()
    bits = x.tensor.dtype.bits
    known = n.constant(1)
    if n.version < 28 or (known is not None and all(0 <= int(v) < bits for v in known.ravel())):
        return b(op, x, amount)
    zero = b.scalar(0, x)
    inside = b(Lt(), amount, b.scalar(bits, x))
    if x.tensor.dtype.kind == "int":
        inside = b(And(), inside, b(Le(), zero, amount))
    fill = zero if left else _signs(b, x, zero)
    return b(Select(), inside, b(op, x, b(Select(), inside, amount, zero)), fill)


def _signs(b: Builder, x: Value, zero: Value) -> Value:
    """-1 for negative elements, else 0."""
    if x.tensor.dtype.kind == "uint":
        return zero
    return b(Select(), b(Lt(), x, zero), b.scalar(-1, x), zero)
