"""Constants that are only laid out otherwise: reshaped, transposed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.layout import ExpandDims, Flatten, Squeeze
from interlingua.ir.ops.shape import Reshape, Transpose
from interlingua.ir.weights import LazyWeight, Weight
from interlingua.passes.rewrite.pattern import Const, Integers, Match, OpPattern
from interlingua.passes.rewrite.rule import Rule, RulePass, rule
from interlingua.passes.rewrite.values import weight_of

W = Const("w")


class _Reshaped(LazyWeight):
    def __init__(self, base: Weight, shape: tuple[int, ...]) -> None:
        super().__init__(base.dtype, shape, self._laid_out)
        self.base: Weight = base.base if isinstance(base, _Reshaped) else base

    def _laid_out(self) -> np.ndarray[Any, Any]:
        return self.base.view().reshape(self.shape)


class _Transposed(LazyWeight):
    def __init__(self, base: Weight, perm: tuple[int, ...]) -> None:
        super().__init__(base.dtype, tuple(base.shape[axis] for axis in perm), self._laid_out)
        self.base: Weight = base
        self.perm = perm
        if isinstance(base, _Transposed):
            self.base, self.perm = base.base, tuple(base.perm[axis] for axis in perm)

    def _laid_out(self) -> np.ndarray[Any, Any]:
        return self.base.view().transpose(self.perm)


@rule(
    OpPattern((ExpandDims, Squeeze, Flatten), W),
    OpPattern(Reshape, W, Integers("shape")),
    shared=True,
)
def reshape_constant(m: Match, b: Builder) -> Value | None:
    """A constant reshaped to a shape that is known is a constant; its bytes are as they were."""
    weight, shape = weight_of(m["w"]), m.root.result.tensor.static_shape
    return None if weight is None or shape is None else b.weight(_Reshaped(weight, shape))


@rule(OpPattern(Transpose, W, name="transpose"), shared=True)
def transpose_constant(m: Match, b: Builder) -> Value | None:
    """A constant transposed is a constant."""
    weight = weight_of(m["w"])
    return None if weight is None else b.weight(_Transposed(weight, m.op("transpose").perm))


@dataclass(frozen=True, slots=True)
class ConstantLayout(RulePass):
    """Exact. Of any dtype and size: the elements are moved when the weight is looked at."""

    name: ClassVar[str] = "lay-out-constants"
    rules: ClassVar[tuple[Rule, ...]] = (reshape_constant, transpose_constant)
