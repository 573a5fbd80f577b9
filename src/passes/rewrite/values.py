"""What rules ask of values: constants and their contents, types that are provably one."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.ir.dims import same
from interlingua.ir.graph import Node, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor, Type
from interlingua.ir.weights import Weight

UNIFORM = 4096
"""The largest constant that is looked through for being one number throughout."""
CONTENTS = 64
"""The largest constants that are one value where their contents are."""


def weight_of(value: Value | None) -> Weight | None:
    """The weight, where the value is a constant."""
    if value is None or value.node is None or not isinstance(value.node.op, Constant):
        return None
    return value.node.op.weight


def is_constant(value: Value | None) -> bool:
    return weight_of(value) is not None


def array_of(value: Value | None) -> np.ndarray[Any, Any] | None:
    """The contents, read-only, where the value is a constant."""
    weight = weight_of(value)
    return None if weight is None else weight.view()


def number_of(value: Value | None) -> np.generic[Any] | None:
    """The number that a constant is throughout, in its own dtype; ``None`` for any other value, and for an empty one.

    Zeros of both signs are two numbers, and NaN is none.
    """
    weight = weight_of(value)
    if weight is None or not 0 < weight.size <= UNIFORM or weight.dtype.kind not in ("float", "int", "uint", "bool"):
        return None
    flat = weight.view().reshape(-1)
    first: np.generic[Any] = flat[0]
    if first != first:
        return None
    if flat.size > 1 and not (np.all(flat == first) and (first != 0 or np.all(np.signbit(flat) == np.signbit(first)))):
        return None
    return first


def is_number(value: Value | None, number: float) -> bool:
    """Whether a constant is ``number`` throughout, as its dtype says it; the sign of a zero counts for floats."""
    found = number_of(value)
    if found is None:
        return False
    wanted = np.asarray(number).astype(found.dtype)
    return bool(found == wanted) and (found != 0 or bool(np.signbit(found) == np.signbit(wanted)))


def integers_of(value: Value | None) -> list[int] | None:
    """The elements, flat, of an integer or bool tensor all of whose elements are known."""
    if value is None or not isinstance(value.type, Tensor):
        return None
    weight = weight_of(value)
    if weight is None:
        return value.type.known()
    if weight.dtype.kind not in ("int", "uint", "bool") or weight.size > UNIFORM:
        return None
    return [int(v) for v in weight.view().reshape(-1).tolist()]


def one_value(a: Value | None, b: Value | None) -> bool:
    """Whether two operands are the same for certain: one value, or small constants of the same bits."""
    if a is b:
        return True
    first, second = weight_of(a), weight_of(b)
    if first is None or second is None:
        return False
    if first is second:
        return True
    if (first.dtype, first.shape) != (second.dtype, second.shape) or first.size > CONTENTS:
        return False
    if first.dtype.value == "string":
        return bool(np.array_equal(first.view(), second.view()))
    return first.view().tobytes() == second.view().tobytes()


def same_type(a: Type, b: Type) -> bool:
    """Whether every value of one type is of the other for certain: dtype, rank and each dim."""
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        if a.dtype is not b.dtype or a.shape is None or b.shape is None or len(a.shape) != len(b.shape):
            return False
        return all(same(p, q) is True for p, q in zip(a.shape, b.shape, strict=True))
    return a == b


def users_of(node: Node) -> list[Node]:
    """The nodes that use any result, each once."""
    return list(dict.fromkeys(user for r in node.results for user, _ in r.uses if isinstance(user, Node)))
