"""Axes, and what is moved past what."""

from __future__ import annotations

import numpy as np

from support.known_bugs.bug import F4, F8, I8, Array, bug, values

PLANES = values(4, 3, 5)


def softmax(x: Array, axis: int) -> Array:
    e = np.exp(x.astype(F8) - x.max(axis=axis, keepdims=True))
    return np.asarray(e / e.sum(axis=axis, keepdims=True))


BUGS = [
    bug(
        "transpose-past-an-axis",
        "t = Transpose<perm=[0, 2, 1]>(x0) s = Softmax<axis=-1>(t) y0 = Transpose<perm=[0, 2, 1]>(s)",
        (PLANES,),
        softmax(PLANES, 1),
        softmax(PLANES, 2),
    ),
    bug(
        "transpose-before-an-arg",
        "t = Transpose<perm=[0, 2, 1]>(x0) y0 = ArgMin<axis=1, keepdims=0>(t)",
        (PLANES,),
        PLANES.argmin(axis=2),
        np.argmin(PLANES, axis=1)[:, :3],
        result=I8,
    ),
    bug(
        "softmax-flattened-before-opset-13",
        "y0 = Softmax<axis=1>(x0)",
        (PLANES,),
        softmax(PLANES.reshape(4, 15), 1).reshape(4, 3, 5),
        softmax(PLANES, 1),
        opset=11,
    ),
    bug(
        "flatten-at-an-axis-from-the-end",
        "y0 = Flatten<axis=-1>(x0)",
        (PLANES,),
        PLANES.reshape(12, 5),
        PLANES.reshape(4, 15),
    ),
    bug(
        "slopes-of-prelu-broadcast",
        "y0 = PRelu(x0, x1)",
        (-np.ones((2, 3, 3), F4), np.arange(1, 4, dtype=F4)),
        np.broadcast_to(-np.arange(1.0, 4), (2, 3, 3)),
        np.broadcast_to(-np.arange(1.0, 4)[:, None], (2, 3, 3)),
    ),
]
