"""What normalisations have in common: mean, variance, epsilon, and scales and biases that come after."""

from __future__ import annotations

from interlingua.ir.builder import Builder
from interlingua.ir.dims import same
from interlingua.ir.dtypes import FLOATS
from interlingua.ir.graph import Value
from interlingua.ir.ops.activation import Relu
from interlingua.ir.ops.binary import Add, Max, Sub
from interlingua.ir.ops.reduction import Mean
from interlingua.passes.fusion.spellings import X, square
from interlingua.passes.fusion.spread import Spread, axes_of, lies_along
from interlingua.passes.rewrite.pattern import Either, Match, Number, OpPattern
from interlingua.passes.rewrite.values import weight_of

EPSILON = Number(name="epsilon")
MEAN = OpPattern(Mean, X, name="mean")
CENTRED = OpPattern(Sub, X, Spread(MEAN, "centre"))
DIFFERENCE = OpPattern(Sub, OpPattern(Mean, square(X), name="variance"), square(MEAN))
"""``E[x²] - E[x]²``, the variance over the reals."""
VARIANCE = Either(
    OpPattern(Mean, square(CENTRED), name="variance"),
    DIFFERENCE,
    OpPattern(Max, DIFFERENCE, Number(0)),
    OpPattern(Relu, DIFFERENCE),
)
RAISED = Either(
    OpPattern(Add, Spread(VARIANCE, "spread"), EPSILON), Spread(OpPattern(Add, VARIANCE, EPSILON), "spread")
)
"""``variance + ε``: under the root, not beside it."""
MEAN_SQUARE = OpPattern(Mean, square(X), name="variance")
RAISED_SQUARE = OpPattern(Add, Spread(MEAN_SQUARE, "spread"), EPSILON)


def trailing_axis(m: Match) -> int | None:
    """The first, from the end, of the axes that everything is reduced over, where they are all up to the last one."""
    x = m["x"]
    if x.tensor.dtype not in FLOATS:
        return None
    rank = x.tensor.rank
    axes = axes_of(m.op("variance"), rank)
    if not axes or axes != tuple(range(axes[0], rank)) or m.number("epsilon") < 0:
        return None
    parts = [(m.nodes[n].op, m[v]) for n, v in (("mean", "centre"), ("variance", "spread")) if n in m.nodes]
    if not all(axes_of(op, rank) == axes and lies_along(v, x, axes) for op, v in parts):
        return None
    return axes[0] - rank


def inner_shaped(b: Builder, parameter: Value, x: Value, axis: int) -> Value | None:
    """``parameter`` in the very shape of the axes of ``x`` from ``axis`` on, where only ones stand before them."""
    inner, dims = x.tensor.dims[axis:], parameter.tensor.dims
    ones = len(dims) - len(inner)
    if ones < 0 or ones > x.tensor.rank - len(inner) or any(d != 1 for d in dims[:ones]):
        return None
    if not all(same(p, q) is True for p, q in zip(dims[ones:], inner, strict=True)):
        return None
    return parameter if ones == 0 else _reshaped(b, parameter, tuple(dims[ones:]))


def per_channel(b: Builder, parameter: Value, x: Value) -> Value | None:
    """A constant of (channels, 1, …), ones before, as a vector; ``None`` for any other."""
    rank, dims = x.tensor.rank, parameter.tensor.dims
    padded = (1,) * (rank - len(dims)) + tuple(dims)
    channels = x.tensor.dims[1]
    if len(dims) > rank or not isinstance(channels, int) or padded[1] != channels:
        return None
    if any(d != 1 for i, d in enumerate(padded) if i != 1):
        return None
    return _reshaped(b, parameter, (channels,))


def _reshaped(b: Builder, parameter: Value, shape: tuple[object, ...]) -> Value | None:
    weight = weight_of(parameter)
    if weight is None or not all(isinstance(d, int) for d in shape):
        return None
    return b.constant(weight.view().reshape([int(d) for d in shape if isinstance(d, int)]))


