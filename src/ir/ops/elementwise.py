"""What pointwise ops share: type rules, and what is known of elements.

A known element is an ``int`` or a ``Dim``; ``None`` is an unknown one. A rule for elements answers for one
position.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from interlingua.ir.dtypes import DType
from interlingua.ir.op import Op
from interlingua.ir.ops.common import one_dtype
from interlingua.ir.types import Tensor, broadcast

Rule = Callable[..., Any]


def each(rule: Rule, *elements: Any, strict: bool = True) -> Any:
    """``rule`` at every position of the broadcast operands; ``strict`` rules see no unknown element."""

    def at(*values: Any) -> Any:
        return None if strict and any(v is None for v in values) else rule(*values)

    return np.asarray(np.frompyfunc(at, len(elements), 1)(*elements), dtype=object)


class Unary(Op):
    """One operand, its dtype and shape."""

    kinds: ClassVar[tuple[str, ...]] = ("float",)
    """Kinds of dtype that the op takes."""
    constraint: ClassVar[str] = "C1. x is floating point"

    def infer(self, x: Tensor) -> Tensor:
        self.require(x.dtype.kind in self.kinds, self.constraint, x)
        return x.with_shape(x.shape)


class Numeric(Unary):
    """A unary op on integers and floats."""

    kinds = ("int", "uint", "float")
    constraint = "C1. x is an integer or floating point"


class Binary(Op):
    """Two operands of one dtype, broadcast as NumPy does."""

    kinds: ClassVar[tuple[str, ...]] = ("int", "uint", "float")
    constraint: ClassVar[str] = "C1. a and b are integers or floating point"

    def infer(self, a: Tensor, b: Tensor) -> Tensor:
        self.require(a.dtype.kind in self.kinds, self.constraint, a, b)
        one_dtype(self, a, b)
        return a.with_shape(broadcast(a, b))

    def unranked(self, a: Tensor, b: Tensor) -> Tensor:
        return a.with_shape(None)


class Comparison(Op):
    """Two operands of one dtype, broadcast as NumPy does; the result is bool."""

    kinds: ClassVar[tuple[str, ...]] = ("bool", "int", "uint", "float")
    constraint: ClassVar[str] = "C1. a and b are bool, integers or floating point"

    def infer(self, a: Tensor, b: Tensor) -> Tensor:
        self.require(a.dtype.kind in self.kinds, self.constraint, a, b)
        one_dtype(self, a, b)
        return Tensor(DType.BOOL, broadcast(a, b))

    def unranked(self, a: Tensor, b: Tensor) -> Tensor:
        return Tensor(DType.BOOL, None)
