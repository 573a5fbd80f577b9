"""Tensors made of shapes and numbers, and conversions of element types."""

from __future__ import annotations

import pytest
import torch

import interlingua
from support.torch_models import INF, NAN, Row, Table, declined, row

X = torch.tensor([[1.5, -2.0, 0.0], [NAN, 3.0, -0.0]])
ONE = torch.tensor([1.0])


def made(function: object) -> Row:
    """Of nothing: what is made comes beside an input that it has nothing to do with."""
    return row(lambda x: [function(), x], ONE)  # type: ignore[operator]


TABLE = Table(
    {
        "zeros": made(lambda: torch.zeros(2, 3)),
        "ones(int)": made(lambda: torch.ones(2, dtype=torch.int32)),
        "full": made(lambda: torch.full((2, 2), 2.5)),
        "full(int)": made(lambda: torch.full((2,), 7)),
        "full(bool)": made(lambda: torch.full((), True)),
        "full(half)": made(lambda: torch.full((1,), 0.1, dtype=torch.float16)),
        "scalar_tensor": made(lambda: torch.scalar_tensor(3, dtype=torch.int64)),
        "arange": made(lambda: torch.arange(5)),
        "arange(start)": made(lambda: torch.arange(2, 5)),
        "arange(negative step)": made(lambda: torch.arange(5, -2, -3)),
        "arange(floats)": made(lambda: torch.arange(0.0, 1.0, 0.1)),
        "arange(int64 of floats)": made(lambda: torch.arange(0, 2.5, dtype=torch.int64)),
        "arange(int32 of floats)": made(lambda: torch.arange(0, 2.5, dtype=torch.int32)),
        "arange(float32 of ints)": made(lambda: torch.arange(3, dtype=torch.float32)),
        "arange(nothing)": made(lambda: torch.arange(0)),
        "linspace": made(lambda: torch.linspace(-1, 2, 7)),
        "linspace(rounded)": made(lambda: torch.linspace(-4.9, 3.7, 50)),
        "linspace(half)": made(lambda: torch.linspace(0.1, 0.7, 31, dtype=torch.float16)),
        "linspace(nothing)": made(lambda: torch.linspace(1, 2, 0)),
        "linspace(one)": made(lambda: torch.linspace(3, 9, 1)),
        "linspace(int)": made(lambda: torch.linspace(0, 10, 7, dtype=torch.int64)),
        "logspace": made(lambda: torch.logspace(0, 2, 5)),
        "eye": made(lambda: torch.eye(3)),
        "eye(int)": made(lambda: torch.eye(2, 4, dtype=torch.int64)),
        "tril_indices": made(lambda: torch.tril_indices(3, 4, 1)),
        "triu_indices": made(lambda: torch.triu_indices(4, 3, -1, dtype=torch.int32)),
        "hann_window": made(lambda: torch.hann_window(6)),
        "hamming_window": made(lambda: torch.hamming_window(5, periodic=False)),
        "kaiser_window": made(lambda: torch.kaiser_window(5, True, 9.0)),
        "meshgrid": row(lambda x, y: torch.meshgrid(x, y, indexing="ij"), [1, 2, 3], [4, 5]),
        "meshgrid(xy)": row(lambda x, y, z: torch.meshgrid(x, y, z, indexing="xy"), [1, 2, 3], [4, 5], 6),
        "zeros_like": row(torch.zeros_like, X),
        "ones_like(dtype)": row(lambda x: torch.ones_like(x, dtype=torch.int64), X),
        "full_like": row(lambda x: torch.full_like(x, 3), X),
        "new_full": row(lambda x: x.new_full((2,), 0.5), X),
        "new_zeros": row(lambda x: x.new_zeros(x.shape[0], 4), X),
        "new_tensor of a float": row(lambda x: x.new_ones(2, dtype=torch.float64), X),
        "fill": row(lambda x: torch.fill(x, 7), X),
        "fill_(tensor)": row(lambda x: x.clone().fill_(torch.tensor(2)), X),
        "zero_": row(lambda x: x.clone().zero_(), X),
        "copy_": row(lambda x, y: x.clone().copy_(y), X, [1, 2, 3]),
        "empty(nothing)": row(lambda x: torch.empty(0, x.shape[0], dtype=torch.int64), X),
        "empty, filled": row(lambda x: torch.empty_like(x).fill_(1.0), X),
        "empty, copied": row(lambda x: x.new_empty(2, 3).copy_(x), X),
        "tril": row(torch.tril, X),
        "triu(k)": row(lambda x: torch.triu(x, 1), X),
        "tril of bools": row(lambda x: torch.tril(x, -1), [[True, True], [True, True]]),
        "tril of a batch": row(lambda x: torch.tril(x, 1), torch.rand(2, 3, 4)),
    }
)

CONVERTED = Table(
    {
        "float to int": row(lambda x: x.to(torch.int32), [1.9, -1.9, 0.0]),
        "int to float": row(lambda x: x.float(), [(1 << 24) + 1, -3]),
        "float to bool": row(lambda x: x.bool(), [0.0, -0.0, NAN, 0.5, INF]),
        "bool to float": row(lambda x: x.double(), [True, False]),
        "int64 to int8": row(lambda x: x.to(torch.int8), [300, -129, 5]),
        "double to float": row(lambda x: x.float(), torch.tensor([0.1, 1e300], dtype=torch.float64)),
        "float to half": row(lambda x: x.half(), [0.1, 70000.0]),
        "float to bfloat16": row(lambda x: x.bfloat16().float(), [0.1, 1.00390625]),
        "type_as": row(lambda x, y: x.type_as(y), [1.5], [1]),
        "to(other)": row(lambda x, y: x.to(y), [1], [1.5]),
        "view(int32)": row(lambda x: x.view(torch.int32), X),
        "view(same)": row(lambda x: x.view(torch.float32) + 1, X),
    }
)

MORE = torch.rand(4, 5)
SYMBOLIC = Table(
    {
        "zeros": row(lambda x: torch.zeros(x.shape[0], 2), X, again=(MORE,)),
        "full(size)": row(lambda x: torch.full((2,), x.shape[1]), X, again=(MORE,)),
        "arange": row(lambda x: torch.arange(x.shape[0], device=x.device), X, again=(MORE,)),
        "arange(float32)": row(lambda x: torch.arange(1, x.shape[1], dtype=torch.float32), X, again=(MORE,)),
        "arange(step)": row(lambda x: torch.arange(0, x.shape[1] * 3, 2), X, again=(MORE,)),
        "eye": row(lambda x: torch.eye(x.shape[0], x.shape[1]), X, again=(MORE,)),
        "tril": row(lambda x: torch.tril(torch.ones(x.shape[0], x.shape[0])), X, again=(MORE,)),
        "ones_like": row(torch.ones_like, X, again=(MORE,)),
        "meshgrid": row(lambda x, y: torch.meshgrid(x, y, indexing="xy"), [1, 2], [3, 4, 5], again=([1, 2, 3], [4, 5])),
        "fill_": row(lambda x: torch.empty(x.shape[0]).fill_(2.0), X, again=(MORE,)),
    }
)


@pytest.mark.parametrize("name", TABLE.rows)
def test_source(name: str) -> None:
    TABLE.hold(name)


@pytest.mark.parametrize("name", CONVERTED.rows)
def test_conversion(name: str) -> None:
    CONVERTED.hold(name)


@pytest.mark.parametrize("name", SYMBOLIC.rows)
def test_of_symbolic_sizes(name: str) -> None:
    SYMBOLIC.hold(name)


def test_what_nobody_has_set_is_not_read() -> None:
    assert "nobody has set" in declined(lambda x: torch.empty(3) + x, [1.0, 2.0, 3.0])


def test_what_nobody_has_set_is_no_output() -> None:
    assert "nobody has set" in declined(lambda x: [x, torch.empty(3)], [1.0])


def test_another_width_is_declined() -> None:
    assert "another width" in declined(lambda x: x.view(torch.int16), [1.0])


def test_what_is_drawn_is_an_effect() -> None:
    class Noise(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x + torch.randn_like(x) + torch.rand(3)

    module = interlingua.load(Noise(), example_inputs=(torch.zeros(3),))
    drawn = [node.op.name for node in module.walk() if "random" in node.op.effects]
    assert drawn == ["core.random_normal", "core.random_uniform"]
