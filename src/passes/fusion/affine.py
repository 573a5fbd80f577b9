"""Steps ``y = x * scale + shift`` with constant scale and shift, whichever op spells them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from interlingua.ir.graph import Node, Value
from interlingua.ir.op import Op
from interlingua.ir.ops.binary import Add, Div, Mul, Sub
from interlingua.ir.ops.norm import BatchNorm
from interlingua.ir.ops.unary import Neg
from interlingua.passes.fusion.folded import Array, exact_of
from interlingua.passes.rewrite.pattern import Const, OpPattern, Pattern
from interlingua.passes.rewrite.values import weight_of

ONE, ZERO = np.ones(()), np.zeros(())


@dataclass(frozen=True, slots=True)
class Affine:
    """``y = x * scale + shift``, both of shapes that broadcast to ``y``.

    ``adds`` is whether there is an addition at all: that of 0.0 makes 0.0 of −0.0, and is not left out.
    """

    scale: Array
    shift: Array
    adds: bool

    def then(self, after: Affine) -> Affine:
        """This, and ``after`` of what comes of it."""
        with np.errstate(all="ignore"):
            shift = self.shift * after.scale + after.shift
            return Affine(self.scale * after.scale, shift, self.adds or after.adds)

    def along(self, axis: int, rank: int, extent: int) -> Affine | None:
        """Both as vectors along ``axis`` of a tensor of ``rank``, or ``None`` where they vary along another one, or
        would make ``extent`` grow."""
        scale, shift = _vector(self.scale, axis, rank, extent), _vector(self.shift, axis, rank, extent)
        return None if scale is None or shift is None else Affine(scale, shift, self.adds)

    @property
    def shifts(self) -> bool:
        """Whether something other than 0 is added."""
        return bool(np.any(self.shift != 0))

    @property
    def scales(self) -> bool:
        """Whether there is a factor other than 1."""
        return bool(np.any(self.scale != 1))

    @property
    def finite(self) -> bool:
        """Whether no number is infinite or NaN."""
        return bool(np.all(np.isfinite(self.scale)) and np.all(np.isfinite(self.shift)))


def _vector(a: Array, axis: int, rank: int, extent: int) -> Array | None:
    if a.ndim > rank:
        return None
    shape = (1,) * (rank - a.ndim) + a.shape
    along = axis % rank
    fits = shape[along] in (1, extent) and all(d == 1 for i, d in enumerate(shape) if i != along)
    return np.broadcast_to(a.reshape(-1), (extent,)) if fits else None


def steps(data: Pattern) -> tuple[OpPattern, ...]:
    """Every spelling of a step of ``data`` but batch normalisation; the node is called ``step``."""
    return (
        OpPattern((Mul, Add), data, Const("c"), name="step"),
        OpPattern((Sub, Div), data, Const("c"), name="step"),
        OpPattern(Sub, Const("c"), data, name="step"),
        OpPattern(Neg, data, name="step"),
    )


def normalization(data: Pattern) -> OpPattern:
    """A batch normalisation of ``data`` by constants: the node is called ``step``."""
    return OpPattern(BatchNorm, data, Const("scale"), Const("bias"), Const("mean"), Const("variance"), name="step")


Read: TypeAlias = Callable[[Node], "tuple[Value, Affine] | None"]


def affine_of(node: Node) -> tuple[Value, Affine] | None:
    """What a node makes of which operand, where that is affine with constants throughout finite."""
    read = _STEPS.get(type(node.op))
    found = None if read is None else read(node)
    return found if found is not None and found[1].finite else None


def _constant(node: Node, index: int) -> Array | None:
    weight = weight_of(node.operands[index])
    return None if weight is None else exact_of(weight)


def _binary(right: Callable[[Array], Affine], left: Callable[[Array], Affine] | None) -> Read:
    def read(node: Node) -> tuple[Value, Affine] | None:
        c = _constant(node, 1)
        if c is not None:
            return node.operand(0), right(c)
        c = _constant(node, 0)
        return None if c is None or left is None else (node.operand(1), left(c))

    return read


def _times(c: Array) -> Affine:
    return Affine(c, ZERO, False)


def _plus(c: Array) -> Affine:
    return Affine(ONE, c, True)


def _over(c: Array) -> Affine:
    with np.errstate(all="ignore"):
        return Affine(1 / c, ZERO, False)


def _negated(node: Node) -> tuple[Value, Affine]:
    return node.operand(0), Affine(-ONE, ZERO, False)


def _normalized(node: Node) -> tuple[Value, Affine] | None:
    op, x = node.op, node.operand(0)
    assert isinstance(op, BatchNorm)
    found = [c for i in range(1, 5) if (c := _constant(node, i)) is not None]
    if len(found) < 4:
        return None
    rank = x.tensor.rank
    shape = (-1,) + (1,) * (rank - 1 - op.axis % rank)
    with np.errstate(all="ignore"):
        scale, bias, mean, variance = (c.reshape(shape) for c in found)
        factor = scale / np.sqrt(variance + op.epsilon)
        return x, Affine(factor, bias - mean * factor, True)


_STEPS: dict[type[Op], Read] = {
    Mul: _binary(_times, _times),
    Add: _binary(_plus, _plus),
    Sub: _binary(lambda c: Affine(ONE, -c, True), lambda c: Affine(-ONE, c, True)),
    Div: _binary(_over, None),
    Neg: _negated,
    BatchNorm: _normalized,
}
