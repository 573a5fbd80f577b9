"""Writes through views, resolved by the inverses of the views: held against eager PyTorch, without its
functionalization."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

import interlingua
from interlingua.frontends.torch.mutation import Aliases


class Does(nn.Module):
    def __init__(self, function: Callable[[torch.Tensor], object]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: torch.Tensor) -> object:
        return self.function(x)


def windows_numbered(x):
    """The attention mask of shifted windows."""
    m = x.new_zeros((4, 6))
    for number, (rows, columns) in enumerate(
        (r, c) for r in (slice(0, -2), slice(-2, None)) for c in (slice(0, 3), slice(3, None))
    ):
        m[rows, columns] = number
    m = m.view(2, 2, 3, 2).permute(0, 2, 1, 3).reshape(6, 4)
    return m.unsqueeze(1) - m.unsqueeze(2) + x[0, 0]


def overlapping_views(x):
    y = x.clone()
    a, b = y[1:3], y[:, 1]
    a.add_(10)
    b.mul_(3)
    a += 1
    return y, a, b


def turned(x):
    y = x * 1
    t = y.transpose(0, 1)
    t[0] = 5
    t[-1].zero_()
    p = y.permute(1, 0)
    p[2] += 1
    return y, t


def lone_axes(x):
    y = x + 1
    a = y.unsqueeze(0).squeeze(0)
    a[0, 0] = 7
    a[1].copy_(a[0])
    return y


def parts_taken_anew(x):
    y = x + 1
    a, b = y.split(2, 0)
    c, d = y.chunk(2, 1)
    y.add_(1)
    return a * b, c - d


def every_row(x):
    y = x + 1
    y[:, 2] = 0
    y[:][:, -1:] = 3
    return y


CASES = [
    *((f, False) for f in (windows_numbered, overlapping_views, turned, lone_axes, parts_taken_anew, every_row)),
    (every_row, True),
]


@pytest.mark.parametrize(("function", "dynamic"), CASES)
def test_writes_are_resolved(function: Callable[[torch.Tensor], object], dynamic: bool) -> None:
    x = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    shapes = ({0: torch.export.Dim("rows")},) if dynamic else None
    program = torch.export.export(Does(function), (x,), dynamic_shapes=shapes)
    assert Aliases(program.graph_module.graph).entangled == []
    wanted = function(x.clone())
    got = interlingua.evaluate(interlingua.load(program), [x.numpy()])
    for want, found in zip(wanted if isinstance(wanted, tuple) else (wanted,), got.values(), strict=True):
        np.testing.assert_array_equal(found, want.numpy())


def stepped(x):
    y = x + 1
    y[::2] = 0
    return y


def perhaps_a_copy(x):
    y = x + 1
    z = y.reshape(-1)
    y.add_(1)
    return z


@pytest.mark.parametrize("function", [stepped, perhaps_a_copy])
def test_what_is_not_certain_is_left_to_pytorch(function: Callable[[torch.Tensor], object]) -> None:
    x = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    program = torch.export.export(Does(function), (x,))
    assert Aliases(program.graph_module.graph).entangled
    (found,) = interlingua.evaluate(interlingua.load(program), [x.numpy()]).values()
    np.testing.assert_array_equal(found, function(x.clone()).numpy())
