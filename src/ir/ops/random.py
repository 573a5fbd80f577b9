"""Random sources: core ops with the effect ``random``, never folded, merged or moved across each other."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from interlingua.ir.dims import UNKNOWN
from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import DType
from interlingua.ir.kernels import random as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.common import elements_from
from interlingua.ir.types import Tensor


class _Random(Op):
    """A tensor of the given shape, drawn anew at each evaluation."""

    dtype: DType
    effects: ClassVar[frozenset[str]] = frozenset({"random"})

    def infer(self, shape: Tensor) -> Tensor:
        self.require(shape.dtype is DType.I64 and shape.rank == 1, "C1. shape is an int64 vector", shape)
        self.require(self.dtype.is_float, "C2. dtype is floating point", self.dtype)
        self.check()
        elements_from(self, shape, 0, "C1. no extent is negative")
        if shape.elements is not None:
            return Tensor(self.dtype, tuple(UNKNOWN if d is None else d for d in np.ravel(shape.elements)))
        rank = shape.dims[0]
        return Tensor(self.dtype, (UNKNOWN,) * rank if isinstance(rank, int) else None)

    def check(self) -> None:
        """Require that the distribution is one."""

    def unranked(self, shape: Tensor) -> Tensor:
        return Tensor(self.dtype, None)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        centre, width, seed = draw.choice((0.0, -1.0, 0.5)), draw.choice((1.0, 0.0, 3.0)), draw.choice((None, 0.0, 1.5))
        dtype = draw.dtype([d for d in DType if d.is_float])
        op = cls(dtype=dtype, seed=seed, **cls.distribution(centre, width))  # type: ignore[call-arg]
        return Sample(op, (np.array(draw.shape(), np.int64),), draw.some((0,)))

    @classmethod
    def distribution(cls, centre: float, width: float) -> dict[str, Any]:
        """The attributes of a distribution at ``centre``, of ``width``."""
        raise NotImplementedError


@op("core.random_uniform")
class RandomUniform(_Random):
    """``y`` of ``shape``: independent samples, uniform in [low, high).

    C1. ``shape`` is an int64 vector.  C2. ``dtype`` is floating point.
    The same ``seed`` gives the same samples in one runtime; which ones is undefined. Rounding to a narrow
    dtype may reach ``high``.
    """

    low: float = 0.0
    high: float = 1.0
    dtype: DType = DType.F32
    seed: float | None = None
    kernel = kernels.random_uniform

    def check(self) -> None:
        self.require(self.low <= self.high, "C3. low is not above high", self.low, self.high)

    @classmethod
    def distribution(cls, centre: float, width: float) -> dict[str, Any]:
        return {"low": centre, "high": centre + width}


@op("core.random_normal")
class RandomNormal(_Random):
    """``y`` of ``shape``: independent samples of the normal distribution of mean ``mean`` and standard
    deviation ``scale``.

    C1. ``shape`` is an int64 vector.  C2. ``dtype`` is floating point.  C3. ``scale`` is not negative.
    The same ``seed`` gives the same samples in one runtime; which ones is undefined.
    """

    mean: float = 0.0
    scale: float = 1.0
    dtype: DType = DType.F32
    seed: float | None = None
    kernel = kernels.random_normal

    def check(self) -> None:
        self.require(self.scale >= 0, "C3. scale is not negative", self.scale)

    @classmethod
    def distribution(cls, centre: float, width: float) -> dict[str, Any]:
        return {"mean": centre, "scale": width}
