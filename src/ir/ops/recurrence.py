"""Recurrent layers as ``core.scan``: one scan a direction, the projections of all inputs in front of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Value
from interlingua.ir.op import Op
from interlingua.ir.ops.activation import Elu, HardSigmoid, LeakyRelu, Relu, Softplus, Softsign
from interlingua.ir.ops.control import Scan
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.layout import Split
from interlingua.ir.ops.math import Sigmoid
from interlingua.ir.ops.shaping import dim_of, vector

if TYPE_CHECKING:
    from interlingua.ir.ops.rnn import Gru, Lstm, Recurrent, Rnn

Step = Callable[..., list[Expr]]
"""``step(op, d, projected, states, captured) -> new states``, inside the scan."""


def decompose(
    op: Recurrent, b: Builder, operands: Sequence[Value | None], step: Step, *, inside: bool = False
) -> tuple[Value, ...]:
    """The layer: each direction scanned, then stacked. Both biases are added in front of the scan; with ``inside`` the
    steps take the recurrent one, after the recurrent weights."""
    full = [*operands, *[None] * (8 - len(operands))]
    assert full[0] is not None
    dtype = full[0].tensor.dtype
    x, w, r, bias, h, c, peepholes = (None if v is None else Expr(b, v).wide() for v in (*full[:4], *full[5:8]))
    assert x is not None and w is not None and r is not None
    states = (h, c)[: op.states]
    runs = []
    for d in range(op.directions):
        initial = [initial_state(x, r) if s is None else s.take(0, d) for s in states]
        captured = [r.take(0, d).transpose(1, 0)]
        projected = x @ w.take(0, d).transpose(1, 0)
        if bias is not None:
            both = bias.take(0, d).reshape([2, dim_of(b, w.value, 1)])
            own, past = both.take(0, 0), both.take(0, 1)
            projected = projected + (own if inside else own + past)
            captured.extend([past] if inside else [])
        elif inside:
            captured.append(x.number(0.0))
        if peepholes is not None:
            captured.append(peepholes.take(0, d))
        runs.append(scan_direction(op, b, d, projected, full[4], initial, captured, step))
    return tuple(stacked(parts, 1 if i == 0 else 0, dtype) for i, parts in enumerate(zip(*runs, strict=True)))


def initial_state(x: Expr, r: Expr) -> Expr:
    """Zeros, (batch, hidden), for data (time, batch, in) and recurrent weights (directions, rows, hidden)."""
    shape = vector(x.b, [dim_of(x.b, x.value, 1), dim_of(x.b, r.value, 2)])
    return x.number(0.0).broadcast(Expr(x.b, shape))


def stacked(parts: Sequence[Expr], axis: int, dtype: DType) -> Value:
    """The results of all directions, along a new axis."""
    first, *rest = (p.expand(axis) for p in parts)
    return (first.concat(*rest, axis=axis) if rest else first).to(dtype).value


def scan_direction(
    op: Recurrent,
    b: Builder,
    d: int,
    projected: Expr,
    lengths: Value | None,
    initial: list[Expr],
    captured: list[Expr],
    step: Step,
) -> list[Expr]:
    """One direction: outputs over time, then the last states."""
    backwards = op.direction == "reverse" or d == 1
    scanned = [projected.value]
    held = [e.value for e in captured]
    if lengths is not None:
        scanned.append(projected.dim(0).steps().to(lengths.tensor.dtype).value)
        held.append(lengths)
    body = _body(op, b, d, [e.value for e in initial], scanned, held, lengths is not None, step)
    n = len(scanned)
    scan = Scan(
        states=len(initial),
        scanned=n,
        axes=(0,) * n,
        reverse=(backwards,) * n,
        out_axes=(0,),
        out_reverse=(backwards,),
    )
    results = b.add_all(scan, *(e.value for e in initial), *scanned, *held, regions=(body,))
    return [Expr(b, v) for v in (results[-1], *results[:-1])]


def _body(
    op: Recurrent,
    b: Builder,
    d: int,
    states: list[Value],
    scanned: list[Value],
    held: list[Value],
    masked: bool,
    step: Step,
) -> Graph:
    inner = b.region("step")
    before = [Expr(inner, inner.input(v.type, f"state{i}")) for i, v in enumerate(states)]
    slices = [
        Expr(inner, inner.input(v.tensor.with_shape(v.tensor.dims[1:]), f"slice{i}")) for i, v in enumerate(scanned)
    ]
    given = [Expr(inner, inner.input(v.type, f"held{i}")) for i, v in enumerate(held)]
    after = step(op, d, slices[0], before, given)
    out = after[0]
    if masked:
        live = (slices[1] < given[-1]).expand(1)
        out = live.where(out, out.number(0.0))
        after = [live.where(new, old) for new, old in zip(after, before, strict=True)]
    return inner.outputs([*(e.value for e in after), out.value])


def activate(op: Recurrent, x: Expr, index: int, clipped: bool = True) -> Expr:
    """The layer's activation at ``index``, its input bounded first."""
    name, alpha, beta = op.activations[index], op.alphas[index], op.betas[index]
    if clipped and op.clip is not None:
        x = x.clip(-op.clip, op.clip)
    simple: dict[str, Op] = {
        "sigmoid": Sigmoid(),
        "relu": Relu(),
        "leaky_relu": LeakyRelu(alpha=alpha),
        "hard_sigmoid": HardSigmoid(alpha=alpha, beta=beta),
        "elu": Elu(alpha=alpha),
        "softsign": Softsign(),
        "softplus": Softplus(),
    }
    if name in simple:
        return x.apply(simple[name])
    if name == "affine":
        return x * alpha + beta
    if name == "thresholded_relu":
        return (x >= alpha).where(x, x.number(0.0))
    return (x * beta).tanh() * alpha if name == "scaled_tanh" else x.tanh()


def rnn_step(op: Rnn, d: int, x: Expr, states: list[Expr], held: list[Expr]) -> list[Expr]:
    return [activate(op, x + states[0] @ held[0], d)]


def gru_step(op: Gru, d: int, x: Expr, states: list[Expr], held: list[Expr]) -> list[Expr]:
    h = states[0]
    zr, n = _columns(held[0], 3)
    x_zr, x_n = _columns(x, 3)
    if not op.linear_before_reset:
        update, reset = _halves(activate(op, x_zr + h @ zr, 2 * d))
        past = (reset * h) @ n
    else:
        bias = held[1]
        bias_zr, bias_n = _columns(bias, 3) if bias.rank else (bias, bias)
        update, reset = _halves(activate(op, x_zr + (h @ zr + bias_zr), 2 * d))
        past = reset * (h @ n + bias_n)
    hidden = activate(op, x_n + past, 2 * d + 1)
    return [(1 - update) * hidden + update * h]


def lstm_step(op: Lstm, d: int, x: Expr, states: list[Expr], held: list[Expr]) -> list[Expr]:
    (h, c), (r, *more) = states, held
    return lstm_cell(op, d, x + h @ r, c, more[0] if more and more[0].dtype.is_float else None)


def lstm_cell(op: Lstm, d: int, x: Expr, c: Expr, peepholes: Expr | None) -> list[Expr]:
    """New hidden state and cell, from the inputs of all gates before their activations."""
    i, o, f, g = _parts(x, 4)
    if peepholes is not None:
        pi, po, pf = _parts(peepholes, 3)
        i, f = i + pi * c, f + pf * c
    enter = activate(op, i, 3 * d)
    forget = 1 - enter if op.input_forget else activate(op, f, 3 * d)
    cell = forget * c + enter * activate(op, g, 3 * d + 1)
    if peepholes is not None:
        o = o + po * cell
    return [activate(op, o, 3 * d) * activate(op, cell, 3 * d + 2, clipped=False), cell]


def _parts(x: Expr, count: int) -> list[Expr]:
    """Equal parts along the last axis."""
    return [Expr(x.b, v) for v in x.b.add_all(Split(axis=x.rank - 1, parts=count), x.value)]


def _halves(x: Expr) -> tuple[Expr, Expr]:
    first, second = _parts(x, 2)
    return first, second


def _columns(x: Expr, count: int) -> tuple[Expr, Expr]:
    """All parts along the last axis but the last, and the last."""
    parts = _parts(x, count)
    return parts[0].concat(*parts[1:-1], axis=x.rank - 1), parts[-1]
