"""Conversion between dtypes: core ops."""

from __future__ import annotations

from typing import Any, Literal

import ml_dtypes
import numpy as np

from interlingua.ir import ratios
from interlingua.ir.dims import same
from interlingua.ir.draw import FINITE, KINDS, Draw, Sample
from interlingua.ir.dtypes import DType
from interlingua.ir.kernels import convert as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.elementwise import Rule, each
from interlingua.ir.ops.logic import negated
from interlingua.ir.types import Tensor


@op("core.cast")
class Cast(Op):
    """``y = x`` as ``to``.

    float → float rounds to nearest, ties to even; beyond the range ±inf, or NaN in the dtypes that have no
    infinity.
    float → integer truncates towards zero; NaN and what is out of range are undefined, unless ``saturate``.
    integer → integer keeps the low bits, unless ``saturate``.
    number → bool is ``x != 0`` (NaN is true); bool → number is 0 or 1.
    real → complex has imaginary part 0; complex converts to complex alone (C1).
    integer → string is decimal digits. What a float or a bool is written as is undefined: ONNX says "plain", the
    reference has the shortest digits that round-trip, ONNX Runtime eight; bools are 1 and 0.
    string → number reads decimal digits, "INF", "-INF" and "NaN" in any case. A string that is no number is an error.
    ``saturate``: what is beyond the range of a float8 or an integer, ±inf included, becomes the nearest
    finite value of ``to``; NaN stays NaN in floats and becomes 0 in integers. It changes nothing for wider
    floats.
    ``rounding`` counts for f8e8m0 alone, whose values are the powers of two (2**-127 up): ``up``, ``down``,
    or ``nearest``; the sign is lost, ±inf gives NaN.
    """

    to: DType
    saturate: bool = False
    rounding: Literal["up", "down", "nearest"] = "up"
    kernel = kernels.cast

    def infer(self, x: Tensor) -> Tensor:
        real = x.dtype.kind == "complex" and self.to.kind != "complex"
        self.require(not real, "C1. complex converts to complex alone", x, self.to)
        result = x.with_dtype(self.to)
        rule = self._rule(x.dtype)
        return result if x.elements is None or rule is None else result.with_elements(each(rule, x.elements))

    def _rule(self, from_: DType) -> Rule | None:
        """What becomes of a known element."""
        if from_ in ratios.DTYPES:
            if self.to in ratios.DTYPES:
                return lambda v: v
            return (lambda v: self._integer(v.truncated())) if self.to.is_integer else None
        if from_.kind not in ("bool", "int", "uint"):
            return None
        if self.to in ratios.DTYPES:
            return ratios.of_integer
        return _bit if self.to is DType.BOOL else self._integer if self.to.is_integer else None

    def _integer(self, value: Any) -> Any:
        """Kept where it surely fits: dims are taken to fit where a shape would."""
        if not isinstance(value, int):
            return value if self.to.bits >= 32 else None
        low = -(1 << (self.to.bits - 1)) if self.to.kind == "int" else 0
        high = low + (1 << self.to.bits) - 1
        if self.saturate:
            return min(max(value, low), high)
        return (value - low) % (1 << self.to.bits) + low

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        from_, to = (draw.dtype(tuple(DType)) for _ in range(2))
        if DType.STRING in (from_, to):
            from_, to = (d if d in _PRINTED else DType.F32 for d in (from_, to))
        if from_.kind == "complex" and to.kind != "complex":
            to = from_
        op = cls(to, draw.boolean(), draw.choice(("up", "down", "nearest")))
        shape = draw.shape()
        if from_ is DType.STRING:
            numbers = draw.array(shape, to if to is not DType.STRING else DType.F32)
            return Sample(op, (numbers.astype(np.str_).astype(np.object_).reshape(shape),))
        lo, hi = _sampled_range(from_, to, op.saturate)
        x = draw.array(shape, from_, kinds=KINDS if lo is None or op.saturate else FINITE, lo=lo, hi=hi)
        return Sample(op, (x,), draw.some((0,)))


_PRINTED = frozenset({DType.STRING, DType.F32, DType.F64, DType.I32, DType.I64, DType.U8})
"""Dtypes to print and read samples of."""


def _sampled_range(from_: DType, to: DType, saturate: bool) -> tuple[float | None, float | None]:
    """Where the conversion to an integer is defined, and beyond where it saturates."""
    if not (from_.is_float and to.is_integer):
        return None, None
    info = ml_dtypes.iinfo(to.numpy)
    beyond = 3 if saturate else 0
    return max(float(info.min), -1000.0) - beyond, min(float(info.max), 1000.0) + beyond


def _bit(value: Any) -> int | None:
    answer = negated(same(value, 0))
    return None if answer is None else int(answer)


@op("core.bitcast")
class Bitcast(Op):
    """``y`` = the bits of ``x``, little-endian, read as ``to``.

    C1. ``x`` and ``to`` have elements of one width, and neither is string.
    """

    to: DType
    kernel = kernels.bitcast

    def infer(self, x: Tensor) -> Tensor:
        self.require(x.dtype.bits == self.to.bits != 0, "C1. x and to have elements of one width", x, self.to)
        return x.with_dtype(self.to)

    def promoted(self) -> Op:
        return self

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        from_ = draw.dtype([d for d in DType if d is not DType.STRING])
        to = draw.dtype([d for d in DType if d.bits == from_.bits and (d is not DType.BOOL or from_ is d)])
        return Sample(cls(to), (draw.array(draw.shape(), from_),))
