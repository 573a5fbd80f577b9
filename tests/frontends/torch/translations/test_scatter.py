"""Elements written by index."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from support.torch_models import NAN, Row, Table, declined, row

X = torch.arange(24.0).reshape(2, 3, 4)
MATRIX = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
WHOLE = torch.tensor([[1, 2, 3], [4, 5, 6]])
INDEX = torch.tensor([[0, 0, 2], [1, 1, 1]])
SOURCE = torch.tensor([[7.0, -8.0, 9.0, 1.0], [-1.0, 2.0, 4.0, 1.0]])
MASK = torch.tensor([[True, False, True], [False, False, True]])
BOOLS = torch.tensor([[True, False, False], [False, False, True]])


def put(key: tuple[int, ...], accumulate: bool = False) -> Callable[..., torch.Tensor]:
    """``x[key] = values``: an index where ``key`` has a 1, a whole axis where it has a 0."""

    def function(x: torch.Tensor, *others: torch.Tensor) -> torch.Tensor:
        *indices, values = others
        found = iter(indices)
        chosen = [next(found) if k else None for k in key]
        return torch.ops.aten.index_put(x, chosen, values, accumulate)

    return function


def reducing(reduce: str, include_self: bool, x: torch.Tensor = MATRIX) -> Row:
    source = SOURCE.to(x.dtype)
    return row(lambda x, i, s: x.scatter_reduce(1, i, s, reduce, include_self=include_self), x, INDEX, source)


TABLE = Table(
    {
        "index_put": row(put((1,)), X, [1, 0], torch.ones(2, 3, 4)),
        "index_put(broadcast)": row(put((0, 1)), X, [2, 0], torch.tensor([1.0, 2.0, 3.0, 4.0])),
        "index_put(next to each other)": row(put((0, 1, 1)), X, [2, 0, -2], [[0], [3], [-2]], torch.rand(2, 3, 3)),
        "index_put(apart)": row(put((1, 0, 1)), X, [0, 1], [3, 0], torch.rand(2, 3)),
        "index_put(accumulate)": row(put((1,), True), X, [1, 1, 0], 1.0),
        "index_put(accumulate, int)": row(put((1, 1), True), WHOLE, [1, 1, -1], [0, 0, 0], [1, 10, 100]),
        "index_put(accumulate, bool)": row(put((1,), True), BOOLS, [1, 1], [[True, False, False]]),
        "index_put(mask, number)": row(put((1,)), X, MASK, 5.0),
        "index_put(mask, values)": row(put((1,)), MATRIX, MASK, [10.0, 20.0, 30.0]),
        "index_put(mask, rows)": row(put((1,)), X, MASK, torch.rand(3, 4)),
        "index_put(mask, axis)": row(put((0, 1)), MATRIX, [True, False, True], 0.5),
        "x[mask] = number": row(lambda x, m: _assigned(x, m, 9.0), MATRIX, MASK),
        "x[i, :, j] = y": row(lambda x, i, y: _assigned(x, (i, slice(None), 1), y), X, [1, 0], torch.rand(2, 3)),
        "x[:, 1:] = y": row(lambda x, y: _assigned(x, (slice(None), slice(1, None)), y), MATRIX, [[7.0], [8.0]]),
        "x[..., ::2] = y": row(lambda x: _assigned(x, (..., slice(None, None, 2)), 0.0), X),
        "put": row(lambda x, i, s: x.put(i, s), MATRIX, [0, -1], [9.0, 8.0]),
        "put(accumulate)": row(lambda x, i, s: x.put(i, s, accumulate=True), MATRIX, [1, 1, -1], [9.0, 8.0, 7.0]),
        "masked_scatter": row(lambda x, m, s: x.masked_scatter(m, s), MATRIX, MASK, [9.0, 8.0, 7.0, 6.0]),
        "masked_scatter(broadcast)": row(lambda x, m, s: x.masked_scatter(m, s), MATRIX, [True, False, True], SOURCE),
        "masked_scatter(nothing)": row(lambda x, m, s: x.masked_scatter(m, s), MATRIX, [False] * 3, torch.zeros(0)),
        "scatter": row(lambda x, i, s: x.scatter(1, i, s), MATRIX, [[0, 2], [1, 0]], SOURCE),
        "scatter(front)": row(lambda x, i, s: x.scatter(0, i, s), MATRIX, [[1, 0, 1]], SOURCE),
        "scatter(number)": row(lambda x, i: x.scatter(-1, i, 0.5), MATRIX, [[0], [2]]),
        "scatter(bool)": row(lambda x, i: x.scatter(1, i, True), BOOLS, [[1], [1]]),
        "scatter(int number)": row(lambda x, i: x.scatter(1, i, 7), WHOLE, [[1], [1]]),
        "scatter of scalars": row(lambda x, i, s: x.scatter(0, i, s), 1.0, 0, 5.0),
        "scatter(nothing)": row(
            lambda x, i, s: x.scatter(0, i, s), MATRIX, torch.zeros(0, 3, dtype=torch.int64), SOURCE
        ),
        "scatter(add)": row(lambda x, i, s: x.scatter(1, i, s, reduce="add"), MATRIX, INDEX, SOURCE),
        "scatter(multiply)": row(lambda x, i: x.scatter(1, i, 2.0, reduce="multiply"), MATRIX, INDEX),
        "scatter_add": row(lambda x, i, s: x.scatter_add(1, i, s), MATRIX, INDEX, SOURCE),
        "scatter_add(int)": row(lambda x, i, s: x.scatter_add(1, i, s), WHOLE, INDEX, SOURCE.long()),
        "scatter_add(bool)": row(lambda x, i, s: x.scatter_add(1, i, s), BOOLS, INDEX, SOURCE > 0),
        **{
            f"scatter_reduce({r}, {self_})": reducing(r, self_)
            for r in ("sum", "prod", "mean", "amax", "amin")
            for self_ in (True, False)
        },
        **{
            f"scatter_reduce({r}, {self_}) of integers": reducing(r, self_, WHOLE)
            for r in ("sum", "prod", "mean", "amax", "amin")
            for self_ in (True, False)
        },
        "scatter_reduce(amax) of bools": reducing("amax", False, BOOLS),
        "scatter_reduce of NaN": row(lambda x, i, s: x.scatter_reduce(0, i, s, "amax"), [1.0, 2.0], [0, 1], [NAN, 0.0]),
        "index_add": row(lambda x, i, s: x.index_add(1, i, s), MATRIX, [2, 0, 2], torch.rand(2, 3)),
        "index_add(alpha)": row(lambda x, i, s: x.index_add(0, i, s, alpha=-2), WHOLE, [1, 1], [[1, 2, 3], [1, 1, 1]]),
        "index_add of scalars": row(lambda x, i, s: x.index_add(0, i, s), 1.0, [0], 5.0),
        "index_copy": row(lambda x, i, s: x.index_copy(1, i, s), MATRIX, [2, 0], torch.rand(2, 2)),
        "index_fill": row(lambda x, i: x.index_fill(1, i, -1), MATRIX, [2, 2, -3]),
        "index_fill(tensor)": row(lambda x, i, v: x.index_fill(0, i, v), WHOLE, [1], 9),
        "index_reduce": row(lambda x, i, s: x.index_reduce(1, i, s, "mean"), MATRIX, [2, 0, 2], torch.rand(2, 3)),
        "index_reduce(amin)": row(
            lambda x, i, s: x.index_reduce(0, i, s, "amin", include_self=False), MATRIX, [1, 1], torch.rand(2, 3)
        ),
        "select_scatter": row(lambda x, s: x.select_scatter(s, 1, -1), X, torch.rand(2, 4)),
        "slice_scatter": row(lambda x, s: x.slice_scatter(s, 2, 1, 3), X, torch.rand(2, 3, 2)),
        "slice_scatter(step)": row(lambda x, s: x.slice_scatter(s, -1, -4, None, 2), X, torch.rand(2, 3, 2)),
        "slice_scatter(all)": row(lambda x, s: x.slice_scatter(s, 0), X, torch.rand(2, 3, 4)),
        "slice_scatter(beyond)": row(lambda x, s: x.slice_scatter(s, 1, 2, 100), X, torch.rand(2, 1, 4)),
        "diagonal_scatter": row(lambda x, s: x.diagonal_scatter(s, 1), MATRIX, [9.0, 8.0]),
        "diagonal_scatter(axes)": row(lambda x, s: x.diagonal_scatter(s, -1, 2, 0), X, torch.rand(3, 2)),
    }
)

MORE = torch.rand(4, 5, 4)
SYMBOLIC = Table(
    {
        "index_put": row(put((0, 1)), X, [2, 0], 1.0, again=(MORE, [4, 1, 0], 2.0)),
        "slice_scatter": row(lambda x: x.slice_scatter(x[:, :2] * 2, 1, 1, 3), X, again=(MORE,)),
        "x[:, -1] = 0": row(lambda x: _assigned(x, (slice(None), -1), 0.0), X, again=(MORE,)),
        "x[mask] = number": row(lambda x: _assigned(x, x > 0.5, 0.0), X, again=(MORE,)),
        "scatter_reduce": row(
            lambda x, i, s: x.scatter_reduce(1, i, s, "mean", include_self=False),
            MATRIX,
            INDEX,
            SOURCE,
            again=(torch.rand(3, 4), torch.randint(0, 4, (3, 2)), torch.rand(3, 2)),
        ),
        "index_fill": row(lambda x, i: x.index_fill(1, i, 0), MATRIX, [0, -1], again=(torch.rand(4, 5), [-1, 2, 3])),
        "masked_scatter": row(
            lambda x, m, s: x.masked_scatter(m, s),
            MATRIX,
            MASK,
            torch.rand(6),
            again=(torch.rand(4, 5), torch.rand(4, 5) > 0.5, torch.rand(20)),
        ),
    }
)


def _assigned(x: torch.Tensor, key: object, value: object) -> torch.Tensor:
    x = x.clone()
    x[key] = value  # type: ignore[index,assignment]
    return x


@pytest.mark.parametrize("name", TABLE.rows)
@pytest.mark.filterwarnings("ignore:The reduce argument of torch.scatter")  # each said once a process
@pytest.mark.filterwarnings("ignore:index_reduce")
def test_scatter(name: str) -> None:
    TABLE.hold(name)


@pytest.mark.parametrize("name", SYMBOLIC.rows)
def test_of_symbolic_sizes(name: str) -> None:
    SYMBOLIC.hold(name)


def test_the_mean_of_bools_is_declined() -> None:
    reason = declined(lambda x, i, s: x.scatter_reduce(1, i, s, "mean"), BOOLS, INDEX, SOURCE > 0)
    assert "the mean of bools" in reason
