"""Sampling and boxes: values by hand, and decompositions."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from interlingua.ir.ops.detection import MaxRoiPool, Nms, RoiAlign
from interlingua.ir.ops.vision import AffineGrid, GridSample
from support.single import apply, apply_decomposed, close

RNG = np.random.default_rng(0)
X = RNG.standard_normal((2, 3, 4, 5)).astype(np.float32)
GRIDS = list(
    itertools.product(("nearest", "linear", "cubic"), ("zeros", "border", "reflection"), (False, True))
)


@pytest.mark.parametrize(("mode", "padding", "corners"), GRIDS)
@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (1, 2, 3, 2, 4)])
def test_grid_samples(mode, padding, corners, shape):
    op = GridSample(mode, padding, corners)
    x = RNG.standard_normal(shape)
    n = len(shape) - 2
    grid = RNG.uniform(-2, 2, (shape[0], *(3, 2, 2)[:n], n))
    want = apply(op, x, grid)
    assert want.shape == (*shape[:2], *(3, 2, 2)[:n])
    assert close(apply_decomposed(op, x, grid), want, times=64)


@pytest.mark.parametrize("corners", [False, True])
def test_the_identity_grid_samples_the_input(corners):
    theta = np.tile(np.array([[1.0, 0, 0], [0, 1, 0]], np.float32), (2, 1, 1))
    size = np.array(X.shape)
    grid = apply(AffineGrid(corners), theta, size)
    assert close(apply_decomposed(AffineGrid(corners), theta, size, constants=(1,)), grid, times=8)
    assert close(apply(GridSample("linear", "border", corners), X, grid), X, times=64)


def test_affine_grid_over_three_axes():
    theta, size = RNG.standard_normal((2, 3, 4)).astype(np.float32), np.array([2, 1, 3, 1, 4])
    for corners in (False, True):
        op = AffineGrid(corners)
        assert close(apply_decomposed(op, theta, size, constants=(1,)), apply(op, theta, size), times=16)


@pytest.mark.parametrize("mode", ["avg", "max"])
@pytest.mark.parametrize("half", [False, True])
def test_roi_align(mode, half):
    boxes = np.array([[0, 0, 3, 2], [1, -1, 9, 9], [2, 2, 2, 2], [-3, -3, -2, -2]], np.float32)
    batch = np.array([0, 1, 1, 0])
    op = RoiAlign(2, 3, 2, 0.5, mode, half)
    assert close(apply_decomposed(op, X, boxes, batch), apply(op, X, boxes, batch), times=64)


def test_a_box_over_equal_elements_averages_to_them():
    x = np.full((1, 1, 6, 6), 3, np.float32)
    got = apply(RoiAlign(2, 2), x, np.array([[1, 1, 5, 4]], np.float32), np.array([0]))
    assert got.ravel().tolist() == [3] * 4


def test_max_roi_pool():
    boxes = np.array([[0, 0, 0, 4, 3], [1, 1, 1, 2, 2], [1, 6, 6, 8, 8]], np.float32)
    op = MaxRoiPool(2, 2)
    got = apply(op, X, boxes)
    assert got[0, 0, 0, 0] == X[0, 0, :2, :3].max() and not got[2].any()
    assert np.array_equal(apply_decomposed(op, X, boxes), got)


BOXES = np.array(
    [[[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 10, 1, 11], [1, 11.1, 0, 10.1], [5, 5, 5, 5]]], np.float32
)
SCORES = np.array([[[0.9, 0.95, 0.5, 0.5, 0.1], [0.1, 0.1, 0.1, 0.1, 0.1]]], np.float32)


@pytest.mark.parametrize(
    ("limit", "threshold", "least", "want"),
    [
        (5, 0.5, 0.2, [[0, 0, 1], [0, 0, 2]]),
        (1, 0.5, 0.0, [[0, 0, 1], [0, 1, 0]]),
        (9, 1.0, 0.4, [[0, 0, 1], [0, 0, 0], [0, 0, 2], [0, 0, 3]]),
        (0, 0.5, 0.0, []),
        (3, 0.5, 2.0, []),
    ],
)
def test_suppression(limit, threshold, least, want):
    given = (BOXES, SCORES, np.array(limit), np.float32(threshold), np.float32(least))
    for run in (apply, apply_decomposed):
        assert run(Nms(), *given).tolist() == want


def test_suppression_of_centred_boxes():
    centred = np.concatenate(
        [(BOXES[..., :2] + BOXES[..., 2:]) / 2, np.abs(BOXES[..., 2:] - BOXES[..., :2])], axis=-1
    )
    given = (SCORES, np.array(5), np.float32(0.5), np.float32(0.2))
    assert np.array_equal(apply(Nms(center=True), centred, *given), apply(Nms(), BOXES, *given))


def test_without_a_limit_nothing_is_kept():
    assert apply(Nms(), BOXES, SCORES).shape == (0, 3)
