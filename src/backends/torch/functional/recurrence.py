"""Recurrent layers, in every variant: a loop over time, the projections of all inputs in front of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor


def activated(x: Tensor, name: str, alpha: float, beta: float) -> Tensor:
    """One of the activations of recurrent layers."""
    functions: dict[str, Callable[[], Tensor]] = {
        "sigmoid": lambda: torch.sigmoid(x),
        "tanh": lambda: torch.tanh(x),
        "relu": lambda: F.relu(x),
        "affine": lambda: alpha * x + beta,
        "leaky_relu": lambda: F.leaky_relu(x, alpha),
        "thresholded_relu": lambda: torch.where(x >= alpha, x, 0.0),
        "scaled_tanh": lambda: alpha * torch.tanh(beta * x),
        "hard_sigmoid": lambda: (alpha * x + beta).clamp(0, 1),
        "elu": lambda: F.elu(x, alpha),
        "softsign": lambda: F.softsign(x),
        "softplus": lambda: torch.logaddexp(x, torch.zeros_like(x)),
    }
    return functions[name]()


def activations_of(activations: list[tuple[str, float, float]], clip: float | None) -> list[Callable[[Tensor], Tensor]]:
    """The activations of one direction, each with its two numbers; what goes in is bounded by ``clip``."""

    def of(name: str, alpha: float, beta: float) -> Callable[[Tensor], Tensor]:
        return lambda x: activated(x if clip is None else x.clamp(-clip, clip), name, alpha, beta)

    return [of(*each) for each in activations]


def recur(
    step: Callable[..., tuple[Tensor, ...]],
    x: Tensor,
    states: tuple[Tensor, ...],
    lengths: Tensor | None,
    backwards: bool,
) -> tuple[Tensor, ...]:
    """Run ``step`` over time: the first state at each time, then the last states. Past the end of an example its
    states stay, and what comes out is 0."""
    steps = range(x.shape[0])
    found: list[Tensor] = []
    for t in reversed(steps) if backwards else steps:
        new = step(x[t], *states)
        if lengths is None:
            states = new
            found.append(new[0])
        else:
            live = (t < lengths).unsqueeze(1)
            states = tuple(torch.where(live, a, b) for a, b in zip(new, states, strict=True))
            found.append(torch.where(live, new[0], 0.0))
    ordered = found[::-1] if backwards else found
    return (torch.stack(ordered) if ordered else x.new_empty(0, *states[0].shape), *states)


def directions_of(
    run: Callable[..., tuple[Tensor, ...]],
    x: Tensor,
    w: Tensor,
    r: Tensor,
    bias: Tensor | None,
    states: tuple[Tensor | None, ...],
    direction: str,
) -> tuple[Tensor, ...]:
    """``run`` for each direction, whose results go side by side; states and biases are zeros where they are absent."""
    zeros = x.new_zeros(r.shape[0], x.shape[1], r.shape[2])
    held = [zeros if s is None else s for s in states]
    both = x.new_zeros(w.shape[0], 2, w.shape[1]) if bias is None else bias.reshape(w.shape[0], 2, w.shape[1])
    runs = [
        run(d, x @ w[d].T, r[d], both[d], tuple(s[d] for s in held), d == 1 or direction == "reverse")
        for d in range(r.shape[0])
    ]
    return tuple(torch.stack(parts, 1 if i == 0 else 0) for i, parts in enumerate(zip(*runs, strict=True)))


def rnn(
    x: Tensor,
    w: Tensor,
    r: Tensor,
    bias: Tensor | None = None,
    lengths: Tensor | None = None,
    h: Tensor | None = None,
    *,
    direction: str = "forward",
    activations: Any = ("tanh",),
    alphas: Any = (1.0,),
    betas: Any = (1.0,),
    clip: float | None = None,
) -> tuple[Tensor, ...]:
    """A plain recurrent layer: ``f(x W' + h R' + b)`` over time."""

    def run(d: int, p: Tensor, r: Tensor, b: Tensor, states: Any, backwards: bool) -> tuple[Tensor, ...]:
        (act,) = activations_of([(activations[d], alphas[d], betas[d])], clip)
        return recur(lambda p, h: (act(p + h @ r.T),), p + b.sum(0), states, lengths, backwards)

    return directions_of(run, x, w, r, bias, (h,), direction)


def gru(
    x: Tensor,
    w: Tensor,
    r: Tensor,
    bias: Tensor | None = None,
    lengths: Tensor | None = None,
    h: Tensor | None = None,
    *,
    direction: str = "forward",
    activations: Any = ("sigmoid", "tanh"),
    alphas: Any = (1.0, 1.0),
    betas: Any = (1.0, 1.0),
    clip: float | None = None,
    linear_before_reset: bool = False,
) -> tuple[Tensor, ...]:
    """A gated recurrent layer; the gates are update, reset, hidden."""
    n = r.shape[2]

    def run(d: int, p: Tensor, r: Tensor, b: Tensor, states: Any, backwards: bool) -> tuple[Tensor, ...]:
        chosen = range(2 * d, 2 * d + 2)
        f, g = activations_of([(activations[i], alphas[i], betas[i]) for i in chosen], clip)

        def step(p: Tensor, h: Tensor) -> tuple[Tensor, ...]:
            update, reset = f(p[:, : 2 * n] + h @ r[: 2 * n].T + b[1, : 2 * n]).chunk(2, 1)
            inner, offset = r[2 * n :].T, b[1, 2 * n :]
            past = reset * (h @ inner + offset) if linear_before_reset else (reset * h) @ inner + offset
            return ((1 - update) * g(p[:, 2 * n :] + past) + update * h,)

        return recur(step, p + b[0], states, lengths, backwards)

    return directions_of(run, x, w, r, bias, (h,), direction)


def lstm(
    x: Tensor,
    w: Tensor,
    r: Tensor,
    bias: Tensor | None = None,
    lengths: Tensor | None = None,
    h: Tensor | None = None,
    c: Tensor | None = None,
    peepholes: Tensor | None = None,
    *,
    direction: str = "forward",
    activations: Any = ("sigmoid", "tanh", "tanh"),
    alphas: Any = (1.0, 1.0, 1.0),
    betas: Any = (1.0, 1.0, 1.0),
    clip: float | None = None,
    input_forget: bool = False,
) -> tuple[Tensor, ...]:
    """A long short-term memory; the gates are input, output, forget, cell, the peepholes input, output, forget."""

    def run(d: int, p: Tensor, r: Tensor, b: Tensor, states: Any, backwards: bool) -> tuple[Tensor, ...]:
        numbers = [(activations[i], alphas[i], betas[i]) for i in range(3 * d, 3 * d + 3)]
        f, g = activations_of(numbers[:2], clip)
        (last,) = activations_of(numbers[2:], None)

        def step(p: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, ...]:
            enter, leave, forget, cell = (p + h @ r.T).chunk(4, 1)
            if peepholes is not None:
                of_enter, of_leave, of_forget = peepholes[d].chunk(3)
                enter, forget = enter + of_enter * c, forget + of_forget * c
            enter = f(enter)
            c = (1 - enter if input_forget else f(forget)) * c + enter * g(cell)
            if peepholes is not None:
                leave = leave + of_leave * c
            return f(leave) * last(c), c

        return recur(step, p + b.sum(0), states, lengths, backwards)

    return directions_of(run, x, w, r, bias, (h, c), direction)
