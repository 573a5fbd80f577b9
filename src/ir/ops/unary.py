"""Unary core ops: one operand, elementwise.

NaN gives NaN and an empty tensor an empty one, unless an op says otherwise. Elementary functions are within a
few units in the
last place of the exact value (float16 and bfloat16: computed in float32 and rounded once).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from interlingua.ir.dims import DimLike, bounds
from interlingua.ir.draw import FINITE, Draw, Sample
from interlingua.ir.dtypes import DType
from interlingua.ir.kernels import erf as erf_kernels
from interlingua.ir.kernels import unary as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.elementwise import Numeric, Unary, drawn, each
from interlingua.ir.ratios import ratio
from interlingua.ir.types import Tensor


def _abs(x: DimLike) -> DimLike | None:
    lo, hi = bounds(x)
    if lo is not None and lo >= 0:
        return x
    return -x if hi is not None and hi <= 0 else None


def _sign(x: DimLike) -> int | None:
    lo, hi = bounds(x)
    if lo is not None and lo > 0:
        return 1
    if hi is not None and hi < 0:
        return -1
    return 0 if lo == hi == 0 else None


@op("core.abs")
class Abs(Numeric):
    """``y = |x|``.

    C1. ``x`` is an integer or floating point.
    |-0.0| = 0.0, |±inf| = inf. The least signed integer has no absolute value and stays as it is.
    """

    kernel = kernels.abs_
    symbolic = True

    def known_elements(self, x: Any) -> Any:
        return each(_abs, x)


@op("core.neg")
class Neg(Numeric):
    """``y = -x``.

    C1. ``x`` is an integer or floating point.
    The sign of zero, infinity and NaN flips (so it is not ``0 - x``). Integers wrap, unsigned ones too.
    """

    kernel = kernels.neg
    symbolic = True

    def known_elements(self, x: Any) -> Any:
        return each(lambda v: -v, x)


@op("core.sign")
class Sign(Numeric):
    """``y = (x > 0) - (x < 0)``.

    C1. ``x`` is an integer or floating point.
    NaN stays NaN; both zeros give +0.0 (IEEE-minded libraries return -0.0 for -0.0).
    """

    kernel = kernels.sign
    symbolic = True

    def known_elements(self, x: Any) -> Any:
        return each(_sign, x)


@op("core.floor")
class Floor(Unary):
    """``y`` = the largest integer ``<= x``.

    C1. ``x`` is floating point.
    ±inf and ±0 stay. Discontinuous at the integers.
    """

    kernel = kernels.floor
    symbolic = True

    def known_elements(self, x: Any) -> Any:
        return each(lambda v: ratio(v.floor()), x)


@op("core.ceil")
class Ceil(Unary):
    """``y`` = the smallest integer ``>= x``.

    C1. ``x`` is floating point.
    ±inf and ±0 stay; (-1, 0) gives -0.0. Discontinuous at the integers.
    """

    kernel = kernels.ceil
    symbolic = True

    def known_elements(self, x: Any) -> Any:
        return each(lambda v: ratio(v.ceil()), x)


@op("core.round")
class Round(Unary):
    """``y`` = the integer nearest to ``x``, ties to the even one.

    C1. ``x`` is floating point.
    ±inf and ±0 stay; [-0.5, 0) gives -0.0. Discontinuous at the halves. C's ``round`` sends ties away from
    zero instead.
    """

    kernel = kernels.round_


@op("core.sqrt")
class Sqrt(Unary):
    """``y = sqrt(x)``, correctly rounded.

    C1. ``x`` is floating point.
    Below zero NaN; sqrt(-0.0) = -0.0, sqrt(inf) = inf.
    """

    kernel = kernels.sqrt
    domain = (0, None)


@op("core.exp")
class Exp(Unary):
    """``y = e ** x``.

    C1. ``x`` is floating point.
    exp(-inf) = 0, exp(inf) = inf; NaN stays. Overflow gives inf.
    """

    kernel = kernels.exp


@op("core.log")
class Log(Unary):
    """``y = ln x``.

    C1. ``x`` is floating point.
    log(±0) = -inf, below zero NaN, log(inf) = inf; NaN stays.
    """

    kernel = kernels.log
    domain = (0, None)


@op("core.sin")
class Sin(Unary):
    """``y = sin x``, x in radians.

    C1. ``x`` is floating point.
    ±inf gives NaN; sin(-0.0) = -0.0.
    """

    kernel = kernels.sin


@op("core.cos")
class Cos(Unary):
    """``y = cos x``, x in radians.

    C1. ``x`` is floating point.
    ±inf gives NaN.
    """

    kernel = kernels.cos


@op("core.tan")
class Tan(Unary):
    """``y = tan x``, x in radians.

    C1. ``x`` is floating point.
    ±inf gives NaN; tan(-0.0) = -0.0. Near odd multiples of pi/2 the result is ill-conditioned.
    """

    kernel = kernels.tan


@op("core.asin")
class Asin(Unary):
    """``y = arcsin x`` in [-pi/2, pi/2].

    C1. ``x`` is floating point.
    NaN outside [-1, 1]; asin(-0.0) = -0.0.
    """

    kernel = kernels.asin
    domain = (-1, 1)


@op("core.acos")
class Acos(Unary):
    """``y = arccos x`` in [0, pi].

    C1. ``x`` is floating point.
    NaN outside [-1, 1].
    """

    kernel = kernels.acos
    domain = (-1, 1)


@op("core.atan")
class Atan(Unary):
    """``y = arctan x`` in [-pi/2, pi/2].

    C1. ``x`` is floating point.
    atan(±inf) = ±pi/2; atan(-0.0) = -0.0.
    """

    kernel = kernels.atan


@op("core.sinh")
class Sinh(Unary):
    """``y = (e**x - e**-x) / 2``.

    C1. ``x`` is floating point.
    ±inf stays; sinh(-0.0) = -0.0.
    """

    kernel = kernels.sinh


@op("core.cosh")
class Cosh(Unary):
    """``y = (e**x + e**-x) / 2``.

    C1. ``x`` is floating point.
    cosh(±inf) = inf.
    """

    kernel = kernels.cosh


@op("core.tanh")
class Tanh(Unary):
    """``y = sinh x / cosh x``, in [-1, 1].

    C1. ``x`` is floating point.
    tanh(±inf) = ±1; tanh(-0.0) = -0.0.
    """

    kernel = kernels.tanh


@op("core.asinh")
class Asinh(Unary):
    """``y = ln(x + sqrt(x*x + 1))``.

    C1. ``x`` is floating point.
    ±inf stays; asinh(-0.0) = -0.0.
    """

    kernel = kernels.asinh


@op("core.acosh")
class Acosh(Unary):
    """``y = ln(x + sqrt(x*x - 1))``.

    C1. ``x`` is floating point.
    NaN below 1; acosh(inf) = inf.
    """

    kernel = kernels.acosh
    domain = (1, None)


@op("core.atanh")
class Atanh(Unary):
    """``y = ln((1 + x) / (1 - x)) / 2``.

    C1. ``x`` is floating point.
    atanh(±1) = ±inf, NaN outside [-1, 1]; atanh(-0.0) = -0.0.
    """

    kernel = kernels.atanh
    domain = (-1, 1)


@op("core.erf")
class Erf(Unary):
    """``y = 2/sqrt(pi) * integral of exp(-t*t) for t from 0 to x``.

    C1. ``x`` is floating point.
    erf(±inf) = ±1; erf(-0.0) = -0.0.
    """

    kernel = erf_kernels.erf


class _Test(Op):
    """A property of each element, as bool."""

    def infer(self, x: Tensor) -> Tensor:
        self.require(x.dtype.is_float, "C1. x is floating point", x)
        return Tensor(DType.BOOL, x.shape)

    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {}
    """Values to sample, by attribute."""

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        x = draw.array(draw.shape(), draw.dtype([d for d in DType if d.is_float]), kinds=("special", *FINITE))
        return Sample(drawn(cls, draw, cls.options), (x,))


@op("core.is_nan")
class IsNan(_Test):
    """``y = x is NaN``, as bool.

    C1. ``x`` is floating point.
    """

    kernel = kernels.is_nan


@op("core.is_inf")
class IsInf(_Test):
    """``y = (detect_negative and x == -inf) or (detect_positive and x == inf)``, as bool.

    C1. ``x`` is floating point.
    NaN gives false.
    """

    detect_negative: bool = True
    detect_positive: bool = True
    kernel = kernels.is_inf
    options: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "detect_negative": (True, False),
        "detect_positive": (True, False),
    }
