"""Transposed and integer convolutions in LiteRT, against the definition; on whole numbers, where all sums are exact."""

from __future__ import annotations

import numpy as np
import pytest

from interlingua.ir.ops.convolution import Conv, ConvTranspose
from support.on_litert import in_litert
from support.single import apply

CASES = {
    # op, data, weights, whether there is a bias
    "one axis": (ConvTranspose((2,), (0, 0), (1,), (0,)), (2, 3, 4), (3, 2, 3), True),
    "same": (ConvTranspose((2, 2), (1, 1, 1, 1), (1, 1), (0, 0)), (1, 3, 4, 5), (3, 2, 4, 4), True),
    "pads cut": (ConvTranspose((2, 3), (0, 1, 1, 0), (1, 1), (0, 0)), (2, 2, 3, 3), (2, 3, 3, 2), True),
    "room beyond the kernel": (ConvTranspose((3, 1), (0, 0, 0, 0), (1, 1), (2, 0)), (1, 2, 3, 3), (2, 2, 1, 2), True),
    "negative pads": (ConvTranspose((1, 1), (-1, -2, -1, 0), (1, 1), (0, 0)), (1, 2, 2, 2), (2, 2, 2, 2), True),
    "dilated": (ConvTranspose((2, 1), (1, 0, 0, 2), (2, 3), (1, 0)), (1, 2, 4, 4), (2, 3, 3, 2), False),
    "in groups": (ConvTranspose((2, 2), (0, 0, 0, 0), (1, 1), (1, 1), 2), (1, 4, 3, 3), (4, 3, 2, 2), True),
    "depthwise": (ConvTranspose((2, 2), (1, 1, 1, 1), (1, 1), (0, 0), 3), (2, 3, 3, 4), (3, 1, 4, 4), False),
    "volumes": (ConvTranspose((2, 1, 2), (0, 1, 0, 0, 0, 1), (1, 1, 1), (0, 0, 0)), (1, 2, 2, 3, 2), (2, 2, 2, 3, 2),
                True),
    "volumes in groups": (ConvTranspose((1, 2, 1), (0,) * 6, (1, 1, 2), (0, 1, 0), 2), (1, 4, 2, 2, 2),
                          (4, 1, 2, 2, 2), True),
    "channels last": (ConvTranspose((2, 2), (1, 0, 0, 1), (1, 1), (0, 0), 1, "channels_last"), (1, 3, 4, 2),
                      (2, 3, 3, 3), True),
    "a grouped convolution of volumes": (Conv((1, 1, 1), (1,) * 6, (1, 2, 1), 2), (1, 4, 3, 4, 3), (6, 2, 2, 2, 2),
                                         True),
}  # fmt: skip


def operands(name, dtypes):
    op, data, weights, biased = CASES[name]
    rng = np.random.default_rng(0)
    x, w = (rng.integers(-5, 6, s).astype(t) for s, t in zip((data, weights), dtypes, strict=True))
    outputs = weights[0] if isinstance(op, Conv) else weights[1] * op.groups
    bias = rng.integers(-9, 9, outputs).astype(dtypes[0] if dtypes[0] == np.float32 else np.int32)
    return op, (x, w, bias) if biased else (x, w)


@pytest.mark.parametrize("constant", [True, False])
@pytest.mark.parametrize("name", CASES)
def test_floats(name, constant):
    op, given = operands(name, (np.float32, np.float32))
    due = apply(op, *given)
    for (found,) in in_litert(op, *given, constants=tuple(range(1, len(given))) if constant else ()):
        np.testing.assert_array_equal(found, due)


@pytest.mark.parametrize("name", CASES)
def test_integers_accumulate_in_int32(name):
    op, given = operands(name, (np.int8, np.int16))
    due = apply(op, *given)
    for (found,) in in_litert(op, *given, constants=(1,)):
        assert found.dtype == np.int32
        np.testing.assert_array_equal(found, due)


def test_integer_products_are_not_rounded():
    x, w = np.full((1, 64, 3, 3), -32768, np.int16), np.full((1, 64, 2, 2), 32767, np.int16)
    w[0, 0, 0, 0] = 1
    op = Conv((1, 1), (0, 0, 0, 0), (1, 1))
    due = apply(op, x, w)
    for (found,) in in_litert(op, x, w, constants=(1,)):
        np.testing.assert_array_equal(found, due)
