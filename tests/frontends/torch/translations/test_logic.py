"""Choices, sets, bits."""

from __future__ import annotations

import pytest
import torch

from support.torch_models import INF, NAN, Table, row

MASK = torch.tensor([True, False, True])

TABLE = Table(
    {
        "where": row(torch.where, MASK, [1.0, NAN, INF], [NAN, 2.0, 3.0]),
        "where(promoted)": row(torch.where, MASK, [1, 2, 3], [0.5, 1.5, 2.5]),
        "where(scalars)": row(lambda m: torch.where(m, 1.0, 2), MASK),
        "where(int scalars)": row(lambda m: torch.where(m, 1, 2), MASK),
        "where(scalar other)": row(lambda m, x: torch.where(m, x, -INF), MASK, [[1.0, 2.0, 3.0]]),
        "where(scalar self)": row(lambda m, x: torch.where(m, 2.5, x), MASK, [1, 2, 3]),
        "masked_fill": row(lambda x, m: x.masked_fill(m, -INF), [1.0, 2.0, 3.0], MASK),
        "masked_fill(int)": row(lambda x, m: x.masked_fill(m, 7), [1, 2, 3], MASK),
        "masked_fill(tensor)": row(lambda x, m, v: x.masked_fill(m, v), [1.0, 2.0, 3.0], [[True], [False]], 5.0),
        "masked_fill_": row(lambda x, m: x.clone().masked_fill_(m, 0.5), [1.0, 2.0, 3.0], MASK),
        "isin": row(torch.isin, [[1, 2], [3, 4]], [2, 3, 9]),
        "isin(inverted)": row(lambda x, y: torch.isin(x, y, invert=True), [1.0, NAN], [NAN, 2.0]),
        "isin(scalar)": row(lambda x: torch.isin(x, 2), [1, 2, 3]),
        "isin(nothing)": row(torch.isin, [1, 2], torch.zeros(0, dtype=torch.int64)),
        "isclose": row(torch.isclose, [1.0, 1.0, INF, NAN, 0.0], [1.000001, 1.1, INF, NAN, 1e-9]),
        "isclose(equal_nan)": row(lambda x: torch.isclose(x, x, equal_nan=True), [NAN, -INF, 1.0]),
        "isclose(int)": row(torch.isclose, [1, 2], [1, 3]),
        "logical_and": row(torch.logical_and, [0.0, -0.0, NAN, 2.0], [1, 1, 1, 1]),
        "logical_xor": row(torch.logical_xor, [0, 3, 0, 4], [0.0, 1.5, 2.0, 0.0]),
        "bitwise_and(scalar)": row(lambda x: x & 6, [5, 7, -1]),
        "bitwise_or(scalar)": row(lambda x: 8 | x, [5, 7, -1]),
        "bitwise_xor of bools": row(lambda x: x ^ True, MASK),
        "shift left": row(torch.bitwise_left_shift, [1, 8, 8, -8, -1], [3, 64, -1, 70, 63]),
        "shift right": row(torch.bitwise_right_shift, [9, 8, -8, -8, -1, 5], [1, 64, 70, -1, 63, -1]),
        "shift by a number": row(lambda x: (x << 2) + (x >> 1), [1, -5]),
        "shift of a number": row(lambda x: torch.bitwise_left_shift(1, x), [0, 5, 80]),
        "shift of uint8": row(lambda x: (x << 1) | (x >> 7), torch.tensor([129, 3], dtype=torch.uint8)),
        "shift of int8": row(
            torch.bitwise_right_shift, torch.tensor([-128, 3], dtype=torch.int8), torch.tensor([9, 9], dtype=torch.int8)
        ),
        "eq of bool and float": row(torch.eq, MASK, [1.0, 0.5, 0.0]),
        "lt of bools": row(torch.lt, MASK, [False, True, True]),
        "symbolic": row(
            torch.where,
            torch.tensor([[True], [False]]),
            torch.ones(2, 3),
            torch.zeros(3),
            again=(torch.tensor([[True], [False], [True]]), torch.ones(3, 3), torch.zeros(3)),
        ),
    }
)


@pytest.mark.parametrize("name", TABLE.rows)
def test_logic(name: str) -> None:
    TABLE.hold(name)
