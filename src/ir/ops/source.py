"""Sources: constants, ranges, shapes."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.ir import ratios
from interlingua.ir.dims import UNKNOWN, Dim, DimLike, ceildiv, maximum
from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import NUMBERS, DType
from interlingua.ir.kernels import source as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ratios import Ratio
from interlingua.ir.types import MAX_ELEMENTS, Tensor
from interlingua.ir.weights import Weight


@op("core.constant")
class Constant(Op):
    """The tensor that the weight handle stands for. Its elements are known to type rules where it is small."""

    weight: Weight

    def infer(self) -> Tensor:
        weight = self.weight
        result = Tensor(weight.dtype, weight.shape)
        if weight.dtype in ratios.DTYPES and weight.size <= ratios.MAX_CONSTANT:
            known = [ratios.of_float(v) for v in weight.view().astype(np.float64).ravel().tolist()]
            return result.with_elements(np.array(known, dtype=object).reshape(weight.shape))
        if weight.dtype.kind not in ("int", "uint", "bool") or weight.size > MAX_ELEMENTS:
            return result
        whole = weight.view().astype(np.int64 if weight.dtype is not DType.U64 else np.uint64, copy=False)
        return Tensor(weight.dtype, weight.shape, whole.astype(object))

    def reference(self) -> Any:
        return self.weight.view()


@op("core.shape_of")
class ShapeOf(Op):
    """The shape of ``x`` as an int64 vector of ``rank(x)`` elements. Defined for every dtype and for empty tensors."""

    kernel = kernels.shape_of

    def infer(self, x: Tensor) -> Tensor:
        elements = np.empty(x.rank, dtype=object)
        elements[:] = x.dims
        return Tensor(DType.I64, (x.rank,), elements)

    def unranked(self, x: Tensor) -> Tensor:
        return Tensor(DType.I64, (UNKNOWN,))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        return Sample(cls(), (draw.array(draw.shape(), draw.dtype(tuple(DType))),), draw.some((0,)))


@op("core.iota")
class Iota(Op):
    """``start + step*i`` for ``i`` in ``[0, n)``, ``n = max(0, ceil((limit - start) / step))``, as a vector.

    C1. The operands are scalars of one numeric dtype.
    ``step`` 0 is undefined. In floats ``n`` is computed in double precision, and an element is one product and one sum
    in the operands' dtype (not a running sum), as in ONNX Range and ``numpy.arange``.
    """

    kernel = kernels.iota

    def infer(self, start: Tensor, limit: Tensor, step: Tensor) -> Tensor:
        self.require(start.dtype in NUMBERS, "C1. the operands are numbers", start)
        for t in (start, limit, step):
            self.require(t.shape is None or t.rank == 0, "C1. the operands are scalars", t)
            self.require(t.dtype is start.dtype, "C1. the operands have one dtype", start, limit, step)
        n = _length(start, limit, step)
        elements = None
        known = start.known(), step.known()
        if isinstance(n, int) and n <= MAX_ELEMENTS and known[0] is not None and known[1] is not None:
            elements = np.array([known[0][0] + known[1][0] * i for i in range(n)], dtype=object)
        return Tensor(start.dtype, (n,), elements)

    def unranked(self, start: Tensor, limit: Tensor, step: Tensor) -> Tensor:
        return Tensor(start.dtype, (UNKNOWN,))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        dtype = draw.dtype(NUMBERS)
        unit = 1.0 if dtype.is_integer else draw.choice((1.0, 0.5, 0.3))
        start, limit, step = draw.integer(0, 5), draw.integer(0, 9), draw.integer(1, 4)
        if dtype.kind != "uint":
            start, limit = (-v if draw.boolean() else v for v in (start, limit))
            step = -step if draw.boolean() else step
        operands = tuple(np.asarray(v * unit).astype(dtype.numpy) for v in (start, limit, step))
        return Sample(cls(), operands, draw.some(range(3)))


def _length(start: Tensor, limit: Tensor, step: Tensor) -> DimLike:
    if start.elements is None or limit.elements is None or step.elements is None:
        return UNKNOWN
    first, last, by = (t.elements.item() for t in (start, limit, step) if t.elements is not None)
    if isinstance(first, Ratio) and isinstance(last, Ratio) and isinstance(by, Ratio):
        try:
            return maximum(((last - first) / by).ceil(), 0)
        except TypeError:
            return UNKNOWN
    if isinstance(by, int) and by and isinstance(first, int | Dim) and isinstance(last, int | Dim):
        return maximum(ceildiv(last - first if by > 0 else first - last, abs(by)), 0)
    return UNKNOWN
