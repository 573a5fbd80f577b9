"""Elementwise arithmetic: promotion, kinds of division, zeros, infinities and NaN."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import torch

from support.torch_models import INF, NAN, Table, declined, row

EDGES = [-INF, -2.0, -1.0, -0.0, 0.0, 0.5, 3.0, INF, NAN]
PAIRS = tuple(torch.tensor(side) for side in zip(*product(EDGES, EDGES), strict=True))
WHOLE = tuple(torch.tensor(side) for side in zip(*product([-7, -2, -1, 1, 3, 8], repeat=2), strict=True))
BOOLS = torch.tensor([False, False, True, True]), torch.tensor([False, True, False, True])
QUOTIENTS = [1.0, 7.5, -7.5, 7.5, 6.0, 0.7, 1e30, 5.0], [0.1, 2.0, 2.0, -2.0, 0.3, 0.1, 3.0, -INF]


def mixed(function: Any) -> Any:
    """Of an integer tensor and a float scalar tensor, which has no say in the width."""
    return lambda x, y: function(x, y.double())


FLOATS = Table(
    {
        **{
            name: row(getattr(torch, name), *PAIRS)
            for name in [
                "add",
                "sub",
                "mul",
                "div",
                "true_divide",
                "maximum",
                "minimum",
                "fmax",
                "fmin",
                "fmod",
                "remainder",
                "floor_divide",
                "atan2",
                "copysign",
                "logaddexp",
                "logaddexp2",
                "xlogy",
                "heaviside",
                "eq",
                "ne",
                "lt",
                "le",
                "gt",
                "ge",
                "logical_and",
                "logical_or",
                "logical_xor",
                "pow",
                "isclose",
            ]
        },
        "div(floor)": row(lambda x, y: torch.div(x, y, rounding_mode="floor"), *QUOTIENTS),
        "div(trunc)": row(lambda x, y: torch.div(x, y, rounding_mode="trunc"), *QUOTIENTS),
        "remainder": row(torch.remainder, *QUOTIENTS),
        "xlog1py": row(torch.special.xlog1py, [0.0, 0.0, 2.0, 0.0], [-1.0, NAN, 0.5, INF]),
        **{f"pow({p})": row(lambda x, p=p: torch.pow(x, p), EDGES) for p in (0.5, -0.5, -1, 2, 3, 0, 2.5)},
        "pow(scalar, x)": row(lambda x: torch.pow(2, x), EDGES),
        "rsub": row(lambda x: torch.rsub(x, 1.0, alpha=2), EDGES),
        "add(alpha)": row(lambda x: torch.add(x, x, alpha=0.5), EDGES),
        "sub(alpha)": row(lambda x: torch.sub(x, 1, alpha=3), EDGES),
        "lerp": row(lambda x, y: torch.lerp(x, y, 0.7), [1.0, 2.0], [3.0, -4.0]),
        "addcmul": row(lambda x: torch.addcmul(x, x, x, value=0.5), [1.0, -2.0, NAN]),
        "addcdiv": row(lambda x: torch.addcdiv(x, x, x + 1, value=2), [1.0, -2.5, NAN]),
        "scalars": row(torch.add, 1.5, 2.5),
        "broadcast": row(torch.mul, [[1.0], [2.0]], [3.0, 4.0, 5.0]),
        "symbolic": row(torch.floor_divide, torch.ones(2, 3), torch.ones(3), again=(torch.ones(4, 3), torch.ones(3))),
    }
)

INTEGERS = Table(
    {
        **{
            name: row(getattr(torch, name), *WHOLE)
            for name in [
                "add",
                "sub",
                "mul",
                "div",
                "true_divide",
                "maximum",
                "minimum",
                "fmax",
                "fmin",
                "fmod",
                "remainder",
                "floor_divide",
                "atan2",
                "copysign",
                "xlogy",
                "heaviside",
                "eq",
                "ne",
                "lt",
                "le",
                "gt",
                "ge",
                "bitwise_and",
                "bitwise_or",
                "bitwise_xor",
                "pow",
            ]
        },
        **{
            f"{name} of bools": row(getattr(torch, name), *BOOLS)
            for name in [
                "add",
                "mul",
                "div",
                "maximum",
                "minimum",
                "fmax",
                "fmin",
                "eq",
                "ne",
                "lt",
                "le",
                "gt",
                "ge",
                "bitwise_and",
                "bitwise_or",
                "bitwise_xor",
                "logical_xor",
                "atan2",
                "heaviside",
                "copysign",
                "xlogy",
            ]
        },
        "div(floor)": row(lambda x, y: torch.div(x, y, rounding_mode="floor"), *WHOLE),
        "div(trunc)": row(lambda x, y: torch.div(x, y, rounding_mode="trunc"), *WHOLE),
        "0 to a negative power": row(torch.pow, [0, 0, 1, -1, -1, 2], [-1, 0, -3, -3, -2, -1]),
        "square of int32": row(lambda x: x**2, torch.tensor([3, -4, 1 << 20], dtype=torch.int32)),
        "wraps": row(torch.add, torch.tensor([127, -128], dtype=torch.int8), torch.tensor([1, -1], dtype=torch.int8)),
        "int8 + 1.5": row(lambda x: x + 1.5, torch.tensor([1, 2], dtype=torch.int8)),
        "int8 + int32": row(torch.add, torch.tensor([127], dtype=torch.int8), torch.tensor([1], dtype=torch.int32)),
        "int8 + 0-d int64": row(torch.add, torch.tensor([127], dtype=torch.int8), 1),
        "int64 + 0-d float64": row(mixed(torch.add), [1, 2], 0.5),
        "float16 * 0-d float64": row(mixed(torch.mul), torch.tensor([1.0], dtype=torch.float16), 0.1),
        "int64 < 2.5": row(lambda x: x < 2.5, [2, 3]),
        "int64 == 0-d float64": row(mixed(torch.eq), [1 << 53, 3], 3.0),
        "bool + 1": row(lambda x: x + 1, BOOLS[0]),
        "bool * 0.5": row(lambda x: x * 0.5, BOOLS[1]),
        "bool add(alpha=0)": row(lambda x: torch.add(x, True, alpha=False), BOOLS[0]),
        "float_power": row(lambda x: torch.float_power(x, 0.5), [4, 9]),
        "uint8 - wraps": row(torch.sub, torch.tensor([1], dtype=torch.uint8), torch.tensor([2], dtype=torch.uint8)),
        "remainder(scalar, x)": row(lambda x: torch.remainder(7, x), [2, -3, 5]),
    }
)

X = [-INF, -1.0, 0.0, 2.0, INF, NAN]
CLAMPS = Table(
    {
        "both": row(lambda x: torch.clamp(x, -0.5, 1.0), X),
        "crossed": row(lambda x: torch.clamp(x, 2, 1), X),
        "NaN": row(lambda x: torch.clamp(x, min=NAN), X),
        "min": row(lambda x: torch.clamp(x, min=0), X),
        "max": row(lambda x: torch.clamp_max(x, 0), X),
        "tensors": row(torch.clamp, X, [0.0, NAN, 1.0, 5.0, 0.0, 0.0], [1.0, 2.0, NAN, 4.0, 3.0, 1.0]),
        "wider bounds": row(lambda x, y: torch.clamp(x, y), [0.0, 2.0], [[1.0], [3.0]]),
        "integers, float bound": row(lambda x: torch.clamp(x, 0.5, 2), [-1, 1, 3]),
        "integers": row(lambda x: torch.clamp(x, 0, 2), [-1, 1, 3]),
        "int8, float64 bound": row(lambda x, y: torch.clamp(x, y.double()), torch.tensor([1], dtype=torch.int8), [1.5]),
        "bools": row(torch.clamp, BOOLS[0], BOOLS[1]),
        "clamp_min(tensor)": row(torch.clamp_min, X, [0.0, 0.0, 1.0, 1.0, NAN, 1.0]),
    }
)


@pytest.mark.parametrize("name", FLOATS.rows)
def test_of_floats(name: str) -> None:
    FLOATS.hold(name)


@pytest.mark.parametrize("name", INTEGERS.rows)
def test_of_integers_and_bools(name: str) -> None:
    INTEGERS.hold(name)


@pytest.mark.parametrize("name", CLAMPS.rows)
def test_clamp(name: str) -> None:
    CLAMPS.hold(name)


def test_complex_numbers_are_declined() -> None:
    assert "of complex numbers" in declined(lambda x: x * x, [1 + 2j])
    assert "of complex numbers" in declined(lambda x: torch.stack([x.real, x.real]), [1 + 2j])
