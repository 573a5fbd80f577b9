"""Quantized numbers."""

from __future__ import annotations

import numpy as np

from support.known_bugs.bug import F4, F8, bug, values

ROW = values(1, 3)
LEVELS = np.array([[-100], [50], [-3]], np.int8)
SCALE = np.array(0.5, F4)
BUGS = [
    bug(
        "products-of-bytes-do-not-saturate",
        "y0 = MatMulInteger(x0, x1)",
        (np.full((1, 4), 255, np.uint8), np.full((4, 1), 127, np.int8)),
        np.array([[4 * 255 * 127]]),
        np.array([[2 * 32767]]),
        result=np.int32,
    ),
    bug(
        "negative-weights-stay-negative",
        "w = DequantizeLinear(x1, x2) y0 = MatMul(x0, w)",
        (ROW, LEVELS, SCALE),
        ROW.astype(F8) @ LEVELS * 0.5,
        ROW.astype(F8) @ np.maximum(LEVELS, 0) * 0.5,
        constants=(1, 2),
    ),
    bug(
        "levels-between-two-layers-stay",
        "z = Constant<value = uint8 {128}>() s = Constant<value_float=0.5>() q = QuantizeLinear(x0, s, z) "
        "y0 = DequantizeLinear(q, s, z)",
        (np.array([0.2, 0.3, 0.75, -1000], F4),),
        np.array([0, 0.5, 1, -64]),  # 0.75 lies between two levels: the even one
        np.array([0.2, 0.3, 0.75, -1000]),
    ),
]
