"""Counting n-grams: runs of n items in a sequence."""

from __future__ import annotations

from functools import reduce

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.kernels import ngrams as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.binary import Add
from interlingua.ir.ops.common import one_dtype
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.logic import And, Eq
from interlingua.ir.ops.reduction import ReduceSum
from interlingua.ir.ops.shape import Slice
from interlingua.ir.ops.shaping import expanded
from interlingua.ir.types import Tensor

ITEMS = frozenset({DType.STRING, DType.I32, DType.I64})
END = int(np.iinfo(np.int64).max)


@op("nn.count_ngrams")
class CountNgrams(Op):
    """``y[…, k]`` = how often row k of ``ngrams`` (count, n) occurs in ``x`` (…, items), as int64.

    An n-gram occurs at the places p, p + d, …, p + (n - 1)·d, for any distance d in [1, ``max_skip`` + 1] from one
    item to the next; a single item (n = 1) occurs once wherever it is. Occurrences may overlap, and each of equal rows
    counts all of its own. ONNX's TfIdfVectorizer in the mode TF, for n-grams of one length.
    C1. ``x`` and ``ngrams`` are strings, int32 or int64, of one dtype.  C2. ``x`` has an axis, and ``ngrams`` two, the
    last of a known length of 1 or more.  C3. ``max_skip`` is not negative.
    """

    max_skip: int = 0
    kernel = kernels.count_ngrams

    def infer(self, x: Tensor, ngrams: Tensor) -> Tensor:
        self.require(one_dtype(self, x, ngrams) in ITEMS, "C1. x and ngrams are strings, int32 or int64", x)
        n = ngrams.dims[-1] if ngrams.rank == 2 else None
        self.require(isinstance(n, int) and n >= 1, "C2. ngrams is (count, n), n is known and 1 or more", ngrams)
        self.require(x.rank >= 1, "C2. x has an axis", x)
        self.require(self.max_skip >= 0, "C3. max_skip is not negative", self.max_skip)
        return Tensor(DType.I64, (*x.dims[:-1], ngrams.dims[0]))

    def unranked(self, x: Tensor, ngrams: Tensor) -> Tensor:
        return Tensor(DType.I64, None)

    def decompose(self, b: Builder, x: Value, ngrams: Value) -> Value:
        """All windows are compared with all n-grams, distance by distance."""
        n = ngrams.tensor.dims[1]
        assert isinstance(n, int)
        items = [b(Gather(axis=1), ngrams, b.constant(j)) for j in range(n)]
        distances = range(1, 2 if n == 1 else self.max_skip + 2)
        return reduce(lambda p, q: b(Add(), p, q), [self._apart(b, x, items, d) for d in distances])

    def _apart(self, b: Builder, x: Value, items: list[Value], distance: int) -> Value:
        """The occurrences of items ``distance`` from one another."""
        reach = (len(items) - 1) * distance
        found = []
        for j, item in enumerate(items):
            start, left = j * distance, reach - j * distance
            column = b(Slice(axes=(-1,)), x, b.constant([start]), b.constant([-left if left else END]))
            found.append(b(Eq(), expanded(b, column, -1), item))
        hits = reduce(lambda p, q: b(And(), p, q), found)
        return b(ReduceSum(axes=(-2,)), b(Cast(to=DType.I64), hits))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        dtype = draw.dtype(ITEMS)
        shape, count = draw.shape(1, 3), draw.integer(1, 4)
        known = (draw.integer(0, 3), count)
        if dtype is DType.STRING:
            x, ngrams = (draw.strings(s, ("a", "b", "é"), most=1) for s in (shape, known))
        else:
            x, ngrams = (draw.array(s, dtype, lo=0, hi=2) for s in (shape, known))
        return Sample(cls(draw.integer(0, 3)), (x, ngrams), frozenset({1}))
