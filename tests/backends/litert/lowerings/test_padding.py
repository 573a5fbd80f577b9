"""Pads in LiteRT: every mode, of known and of run-time amounts, longer than the axis, and negative."""

from __future__ import annotations

import numpy as np
import pytest

from interlingua.ir.dims import symbol
from interlingua.ir.ops.shape import Pad
from support.litert import computed
from support.on_litert import in_litert
from support.single import apply

AMOUNTS = {
    "short": [0, 1, 2, 0, 2, 1],
    "longer than the axis": [3, 7, 0, 5, 0, 9],
    "cropping": [-1, 2, 0, 0, -3, 0],
    "cropping at one end what the other repeats": [2, -2, 1, -1, 4, -2],
    "none": [0] * 6,
}
DTYPES = [np.float32, np.float16, np.int64, np.uint8, np.bool_]


@pytest.mark.parametrize("constant", [True, False])
@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "wrap"])
@pytest.mark.parametrize("name", AMOUNTS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_pads(name, mode, constant, dtype):
    x = (np.arange(24) % 7).astype(dtype).reshape(2, 3, 4)
    amounts = np.array(AMOUNTS[name])
    due = apply(Pad(mode), x, amounts)
    for (found,) in in_litert(Pad(mode), x, amounts, constants=(1,) if constant else ()):
        assert found.dtype == due.dtype
        np.testing.assert_array_equal(found, due)


@pytest.mark.parametrize("amounts", [[-3, 0, 2, 1], [2, 1, -4, 0], [-2, -1, 0, 4]])
def test_what_is_cropped_may_have_been_put_in(amounts):
    x, amounts = np.arange(6, dtype=np.float32).reshape(2, 3), np.array(amounts)
    due = apply(Pad(), x, amounts)
    open_ = {0: (symbol("n"), symbol("m"))}
    fixed = computed(lambda b, x: b(Pad(), x, b.constant(amounts)), x, shapes=open_)
    fed = computed(lambda b, x, amounts: b(Pad(), x, amounts), x, amounts, shapes=open_)
    for found in (fixed, fed):
        assert found.shape == due.shape
        np.testing.assert_array_equal(found, due)


@pytest.mark.parametrize("constant", [(1, 2), (1,), ()])
def test_a_value(constant):
    x, amounts, value = np.arange(6, dtype=np.int64).reshape(2, 3), np.array([1, -1, 0, 2]), np.array(-(2**40))
    due = apply(Pad(), x, amounts, value)
    for (found,) in in_litert(Pad(), x, amounts, value, constants=constant):
        np.testing.assert_array_equal(found, due)
