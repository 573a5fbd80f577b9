"""Elements picked by index: where dims go, what is negative, masks, scalars."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from support.torch_models import NAN, Table, row

X = torch.arange(120.0).reshape(2, 3, 4, 5)
I = torch.tensor([1, 0, -1])  # noqa: E741 - an index
J = torch.tensor([[0], [2], [-2]])
MASK = torch.tensor([[True, False, True], [False, False, True]])
VECTOR = torch.tensor([10.0, 20.0, 30.0])

TABLE = Table(
    {
        "one": row(lambda x, i: x[i], X, [1, 0, -1]),
        "one(axis)": row(lambda x, i: x[:, :, i], X, J),
        "one(scalar)": row(lambda x, i: x[:, i], X, -1),
        "int32": row(lambda x, i: x[:, i], X, torch.tensor([1, -1], dtype=torch.int32)),
        "next to each other": row(lambda x, i, j: x[:, i, j], X, I, J),
        "apart": row(lambda x, i, j: x[:, i, :, j], X, I, J),
        "apart by an integer": row(lambda x, i: x[:, i, 1, i], X, I),
        "first and last": row(lambda x, i, j: x[i, :, :, j], X, [0, 1], [4, -5]),
        "all": row(lambda x, i: x[i, i, i, i], X, [0, 1]),
        "None between": row(lambda x, i: x[i, None, :, i], X, [0, 1]),
        "mask": row(lambda x, m: x[m], X, MASK),
        "mask(whole)": row(lambda x: x[x > 50], X),
        "mask(axis)": row(lambda x, m: x[:, :, m], X, [True, False, True, True]),
        "mask of nothing": row(lambda x, m: x[m], X, [False, False]),
        "index_select": row(lambda x, i: torch.index_select(x, -2, i), X, [3, 0, 3]),
        "index_select of a scalar": row(lambda x, i: torch.index_select(x, 0, i), 3.0, [0]),
        "index_select(one)": row(lambda x, i: torch.index_select(x, 1, i), X, 2),
        "gather": row(lambda x, i: torch.gather(x, 1, i), [[1, 2, 3], [4, 5, 6]], [[2, 0], [1, 1]]),
        "gather(front)": row(lambda x, i: torch.gather(x, 0, i), [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[1, 0]]),
        "gather of scalars": row(lambda x, i: torch.gather(x, 0, i), 3.0, 0),
        "gather(nothing)": row(lambda x, i: torch.gather(x, 0, i), X, torch.zeros(0, dtype=torch.int64)),
        "take": row(torch.take, X, [[0, -1], [5, 119]]),
        "take_along_dim": row(lambda x, i: torch.take_along_dim(x, i, 1), [[3, 1], [2, 4]], [[1]]),
        "take_along_dim(flat)": row(torch.take_along_dim, [[3, 1], [2, 4]], [3, 0]),
        "nonzero": row(torch.nonzero, [[0.0, NAN], [2.0, -0.0]]),
        "nonzero of a scalar": row(torch.nonzero, 3),
        "nonzero(tuple)": row(lambda x: torch.nonzero(x, as_tuple=True), MASK),
        "nonzero(tuple) of a scalar": row(lambda x: torch.nonzero(x, as_tuple=True), 3),
        "argwhere": row(torch.argwhere, MASK),
        "where(condition)": row(torch.where, MASK),
        "nonzero_static": row(lambda x: torch.nonzero_static(x, size=2), MASK),
        "nonzero_static(filled)": row(lambda x: torch.nonzero_static(x, size=5, fill_value=-7), MASK),
        "masked_select": row(torch.masked_select, [[1.0, 2.0, 3.0]], MASK),
        "one_hot": row(lambda x: F.one_hot(x, 4), [[0, 3], [1, 1]]),
        "unfold": row(lambda x: x.unfold(1, 2, 2), torch.arange(15.0).reshape(3, 5)),
        "unfold(first)": row(lambda x: x.unfold(0, 3, 1), torch.arange(10).reshape(5, 2)),
        "unfold of a scalar": row(lambda x: x.unfold(0, 1, 1), 4.0),
        "repeat_interleave": row(lambda x: torch.repeat_interleave(x, 2), [[1, 2], [3, 4]]),
        "repeat_interleave(dim)": row(lambda x: torch.repeat_interleave(x, 3, dim=1), [[1, 2], [3, 4]]),
        "repeat_interleave(tensor)": row(lambda x, r: torch.repeat_interleave(x, r, dim=0), [[1], [2], [3]], [2, 0, 1]),
        "embedding": row(lambda w, i: F.embedding(i, w, padding_idx=0), X[0, 0], [[0, 3], [1, 1]]),
    }
)

SYMBOLIC = Table(
    {
        "next to each other": row(
            lambda x, i, j: x[:, i, j], X, I, J, again=(torch.ones(3, 7, 3, 2), torch.tensor([6, 1]), [[0], [2]])
        ),
        "apart": row(lambda x, i, j: x[i, :, j], X, I, [0, 1, 2], again=(torch.rand(2, 2, 3, 2), [1, 0], [-1, 0])),
        "mask": row(lambda x, m: x[m], [1, 2, 3], [True, False, True], again=([4, 5, 6, 7], [True, True, False, True])),
        "gather": row(
            lambda x, i: x.gather(1, i),
            [[1, 2, 3], [4, 5, 6]],
            [[2, 0], [1, 1]],
            again=([[1, 2], [3, 4], [5, 6]], [[1, 0, 1], [0, 0, 0], [1, 1, 1]]),
        ),
        "unfold": row(lambda x: x.unfold(0, 2, 2), torch.rand(5, 2), again=(torch.rand(8, 2),)),
        "repeat_interleave": row(lambda x: x.repeat_interleave(2, 0), torch.rand(2, 3), again=(torch.rand(4, 5),)),
        "masked_select": row(
            torch.masked_select, torch.rand(2, 3), MASK, again=(torch.rand(3, 3), torch.rand(3, 3) > 0.5)
        ),
    }
)

BAGS = Table(
    {
        f"{mode}, {name}": row(
            lambda w, i, o, mode=mode, given=given: F.embedding_bag(i, w, o, mode=mode, **given),
            torch.linspace(-3, 3, 12).reshape(6, 2),
            [0, 3, 5, 3, 2],
            [0, 2, 2, 5],
        )
        for mode in ("sum", "mean", "max")
        for name, given in {"plain": {}, "padded": {"padding_idx": 3}, "closed": {"include_last_offset": True}}.items()
    }
    | {
        "rows": row(lambda w, i: F.embedding_bag(i, w, mode="max"), torch.rand(6, 2), [[0, 3], [5, 3]]),
        "weighted": row(
            lambda w, i, p: F.embedding_bag(i, w, mode="sum", per_sample_weights=p),
            torch.rand(6, 2),
            [[0, 3], [5, 3]],
            [[0.5, 2.0], [1.0, -1.0]],
        ),
    }
)


@pytest.mark.parametrize("name", TABLE.rows)
def test_indexing(name: str) -> None:
    TABLE.hold(name)


@pytest.mark.parametrize("name", SYMBOLIC.rows)
def test_of_symbolic_sizes(name: str) -> None:
    SYMBOLIC.hold(name)


@pytest.mark.parametrize("name", BAGS.rows)
def test_bags(name: str) -> None:
    BAGS.hold(name)
