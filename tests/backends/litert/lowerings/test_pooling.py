"""Pools that LiteRT has no kernel for: dilated, of one axis or three; NaN, infinities and empty windows."""

from __future__ import annotations

import numpy as np
import pytest

from interlingua.ir.ops.pooling import AvgPool, MaxPool
from support.on_litert import in_litert
from support.single import apply

WINDOWS = {
    "dilated": (((2, 3), (1, 2), (0, 1, 1, 0), (2, 1)), (2, 2, 5, 6)),
    "dilated, rounded up": (((2, 2), (2, 3), (1, 0, 0, 1), (3, 2), True), (1, 3, 8, 7)),
    "one axis, dilated": (((3,), (2,), (1, 1), (2,)), (2, 2, 9)),
    "volumes": (((2, 1, 3), (1, 2, 2), (0, 0, 1, 1, 0, 1), (1, 1, 1)), (1, 2, 4, 3, 5)),
    "volumes, rounded up": (((2, 2, 2), (2, 2, 2), (0,) * 6, (1, 1, 1), True), (1, 2, 3, 5, 3)),
}


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize("dtype", [np.float32, np.int8, np.int32, np.float16])
def test_maxima(name, dtype):
    attributes, shape = WINDOWS[name]
    x = np.random.default_rng(0).integers(-100, 100, shape).astype(dtype)
    for (found,) in in_litert(MaxPool(*attributes), x):
        np.testing.assert_array_equal(found, apply(MaxPool(*attributes), x))


@pytest.mark.parametrize("name", WINDOWS)
def test_what_is_no_number_comes_through(name):
    attributes, shape = WINDOWS[name]
    rng = np.random.default_rng(1)
    x = rng.standard_normal(shape).astype(np.float32)
    x.ravel()[rng.permutation(x.size)[: x.size // 5]] = rng.choice([np.nan, np.inf, -np.inf], x.size // 5)
    for op in (MaxPool(*attributes), AvgPool(*attributes)):
        (found,) = in_litert(op, x)[0]
        np.testing.assert_allclose(found, apply(op, x), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("padding_counts", [True, False])
@pytest.mark.parametrize("layout", ["channels_first", "channels_last"])
@pytest.mark.parametrize("name", WINDOWS)
def test_means(name, layout, padding_counts):
    (*windows,), shape = WINDOWS[name]
    ceil = windows[4] if len(windows) == 5 else False
    op = AvgPool(*windows[:4], ceil, padding_counts, layout)
    x = np.random.default_rng(2).integers(-8, 9, shape).astype(np.float32)
    x = x if layout == "channels_first" else np.moveaxis(x, 1, -1).copy()
    for (found,) in in_litert(op, x):
        np.testing.assert_allclose(found, apply(op, x), rtol=2.0**-22)


def test_a_window_in_the_padding_has_the_least_maximum_and_no_mean():
    windows = (1, 1), (1, 1), (1, 0, 0, 1), (2, 1)
    x = np.ones((1, 1, 2, 2), np.float32)
    for (found,) in in_litert(AvgPool(*windows), x):
        assert np.isnan(found[0, 0, 0]).all()
        assert (found[0, 0, 1:, :2] == 1).all()
    (found,) = in_litert(MaxPool(*windows), x)[0]
    assert (found[0, 0, 0] == -np.inf).all()
