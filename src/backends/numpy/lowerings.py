"""What NumPy takes: every built-in op whose kernel computes it there, in dtypes that NumPy has."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from interlingua.backends.lowering import Condition, Lowerings
from interlingua.backends.numpy.context import Context
from interlingua.backends.source.sources import stands_alone
from interlingua.ir.dialects import builtin_ops
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Node
from interlingua.ir.op import Op
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Sequence, Tensor, Type


def native(dtype: DType) -> bool:
    """Whether NumPy alone has the dtype."""
    return not dtype.needs_ml_dtypes


def _types(node: Node) -> Iterator[Type]:
    """The types of all values at the node, the elements of sequences for the sequences."""
    values = [v for v in node.operands if v is not None]
    for value in (*values, *node.results, *(v for r in node.regions for v in (*r.inputs, *r.outputs))):
        type_ = value.type
        while isinstance(type_, Sequence):
            type_ = type_.element
        yield type_


def _plain(node: Node, _: Any) -> bool:
    return all(isinstance(t, Tensor) for t in _types(node))


def _native(node: Node, _: Any) -> bool:
    named = [v for v in node.op.kernel_arguments().values() if isinstance(v, np.dtype)]
    dtypes = [t.dtype for t in _types(node) if isinstance(t, Tensor)]
    return all(native(d) for d in (*dtypes, *map(DType.of, named)))


PLAIN = Condition("a value is an optional", _plain)
NATIVE = Condition("NumPy alone has no bfloat16, float8 or integers of less than a byte", _native)


@cache
def lowerings() -> Lowerings:
    """Every lowering of the backend: a call of the op's own kernel, composites kept whole."""
    table = Lowerings()
    table.lower(*filter(_callable, builtin_ops().values()), when=[PLAIN, NATIVE])(call)
    return table


def _callable(op: type[Op]) -> bool:
    return op is not Constant and op.reference is Op.reference and stands_alone(op.kernel)


def call(op: Op, ctx: Context, *operands: str, **regions: Graph) -> str:
    """A call of the kernel, regions as functions."""
    kernel = type(op).kernel
    assert kernel is not None
    functions = {name: ctx.region(graph, name) for name, graph in regions.items()}
    return ctx.call(kernel, operands, op.kernel_arguments(), functions)
