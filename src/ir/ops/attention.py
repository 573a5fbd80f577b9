"""Attention over (batch, heads, sequence, features)."""

from __future__ import annotations

import math

from interlingua.ir.builder import Builder
from interlingua.ir.dims import UNKNOWN, same
from interlingua.ir.draw import Draw, Sample
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Graph, Value
from interlingua.ir.kernels import attention as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.binary import Div
from interlingua.ir.ops.common import one_dtype, shaped, vector_or_one
from interlingua.ir.ops.control import Scan, drop_axis
from interlingua.ir.ops.elementwise import within
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.shaping import dim_of, dims_of, quotient_of, vector
from interlingua.ir.types import Tensor


def check_groups(op: Op, q: Tensor, k: Tensor) -> None:
    """Require that the key heads divide the heads, as far as both are known."""
    heads, shared = q.dims[1], k.dims[1]
    if isinstance(heads, int) and isinstance(shared, int):
        divide = heads % shared == 0 if shared else heads == 0
        op.require(divide, "C3. the key heads divide the heads", q, k)


@op("nn.attention")
class Attention(Op):
    """``softmax(cap(q·kᵀ·scale) + bias)·v`` for every head.

    ``q`` (batch, heads, queries, width), ``k`` (batch, shared, keys, width), ``v`` (batch, shared, keys,
    out). Head ``h`` uses key head ``h // (heads/shared)``. ``scale`` is 1/√width where absent;
    ``cap(s) = softcap·tanh(s/softcap)``. ``mask`` broadcasts to (batch, heads, queries, keys): bool, true
    where a key counts, or a float that is added. Query ``i`` is at position ``i + offset`` (``offset`` int64,
    one or one an example; 0 where absent); ``causal`` leaves keys up to its position, ``left_window`` and
    ``right_window`` those at most so far to either side, ``lengths`` (batch,) int64 those before an example's
    length. A query that sees no key (a float mask of -inf hides one too) gives 0. NaN among the scores of a
    query gives NaN. Narrow floats compute in float32 and round once, at the end.
    C1. ``q``, ``k``, ``v`` are floats of one dtype.  C2. They have rank 4.  C3. ``shared`` divides ``heads``.
    C4. ``mask`` is bool or of the dtype of ``q``. PyTorch's scaled_dot_product_attention gives NaN for a
    query without keys; its ``is_causal`` has offset 0.
    """

    scale: float | None = None
    causal: bool = False
    left_window: int | None = None
    right_window: int | None = None
    softcap: float | None = None
    kernel = kernels.attention

    def infer(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        mask: Tensor | None = None,
        lengths: Tensor | None = None,
        offset: Tensor | None = None,
    ) -> Tensor:
        self.require(one_dtype(self, q, k, v) in FLOATS, "C1. q, k, v are floats of one dtype", q, k, v)
        self.require(q.rank == k.rank == v.rank == 4, "C2. q, k, v have rank 4", q, k, v)
        check_groups(self, q, k)
        self.require(same(q.dims[3], k.dims[3]) is not False, "C2. q and k have one width", q, k)
        shaped(self, k, (q.dims[0], *k.dims[1:]), "C2. q, k and v have one batch")
        shaped(self, v, (*k.dims[:3], v.dims[3]), "C2. k and v have the same batch, heads and keys")
        if mask is not None and mask.shape is not None:
            scores = Tensor(mask.dtype, (*q.dims[:3], k.dims[2]))
            within(self, scores, mask, "C4. mask broadcasts to (batch, heads, queries, keys)")
        shaped(self, lengths, (q.dims[0],), "C5. lengths is one an example")
        vector_or_one(self, offset, q.dims[0], "C5. offset is one, or one an example")
        self.require(mask is None or mask.dtype in (DType.BOOL, q.dtype), "C4. mask is bool, or of q's dtype", mask)
        for t in (lengths, offset):
            self.require(t is None or t.dtype is DType.I64, "C5. lengths and offset are int64", t)
        return q.with_shape((*q.dims[:3], v.dims[3]))

    def decompose(
        self,
        b: Builder,
        q: Value,
        k: Value,
        v: Value,
        mask: Value | None = None,
        lengths: Value | None = None,
        offset: Value | None = None,
    ) -> Value:
        weights = self.stages(b, q, k, mask, lengths, offset)[3]
        return attended(weights, v).to(q.tensor.dtype).value

    def stages(
        self, b: Builder, q: Value, k: Value, mask: Value | None, lengths: Value | None, offset: Value | None
    ) -> tuple[Expr, Expr, Expr, Expr]:
        """Scores as they come, capped, biased, and their softmax."""
        a, keys = Expr(b, q).wide(), Expr(b, k).wide()
        grouped = _by_group(a * _factor(a, q, self.scale), k)
        shape = [dim_of(b, q, i) for i in range(3)]
        raw = (grouped @ keys.transpose(0, 1, 3, 2).expand(2)).reshape([*shape, dim_of(b, k, 2)])
        capped = raw if self.softcap is None else (raw / self.softcap).tanh() * self.softcap
        allowed = self._allowed(raw, lengths, offset)
        biased = capped
        if mask is not None and mask.tensor.dtype is DType.BOOL:
            given = Expr(b, mask)
            allowed = given if allowed is None else allowed & given
        elif mask is not None:
            added = raw.like(mask)
            biased = capped + added
            visible = ~added.equals(-math.inf)
            allowed = visible if allowed is None else allowed & visible
        if allowed is None:
            return raw, capped, biased, _softmax(biased)
        biased = allowed.where(biased, biased.number(-math.inf))
        alive = allowed.to(DType.I32).greatest((allowed.rank - 1,)).equals(1)
        safe = alive.where(biased, biased.number(0.0))
        return raw, capped, biased, alive.where(_softmax(safe), biased.number(0.0))

    def _allowed(self, scores: Expr, lengths: Value | None, offset: Value | None) -> Expr | None:
        found: list[Expr] = []
        keys = scores.dim(3).steps(4, 3)
        if self.causal or self.left_window is not None or self.right_window is not None:
            at = scores.dim(2).steps(4, 2)
            if offset is not None:
                at = at + Expr(scores.b, offset).reshape([-1, 1, 1, 1])
            if self.causal:
                found.append(keys <= at)
            if self.left_window is not None:
                found.append(keys >= at - self.left_window)
            if self.right_window is not None:
                found.append(keys <= at + self.right_window)
        if lengths is not None:
            found.append(keys < Expr(scores.b, lengths).reshape([-1, 1, 1, 1]))
        if not found:
            return None
        allowed = found[0]
        for other in found[1:]:
            allowed = allowed & other
        return allowed

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        dtype, shared = draw.dtype(FLOATS), draw.integer(1, 2)
        batch, heads = 0 if draw.rarely() else draw.integer(1, 2), shared * draw.integer(1, 2)
        queries, keys = (0 if draw.rarely() else draw.integer(1, most) for most in (4, 5))
        width, out = draw.integer(1, 4), draw.integer(0, 3)
        shapes = (batch, heads, queries, width), (batch, shared, keys, width), (batch, shared, keys, out)
        mask, lengths, offset = None, None, None
        if draw.boolean():
            shape = draw.broadcastable((batch, heads, queries, keys))
            mask = draw.array(shape, draw.choice((DType.BOOL, dtype)))
        if draw.boolean():
            lengths = draw.array((batch,), DType.I64, lo=0, hi=keys + 1)
        if draw.boolean():
            offset = draw.array(draw.choice(((), (1,), (batch,))), DType.I64, lo=-2, hi=3)
        left, right = (draw.choice((None, 0, 2)) for _ in range(2))
        op = cls(draw.choice((None, 0.5, 0.0)), draw.boolean(), left, right, draw.choice((None, 2.0)))
        return Sample(op, (*(draw.array(shape, dtype) for shape in shapes), mask, lengths, offset))


def _factor(x: Expr, q: Value, scale: float | None) -> Expr:
    """The scale in the dtype of ``x``: what is given, or 1/√width."""
    width = q.tensor.dims[3]
    if scale is None and isinstance(width, int):
        return x.number(1 / math.sqrt(width))
    return x.number(1.0) / Expr(x.b, q).dim(3, x.dtype).sqrt() if scale is None else x.number(scale)


def attended(weights: Expr, v: Value) -> Expr:
    """The values weighted, (batch, heads, queries, out), from weights (batch, heads, queries, keys)."""
    b = weights.b
    y = _by_group(weights, v) @ weights.like(v).expand(2)
    return y.reshape([*dims_of(b, weights.value, 0, 1, 2), dim_of(b, v, 3)])


def _by_group(x: Expr, k: Value) -> Expr:
    """(batch, heads, …) as (batch, shared, heads/shared, …)."""
    b = x.b
    batch, heads, *rest = dims_of(b, x.value, 0, 1, 2, 3)
    shared = dim_of(b, k, 1)
    if isinstance(heads, int) and isinstance(shared, int):
        each: int | Value = heads // shared
    else:
        each = b(Div(), *(vector(b, [part]) for part in (heads, shared)))
    return x.reshape([batch, shared, each, *rest])


def _softmax(x: Expr) -> Expr:
    e = (x - x.greatest((x.rank - 1,))).exp()
    return e / e.sum((x.rank - 1,))


def _lone(t: Tensor | None, axis: int) -> bool:
    return t is not None and t.shape is not None and t.rank == 4 and same(t.dims[axis], 1) is True


@op("nn.linear_attention")
class LinearAttention(Op):
    """Attention without softmax: each head reads from a state, a matrix that every step writes to.

    ``S ← exp(decay)·S``; ``w = beta·(v - kᵀS)``; ``S ← S + k·wᵀ``; ``y = scale·qᵀS``, from the first step to the
    last. Without ``decay`` nothing decays; without ``beta`` ``w = v``. (ONNX's rules are these: linear has neither,
    gated ``decay``, delta ``beta``, gated_delta both.)
    ``q`` (batch, heads, steps, width), ``k`` (batch, shared, steps, width), ``v`` (batch, shared, steps, out);
    ``state`` (batch, shared, width, out), of zeros where absent; ``decay`` (batch, shared, steps, width or 1) is the
    logarithm of what stays; ``beta`` (batch, shared or 1, steps, 1). Head ``h`` uses key head
    ``h // (heads/shared)``. ``scale`` is 1/√width where absent. Results: ``y`` (batch, heads, steps, out), and the
    last state, of the dtype of ``state``, else of ``q``. Narrow floats compute in float32, the state too.
    C1. The operands but ``state`` are floats of one dtype, ``state`` one too, or of 32 bits at most.  C2. They have
    rank 4, and the dims above.  C3. ``shared`` divides ``heads``.
    Source: LinearAttention of ONNX's opset 27, its text and function body.
    """

    scale: float | None = None
    kernel = kernels.linear_attention

    def infer(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        state: Tensor | None = None,
        decay: Tensor | None = None,
        beta: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        given = [t for t in (q, k, v, decay, beta) if t is not None]
        self.require(one_dtype(self, *given) in FLOATS, "C1. the operands are floats of one dtype", *given)
        dtype = q.dtype if state is None else state.dtype
        self.require(dtype is q.dtype or (dtype in FLOATS and dtype.bits <= 32), "C1. state is such a float", state)
        self.require(q.rank == k.rank == v.rank == 4, "C2. q, k, v have rank 4", q, k, v)
        check_groups(self, q, k)
        batch, shared, steps, width = q.dims[0], k.dims[1], q.dims[2], q.dims[3]
        shaped(self, k, (batch, shared, steps, width), "C2. k is (batch, shared, steps, width)")
        shaped(self, v, (batch, shared, steps, v.dims[3]), "C2. v is (batch, shared, steps, out)")
        shaped(self, state, (batch, shared, width, v.dims[3]), "C2. state is (batch, shared, width, out)")
        rows = (batch, shared, steps, 1 if _lone(decay, 3) else width)
        shaped(self, decay, rows, "C2. decay is (batch, shared, steps, width or 1)")
        rows = (batch, 1 if _lone(beta, 1) else shared, steps, 1)
        shaped(self, beta, rows, "C2. beta is (batch, shared or 1, steps, 1)")
        return q.with_shape((*q.dims[:3], v.dims[3])), Tensor(dtype, (batch, shared, width, v.dims[3]))

    def decompose(
        self,
        b: Builder,
        q: Value,
        k: Value,
        v: Value,
        state: Value | None = None,
        decay: Value | None = None,
        beta: Value | None = None,
    ) -> tuple[Value, Value]:
        """A scan over the steps; the queries of one key head go side by side."""
        queries = _by_group(Expr(b, q).wide(), k)
        dims = [*dims_of(b, k, 0, 1, 3), dim_of(b, v, 3)]
        first = queries.number(0.0).broadcast(Expr(b, vector(b, dims))) if state is None else queries.like(state)
        scanned = [queries, *(queries.like(x) for x in (k, v, decay, beta) if x is not None)]
        body = self._step(b, first, scanned, decay is not None, beta is not None)
        axes = (3, *[2] * (len(scanned) - 1))
        scan = Scan(1, len(scanned), axes, (False,) * len(scanned), (3,), (False,))
        memory, y = b.add_all(scan, first.value, *(x.value for x in scanned), regions=(body,))
        read = Expr(b, y).reshape([*dims_of(b, q, 0, 1, 2), dim_of(b, v, 3)]) * _factor(queries, q, self.scale)
        kept = Expr(b, memory).to(q.tensor.dtype if state is None else state.tensor.dtype)
        return read.to(q.tensor.dtype).value, kept.value

    def _step(self, b: Builder, first: Expr, scanned: list[Expr], decays: bool, corrects: bool) -> Graph:
        inner = b.region("step")
        memory = Expr(inner, inner.input(first.value.type, "state"))
        types = [drop_axis(x.value.tensor, 3 if i == 0 else 2) for i, x in enumerate(scanned)]
        query, key, written, *more = (Expr(inner, inner.input(t)) for t in types)
        if decays:
            memory = memory * more.pop(0).exp().expand(3)
        if corrects:
            written = more.pop(0) * (written - (key.expand(2) @ memory).squeeze(2))
        memory = memory + key.expand(3) * written.expand(2)
        return inner.outputs([memory.value, (query @ memory).value])

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        dtype, shared = draw.dtype(FLOATS), draw.integer(1, 2)
        batch, steps = (0 if draw.rarely() else draw.integer(1, most) for most in (2, 4))
        heads, width, out = shared * draw.integer(1, 2), draw.integer(1, 3), draw.integer(1, 3)
        shapes = (batch, heads, steps, width), (batch, shared, steps, width), (batch, shared, steps, out)
        state, decay, beta = None, None, None
        if draw.boolean():
            state = draw.array((batch, shared, width, out), draw.choice((dtype, DType.F32)))
        if draw.boolean():
            decay = draw.array((batch, shared, steps, draw.choice((width, 1))), dtype, hi=0.5)
        if draw.boolean():
            beta = draw.array((batch, draw.choice((shared, 1)), steps, 1), dtype)
        arrays = (draw.array(shape, dtype) for shape in shapes)
        return Sample(cls(draw.choice((None, 0.5))), (*arrays, state, decay, beta))


@op("nn.rotary")
class Rotary(Op):
    """Rotary position embedding: pairs of features of ``x`` (batch, heads, sequence, width) turned by an
    angle each.

    ``(u, v) → (u·cos - v·sin, u·sin + v·cos)``; a pair is features ``j`` and ``j + half`` or,
    ``interleaved``, ``2j`` and ``2j + 1``, among the first ``width`` features (all where absent); the others
    stay. ``cos`` and ``sin`` are (batch, sequence, half) or, with ``positions`` (batch, sequence) int64,
    tables (positions, half).
    C1. ``x``, ``cos``, ``sin`` are floats of one dtype.  C2. ``x`` has rank 4.  C3. Tables have rank 2 with
    positions, else 3.  C4. ``half`` is half of ``width``.  C5. ``positions`` are int64.
    """

    interleaved: bool = False
    width: int | None = None
    kernel = kernels.rotary

    def infer(self, x: Tensor, cos: Tensor, sin: Tensor, positions: Tensor | None = None) -> Tensor:
        self.require(one_dtype(self, x, cos, sin) in FLOATS, "C1. the operands are floats of one dtype", x)
        self.require(x.rank == 4, "C2. x has rank 4", x)
        for t in (cos, sin):
            rank = 3 if positions is None else 2
            self.require(t.shape is None or t.rank == rank, f"C3. cos and sin have rank {rank}", t)
            wide = x.dims[3] if self.width is None else self.width
            fits = t.shape is None or same(t.dims[-1] * 2, wide) is not False
            self.require(fits, "C4. cos and sin have an element for each pair of features", x, t)
            lead = (x.dims[0], x.dims[2]) if positions is None else (UNKNOWN,)
            shaped(self, t, (*lead, UNKNOWN), "C3. cos and sin are (batch, sequence, half), or tables of rows")
        if positions is not None:
            self.require(positions.dtype is DType.I64, "C5. positions are int64", positions)
            shaped(self, positions, (x.dims[0], x.dims[2]), "C5. positions are (batch, sequence)")
        return x.with_shape(x.dims)

    def decompose(self, b: Builder, x: Value, cos: Value, sin: Value, positions: Value | None = None) -> Value:
        a, c, s = (Expr(b, v).wide() for v in (x, cos, sin))
        if positions is not None:
            at = Expr(b, positions)
            c, s = c.gather(at, 0), s.gather(at, 0)
        c, s = c.expand(1), s.expand(1)
        end = 2**31 - 1
        turned = a if self.width is None else a.slice(3, 0, self.width)
        if self.interleaved:
            one, two = turned.slice(3, 0, end, 2), turned.slice(3, 1, end, 2)
            y = (one * c - two * s).expand(4).concat((one * s + two * c).expand(4), axis=4).reshape(turned.shape())
        else:
            outer, pairs = dims_of(b, turned.value, 0, 1, 2), quotient_of(b, dim_of(b, turned.value, 3), 2)
            halves = turned.reshape([*outer, 2, pairs])
            one, two = halves.take(3, 0), halves.take(3, 1)
            y = (one * c - two * s).concat(one * s + two * c, axis=3)
        if self.width is not None:
            y = y.concat(a.slice(3, self.width, end), axis=3)
        return y.to(x.tensor.dtype).value

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        dtype, half, rest = draw.dtype(FLOATS), draw.integer(1, 3), draw.integer(0, 2)
        batch, heads, steps = (0 if draw.rarely() else draw.integer(1, most) for most in (2, 3, 4))
        table: tuple[int, ...] = (batch, steps, half)
        positions = None
        if draw.boolean():
            table = (draw.integer(1, 5), half)
            positions = draw.array((batch, steps), DType.I64, lo=0, hi=table[0] - 1)
        x, cos, sin = (draw.array(s, dtype) for s in ((batch, heads, steps, 2 * half + rest), table, table))
        width = 2 * half if rest or draw.boolean() else None
        return Sample(cls(draw.boolean(), width), (x, cos, sin, positions))
