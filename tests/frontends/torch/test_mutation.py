"""Writes in place, held against eager PyTorch."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from support.torch_eager import imported, whole

X = (whole(4, 6),)


class Does(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[[torch.Tensor], object]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: torch.Tensor) -> object:
        return self.function(x)


def relu_in_place(x):
    y = x + 1
    y.relu_()
    return y * 2


def write_seen_by_an_older_name(x):
    y = x + 1
    z = y
    y.mul_(3)
    return z, y


def view_looked_at_after_the_write(x):
    y = x + 1
    v = y[1:3]
    y.mul_(2)
    return v + 1


def write_through_a_view(x):
    y = x + 1
    y[:, 0] = 0
    return y


def write_through_a_view_of_a_view(x):
    y = x + 1
    y[1:][:, 2:4].mul_(2)
    return y, y.t()


def write_through_a_transpose(x):
    y = x * 2
    y.t().add_(torch.arange(6.0).reshape(6, 1))
    return y


def copied_into(x):
    y = torch.ones_like(x)
    y.copy_(x)
    return y + x


def copied_into_a_part(x):
    y = x + 0
    y[1].copy_(x[2])
    return y


def copied_with_broadcast_and_cast(x):
    y = x + 0
    y.copy_(torch.arange(6))
    return y


def two_aliases(x):
    y = x + 1
    a, b = y.view(24), y.view(2, 12)
    a.add_(1)
    b.mul_(2)
    return a, b, y


def split_parts_written(x):
    y = x + 1
    for i, part in enumerate(y.split(2, dim=1)):
        part.mul_(i)
    return y


def chunk_and_unbind(x):
    first, second = (x + 1).chunk(2)
    first.add_(second)
    rows = list(first.unbind(0))
    rows[0].zero_()
    return first, rows[1]


def masked(x):
    y = x + 0
    y[y > 1] = -1.0
    return y


def filled(x):
    y = x + 0
    y[0].fill_(7)
    y[:, 1:3].zero_()
    return y


def argument_is_left_alone(x):
    y = x.clone()
    y.sub_(1)
    return x + y


def result_of_another_dtype(x):
    y = (x > 0).to(torch.int32)
    y += 3
    return y


def rows_written_in_a_loop(x):
    y = x + 0
    for i in range(y.shape[0]):
        y[i] = y[i] * i
    return y


def write_after_the_last_look(x):
    y = x + 1
    z = y * 2
    y.zero_()
    return z


def index_put(x):
    y = x + 0
    y[torch.tensor([0, 2])] += 1
    return y


def detached(x):
    y = x + 1
    y.detach().mul_(2)
    return y


FUNCTIONS = [
    relu_in_place,
    write_seen_by_an_older_name,
    view_looked_at_after_the_write,
    write_through_a_view,
    write_through_a_view_of_a_view,
    write_through_a_transpose,
    copied_into,
    copied_into_a_part,
    copied_with_broadcast_and_cast,
    two_aliases,
    split_parts_written,
    chunk_and_unbind,
    masked,
    filled,
    argument_is_left_alone,
    result_of_another_dtype,
    rows_written_in_a_loop,
    write_after_the_last_look,
    index_put,
    detached,
]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_a_write_shows_where_eager_shows_it(function):
    imported(Does(function), X, (whole(4, 6, seed=1),))


def aliases_of_any_size(x):
    y = x + 1
    a, b = y.view(-1), y.view(y.shape[0], 2, 3)
    a.add_(1)
    b.mul_(2)
    return a, b, y


@pytest.mark.parametrize(
    "function",
    [relu_in_place, write_through_a_view, write_through_a_transpose, aliases_of_any_size, filled, masked, index_put],
    ids=lambda f: f.__name__,
)
def test_so_it_does_where_sizes_are_dynamic(function):
    imported(Does(function), X, (whole(7, 6),), shapes=(("rows", None),))


class LiftedConstant(nn.Module):
    """A constant made inside, lifted by the export, that is written into."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        table = torch.tensor([1.0, 2.0, 3.0])
        table.mul_(2)
        return x[:, :3] * table


def test_a_lifted_constant_may_be_written():
    imported(LiftedConstant(), X, X)


def test_a_write_that_concerns_nobody_else_is_no_copy():
    module = imported(Does(relu_in_place), X)
    assert [n.op.name for n in module.main.nodes if n.op.name != "core.constant"] == ["core.add", "nn.relu", "core.mul"]
