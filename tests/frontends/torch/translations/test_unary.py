"""Elementwise operators of one tensor."""

from __future__ import annotations

import pytest
import torch

from support.torch_models import INF, NAN, Table, row

EDGES = [-INF, -2.5, -1.5, -0.5, -0.0, 0.0, 0.3, 0.5, 1.5, 2.5, 7.0, INF, NAN]
INTEGERS = torch.tensor([-7, -1, 0, 1, 7, (1 << 62)])
BOOLS = torch.tensor([False, True])
UNIT = [-0.9, -0.25, -0.0, 0.0, 0.25, 0.9]

FLOATS = Table(
    {
        **{
            name: row(getattr(torch, name), EDGES)
            for name in [
                "abs",
                "neg",
                "sign",
                "sgn",
                "signbit",
                "trunc",
                "fix",
                "frac",
                "ceil",
                "floor",
                "round",
                "square",
                "isnan",
                "isinf",
                "isfinite",
                "isposinf",
                "isneginf",
                "isreal",
                "nan_to_num",
                "logical_not",
                "positive",
                "angle",
                "exp",
                "exp2",
                "expm1",
                "sigmoid",
                "erf",
                "erfc",
                "tanh",
                "sinh",
                "cosh",
                "atan",
                "asinh",
                "reciprocal",
                "rad2deg",
                "deg2rad",
            ]
        },
        **{
            name: row(getattr(torch, name), UNIT)
            for name in ["acos", "asin", "atanh", "log1p", "sin", "cos", "tan", "sinc"]
        },
        **{
            name: row(getattr(torch, name), [0.0, 1.0, 8.0, 100.0, INF, -1.0, NAN])
            for name in ["log", "log2", "log10", "sqrt", "rsqrt"]
        },
        "acosh": row(torch.acosh, [1.0, 1.5, 40.0]),
        "round(decimals=1)": row(lambda x: torch.round(x, decimals=1), [1.26, -1.34, 5.0, INF, NAN, 1e38]),
        "round(decimals=-1)": row(lambda x: torch.round(x, decimals=-1), [14.0, 16.0, -26.0]),
        "logit": row(torch.logit, [0.1, 0.5, 0.9, 0.0, 1.0, 2.0, NAN]),
        "logit(eps)": row(lambda x: torch.logit(x, eps=0.1), [0.05, 0.5, 2.0, NAN]),
        "nan_to_num(given)": row(lambda x: torch.nan_to_num(x, 1.0, 2.0, 3.0), EDGES),
        "nan_to_num(nan)": row(lambda x: torch.nan_to_num(x, nan=-1.0), EDGES),
        "scalar": row(torch.trunc, -1.5),
        "empty": row(torch.frac, torch.zeros(2, 0)),
    }
)

WHOLE = Table(
    {
        **{
            name: row(getattr(torch, name), INTEGERS)
            for name in [
                "abs",
                "neg",
                "sign",
                "sgn",
                "signbit",
                "trunc",
                "ceil",
                "floor",
                "round",
                "square",
                "isnan",
                "isinf",
                "isfinite",
                "isposinf",
                "isneginf",
                "isreal",
                "nan_to_num",
                "logical_not",
                "bitwise_not",
                "angle",
                "positive",
            ]
        },
        **{
            f"{name} of integers": row(getattr(torch, name), [0, 1, 3])
            for name in [
                "exp",
                "exp2",
                "log",
                "log2",
                "sqrt",
                "rsqrt",
                "sigmoid",
                "erf",
                "tanh",
                "reciprocal",
                "deg2rad",
                "atan",
            ]
        },
        **{
            f"{name} of bools": row(getattr(torch, name), BOOLS)
            for name in [
                "sign",
                "sgn",
                "signbit",
                "square",
                "isnan",
                "isfinite",
                "logical_not",
                "bitwise_not",
                "angle",
                "exp",
                "nan_to_num",
            ]
        },
        "abs wraps": row(torch.abs, torch.tensor([-128, 127], dtype=torch.int8)),
        "signbit of uint8": row(torch.signbit, torch.tensor([0, 255], dtype=torch.uint8)),
        "logical_not of uint8": row(torch.logical_not, torch.tensor([0, 255], dtype=torch.uint8)),
        "signbit of float16": row(torch.signbit, torch.tensor([-0.0, 1.0, -INF], dtype=torch.float16)),
    }
)


@pytest.mark.parametrize("name", FLOATS.rows)
def test_of_floats(name: str) -> None:
    FLOATS.hold(name)


@pytest.mark.parametrize("name", WHOLE.rows)
def test_of_integers_and_bools(name: str) -> None:
    WHOLE.hold(name)
