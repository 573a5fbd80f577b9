"""Constants of a graph."""

from __future__ import annotations

from interlingua.ir.graph import Node, Value
from interlingua.ir.op import Op
from interlingua.ir.ops.layout import ExpandDims, Squeeze
from interlingua.ir.ops.shape import Reshape, Transpose
from interlingua.ir.ops.source import Constant
from interlingua.ir.weights import Weight


def weight_of(value: Value) -> Weight | None:
    """The handle, where the value is a constant."""
    return value.node.op.weight if value.node is not None and isinstance(value.node.op, Constant) else None


def is_constant(value: Value) -> bool:
    """Whether the value is a constant."""
    return weight_of(value) is not None


VIEWS: frozenset[type[Op]] = frozenset({Transpose, Reshape, ExpandDims, Squeeze})


def is_view(node: Node) -> bool:
    """Whether the node looks at a constant in another shape: that costs nothing, and is done where it is needed."""
    operands = [o for o in node.operands if o is not None]
    return type(node.op) in VIEWS and all(is_constant(o) or (o.node is not None and is_view(o.node)) for o in operands)


def is_fixed(value: Value) -> bool:
    """Whether the value is a constant, or a view of one."""
    return value.node is not None and (is_constant(value) or is_view(value.node))


def parameter_of(value: Value) -> Weight | None:
    """The constant that the value is, or is a view of."""
    while value.node is not None and is_view(value.node):
        value = value.node.operand(0)
    return weight_of(value)
