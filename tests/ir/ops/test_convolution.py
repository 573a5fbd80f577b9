"""Convolutions against sums written out, layouts, integers, shapes of symbolic inputs, decompositions."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from interlingua.errors import ConstraintError
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.kernels.convolution import conv_output
from interlingua.ir.ops.convolution import Conv, ConvTranspose, Fold
from interlingua.ir.ops.vision import DeformConv
from interlingua.ir.types import Tensor
from support.single import apply, apply_decomposed, close, infer

RNG = np.random.default_rng(0)


def written_out(x, w, strides, pads, dilations, groups):
    """The definition, one output element at a time, in float64."""
    n, each = len(strides), w.shape[0] // groups
    padded = np.pad(x.astype(np.float64), [(0, 0), (0, 0), *zip(pads[:n], pads[n:], strict=True)])
    reach = [(k - 1) * d + 1 for k, d in zip(w.shape[2:], dilations, strict=True)]
    out = [(padded.shape[2 + i] - reach[i]) // strides[i] + 1 for i in range(n)]
    y = np.zeros((x.shape[0], w.shape[0], *out))
    for m, at in itertools.product(range(w.shape[0]), np.ndindex(*out)):
        window = tuple(slice(a * s, a * s + r, d) for a, s, r, d in zip(at, strides, reach, dilations, strict=True))
        first = m // each * w.shape[1]
        part = padded[(slice(None), slice(first, first + w.shape[1]), *window)]
        y[(slice(None), m, *at)] = (part * w[m]).sum(axis=tuple(range(1, x.ndim)))
    return y


CASES = [
    ((2, 4, 7, 6), (6, 4, 3, 2), (1, 1), (0, 0, 0, 0), (1, 1), 1),
    ((2, 4, 7, 6), (6, 2, 3, 2), (2, 1), (1, 0, 2, 1), (1, 2), 2),
    ((1, 4, 7, 6), (8, 1, 3, 3), (1, 2), (1, 1, 1, 1), (2, 1), 4),
    ((1, 3, 9), (5, 3, 4), (2,), (3, 0), (2,), 1),
    ((1, 2, 4, 5, 3), (3, 2, 2, 2, 2), (1, 2, 1), (0, 1, 0, 0, 0, 1), (1, 1, 1), 1),
    ((0, 4, 7, 6), (6, 4, 3, 2), (1, 1), (0, 0, 0, 0), (1, 1), 1),
]


@pytest.mark.parametrize(("x", "w", "strides", "pads", "dilations", "groups"), CASES)
@pytest.mark.parametrize("layout", ["channels_first", "channels_last"])
def test_conv_is_its_definition(x, w, strides, pads, dilations, groups, layout):
    a, b, bias = RNG.standard_normal(x), RNG.standard_normal(w), RNG.standard_normal(w[0])
    want = written_out(a, b, strides, pads, dilations, groups) + bias.reshape(-1, *(1,) * len(strides))
    given = np.moveaxis(a, 1, -1) if layout == "channels_last" else a
    got = apply(Conv(strides, pads, dilations, groups, layout), given, b, bias)
    got = np.moveaxis(got, -1, 1) if layout == "channels_last" else got
    # every element is a sum of at most 64 products of normal numbers
    assert got.shape == want.shape and np.abs(got - want).max(initial=0) <= 1000 * np.finfo(np.float64).eps


def test_integers_accumulate_in_int32():
    x, w = np.full((1, 300, 1), 255, np.uint8), np.full((1, 300, 1), -128, np.int8)
    got = apply(Conv((1,), (0, 0), (1,)), x, w)
    assert got.dtype == np.int32 and got.item() == -128 * 255 * 300


def test_int32_wraps():
    x, w = np.full((1, 2, 1), 2**30, np.int32), np.full((1, 2, 1), 4, np.int32)
    assert apply(Conv((1,), (0, 0), (1,)), x, w).item() == 0


def test_float16_accumulates_in_float32():
    x, w = np.ones((1, 4096, 1), np.float16), np.ones((1, 4096, 1), np.float16)
    x[0, 0] = 2.0
    assert apply(Conv((1,), (0, 0), (1,)), x, w).item() == np.float16(4097)


def test_transposed_is_the_adjoint():
    for x, w, strides, pads, dilations, groups in CASES[:5]:
        data, weight = RNG.standard_normal(x), RNG.standard_normal(w)
        y = apply(Conv(strides, pads, dilations, groups), data, weight)
        back = RNG.standard_normal(y.shape)
        n = len(strides)
        left = tuple(
            (x[2 + i] + pads[i] + pads[n + i] - (w[2 + i] - 1) * dilations[i] - 1) % strides[i] for i in range(n)
        )
        adjoint = apply(ConvTranspose(strides, pads, dilations, left, groups), back, weight)
        assert adjoint.shape == data.shape
        scale = np.abs(y).ravel() @ np.abs(back).ravel()
        assert abs(y.ravel() @ back.ravel() - data.ravel() @ adjoint.ravel()) <= 100 * np.finfo(float).eps * scale


def test_negative_pads_of_the_transposed_make_room():
    x, w, bias = np.ones((1, 1, 2), np.float32), np.ones((1, 1, 2), np.float32), np.full(1, 7, np.float32)
    got = apply(ConvTranspose((3,), (0, -1), (1,), (0,)), x, w, bias)
    assert got.tolist() == [[[8.0, 8.0, 7.0, 8.0, 8.0, 7.0]]]


def test_symbolic_extents():
    h = symbol("H", 8)
    x, w = Tensor(DType.F32, (symbol("N"), 3, h, 16)), Tensor(DType.F32, (8, 3, 3, 3))
    assert str(infer(Conv((2, 2), (1, 1, 1, 1), (1, 1)), x, w)) == "f32[N, 8, floordiv(H + 1, 2), 8]"
    w = Tensor(DType.F32, (3, 8, 2, 2))
    transposed = ConvTranspose((2, 2), (0, 0, 0, 0), (1, 1), (0, 0))
    assert str(infer(transposed, x, w)) == "f32[N, 8, H*2, 32]"


@pytest.mark.parametrize(
    ("x", "w", "groups", "constraint"),
    [((1, 3, 5), (4, 2, 3), 1, "C5"), ((1, 3, 2), (4, 3, 3), 1, "C3"), ((1, 3, 5), (4, 3), 1, "C1")],
)
def test_misfits_are_refused(x, w, groups, constraint):
    with pytest.raises(ConstraintError, match=constraint):
        infer(Conv((1,), (0, 0), (1,), groups), Tensor(DType.F32, x), Tensor(DType.F32, w))


def test_an_infinite_element_stays_where_its_windows_are():
    x = np.zeros((1, 1, 9), np.float32)
    x[0, 0, 4] = np.inf
    got = apply(Conv((1,), (1, 1), (1,)), x, np.ones((1, 1, 3), np.float32))
    assert np.isinf(got).ravel().tolist() == [False] * 3 + [True] * 3 + [False] * 3


def test_deform_conv_without_offsets_is_conv():
    x, w = RNG.standard_normal((2, 4, 6, 5)), RNG.standard_normal((6, 2, 3, 2))
    shape = ((2, 1), (1, 0, 2, 1), (1, 2), 2)
    want = apply(Conv(*shape), x, w)
    offset = np.zeros((2, 2 * 12, *want.shape[2:]))
    op = DeformConv(*shape, offset_groups=2)
    assert close(apply(op, x, w, offset), want, times=64)
    assert close(apply_decomposed(op, x, w, offset), want, times=64)


@pytest.mark.parametrize("known", [True, False])
def test_fold_is_the_adjoint_of_cutting_windows(known):
    op = Fold((2, 1), (1, 0, 0, 1), (1, 2))
    image, block, x = np.array([6, 5]), np.array([2, 3]), RNG.standard_normal((2, 3 * 6, 3 * 2))
    got = apply_decomposed(op, x, image, block, constants=(1, 2)) if known else apply(op, x, image, block)
    data = RNG.standard_normal((2, 3, 6, 5))
    cut = apply(Conv(op.strides, op.pads, op.dilations, 3), data, np.tile(np.eye(6).reshape(6, 1, 2, 3), (3, 1, 1, 1)))
    assert got.shape == data.shape
    assert np.isclose((got * data).sum(), (x.reshape(cut.shape) * cut).sum())


@pytest.mark.parametrize("image", [[6, 5, 4], [2, 3, 2], [1, 3, 2]])
def test_fold_decomposes_for_extents_that_only_the_run_knows(image):
    op, block = Fold((2, 1, 3), (1, 0, 1, 0, 1, 0), (1, 2, 1)), np.array([2, 2, 3])
    counts = conv_output(tuple(image), tuple(block.tolist()), op.strides, op.pads, op.dilations)
    x = RNG.standard_normal((2, 3 * 12, math.prod(counts)))
    want = apply(op, x, np.array(image), block)
    for known in ((), (1,), (2,)):
        got = apply_decomposed(op, x, np.array(image), block, constants=known, dynamic=not known)
        assert got.shape == want.shape == (2, 3, *image) and close(got, want, times=8)
