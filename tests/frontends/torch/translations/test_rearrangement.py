"""Axes moved, parts, copies of views, memory read by strides."""

from __future__ import annotations

import pytest
import torch

from support.torch_models import Table, declined, row

X = torch.arange(24.0).reshape(2, 3, 4)

TABLE = Table(
    {
        **{f"atleast_{i}d, {r}": row(lambda x, i=i: getattr(torch, f"atleast_{i}d")(x), torch.rand((2, 3, 2, 2)[:r]))
           for i in (1, 2, 3) for r in range(5)},
        "atleast_2d(several)": row(lambda x, y: torch.atleast_2d([x, y]), 1.0, [2.0, 3.0]),
        "movedim": row(lambda x: torch.movedim(x, 0, -1), X),
        "diagonal": row(torch.diagonal, X),
        "diagonal(below)": row(lambda x: torch.diagonal(x, -1, 2, 0), X),
        "diagonal(beyond)": row(lambda x: torch.diagonal(x, 9, 1, 2), X),
        "diagonal of a batch": row(lambda x: torch.linalg.diagonal(x, offset=1), X),
        "diag_embed": row(torch.diag_embed, [[1.0, 2.0], [3.0, 4.0]]),
        "movedim(several)": row(lambda x: torch.movedim(x, (0, -1), (1, 0)), X),
        "moveaxis": row(lambda x: torch.moveaxis(x, -1, 0), X),
        "ravel": row(torch.ravel, X),
        "mH": row(lambda x: x.mH, X),
        "hsplit": row(lambda x: torch.hsplit(x, 3), X),
        "vsplit": row(lambda x: torch.vsplit(x, (1,)), X),
        "dsplit": row(lambda x: torch.dsplit(x, (1, 3)), X),
        "hsplit of a vector": row(lambda x: torch.hsplit(x, 2), [1, 2, 3, 4]),
        "tensor_split": row(lambda x: torch.tensor_split(x, (1, 2), dim=-1), X),
        "cartesian_prod": row(torch.cartesian_prod, [1, 2, 3], [4, 5]),
        "cartesian_prod of one": row(torch.cartesian_prod, [1, 2, 3]),
        "permute_copy": row(lambda x: torch.permute_copy(x, (2, 0, 1)), X),
        "narrow_copy": row(lambda x: torch.narrow_copy(x, 1, 1, 2), X),
        "unbind_copy": row(lambda x: torch.unbind_copy(x, -1), X),
        "roll": row(lambda x: torch.roll(x, 5), X),
        "roll(axes)": row(lambda x: torch.roll(x, (1, -2), (0, 2)), X),
        "as_strided": row(lambda x: torch.as_strided(x, (3, 2, 2), (4, 1, 2), 3), X),
        "as_strided(scalar)": row(lambda x: torch.as_strided(x, (), (), 7), X),
        "rot90": row(lambda x: torch.rot90(x, 1, (0, 2)), X),
    }
)  # fmt: skip

MORE = torch.rand(3, 4, 5)
SYMBOLIC = Table(
    {
        "movedim": row(lambda x: torch.movedim(x, 0, -1), X, again=(MORE,)),
        "diagonal": row(lambda x: torch.diagonal(x, 1, 1, 2), X, again=(MORE,)),
        "roll": row(lambda x: torch.roll(x, 5), X, again=(MORE,)),
        "roll(axes)": row(lambda x: torch.roll(x, (1, -2), (0, 2)), X, again=(MORE,)),
        "atleast_3d": row(torch.atleast_3d, X[0], again=(MORE[0],)),
        "cartesian_prod": row(torch.cartesian_prod, [1, 2, 3], [4, 5], again=([1, 2], [3, 4, 5])),
    }
)


@pytest.mark.parametrize("name", TABLE.rows)
def test_rearrangement(name: str) -> None:
    TABLE.hold(name)


@pytest.mark.parametrize("name", SYMBOLIC.rows)
def test_of_symbolic_sizes(name: str) -> None:
    SYMBOLIC.hold(name)


def test_memory_that_is_not_row_by_row_is_declined() -> None:
    assert "row by row" in declined(lambda x: torch.as_strided(x.t(), (2,), (1,)), torch.rand(2, 3))
