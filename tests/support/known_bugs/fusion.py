"""Normalisations, and rewrites that optimisers make."""

from __future__ import annotations

from math import erf, pi

import numpy as np

from support.known_bugs.bug import F4, F8, I8, Array, bug, values
from support.known_bugs.spatial import LINE, ONE, TAP, TAPS, correlate

STATISTICS = tuple(np.array(v, F4) for v in ([-2, 0.5, 0], [1, -1, 3], [0.5, -0.5, 2], [4, 0.01, 1]))
"""Scale, bias, mean, variance; one scale is negative, one 0."""
SHIFT = np.array([1, 2, 3], F4)
KERNEL = values(3, 1, 1, seed=2)


def normalized(x: Array, epsilon: float) -> Array:
    """By channels on axis 1, by the running statistics."""
    scale, bias, mean, variance = (p.astype(F8).reshape(-1, *(1,) * (x.ndim - 2)) for p in STATISTICS)
    return np.asarray((x - mean) / np.sqrt(variance + epsilon) * scale + bias)


def centred(x: Array, axes: tuple[int, ...]) -> Array:
    """By the statistics of the data, over ``axes``."""
    y = x.astype(F8)
    return np.asarray((y - y.mean(axis=axes, keepdims=True)) / np.sqrt(y.var(axis=axes, keepdims=True) + 0.01))


def gelu(x: Array) -> tuple[Array, Array]:
    """By the error function, and by the hyperbolic tangent."""
    y = x.astype(F8)
    exact = y * 0.5 * (1 + np.array([erf(v) for v in y / 2**0.5]))
    return exact, y * 0.5 * (1 + np.tanh((2 / pi) ** 0.5 * (y + 0.044715 * y**3)))


LEFT, RIGHT, COLUMN = values(2, 3, 4), values(4, 5, seed=1), np.array([[1], [2], [3]], F4)
ROWS, MATRIX = values(2, 4), values(4, 3, seed=1)
IMAGE = values(2, 3, 4)
POINTS = np.array([-2.5, -0.5, 0.5, 2.5], F4)
BY_ERF, BY_TANH = gelu(POINTS)
FILTERED = correlate(LINE, TAPS, (0, 0))
CHANNELS = np.concatenate([correlate(LINE, k[0], (0, 0)) for k in KERNEL], axis=1)
NORM = "BatchNormalization<epsilon=0.01>"
BUGS = [
    bug(
        "batch-norm-folded-into-a-convolution",
        f"c = Conv(x0, x1, x2) y0 = {NORM}(c, x3, x4, x5, x6)",
        (ONE, KERNEL, SHIFT, *STATISTICS),
        normalized(CHANNELS + SHIFT[:, None], 0.01),
        normalized(CHANNELS, 0.01) + SHIFT[:, None],  # the bias was not scaled
        constants=(1, 2, 3, 4, 5, 6),
    ),
    bug(
        "batch-norm-folded-into-a-product",
        f"n = {NORM}(x0, x2, x3, x4, x5) y0 = MatMul(n, x1)",
        (ROWS[:, :3].copy(), MATRIX[:3], *STATISTICS),
        normalized(ROWS[:, :3], 0.01) @ MATRIX[:3],
        normalized(ROWS[:, :3] @ MATRIX[:3].astype(F8), 0.01),
        constants=(1, 2, 3, 4, 5),
    ),
    bug(
        "epsilon-of-batch-norm",
        f"y0 = {NORM}(x0, x1, x2, x3, x4)",
        (IMAGE, *STATISTICS),
        normalized(IMAGE, 0.01),
        normalized(IMAGE, 1e-5),
    ),
    bug(
        "instance-norm-by-each-instance",
        "y0 = InstanceNormalization<epsilon=0.01>(x0, x1, x2)",
        (IMAGE, np.ones(3, F4), np.zeros(3, F4)),
        centred(IMAGE, (2,)),
        centred(IMAGE, (0, 2)),
    ),
    bug(
        "relu-then-clip",
        "l = Constant<value_float=-1.0>() h = Constant<value_float=6.0>() r = Relu(x0) y0 = Clip(r, l, h)",
        (np.array([-3, -0.5, 0.5, 9], F4),),
        np.array([0, 0, 0.5, 6]),
        np.array([-1, -0.5, 0.5, 6]),
    ),
    bug(
        "clip-then-relu",
        "l = Constant<value_float=-2.0>() h = Constant<value_float=-1.0>() c = Clip(x0, l, h) y0 = Relu(c)",
        (np.array([-3, -1.5, 5], F4),),
        np.zeros(3),
        np.array([-2, -1.5, -1]),
    ),
    bug(
        "product-and-bias-of-high-rank",
        "m = MatMul(x0, x1) y0 = Add(m, x2)",
        (LEFT, RIGHT, COLUMN),
        LEFT.astype(F8) @ RIGHT + COLUMN,
        LEFT.astype(F8) @ RIGHT + 1,
    ),
    bug(
        "a-value-inside-a-fusion-is-an-output-too",
        "y1 = Conv(x0, x1) y0 = Relu(y1)",
        (ONE, TAP),
        (FILTERED, np.maximum(FILTERED, 0)),
        np.maximum(FILTERED, 0),
    ),
    bug("gelu-by-the-error-function", "y0 = Gelu(x0)", (POINTS,), BY_ERF, BY_TANH, opset=20),
    bug("gelu-by-the-tangent", 'y0 = Gelu<approximate="tanh">(x0)', (POINTS,), BY_TANH, BY_ERF, opset=20),
    bug(
        "chained-reshapes",
        "a = Constant<value_ints=[2, 2]>() b = Constant<value_ints=[4, -1]>() r = Reshape(x0, a) y0 = Reshape(r, b)",
        (np.arange(4, dtype=F4).reshape(1, 4),),
        np.arange(4.0).reshape(4, 1),
        np.arange(4.0).reshape(1, 2, 2),
    ),
    bug(
        "zero-added-to-minus-zero",
        "z = Constant<value_float=0.0>() a = Add(x0, z) y0 = Reciprocal(a)",
        (np.array([-0.0, 2], F4),),
        np.array([np.inf, 0.5]),
        np.array([-np.inf, 0.5]),
    ),
    bug(
        "what-saturates-makes-ties",
        "r = Relu(x0) y0 = ArgMax<axis=0, keepdims=0>(r)",
        (np.array([-3, -2, -1], F4),),
        np.array(0),
        np.array(2),
        result=I8,
    ),
]
