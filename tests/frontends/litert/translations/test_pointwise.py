"""Elementwise ops, activations and casts, against LiteRT's kernels."""

from __future__ import annotations

import numpy as np
import pytest

from interlingua.ir.dtypes import DType
from support.litert_cases import Case, Fixed, check, integers, noise, positive

X, Y, POSITIVE = noise(2, 3, 4), noise(3, 1), positive(2, 3, 4)
I_, K = integers(2, 3, 4), integers(3, 1, low=1)
B, C = integers(2, 3, low=0, high=2, dtype=bool), integers(3, low=0, high=2, dtype=bool)
BITS = np.array([3, -5, 1 << 40, -(1 << 62) + 77, -1, 0x4048F5C3_4FEDCBA9])
HALVES = np.array([-2.5, -1.5, 0.5, 1.5, 2.5, 0.49, -7.0], np.float32)

REAL = ("ABS", "CEIL", "COS", "EXP", "FLOOR", "NEG", "SIGN", "SIN", "SQUARE", "LOGISTIC", "TANH", "ELU", "RELU")
CLIPS = ("RELU6", "RELU_N1_TO_1", "RELU_0_TO_1", "HARD_SWISH", "LOG_SOFTMAX")
ROOTS = ("LOG", "SQRT", "RSQRT")
ARITHMETIC = {"ADD": "AddOptions", "SUB": "SubOptions", "MUL": "MulOptions", "DIV": "DivOptions"}
BINARY = ("MAXIMUM", "MINIMUM", "FLOOR_DIV", "FLOOR_MOD", "SQUARED_DIFFERENCE")
COMPARED = ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL")
ACTIVATIONS = {"NONE": 0, "RELU": 1, "RELU_N1_TO_1": 2, "RELU6": 3}

CASES = [
    *(Case(op, [3 * X]) for op in (*REAL, *CLIPS)),
    *(Case(op, [POSITIVE]) for op in ROOTS),
    Case("ROUND", [HALVES]),
    *(Case(op, [I_], outputs=[DType.I32]) for op in ("ABS", "NEG", "SIGN")),
    Case("LOGICAL_NOT", [B], outputs=[DType.BOOL]),
    *(
        Case(op, [X, Y], (kind, {"fused_activation_function": code}))
        for op, kind in ARITHMETIC.items()
        for code in ACTIVATIONS.values()
    ),
    *(Case(op, [X, Fixed(Y)], (kind, {}), note="constant") for op, kind in ARITHMETIC.items()),
    *(Case(op, [I_, K], (kind, {}), [DType.I32], note="integers") for op, kind in ARITHMETIC.items()),
    Case("ADD", [I_.astype(np.int64), K.astype(np.int64)], ("AddOptions", {}), [DType.I64], note="int64"),
    *(Case(op, [X, Y]) for op in BINARY),
    *(Case(op, [I_, K], outputs=[DType.I32], note="integers") for op in BINARY),
    Case("POW", [POSITIVE, Y]),
    Case("POW", [I_, integers(3, 1, low=0, high=4)], outputs=[DType.I32], note="integers"),
    Case("ATAN2", [X, noise(2, 3, 4)]),
    Case("ADD_N", [X, noise(2, 3, 4), noise(2, 3, 4)], ("AddNOptions", {})),
    *(Case(op, [I_, K], outputs=[DType.BOOL]) for op in COMPARED),
    *(Case(op, [X, Y], outputs=[DType.BOOL], note="real") for op in COMPARED),
    *(Case(op, [B, C], outputs=[DType.BOOL]) for op in ("LOGICAL_AND", "LOGICAL_OR")),
    Case("LEAKY_RELU", [X], ("LeakyReluOptions", {"alpha": 0.3})),
    Case("PRELU", [X, Fixed(noise(4))]),
    Case("PRELU", [X, Fixed(noise(1, 3, 1))]),
    *(Case("GELU", [3 * X], ("GeluOptions", {"approximate": a})) for a in (False, True)),
    *(Case("SOFTMAX", [X], ("SoftmaxOptions", {"beta": beta})) for beta in (1.0, 0.5)),
    Case("SELECT", [B[0], noise(3, 4), noise(3, 4)], ("SelectOptions", {}), note="rows"),
    Case("SELECT", [B, noise(2, 3), noise(2, 3)], ("SelectOptions", {})),
    Case("SELECT", [np.array(True), noise(2, 3), noise(2, 3)], ("SelectOptions", {}), note="scalar"),
    Case("SELECT_V2", [B[..., None], X, Y], ("SelectV2Options", {})),
    *(Case("CAST", [4 * X], outputs=[to], note=str(to)) for to in (DType.I32, DType.I64, DType.BOOL, DType.I8)),
    *(Case("CAST", [I_], outputs=[to], note=str(to)) for to in (DType.F32, DType.I64, DType.BOOL, DType.U8)),
    Case("CAST", [B], outputs=[DType.F32], note="bool"),
    Case("BITWISE_XOR", [I_, K], ("BitwiseXorOptions", {}), [DType.I32]),
    Case("RIGHT_SHIFT", [I_, integers(2, 3, 4, low=-3, high=40)], ("RightShiftOptions", {}), [DType.I32]),
    Case("BITCAST", [X], ("BitcastOptions", {}), [DType.I32]),
    *(
        Case("BITCAST", [x], ("BitcastOptions", {}), [to], note=f"{x.dtype} {to}")
        for x, to in [
            (BITS, DType.I32),
            (BITS.view(np.float64), DType.U16),
            (BITS.view(np.int32), DType.U8),
            (BITS.view(np.int32).reshape(-1, 2), DType.I64),
            (BITS.view(np.uint8).reshape(3, -1, 2), DType.I16),
            (BITS.view(np.uint16).reshape(-1, 2), DType.F32),
        ]
    ),
    Case("DEQUANTIZE", [X.astype(np.float16)], ("DequantizeOptions", {}), version=3),
    Case("FAKE_QUANT", [4 * X], ("FakeQuantOptions", {"min": -3.0, "max": 5.0, "num_bits": 8})),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_as_the_kernel(case: Case) -> None:
    check(case)
