"""Kernels of the recurrent layers: a Python loop over time, matrix products inside.

The projections of all inputs are one matrix product up front. Shapes: ``x`` (time, batch, in), ``w``
(directions, gates*hidden, in), ``r`` (directions, gates*hidden, hidden), ``bias`` (directions,
2*gates*hidden), states (directions, batch, hidden).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from interlingua.ir.kernels.array import Array
from interlingua.ir.kernels.precision import narrow, wide


def logistic(x: Array) -> Array:
    """``1 / (1 + exp(-x))``."""
    return np.asarray(1 / (1 + np.exp(-x)))


def recurrent_activation(x: Array, name: str, alpha: float, beta: float, clip: float | None) -> Array:
    """One of the activations of recurrent layers, its input first bounded to ``[-clip, clip]``."""
    x = x if clip is None else np.clip(x, -clip, clip)
    alpha, beta = x.dtype.type(alpha), x.dtype.type(beta)
    if name == "sigmoid":
        return logistic(x)
    if name == "tanh":
        return np.tanh(x)
    if name == "relu":
        return np.maximum(x, 0)
    if name == "affine":
        return np.asarray(alpha * x + beta)
    if name == "leaky_relu":
        return np.where(x >= 0, x, alpha * x)
    if name == "thresholded_relu":
        return np.where(x >= alpha, x, np.zeros((), x.dtype))
    if name == "scaled_tanh":
        return np.asarray(alpha * np.tanh(beta * x))
    if name == "hard_sigmoid":
        return np.clip(alpha * x + beta, 0, 1)
    if name == "elu":
        return np.where(x >= 0, x, alpha * np.expm1(np.minimum(x, 0)))
    if name == "softsign":
        return np.asarray(x / (1 + np.abs(x)))
    if name == "softplus":
        return np.logaddexp(x, np.zeros((), x.dtype))
    raise ValueError(f"no recurrent activation {name!r}")


def recur(
    x: Array,
    lengths: Array | None,
    reverse: bool,
    states: tuple[Array, ...],
    step: Callable[..., tuple[Array, ...]],
) -> tuple[Array, ...]:
    """Run ``step`` over time; give the first state at each time, then the last states.

    Past the end of an example its states stay, and its output is 0.
    """
    out = np.zeros((x.shape[0], *states[0].shape), dtype=states[0].dtype)
    for i in range(x.shape[0]):
        t = x.shape[0] - 1 - i if reverse else i
        new = step(x[t], *states)
        if lengths is None:
            states, out[t] = new, new[0]
        else:
            live = (t < lengths)[:, None]
            states = tuple(np.where(live, a, b) for a, b in zip(new, states, strict=True))
            out[t] = np.where(live, new[0], 0)
    return (out, *states)


def project(x: Array, w: Array) -> Array:
    """``x @ w.T`` of all steps and examples at once."""
    steps, batch, size = x.shape
    return np.asarray(np.matmul(x.reshape(steps * batch, size), w.T)).reshape(steps, batch, w.shape[0])


def each_direction(direction: str) -> list[tuple[int, bool]]:
    """Index and whether time runs backwards, for each direction."""
    return [(0, direction == "reverse"), (1, True)][: 2 if direction == "bidirectional" else 1]


def initial_state(state: Array | None, x: Array, r: Array) -> Array:
    """The given state, or zeros."""
    return (
        np.zeros((r.shape[0], x.shape[1], r.shape[2]), dtype=wide(x).dtype) if state is None else wide(state)
    )


def split_bias(bias: Array | None, w: Array) -> Array:
    """Input and recurrent biases as (directions, 2, gates*hidden)."""
    if bias is None:
        return np.zeros((w.shape[0], 2, w.shape[1]), dtype=wide(w).dtype)
    return wide(bias).reshape(w.shape[0], 2, w.shape[1])


def together(x: Array, runs: list[tuple[Array, ...]]) -> tuple[Array, ...]:
    """The results of the directions: outputs (time, directions, batch, hidden), states (directions, batch,
    hidden)."""
    columns = list(zip(*runs, strict=True))
    return tuple(narrow(np.stack(c, axis=1 if i == 0 else 0), x) for i, c in enumerate(columns))


def rnn(
    x: Array,
    w: Array,
    r: Array,
    bias: Array | None = None,
    lengths: Array | None = None,
    h: Array | None = None,
    *,
    direction: str,
    activations: tuple[str, ...],
    alphas: tuple[float, ...],
    betas: tuple[float, ...],
    clip: float | None,
) -> tuple[Array, ...]:
    """A plain recurrent layer."""
    a, wx, rx, biases, start = wide(x), wide(w), wide(r), split_bias(bias, w), initial_state(h, x, r)
    runs = []
    with np.errstate(all="ignore"):
        for d, backwards in each_direction(direction):

            def step(p: Array, state: Array, d: int = d) -> tuple[Array, ...]:
                return (recurrent_activation(p + state @ rx[d].T, activations[d], alphas[d], betas[d], clip),)

            runs.append(recur(project(a, wx[d]) + biases[d].sum(axis=0), lengths, backwards, (start[d],), step))
    return together(x, runs)


def gru(
    x: Array,
    w: Array,
    r: Array,
    bias: Array | None = None,
    lengths: Array | None = None,
    h: Array | None = None,
    *,
    direction: str,
    activations: tuple[str, ...],
    alphas: tuple[float, ...],
    betas: tuple[float, ...],
    clip: float | None,
    linear_before_reset: bool,
) -> tuple[Array, ...]:
    """A gated recurrent layer; gates in the order update, reset, hidden."""
    a, wx, rx, biases, start = wide(x), wide(w), wide(r), split_bias(bias, w), initial_state(h, x, r)
    n, runs = r.shape[2], []
    with np.errstate(all="ignore"):
        for d, backwards in each_direction(direction):

            def step(p: Array, state: Array, d: int = d) -> tuple[Array, ...]:
                def act(v: Array, i: int) -> Array:
                    return recurrent_activation(
                        v, activations[2 * d + i], alphas[2 * d + i], betas[2 * d + i], clip
                    )

                gates = act(p[:, : 2 * n] + state @ rx[d][: 2 * n].T + biases[d, 1, : 2 * n], 0)
                update, reset = gates[:, :n], gates[:, n:]
                inner, offset = rx[d][2 * n :].T, biases[d, 1, 2 * n :]
                past = (
                    reset * (state @ inner + offset)
                    if linear_before_reset
                    else (reset * state) @ inner + offset
                )
                hidden = act(p[:, 2 * n :] + past, 1)
                return ((1 - update) * hidden + update * state,)

            runs.append(recur(project(a, wx[d]) + biases[d, 0], lengths, backwards, (start[d],), step))
    return together(x, runs)


def lstm(
    x: Array,
    w: Array,
    r: Array,
    bias: Array | None = None,
    lengths: Array | None = None,
    h: Array | None = None,
    c: Array | None = None,
    peepholes: Array | None = None,
    *,
    direction: str,
    activations: tuple[str, ...],
    alphas: tuple[float, ...],
    betas: tuple[float, ...],
    clip: float | None,
    input_forget: bool,
) -> tuple[Array, ...]:
    """A long short-term memory; gates in the order input, output, forget, cell, peepholes input, output,
    forget."""
    a, wx, rx, biases = wide(x), wide(w), wide(r), split_bias(bias, w)
    start, cells, n = initial_state(h, x, r), initial_state(c, x, r), r.shape[2]
    # absent peepholes are not zeros: a cell may be infinite
    peep = None if peepholes is None else wide(peepholes)
    runs = []
    with np.errstate(all="ignore"):
        for d, backwards in each_direction(direction):

            def step(p: Array, state: Array, cell: Array, d: int = d) -> tuple[Array, ...]:
                def act(v: Array, i: int) -> Array:
                    bound = clip if i < 2 else None
                    return recurrent_activation(
                        v, activations[3 * d + i], alphas[3 * d + i], betas[3 * d + i], bound
                    )

                z = p + state @ rx[d].T
                if peep is None:
                    gates = act(z[:, : 3 * n], 0)
                    enter, leave, forget = gates[:, :n], gates[:, n : 2 * n], gates[:, 2 * n :]
                else:
                    enter = act(z[:, :n] + peep[d, :n] * cell, 0)
                    forget = act(z[:, 2 * n : 3 * n] + peep[d, 2 * n :] * cell, 0)
                new = (1 - enter if input_forget else forget) * cell + enter * act(z[:, 3 * n :], 1)
                if peep is not None:
                    leave = act(z[:, n : 2 * n] + peep[d, n : 2 * n] * new, 0)
                return leave * act(new, 2), new

            inputs = project(a, wx[d]) + biases[d].sum(axis=0)
            runs.append(recur(inputs, lengths, backwards, (start[d], cells[d]), step))
    return together(x, runs)
