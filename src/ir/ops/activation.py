"""Activations: composites on each element.

NaN gives NaN and an empty tensor an empty one, unless an op says otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeAlias

from interlingua.ir.builder import Builder
from interlingua.ir.dims import maximum, minimum
from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import FLOATS, NUMBERS
from interlingua.ir.graph import Value
from interlingua.ir.kernels import activation as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.binary import Add, Div, Max, Min, Mul, Sub
from interlingua.ir.ops.common import one_dtype
from interlingua.ir.ops.elementwise import Numeric, Unary, broadcast_shapes, each, within
from interlingua.ir.ops.logic import Lt, Select
from interlingua.ir.ops.math import Expm1, Log1p, Sigmoid
from interlingua.ir.ops.unary import Abs, Erf, Exp, Neg, Tanh
from interlingua.ir.types import Tensor, broadcast

Options: TypeAlias = Mapping[str, tuple[Any, ...]]


def _below_zero(b: Builder, x: Value, inside: Value) -> Value:
    """``inside`` below zero, else ``x``."""
    return b(Select(), b(Lt(), x, b.scalar(0, x)), inside, x)


@op("nn.relu")
class Relu(Numeric):
    """``y = max(x, 0)``.

    C1. ``x`` is an integer or floating point.
    NaN stays NaN. The sign of relu(-0.0) is undefined.
    """

    kernel = kernels.relu

    def decompose(self, b: Builder, x: Value) -> Value:
        return b(Max(), x, b.scalar(0, x))


@op("nn.leaky_relu")
class LeakyRelu(Unary):
    """``y = alpha*x where x < 0 else x``.

    C1. ``x`` is floating point.
    """

    alpha: float = 0.01
    kernel = kernels.leaky_relu
    options: ClassVar[Options] = {"alpha": (0.01, 0.0, -0.5, 1.0, 2.0)}

    def decompose(self, b: Builder, x: Value) -> Value:
        return _below_zero(b, x, b(Mul(), x, b.scalar(self.alpha, x)))


@op("nn.prelu")
class Prelu(Op):
    """``y = slope*x where x < 0 else x``, ``slope`` broadcast to ``x`` as NumPy does.

    C1. ``x`` and ``slope`` are numbers of one dtype.  C2. ``slope`` broadcasts to the shape of ``x``, not
    beyond.
    Frameworks whose slope runs along the channels have their frontend add the axes.
    """

    kernel = kernels.prelu

    def infer(self, x: Tensor, slope: Tensor) -> Tensor:
        self.require(x.dtype in NUMBERS, Numeric.constraint, x)
        one_dtype(self, x, slope)
        within(self, x, slope, "C2. slope broadcasts to x")
        return x.with_shape(x.shape)

    def decompose(self, b: Builder, x: Value, slope: Value) -> Value:
        return _below_zero(b, x, b(Mul(), slope, x))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape, dtype = draw.shape(), draw.dtype(NUMBERS)
        return Sample(cls(), (draw.array(shape, dtype), draw.array(draw.broadcastable(shape), dtype)), draw.some((1,)))


@op("nn.elu")
class Elu(Unary):
    """``y = alpha * (exp(x) - 1) where x < 0 else x``.

    C1. ``x`` is floating point.
    """

    alpha: float = 1.0
    kernel = kernels.elu
    options: ClassVar[Options] = {"alpha": (1.0, 0.0, 0.3, -0.5)}

    def decompose(self, b: Builder, x: Value) -> Value:
        return _below_zero(b, x, b(Mul(), b(Expm1(), x), b.scalar(self.alpha, x)))


@op("nn.selu")
class Selu(Unary):
    """``y = gamma * (x where x > 0 else alpha * (exp(x) - 1))``.

    C1. ``x`` is floating point.
    The defaults are the constants of the SELU paper, as ONNX rounds them.
    """

    alpha: float = 1.6732631921768188
    gamma: float = 1.0507010221481323
    kernel = kernels.selu
    options: ClassVar[Options] = {"alpha": (1.6732631921768188, 0.0, -0.5), "gamma": (1.0507010221481323, 2.0, -1.0)}

    def decompose(self, b: Builder, x: Value) -> Value:
        inner = _below_zero(b, x, b(Mul(), b(Expm1(), x), b.scalar(self.alpha, x)))
        return b(Mul(), inner, b.scalar(self.gamma, x))


@op("nn.celu")
class Celu(Unary):
    """``y = max(x, 0) + min(0, alpha * (exp(x/alpha) - 1))``.

    C1. ``x`` is floating point.  C2. ``alpha`` is not 0.
    """

    alpha: float = 1.0
    kernel = kernels.celu
    options: ClassVar[Options] = {"alpha": (1.0, 0.3, 2.0, -0.5)}

    def infer(self, x: Tensor) -> Tensor:
        self.require(self.alpha != 0, "C2. alpha is not 0")
        return super().infer(x)

    def decompose(self, b: Builder, x: Value) -> Value:
        alpha, zero = b.scalar(self.alpha, x), b.scalar(0, x)
        low = b(Min(), b(Mul(), alpha, b(Expm1(), b(Div(), x, alpha))), zero)
        return b(Add(), b(Max(), x, zero), low)


@op("nn.gelu")
class Gelu(Unary):
    """``y = x * P(N <= x)``, N normal: ``x/2 * (1 + erf(x/sqrt 2))``, or with ``form = tanh`` its
    approximation
    ``x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715*x**3)))``. The two differ by up to 5e-4: one never stands for
    the other.

    C1. ``x`` is floating point.
    gelu(inf) = inf; -inf gives NaN (-inf * 0).
    """

    form: Literal["erf", "tanh"] = "erf"
    kernel = kernels.gelu
    options: ClassVar[Options] = {"form": ("erf", "tanh")}

    def decompose(self, b: Builder, x: Value) -> Value:
        half = b(Mul(), x, b.scalar(0.5, x))
        if self.form == "erf":
            inner = b(Erf(), b(Div(), x, b.scalar(math.sqrt(2.0), x)))
        else:
            cube = b(Mul(), b(Mul(), x, x), x)
            inner = b(Add(), x, b(Mul(), cube, b.scalar(0.044715, x)))
            inner = b(Tanh(), b(Mul(), inner, b.scalar(math.sqrt(2.0 / math.pi), x)))
        return b(Mul(), half, b(Add(), inner, b.scalar(1, x)))


@op("nn.silu")
class Silu(Unary):
    """``y = x * sigmoid(alpha*x)``; SiLU for ``alpha = 1``, else Swish.

    C1. ``x`` is floating point.
    -inf gives NaN (-inf * 0) for positive alpha.
    """

    alpha: float = 1.0
    kernel = kernels.silu
    options: ClassVar[Options] = {"alpha": (1.0, 1.702, 0.0, -0.5)}

    def decompose(self, b: Builder, x: Value) -> Value:
        scaled = x if self.alpha == 1.0 else b(Mul(), x, b.scalar(self.alpha, x))
        return b(Mul(), x, b(Sigmoid(), scaled))


@op("nn.swiglu")
class Swiglu(Op):
    """``y = x * silu(gate)``: gated linear unit, both operands broadcast.

    C1. ``x`` and ``gate`` are floating point, of one dtype.
    """

    alpha: float = 1.0
    kernel = kernels.swiglu

    def infer(self, x: Tensor, gate: Tensor) -> Tensor:
        self.require(x.dtype in FLOATS, Unary.constraint, x)
        one_dtype(self, x, gate)
        return x.with_shape(broadcast(x, gate))

    def decompose(self, b: Builder, x: Value, gate: Value) -> Value:
        return b(Mul(), x, b(Silu(alpha=self.alpha), gate))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        dtype = draw.dtype(FLOATS)
        x, gate = (draw.array(shape, dtype) for shape in broadcast_shapes(draw))
        return Sample(cls(draw.choice(Silu.options["alpha"])), (x, gate))


@op("nn.softplus")
class Softplus(Unary):
    """``y = ln(1 + exp(x))``.

    C1. ``x`` is floating point.
    softplus(-inf) = 0, softplus(inf) = inf; no overflow before.
    """

    kernel = kernels.softplus

    def decompose(self, b: Builder, x: Value) -> Value:
        tail = b(Log1p(), b(Exp(), b(Neg(), b(Abs(), x))))
        return b(Add(), b(Max(), x, b.scalar(0, x)), tail)


@op("nn.mish")
class Mish(Unary):
    """``y = x * tanh(softplus(x))``.

    C1. ``x`` is floating point.
    -inf gives NaN (-inf * 0).
    """

    kernel = kernels.mish

    def decompose(self, b: Builder, x: Value) -> Value:
        return b(Mul(), x, b(Tanh(), b(Softplus(), x)))


@op("nn.hard_sigmoid")
class HardSigmoid(Unary):
    """``y = min(max(alpha*x + beta, 0), 1)``.

    C1. ``x`` is floating point.
    ONNX's default slope is 0.2; Keras 3's and torch's is 1/6.
    """

    alpha: float = 0.2
    beta: float = 0.5
    kernel = kernels.hard_sigmoid
    options: ClassVar[Options] = {"alpha": (0.2, 1.0 / 6.0, 0.0, -1.0), "beta": (0.5, 0.0, 2.0)}

    def decompose(self, b: Builder, x: Value) -> Value:
        line = b(Add(), b(Mul(), x, b.scalar(self.alpha, x)), b.scalar(self.beta, x))
        return b(Min(), b(Max(), line, b.scalar(0, x)), b.scalar(1, x))


@op("nn.hard_swish")
class HardSwish(Unary):
    """``y = x * min(max(x/6 + 1/2, 0), 1)``.

    C1. ``x`` is floating point.
    -inf gives NaN (-inf * 0).
    """

    kernel = kernels.hard_swish

    def decompose(self, b: Builder, x: Value) -> Value:
        return b(Mul(), x, b(HardSigmoid(alpha=1.0 / 6.0, beta=0.5), x))


@op("nn.softsign")
class Softsign(Unary):
    """``y = x / (1 + |x|)``.

    C1. ``x`` is floating point.
    ±inf gives NaN (inf / inf).
    """

    kernel = kernels.softsign

    def decompose(self, b: Builder, x: Value) -> Value:
        return b(Div(), x, b(Add(), b(Abs(), x), b.scalar(1, x)))


@op("nn.thresholded_relu")
class ThresholdedRelu(Unary):
    """``y = x where x > alpha else 0``.

    C1. ``x`` is floating point.
    NaN gives 0. Discontinuous at ``alpha``.
    """

    alpha: float = 1.0
    kernel = kernels.thresholded_relu
    options: ClassVar[Options] = {"alpha": (1.0, 0.0, 0.5, 0.3, -0.5)}

    def decompose(self, b: Builder, x: Value) -> Value:
        return b(Select(), b(Lt(), b.scalar(self.alpha, x), x), x, b.scalar(0, x))


@op("nn.shrink")
class Shrink(Unary):
    """``y = x + bias where x < -lambd, x - bias where x > lambd, else 0``: hard (bias 0) and soft (bias
    lambd) shrinkage.

    C1. ``x`` is floating point.
    NaN gives 0. Discontinuous at ±lambd unless ``bias = lambd``.
    """

    lambd: float = 0.5
    bias: float = 0.0
    kernel = kernels.shrink
    options: ClassVar[Options] = {"lambd": (0.5, 0.0, 0.3, 2.0, -0.5), "bias": (0.0, 0.5, -1.0)}

    def decompose(self, b: Builder, x: Value) -> Value:
        bias, lambd = b.scalar(self.bias, x), b.scalar(self.lambd, x)
        above = b(Select(), b(Lt(), lambd, x), b(Sub(), x, bias), b.scalar(0, x))
        return b(Select(), b(Lt(), x, b.scalar(-self.lambd, x)), b(Add(), x, bias), above)


@op("nn.clip")
class Clip(Op):
    """``y = min(max(x, low), high)``; an absent bound does not bind, not even an infinity.

    C1. ``x`` is an integer or floating point.  C2. The bounds have its dtype.  C3. They broadcast to ``x``,
    not beyond.
    NaN stays NaN, in ``x`` as in the bounds. Where ``low > high`` the result is ``high``.
    """

    kernel = kernels.clip
    symbolic = True

    def infer(self, x: Tensor, low: Tensor | None = None, high: Tensor | None = None) -> Tensor:
        self.require(x.dtype in NUMBERS, Numeric.constraint, x)
        for bound in (low, high):
            if bound is not None:
                one_dtype(self, x, bound)
                within(self, x, bound, "C3. the bounds broadcast to x")
        return x.with_shape(x.shape)

    def known_elements(self, x: Any, low: Any = None, high: Any = None) -> Any:
        raised = x if low is None else each(maximum, x, low)
        return raised if high is None else each(minimum, raised, high)

    def decompose(self, b: Builder, x: Value, low: Value | None = None, high: Value | None = None) -> Value:
        raised = x if low is None else b(Max(), x, low)
        return raised if high is None else b(Min(), raised, high)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape, dtype = draw.shape(), draw.dtype(NUMBERS)
        x = draw.array(shape, dtype)
        if draw.boolean():  # as models have it: two numbers
            return Sample(cls(), (x, draw.array((), dtype), draw.array((), dtype)), frozenset((1, 2)))
        low, high = (
            draw.array(draw.broadcastable(shape) if draw.boolean() else (), dtype) if draw.boolean() else None
            for _ in range(2)
        )
        return Sample(cls(), (x, low, high), draw.some((0, 1, 2)))
