"""Recurrent layers and control flow."""

from __future__ import annotations

import numpy as np

from support.known_bugs.bug import F8, I8, Array, bug, values

HIDDEN = 2
X = values(3, 1, 2)
LSTM = (values(1, 8, 2, seed=1), values(1, 8, 2, seed=2), values(1, 16, seed=3))
GRU = (values(1, 6, 2, seed=1), values(1, 6, 2, seed=2), values(1, 12, seed=3))
PEEPHOLES = values(1, 6, seed=4)


def sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def lstm(order: str, peepholes: Array | None = None, steps: int = 3, backwards: bool = False) -> Array:
    """The outputs, the gates read in the order of the letters."""
    w, r, b = (p[0].astype(F8) for p in LSTM)
    at = {gate: slice(HIDDEN * i, HIDDEN * (i + 1)) for i, gate in enumerate(order)}
    h, c, out = np.zeros(HIDDEN), np.zeros(HIDDEN), np.zeros((3, HIDDEN))
    p = np.zeros(6) if peepholes is None else peepholes[0].astype(F8)
    for t in reversed(range(steps)) if backwards else range(steps):
        z = w @ X[t, 0] + r @ h + b[:8] + b[8:]
        i, f = sigmoid(z[at["i"]] + p[:2] * c), sigmoid(z[at["f"]] + p[4:] * c)
        c = f * c + i * np.tanh(z[at["c"]])
        h = sigmoid(z[at["o"]] + p[2:4] * c) * np.tanh(c)
        out[t] = h
    return out[:, None, None]


def gru(linear_before_reset: bool) -> Array:
    """The outputs, the reset applied before or after the product."""
    w, r, b = (p[0].astype(F8) for p in GRU)
    h, out = np.zeros(HIDDEN), []
    for t in range(3):
        p = w @ X[t, 0] + b[:6]
        z, reset = sigmoid(p[:2] + r[:2] @ h + b[6:8]), sigmoid(p[2:4] + r[2:4] @ h + b[8:10])
        past = reset * (r[4:] @ h + b[10:]) if linear_before_reset else r[4:] @ (reset * h) + b[10:]
        h = (1 - z) * np.tanh(p[4:] + past) + z * h
        out.append(h)
    return np.stack(out)[:, None, None]


_BODY = "(int64 i, bool k, float[1] s) => (bool c, float[1] t) { c = Identity(k) t = Add(s, s) }"
_LOOP = f"k = Constant<value = bool {{1}}>() y0 = Loop<body = b {_BODY}>(x1, k, x0)"
_THEN = "then_branch = a () => (float[1] p) { p = Add(x0, x0) }"
_ELSE = "else_branch = b () => (float[1] q) { q = Neg(x0) }"
ONE = values(1)
BUGS = [
    bug(
        "gates-of-an-lstm-are-iofc",
        "y0 = LSTM<hidden_size=2>(x0, x1, x2, x3)",
        (X, *LSTM),
        lstm("iofc"),
        lstm("ifoc"),
    ),
    bug(
        "peepholes-of-an-lstm-are-iof",
        "y0 = LSTM<hidden_size=2>(x0, x1, x2, x3, , , , x4)",
        (X, *LSTM, PEEPHOLES),
        lstm("iofc", PEEPHOLES),
        lstm("iofc"),
    ),
    bug(
        "a-short-sequence-ends-early",
        "y0 = LSTM<hidden_size=2>(x0, x1, x2, x3, x4)",
        (X, *LSTM, np.array([2], np.int32)),
        lstm("iofc", steps=2),
        lstm("iofc"),
    ),
    bug(
        "the-reverse-direction-ends-at-the-first-step",
        'y0 = LSTM<hidden_size=2, direction="reverse">(x0, x1, x2, x3)',
        (X, *LSTM),
        lstm("iofc", backwards=True),
        lstm("iofc"),
    ),
    bug("gru-resets-before-the-product", "y0 = GRU<hidden_size=2>(x0, x1, x2, x3)", (X, *GRU), gru(False), gru(True)),
    bug(
        "gru-resets-after-the-product",
        "y0 = GRU<hidden_size=2, linear_before_reset=1>(x0, x1, x2, x3)",
        (X, *GRU),
        gru(True),
        gru(False),
    ),
    bug("trips-of-a-loop", _LOOP, (ONE, np.array(3, I8)), 8 * ONE, 4 * ONE),
    bug("a-loop-without-trips", _LOOP, (ONE, np.array(0, I8)), ONE, 2 * ONE),
    *(
        bug(f"the-branch-of-{value}".lower(), f"y0 = If<{_THEN}, {_ELSE}>(x1)", (ONE, np.array(value)), right, wrong)
        for value, right, wrong in ((True, 2 * ONE, -ONE), (False, -ONE, 2 * ONE))
    ),
]
