"""Order: ties, NaN, scalars, bools; and searching."""

from __future__ import annotations

import pytest
import torch

from support.torch_models import INF, NAN, Table, declined, row

X = [[3.0, NAN, 1.0, INF], [2.0, 2.5, -1.0, -INF]]
TIES = [[2, 1, 2, 1], [0, 0, 0, 5]]
BOOLS = [True, False, True, False]
EMPTY = torch.zeros(2, 0)

TABLE = Table(
    {
        "sort": row(lambda x: torch.sort(x, dim=-1), X),
        "sort(descending)": row(lambda x: torch.sort(x, descending=True), X),
        "sort(stable)": row(lambda x: torch.sort(x, stable=True, dim=1), TIES),
        "sort(stable, descending)": row(lambda x: torch.sort(x, stable=True, dim=1, descending=True), TIES),
        "sort(dim 0)": row(lambda x: torch.sort(x, 0), X),
        "sort of bools": row(lambda x: torch.sort(x, stable=True), BOOLS),
        "sort of a scalar": row(lambda x: torch.sort(x, dim=0), 3.0),
        "sort of nothing": row(torch.sort, EMPTY),
        "argsort": row(lambda x: torch.argsort(x, dim=0, descending=True, stable=True), TIES),
        "msort": row(torch.msort, X),
        "topk": row(lambda x: torch.topk(x, 2), X),
        "topk(least)": row(lambda x: torch.topk(x, 3, dim=1, largest=False), X),
        "topk(dim 0)": row(lambda x: torch.topk(x, 1, 0), X),
        "topk of a scalar": row(lambda x: torch.topk(x, 1), 3.0),
        "topk(0)": row(lambda x: torch.topk(x, 0), X),
        "kthvalue": row(lambda x: torch.kthvalue(x, 2), X),
        "kthvalue(kept)": row(lambda x: torch.kthvalue(x, 1, 0, True), X),
        "kthvalue of a scalar": row(lambda x: torch.kthvalue(x, 1), 2.0),
        "median": row(torch.median, [3, 1, 2, 4]),
        "median(dim)": row(lambda x: torch.median(x, 1), [[3.0, 1.0, 2.0, 4.0], [NAN, 1.0, NAN, 0.0]]),
        "median(kept)": row(lambda x: torch.median(x, 0, keepdim=True), [[3, 1], [2, 5], [9, 0]]),
        "nanmedian": row(torch.nanmedian, [NAN, 3.0, 1.0, 2.0, 4.0]),
        "nanmedian(dim)": row(lambda x: torch.nanmedian(x, 1), [[3.0, NAN, 2.0, 4.0], [NAN, 1.0, NAN, 0.0]]),
        "nanmedian of NaN": row(torch.nanmedian, [NAN, NAN]),
        "mode": row(torch.mode, [[2, 1, 1, 2, 3], [5, 5, 5, 0, 0]]),
        "mode of floats": row(lambda x: torch.mode(x, 0, keepdim=True), [1.5, -INF, 1.5, -INF, INF]),
        "mode of bools": row(torch.mode, BOOLS),
        "mode of a scalar": row(torch.mode, 3),
        "bucketize": row(torch.bucketize, [NAN, 1.0, INF, -1.0, 0.5], [0.0, 1.0, 2.0]),
        "bucketize(right)": row(lambda x, y: torch.bucketize(x, y, right=True), [NAN, 1.0, INF, 0.0], [0.0, 1.0, 1.0]),
        "bucketize(int32)": row(lambda x, y: torch.bucketize(x, y, out_int32=True), [[3], [0]], [1, 2, 3]),
        "bucketize(promoted)": row(torch.bucketize, [1, 2, 3], [0.5, 1.5, 2.5]),
        "bucketize of a number": row(lambda x: torch.bucketize(2, x), [1, 2, 3]),
        "searchsorted": row(torch.searchsorted, [[1, 3, 5], [2, 4, 6]], [[0, 3], [6, 9]]),
        "searchsorted(one sequence)": row(torch.searchsorted, [1.0, 3.0, 5.0], [[0.0, 3.0], [6.0, 5.0]]),
        "searchsorted(side)": row(lambda x, y: torch.searchsorted(x, y, side="right"), [1, 3, 3], [3, 1]),
        "searchsorted(sorter)": row(lambda x, y: torch.searchsorted(x, y, sorter=torch.argsort(x)), [5, 1, 3], [2, 5]),
    }
)

DISTINCT = Table(
    {
        "unique": row(lambda x: torch.unique(x, return_inverse=True, return_counts=True), [[3, 1], [3, 2]]),
        "unique of floats": row(
            lambda x: torch.unique(x, return_inverse=True, return_counts=True), [2.0, NAN, -1.0, 2.0]
        ),
        "unique of a scalar": row(lambda x: torch.unique(x, return_counts=True), 3.0),
        "unique_consecutive of a scalar": row(torch.unique_consecutive, 3),
        "unique alone": row(torch.unique, [3, 1, 3]),
        "unique of bools": row(lambda x: torch.unique(x, return_counts=True), BOOLS),
        "unique(dim)": row(lambda x: torch.unique(x, dim=0, return_inverse=True), [[1, 2], [0, 3], [1, 2]]),
        "unique_consecutive": row(
            lambda x: torch.unique_consecutive(x, return_inverse=True, return_counts=True), [[1, 1, 2], [2, 1, 1]]
        ),
        "unique_consecutive of NaN": row(torch.unique_consecutive, [NAN, NAN, 1.0, 1.0]),
        "unique_consecutive(dim)": row(
            lambda x: torch.unique_consecutive(x, dim=1, return_counts=True), [[1, 1, 2], [3, 3, 3]]
        ),
        "bincount": row(lambda x: torch.bincount(x, minlength=2), [3, 0, 3, 1]),
        "bincount(minlength)": row(lambda x: torch.bincount(x, minlength=9), [3, 0, 3, 1]),
        "bincount(weights)": row(torch.bincount, [1, 0, 1], [0.5, 1.0, 0.25]),
    }
)

MORE = torch.linspace(-3, 4, 15).reshape(3, 5)
SYMBOLIC = Table(
    {
        "sort": row(torch.sort, X, again=(MORE,)),
        "topk": row(lambda x: torch.topk(x, 2), X, again=(MORE,)),
        "median": row(lambda x: x.median(1), [[1.0, 5.0, 2.0]] * 2, again=(MORE,)),
        "kthvalue": row(lambda x: x.kthvalue(2), [[1.0, 5.0, 2.0]] * 2, again=(MORE,)),
        "mode": row(torch.mode, [[1, 2, 2]] * 2, again=([[3, 3, 3, 1], [1, 1, 2, 2], [0, 5, 5, 0]],)),
        "searchsorted": row(torch.searchsorted, [1.0, 3.0], [[0.0, 3.0]] * 2, again=([1.0, 3.0, 5.0], MORE)),
    }
)


@pytest.mark.parametrize("name", TABLE.rows)
def test_order(name: str) -> None:
    TABLE.hold(name)


@pytest.mark.parametrize("name", DISTINCT.rows)
def test_of_sizes_that_only_the_run_knows(name: str) -> None:
    DISTINCT.hold(name)


@pytest.mark.parametrize("name", SYMBOLIC.rows)
def test_of_symbolic_sizes(name: str) -> None:
    SYMBOLIC.hold(name)


def test_distinct_slices_of_floats_are_declined() -> None:
    assert "NaN differs" in declined(lambda x: torch.unique(x, dim=0), [[1.0], [1.0]])
