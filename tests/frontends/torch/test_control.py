"""Control flow and blocks that set a mode, held against eager PyTorch."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch._higher_order_ops import map as map_op
from torch._higher_order_ops import scan, while_loop

from interlingua.errors import UnsupportedOps
from support.torch_eager import imported, whole


class Held(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)
        with torch.no_grad():
            self.linear.weight.copy_(whole(3, 3, seed=5))
            self.linear.bias.copy_(whole(3, seed=6))


class Cond(Held):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        def inner(a: torch.Tensor) -> torch.Tensor:
            return torch.cond(a.max() > 10, lambda b: b - 1, lambda b: self.linear(b), (a,))

        return torch.cond(x.sum() > 0, inner, lambda a: a * 2 + self.linear.bias, (x,))


def test_cond_nested_with_parameters_inside():
    positive, negative = whole(2, 3, low=1), -whole(2, 3, low=1)
    imported(Cond(), (positive,), (negative,), (positive * 20,))


class CondOfSize(Held):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cond(x.shape[0] > 3, lambda a: a + 1, lambda a: self.linear(a), (x,))


def test_a_condition_on_a_symbolic_size():
    imported(CondOfSize(), (whole(5, 3),), (whole(2, 3),), shapes=(("rows", None),))


class While(Held):
    def forward(self, x: torch.Tensor, n: torch.Tensor) -> tuple[torch.Tensor, ...]:
        def test(i, carried, total):
            return i < n

        def body(i, carried, total):
            grown = torch.cond(i % 2 == 0, lambda c: c + self.linear.bias, lambda c: c * 2, (carried,))
            return i + 1, grown, total + i

        return while_loop(test, body, (torch.tensor(0), x, torch.tensor(0)))


def test_while_loop_with_a_condition_inside_and_integers_carried():
    imported(While(), (whole(2, 3), torch.tensor(3)), (whole(2, 3), torch.tensor(0)), (whole(2, 3), torch.tensor(4)))


class NestedWhile(nn.Module):
    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        def body(i, y):
            _, z = while_loop(lambda j, z: j < i, lambda j, z: (j + 1, z + x), (torch.tensor(0), y))
            return i + 1, z

        return while_loop(lambda i, y: i < 4, body, (torch.tensor(0), x))


def test_loops_in_loops():
    imported(NestedWhile(), (whole(2, 3),))


class Scan(Held):
    def forward(self, x: torch.Tensor, start: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        def step(carry, row):
            after = carry + self.linear(row)
            return after, after * 2

        return scan(step, start, x)


def test_scan_with_parameters_inside():
    imported(Scan(), (whole(4, 3), whole(3)))


class Map(Held):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return map_op(lambda row: self.linear(row) + 1, x)


def test_map():
    imported(Map(), (whole(4, 3),))


class NoGrad(Held):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            y = self.linear(x)
            with torch.enable_grad():
                y = y + 1
        return y * 2


def test_blocks_that_set_whether_gradients_are_kept():
    imported(NoGrad(), (whole(2, 3),))


class Autocast(Held):
    def __init__(self, enabled: bool) -> None:
        super().__init__()
        self.enabled = enabled

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.enabled):
            return self.linear(x) + 1


def test_autocast_that_is_off_changes_nothing():
    imported(Autocast(False), (whole(2, 3),))


def test_autocast_that_is_on_is_declined():
    with pytest.raises(UnsupportedOps, match="autocast"):
        imported(Autocast(True), (whole(2, 3),))
