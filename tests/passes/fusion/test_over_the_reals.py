"""Linear ops among affine steps, drawn at random in float64: what was folded computes the same to its last digits.

In float64 nothing but rounding is left between two modules that are equal over the reals, so a channel, a group or a
sign mixed up shows whatever the values are.
"""

from __future__ import annotations

import numpy as np
import pytest

import interlingua
from interlingua.ir.builder import Builder
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port, Value
from interlingua.ir.op import Op
from interlingua.ir.ops.binary import Add, Div, Mul, Sub
from interlingua.ir.ops.contraction import Gemm, MatMul
from interlingua.ir.ops.convolution import Conv, ConvTranspose, Layout
from interlingua.ir.ops.norm import BatchNorm
from interlingua.ir.ops.unary import Neg
from interlingua.ir.types import Tensor
from interlingua.ir.verify import verify_module

SEEDS = range(300)
LOST = 1e-11
"""Of the largest output: a few thousand roundings of float64, which sums that cancel make of its 2⁻⁵³."""


class _Drawn:
    """A module of one linear op with steps before and after it, and inputs for it."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.channels = 4
        self.layout: Layout = "channels_last" if self.integer(0, 2) == 0 else "channels_first"

    def integer(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high + 1))

    def array(self, *shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return self.rng.uniform(0.5, 2.0, shape) * self.rng.choice([-1.0, 1.0], shape)

    def module(self) -> Module:
        rank = self.integer(2, 4)
        x = self.shape(rank)
        graph = Graph("main")
        b = Builder(graph)
        dims = [symbol("n"), *x[1:]]
        value = b.input(Tensor(DType.F64, tuple(dims)), "x")
        for _ in range(self.integer(0, 3)):
            value = self.step(b, value)
        value = self.linear(b, value)
        for _ in range(self.integer(0, 4)):
            value = self.step(b, value)
        b.outputs([value], ["y"])
        self.inputs = {"x": self.array(3, *x[1:])}
        ports = [Port("x", tuple(None for _ in x))], [Port("y", None)]
        module = Module({"main": graph}, *ports)
        verify_module(module)
        return module

    def shape(self, rank: int) -> tuple[int, ...]:
        return (3, *(self.channels for _ in range(rank - 1)))

    def step(self, b: Builder, x: Value) -> Value:
        """One of the steps, mostly along some axis: often not the right one, all extents being alike."""
        rank = x.tensor.rank
        axis = self.integer(1, rank - 1)
        extent = x.tensor.dims[axis]
        assert isinstance(extent, int)
        kind = self.integer(0, 6)
        if kind == 6:
            return b(Neg(), x)
        if kind == 5:
            scale, bias, mean = (b.constant(self.array(extent)) for _ in range(3))
            return b(BatchNorm(axis=axis), x, scale, bias, mean, b.constant(np.abs(self.array(extent))))
        form: tuple[int, ...] = tuple(extent if i == axis else 1 for i in range(rank))
        c = b.constant(self.array(*(form if self.integer(0, 3) else ())))
        op: Op = (Add(), Sub(), Mul(), Div(), Sub())[kind]
        return b(op, c, x) if kind == 4 or (kind == 2 and self.integer(0, 1)) else b(op, x, c)

    def linear(self, b: Builder, x: Value) -> Value:
        if x.tensor.rank == 2:
            return self.product(b, x) if self.integer(0, 1) else self.gemm(b, x)
        return self.convolution(b, x) if self.integer(0, 2) else self.product(b, x)

    def product(self, b: Builder, x: Value) -> Value:
        left = x.tensor.rank > 2 and bool(self.integer(0, 1))
        w = b.constant(self.array(self.channels, self.channels))
        return b(MatMul(), w, x) if left else b(MatMul(), x, w)

    def gemm(self, b: Builder, x: Value) -> Value:
        w = b.constant(self.array(self.channels, self.channels))
        forms: tuple[tuple[int, ...], ...] = ((self.channels,), (1, self.channels), (), (1, 1))
        c = None if self.integer(0, 1) else b.constant(self.array(*forms[self.integer(0, 3)]))
        op = Gemm(float(self.array()), float(self.array()), False, bool(self.integer(0, 1)))
        return b(op, x, w, c)

    def convolution(self, b: Builder, x: Value) -> Value:
        n, groups = x.tensor.rank - 2, self.integer(1, 3) // 2 + 1
        bias = b.constant(self.array(self.channels)) if self.integer(0, 1) else None
        w = b.constant(self.array(self.channels, self.channels // groups, *(2 for _ in range(n))))
        pads = tuple(self.integer(0, 1) if self.pads else 0 for _ in range(2 * n))
        ones = (1,) * n
        if self.integer(0, 1):
            return b(ConvTranspose(ones, pads, ones, (0,) * n, groups, self.layout), x, w, bias)
        return b(Conv(ones, pads, ones, groups, self.layout), x, w, bias)

    @property
    def pads(self) -> bool:
        return bool(self.integer(0, 1))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_folded_is_equal(seed: int) -> None:
    drawn = _Drawn(seed)
    before = drawn.module()
    after = interlingua.optimize(before, "fold")
    wanted, found = (interlingua.evaluate(m, drawn.inputs)["y"] for m in (before, after))
    assert found.shape == wanted.shape
    assert np.max(np.abs(found - wanted)) <= LOST * np.max(np.abs(wanted))
    assert after.main.length <= before.main.length


def test_much_of_it_is_folded() -> None:
    """The cases above say something: in most of them nodes went away."""
    counts = [(m.main.length, interlingua.optimize(m, ["fold", "minimal"]).main.length) for m in map(_made, SEEDS)]
    assert sum(after < before for before, after in counts) > 0.7 * len(counts)


def _made(seed: int) -> Module:
    return _Drawn(seed).module()
