"""Normalisations: values from the definition, narrow floats, zero norms, decompositions."""

from __future__ import annotations

import numpy as np
import pytest

from interlingua.errors import ConstraintError
from interlingua.ir.ops.norm import (
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    LpNorm,
    Lrn,
    MeanVarianceNorm,
    RmsNorm,
)
from support.single import apply, apply_decomposed, close, f32, infer

RNG = np.random.default_rng(0)
X = RNG.standard_normal((2, 6, 4, 5)).astype(np.float32) * 3 + 1
C = [RNG.standard_normal(6).astype(np.float32) for _ in range(3)]
V = np.abs(RNG.standard_normal(6)).astype(np.float32)
T = [RNG.standard_normal((4, 5)).astype(np.float32) for _ in range(2)]

CASES = [
    (BatchNorm(1e-3), (X, *C, V)),
    (BatchNorm(1e-3, axis=-1), (np.moveaxis(X, 1, -1), *C, V)),
    (LayerNorm(axis=2), (X, *T)),
    (LayerNorm(axis=-1), (X, T[0][0])),
    (LayerNorm(axis=0), (X, None, T[0])),
    (RmsNorm(axis=2), (X, T[0])),
    (RmsNorm(), (X,)),
    (InstanceNorm(), (X, *C[:2])),
    (GroupNorm(3), (X, *C[:2])),
    (GroupNorm(6), (X,)),
    (LpNorm(axis=1), (X,)),
    (LpNorm(p=1), (X,)),
    (Lrn(3, 0.5, 0.75, 2.0), (X,)),
    (Lrn(4, 0.5), (X,)),
    (MeanVarianceNorm(), (X,)),
    (MeanVarianceNorm((-1, 0)), (X,)),
]


@pytest.mark.parametrize(("op", "arrays"), CASES)
@pytest.mark.parametrize("dynamic", [False, True])
def test_decompositions(op, arrays, dynamic):
    assert close(apply_decomposed(op, *arrays, dynamic=dynamic), apply(op, *arrays), times=64)


@pytest.mark.parametrize(("op", "arrays"), CASES)
@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_dtypes_stay(op, arrays, dtype):
    given = [None if a is None else a.astype(dtype) for a in arrays]
    want = apply(op, *(None if a is None else a.astype(np.float64) for a in given))
    got = apply(op, *given)
    assert got.dtype == dtype and close(got, want, times=2)


def test_definition():
    want = (X - X.mean((2, 3), keepdims=True, dtype=float)) / np.sqrt(
        X.var((2, 3), keepdims=True, dtype=float) + 1e-5
    )
    assert close(apply(InstanceNorm(), X), want, times=64)
    assert close(apply(GroupNorm(6), X), want, times=64)
    assert close(apply(LayerNorm(axis=2), X), want, times=64)


def test_a_zero_vector_stays_zero():
    x = np.array([[0.0, 0.0], [3.0, 4.0]], np.float32)
    for run in (apply, apply_decomposed):
        assert run(LpNorm(), x).tolist() == [[0, 0], [np.float32(0.6), np.float32(0.8)]]


def test_float16_squares_do_not_overflow():
    x = np.full((1, 4), 1000, np.float16)
    for run in (apply, apply_decomposed):
        assert run(RmsNorm(), x).tolist() == [[1, 1, 1, 1]]
        assert run(LpNorm(), x).tolist() == [[0.5] * 4]


def test_window_of_even_size_reaches_further_back_than_forth():
    x = np.array([1.0, 0, 0, 0], np.float32).reshape(1, 4, 1)
    # window [c - 1//2, c + 2//2] = [c, c + 1]: channel 0 alone sees channel 0
    got = apply(Lrn(2, 2.0, 1.0, 1.0), x).ravel()
    assert got.tolist() == [0.5, 0, 0, 0]


@pytest.mark.parametrize(
    ("op", "types", "constraint"),
    [
        (BatchNorm(), [f32(2, 3, 4), *[f32(4)] * 4], "C2"),
        (LayerNorm(axis=3), [f32(2, 3, 4)], "outside"),
        (LayerNorm(), [f32(2, 3, 4), f32(3)], "broadcast"),
        (GroupNorm(2), [f32(2, 3, 4)], "C3"),
        (InstanceNorm(), [f32(2, 3)], "C3"),
    ],
)
def test_misfits_are_refused(op, types, constraint):
    with pytest.raises(ConstraintError, match=constraint):
        infer(op, *types)
