"""Products of matrices: matmul, gemm, einsum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dims import DimLike, same
from interlingua.ir.draw import FINITE, Draw, Sample
from interlingua.ir.dtypes import NUMBERS, DType
from interlingua.ir.graph import Value
from interlingua.ir.kernels import contraction as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.binary import Add, Mul
from interlingua.ir.ops.common import one_dtype
from interlingua.ir.ops.logic import Eq, Select
from interlingua.ir.ops.reduction import ReduceSum, narrowed, widened
from interlingua.ir.ops.shape import Transpose
from interlingua.ir.ops.shaping import count_of, dim_of, dim_scalar, dims_of, expanded, index_along, reshaped
from interlingua.ir.types import Tensor, broadcast

COMPLEX = frozenset({DType.C64, DType.C128})


@op("core.matmul")
class MatMul(Op):
    """``y[…, i, j] = sum over k of a[…, i, k] * b[…, k, j]``, the leading axes broadcast.

    C1. ``a`` and ``b`` have one dtype, of numbers or complex.  C2. The ranks are 1 or more.  C3. The inner
    dims agree. A vector on the left is a row, on the right a column, and its axis goes away again. Integers
    wrap modulo 2^bits (cast to int32 first to accumulate there). float16 and bfloat16 accumulate in float32
    and are rounded once. The order of the sums is not fixed. An empty inner axis gives 0.
    """

    kernel = kernels.matmul

    def infer(self, a: Tensor, b: Tensor) -> Tensor:
        dtype = one_dtype(self, a, b)
        self.require(dtype in NUMBERS | COMPLEX, "C1. a and b hold numbers", a, b)
        self.require(a.rank >= 1 and b.rank >= 1, "C2. the ranks are 1 or more", a, b)
        inner = b.dims[-2] if b.rank > 1 else b.dims[0]
        self.require(same(a.dims[-1], inner) is not False, "C3. the inner dims agree", a, b)
        lead = broadcast(a.with_shape(a.dims[:-2]), b.with_shape(b.dims[:-2]))
        return a.with_shape([*lead, *a.dims[-2:-1], *(b.dims[-1:] if b.rank > 1 else ())])

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        rows, inner, columns, *lead = draw.shape(3, 5)
        left: tuple[int, ...] = (inner,)
        right = left
        if draw.boolean():
            left = (*draw.broadcastable(lead), rows, inner)
        if draw.boolean():
            right = (*draw.broadcastable(lead), inner, columns)
        dtype = draw.dtype(NUMBERS | COMPLEX)
        return Sample(cls(), (draw.array(left, dtype), draw.array(right, dtype)))


@op("nn.gemm")
class Gemm(Op):
    """``y = alpha * A @ B + beta * c`` with ``A = a.T`` if ``trans_a`` else ``a``, and ``B`` likewise.

    C1. ``a`` and ``b`` are matrices of one dtype, of numbers.  C2. The inner dims agree.
    C3. ``c`` has this dtype and broadcasts one way to the result.  C4. Of integers, ``alpha`` and ``beta`` are whole.
    Integers wrap modulo 2^bits. Narrower floats are computed in float32 and rounded once.
    """

    alpha: float = 1.0
    beta: float = 1.0
    trans_a: bool = False
    trans_b: bool = False
    kernel = kernels.gemm

    def infer(self, a: Tensor, b: Tensor, c: Tensor | None = None) -> Tensor:
        dtype = one_dtype(self, *(t for t in (a, b, c) if t is not None))
        self.require(dtype in NUMBERS, "C1. the operands hold numbers", a, b)
        whole = dtype.is_float or (self.alpha % 1 == 0 and self.beta % 1 == 0)
        self.require(whole, "C4. the factors of integers are whole", a)
        self.require(a.rank == 2 and b.rank == 2, "C1. a and b are matrices", a, b)
        rows, inner = reversed(a.dims) if self.trans_a else a.dims
        other, columns = reversed(b.dims) if self.trans_b else b.dims
        self.require(same(inner, other) is not False, "C2. the inner dims agree", a, b)
        result = a.with_shape([rows, columns])
        if c is not None and c.shape is not None:
            fits = c.rank <= 2 and all(
                d == 1 or same(d, w) is not False
                for d, w in zip(reversed(c.dims), (columns, rows), strict=False)
            )
            self.require(fits, "C3. c broadcasts to the result", c, result)
        return result

    def decompose(self, b: Builder, a: Value, b_: Value, c: Value | None = None) -> Value:
        left = b(Transpose(perm=(1, 0)), a) if self.trans_a else a
        right = b(Transpose(perm=(1, 0)), b_) if self.trans_b else b_
        if c is not None or self.alpha != 1:  # the product alone rounds once by itself
            left, right = widened(b, left), widened(b, right)
        out = _scaled(b, b(MatMul(), left, right), self.alpha)
        return narrowed(b, out if c is None else b(Add(), out, _scaled(b, widened(b, c), self.beta)), a)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        (rows, inner, columns), dtype = draw.shape(3, 3), draw.dtype(NUMBERS)
        factors = (1.0, -2.0, 0.0, 3.0) if dtype.is_integer else (1.0, 0.5, -2.0, 0.0)
        op = cls(draw.choice(factors), draw.choice(factors), draw.boolean(), draw.boolean())
        a = draw.array((inner, rows) if op.trans_a else (rows, inner), dtype)
        b = draw.array((columns, inner) if op.trans_b else (inner, columns), dtype)
        c = draw.array(draw.broadcastable((rows, columns)), dtype) if draw.boolean() else None
        return Sample(op, (a, b, c))


def _scaled(b: Builder, x: Value, factor: float) -> Value:
    if factor == 1:
        return x
    dtype = x.tensor.dtype
    wrapped = factor if dtype.is_float else np.asarray(int(factor)).astype(dtype.numpy)
    return b(Mul(), x, b.scalar(wrapped, dtype))


Labels = tuple[str, ...]


@op("nn.einsum")
class Einsum(Op):
    """The sum of products that ``equation`` states, as ``numpy.einsum``: ``"bij,bjk->bik"``.

    C1. One term an operand, of ASCII letters and at most one ``...``, one letter an axis; all of one dtype,
    of numbers.
    C2. The axes of one letter agree; those under ``...`` broadcast from the right.
    C3. The output names letters of the operands, each once, and ``...`` if an operand has it. Without ``->``
    it is ``...`` and, in alphabetical order, the letters that occur once.
    A letter twice in one term takes the diagonal. The order of products and sums is not fixed, so that of NaN and
    infinities it is undefined which comes out.
    """

    equation: str
    kernel = kernels.einsum

    def infer(self, *xs: Tensor) -> Tensor:
        self.require(xs, "C1. one operand at least")
        self.require(one_dtype(self, *xs) in NUMBERS | COMPLEX, "C1. the operands hold numbers", *xs)
        terms, output = self.terms([x.rank for x in xs])
        dims: dict[str, DimLike] = {}
        for labels, x in zip(terms, xs, strict=True):
            for label, dim in zip(labels, x.dims, strict=True):
                dims[label] = self._meet(label, dims.get(label, dim), dim, xs)
        return xs[0].with_shape([dims[label] for label in output])

    def _meet(self, label: str, p: DimLike, q: DimLike, xs: tuple[Tensor, ...]) -> DimLike:
        if label.startswith("."):
            (dim,) = broadcast(Tensor(xs[0].dtype, (p,)), Tensor(xs[0].dtype, (q,)))
            return dim
        self.require(same(p, q) is not False, f"C2. the axes of {label} agree", *xs)
        return q if isinstance(q, int) else p

    def unranked(self, *xs: Tensor) -> Tensor:
        return xs[0].with_shape(None)

    def terms(self, ranks: Sequence[int]) -> tuple[list[Labels], Labels]:
        """A label for each axis of each operand, and for each axis of the result; ``.k`` is the k-th axis
        from the right under the dots."""
        inputs, arrow, output = self.equation.replace(" ", "").partition("->")
        written = inputs.split(",")
        self.require(len(written) == len(ranks), f"C1. {self.equation!r} has one term an operand")
        found = [self._labels(term, rank) for term, rank in zip(written, ranks, strict=True)]
        dots = max(sum(label.startswith(".") for label in labels) for labels in found)
        if not arrow:
            letters = inputs.replace(",", "").replace(".", "")
            output = "..." * ("..." in inputs) + "".join(
                sorted(c for c in set(letters) if letters.count(c) == 1)
            )
        result = self._labels(output, len(output.replace("...", "")) + (dots if "..." in output else 0))
        known = {label for labels in found for label in labels}
        self.require(
            set(result) <= known and len(set(result)) == len(result),
            f"C3. {self.equation!r} names its output",
        )
        self.require(
            not dots or "..." in output, f"C3. the output of {self.equation!r} has the dots of its operands"
        )
        return found, result

    def _labels(self, term: str, rank: int) -> Labels:
        head, dots, tail = term.partition("...")
        hidden = rank - len(head) - len(tail)
        fits = hidden >= 0 if dots else hidden == 0
        self.require(
            (fits and (head + tail).isalpha()) or not head + tail,
            f"C1. {term!r} has one letter an axis of {rank}",
        )
        self.require(fits, f"C1. {term!r} has one letter an axis of {rank}")
        return (*head, *(f".{k}" for k in range(hidden, 0, -1)), *tail)

    def decompose(self, b: Builder, *xs: Value) -> Value:
        terms, output = self.terms([x.tensor.rank for x in xs])
        total: Value | None = None
        labels: Labels = ()
        for i, x in enumerate(xs):
            later = {label for term in terms[i + 1 :] for label in term} | set(output)
            earlier = set(labels) | later
            x, own = _simplified(b, x, terms[i], earlier)
            total, labels = (x, own) if total is None else _contracted(b, total, labels, x, own, later)
        assert total is not None
        perm = tuple(labels.index(label) for label in output)
        return total if perm == tuple(range(len(perm))) else b(Transpose(perm=perm), total)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        sizes, hidden = dict(zip("abcd", draw.shape(4, 4), strict=True)), draw.shape(0, 2)
        dtype, terms, xs = draw.dtype(NUMBERS | COMPLEX), [], []
        for _ in range(draw.integer(1, 3)):
            letters = [draw.choice("abcd") for _ in range(draw.integer(0, 3))]
            place = draw.integer(0, len(letters))
            dots = draw.broadcastable(hidden) if draw.boolean() else None
            dims = [sizes[letter] for letter in letters]
            xs.append(draw.array((*dims[:place], *(dots or ()), *dims[place:]), dtype, kinds=FINITE))
            terms.append("".join([*letters[:place], "..." * (dots is not None), *letters[place:]]))
        equation, named = ",".join(terms), sorted({c for c in "".join(terms) if c != "."})
        if draw.boolean():
            kept = [named[axis] for axis in draw.axes(len(named))]
            place = draw.integer(0, len(kept))
            equation += "->" + "".join([*kept[:place], "..." * ("..." in equation), *kept[place:]])
        return Sample(cls(equation), tuple(xs))


def _simplified(b: Builder, x: Value, labels: Labels, needed: set[str]) -> tuple[Value, Labels]:
    """Diagonals taken, and axes summed that nothing else needs."""
    axis = 0
    while axis < len(labels):
        first = labels.index(labels[axis])
        if first < axis:
            rank = len(labels)
            i, j = (index_along(b, dim_scalar(b, x, a), a, rank) for a in (first, axis))
            x = b(ReduceSum((axis,)), b(Select(), b(Eq(), i, j), x, b.scalar(0, x)))
            labels = labels[:axis] + labels[axis + 1 :]
        else:
            axis += 1
    gone = tuple(i for i, label in enumerate(labels) if label not in needed)
    return (b(ReduceSum(gone), x) if gone else x), tuple(label for label in labels if label in needed)


def _contracted(
    b: Builder, x: Value, own: Labels, y: Value, other: Labels, keep: set[str]
) -> tuple[Value, Labels]:
    """One product of two operands, summed over the labels that both have and nothing later needs."""
    summed = tuple(label for label in own if label in other and label not in keep)
    batch = tuple(label for label in own if label in other and label in keep)
    left = tuple(label for label in own if label not in other)
    right = tuple(label for label in other if label not in own)
    p, q = _ordered(b, x, own, batch + left + summed), _ordered(b, y, other, batch + summed + right)
    n, result = len(batch), batch + left + right
    if not summed and x.tensor.dtype not in COMPLEX:  # core.mul is of real numbers
        p = expanded(b, p, *range(n + len(left), len(result)))
        return b(Mul(), p, expanded(b, q, *range(n, n + len(left)))), result
    rows = dims_of(b, p, *range(n, n + len(left)))
    columns = dims_of(b, q, *range(n + len(summed), q.tensor.rank))
    flat_p = _grouped(b, p, n, len(left))
    out = b(MatMul(), flat_p, _grouped(b, q, n, len(summed)))
    if len(left) == 1 and len(right) == 1:
        return out, result
    return reshaped(b, out, [*dims_of(b, out, *range(n)), *rows, *columns]), result


def _ordered(b: Builder, x: Value, labels: Labels, wanted: Labels) -> Value:
    return x if labels == wanted else b(Transpose(perm=tuple(labels.index(label) for label in wanted)), x)


def _grouped(b: Builder, x: Value, lead: int, first: int) -> Value:
    """``x`` with ``first`` axes after the ``lead`` ones made one, and the rest made one."""
    rank = x.tensor.rank
    if first == 1 and rank - lead - first == 1:
        return x
    sides: list[int | Value] = []
    for axes in (range(lead, lead + first), range(lead + first, rank)):
        if len(axes) == 1:
            sides.append(dim_of(b, x, axes[0]))
        else:
            fixed = [x.tensor.dims[a] for a in axes]
            static = all(isinstance(d, int) for d in fixed)
            count = count_of(b, x, axes, DType.I64)
            sides.append(count.tensor.known()[0] if static else expanded(b, count, 0))  # type: ignore[index]
    return reshaped(b, x, [*dims_of(b, x, *range(lead)), *sides])
