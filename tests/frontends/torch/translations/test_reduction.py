"""Reductions: axes, scalars, nothing, NaN, ties, corrections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from support.torch_models import INF, NAN, Row, Table, row

pytestmark = pytest.mark.filterwarnings("ignore:.*degrees of freedom is <= 0")

X = torch.tensor([[[1.0, -2.0, 3.5], [0.0, 4.0, -1.0]], [[2.0, 2.0, 0.25], [-3.0, 1.0, 1.0]]])
N = torch.tensor([[3, 1, 3], [-5, 0, 2]])
B = torch.tensor([[True, False], [False, False]])
HALF = torch.full((4096,), 1.0, dtype=torch.float16)
SUMS = ("sum", "mean", "amax", "amin", "logsumexp", "nansum", "std", "var")


def along(name: str, axis: int) -> Callable[[torch.Tensor], Any]:
    return lambda x: getattr(torch, name)(x, axis)


def over(name: str, dim: object, keepdim: bool = False) -> Row:
    return row(lambda x: getattr(torch, name)(x, dim=dim, keepdim=keepdim), X)


TABLE = Table(
    {
        **{f"{name}({dim})": over(name, dim) for name in SUMS for dim in (0, -1, (0, 2))},
        **{f"{name}(kept)": over(name, (1, -1), True) for name in SUMS},
        **{f"{name}(all)": over(name, ()) for name in ("sum", "mean", "amax", "std")},
        **{
            f"{name}(None)": row(getattr(torch, name), X)
            for name in [
                "sum",
                "mean",
                "max",
                "min",
                "prod",
                "std",
                "var",
                "any",
                "all",
                "argmax",
                "argmin",
                "median",
                "count_nonzero",
            ]
        },
        **{
            f"{name}(dim)": row(along(name, 1), X)
            for name in ["prod", "any", "all", "argmax", "argmin", "max", "min", "count_nonzero"]
        },
        **{
            f"{name}(scalar)": row(along(name, 0), 3.0)
            for name in [
                "sum",
                "mean",
                "prod",
                "any",
                "all",
                "argmax",
                "argmin",
                "max",
                "min",
                "amax",
                "logsumexp",
                "cumsum",
                "cumprod",
                "cummax",
                "cummin",
                "logcumsumexp",
                "median",
            ]
        },
        **{
            f"{name} of integers": row(getattr(torch, name), N)
            for name in ["sum", "prod", "max", "min", "any", "all", "argmax", "argmin", "count_nonzero"]
        },
        **{
            f"{name} of bools": row(getattr(torch, name), B)
            for name in ["sum", "prod", "any", "all", "count_nonzero", "max", "min"]
        },
        **{
            f"{name} of NaN": row(along(name, 1), [[1.0, NAN, 3.0, NAN], [1.0, 2.0, 2.0, 0.0]])
            for name in [
                "max",
                "min",
                "argmax",
                "argmin",
                "cummax",
                "cummin",
                "nansum",
                "nanmean",
                "logsumexp",
                "any",
                "median",
                "nanmedian",
            ]
        },
        "sum(dtype)": row(lambda x: torch.sum(x, dtype=torch.float64), X),
        "sum of int8": row(torch.sum, torch.tensor([100, 100], dtype=torch.int8)),
        "sum of bools(float)": row(lambda x: torch.sum(x, 0, dtype=torch.float32), B),
        "sum of float16": row(torch.sum, HALF),
        "sum of nothing": row(lambda x: torch.sum(x, 1), torch.zeros(2, 0)),
        "prod of nothing": row(torch.prod, torch.zeros(0)),
        "mean of nothing": row(torch.mean, torch.zeros(0)),
        "mean(dtype)": row(lambda x: torch.mean(x, dtype=torch.float32), N),
        "logsumexp of infinities": row(lambda x: torch.logsumexp(x, 1), [[-INF, -INF], [INF, 0.0], [1000.0, 1000.0]]),
        "logsumexp of integers": row(lambda x: torch.logsumexp(x, 0), N),
        "any(no axes)": row(lambda x: torch.any(x, dim=()), N),
        "all(axes)": row(lambda x: torch.all(x, dim=(0, 1), keepdim=True), N),
        "any of nothing": row(torch.any, torch.zeros(0)),
        "any of uint8": row(torch.any, torch.tensor([0, 2], dtype=torch.uint8)),
        "all of NaN": row(torch.all, [NAN, 1.0]),
        "max of bools(dim)": row(lambda x: torch.max(x, 1), B),
        "max(keepdim)": row(lambda x: torch.max(x, 0, keepdim=True), N),
        "min of ties": row(lambda x: torch.min(x, 1), [[2, 1, 1], [0, 0, 0]]),
        "argmax of ties": row(lambda x: torch.argmax(x, 1), [[2, 1, 2], [0, 0, 0]]),
        "argmax(kept)": row(lambda x: torch.argmax(x, keepdim=True), N),
        "argmin(dim, kept)": row(lambda x: torch.argmin(x, -1, keepdim=True), N),
        "aminmax": row(torch.aminmax, X),
        "aminmax(dim)": row(lambda x: torch.aminmax(x, dim=1, keepdim=True), X),
        "var(correction)": row(lambda x: torch.var(x, dim=1, correction=0), X),
        "var(correction 2)": row(lambda x: torch.var(x, dim=0, correction=2), X),
        "var(unbiased)": row(lambda x: torch.var(x, unbiased=False), X),
        "var of one": row(torch.var, [3.0]),
        "var of a scalar": row(torch.var, 3.0),
        "var of float16": row(torch.var, torch.tensor([300.0, -300.0], dtype=torch.float16)),
        "std(unbiased)": row(lambda x: torch.std(x, 1, unbiased=False, keepdim=True), X),
        "std_mean": row(lambda x: torch.std_mean(x, (0, 1)), X),
        "var_mean": row(lambda x: torch.var_mean(x, 2, correction=0, keepdim=True), X),
        "var_mean(all)": row(torch.var_mean, X),
        **{
            f"norm({p})": row(lambda x, p=p: torch.linalg.vector_norm(x, p, dim=1), X)
            for p in (0, 1, 2, 3, 0.5, -1, INF, -INF)
        },
        "norm(all)": row(torch.linalg.vector_norm, X),
        "norm(dtype)": row(lambda x: torch.linalg.vector_norm(x, 3, dim=(0, 2), keepdim=True, dtype=torch.float64), X),
        "norm of NaN": row(lambda x: torch.linalg.vector_norm(x, INF), [1.0, NAN]),
        "torch.norm": row(lambda x: torch.norm(x, p=2, dim=-1, keepdim=True), X),
        "cumsum of bools": row(lambda x: torch.cumsum(x, 1), B),
        "cumsum(dtype)": row(lambda x: torch.cumsum(x, 1, dtype=torch.float64), N),
        "cumsum of int8": row(lambda x: torch.cumsum(x, 0), torch.tensor([100, 100], dtype=torch.int8)),
        "cumsum(negative axis)": row(lambda x: torch.cumsum(x, -2), X),
        "cumprod": row(lambda x: torch.cumprod(x, -1), X),
        "cumprod of integers": row(lambda x: torch.cumprod(x, 0), N),
        "cummax of ties": row(lambda x: torch.cummax(x, 1), [[1, 3, 3, 2, 3], [-5, -5, -7, 0, 0]]),
        "cummin of bools": row(lambda x: torch.cummin(x, 1), B),
        "cummax of the least": row(lambda x: torch.cummax(x, 0), torch.tensor([-128, -128], dtype=torch.int8)),
        "cummax of nothing": row(lambda x: torch.cummax(x, 0), torch.zeros(0, 2)),
        "logcumsumexp": row(lambda x: torch.logcumsumexp(x, 1), [[-INF, 1.0, 1000.0, -1000.0]]),
        "trace": row(torch.trace, N),
        "diff": row(lambda x: torch.diff(x, n=2, dim=-1), X),
    }
)

MORE = torch.linspace(-2, 3, 30).reshape(5, 3, 2)
SYMBOLIC = Table(
    {
        name: row(function, X, again=(MORE,))
        for name, function in {
            "mean": lambda x: x.mean((0, 2)),
            "var": lambda x: x.var((0, 1)),
            "std_mean": lambda x: torch.std_mean(x),
            "argmax": lambda x: x.argmax(),
            "argmax(kept)": lambda x: x.argmax(keepdim=True),
            "max": lambda x: x.max(1),
            "logsumexp": lambda x: x.logsumexp(-1),
            "norm": lambda x: torch.linalg.vector_norm(x, 3.0),
            "cumsum": lambda x: x.cumsum(1),
            "cumprod": lambda x: x.cumprod(0),
            "cummax": lambda x: x.cummax(1),
            "logcumsumexp": lambda x: x.logcumsumexp(0),
            "median": lambda x: x.median(),
            "nanmean": lambda x: x.nanmean(0),
            "count_nonzero": lambda x: x.count_nonzero(0),
        }.items()
    }
)


@pytest.mark.parametrize("name", TABLE.rows)
def test_reduction(name: str) -> None:
    TABLE.hold(name)


@pytest.mark.parametrize("name", SYMBOLIC.rows)
def test_of_symbolic_sizes(name: str) -> None:
    SYMBOLIC.hold(name)
