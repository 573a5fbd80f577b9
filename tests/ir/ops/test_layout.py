"""Composites that move elements about, whole and decomposed."""

from __future__ import annotations

import numpy as np
import pytest

from interlingua.errors import ConstraintError
from interlingua.ir.dims import symbol
from interlingua.ir.ops import blocks, layout
from support.single import apply, apply_decomposed, f32, infer, shape_vector

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
IMAGE = np.arange(2 * 8 * 4 * 6, dtype=np.float32).reshape(2, 8, 4, 6)

CASES = {
    "expand_dims": (layout.ExpandDims(axes=(0, -1)), (X,)),
    "squeeze": (layout.Squeeze(axes=(-2,)), (X[:, :1],)),
    "squeeze to a scalar": (layout.Squeeze(axes=(0,)), (X[0, 0, :1],)),
    "stack": (layout.Stack(axis=-2), (X, X + 1)),
    "split evenly": (layout.Split(axis=2, parts=2), (X,)),
    "split with a rest": (layout.Split(axis=-1, parts=3), (X,)),
    "split with nothing left": (
        layout.Split(axis=0, parts=4),
        (X[0, :, :3].T.copy()[:, :1].repeat(2, 0)[:5],),
    ),
    "split by sizes": (layout.Split(axis=1, parts=3), (X, np.array([1, 0, 2]))),
    "tile": (layout.Tile(), (X, np.array([2, 1, 3]))),
    "tile nothing": (layout.Tile(), (X, np.array([0, 1, 1]))),
    "flatten": (layout.Flatten(axis=2), (X,)),
    "flatten to a row": (layout.Flatten(axis=0), (X,)),
    "depth_to_space": (blocks.DepthToSpace(block=2), (IMAGE,)),
    "depth_to_space crd": (blocks.DepthToSpace(block=2, mode="crd"), (IMAGE,)),
    "space_to_depth": (blocks.SpaceToDepth(block=2), (IMAGE,)),
    "space_to_depth crd": (blocks.SpaceToDepth(block=2, mode="crd"), (IMAGE,)),
    "crop and pad": (blocks.CenterCropPad(axes=(0, -1)), (X, np.array([5, 1]))),
    "crop odd, pad odd": (blocks.CenterCropPad(axes=(-1, 1)), (X, np.array([1, 6]))),
}


@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_decompositions_move_the_same_elements(name, dynamic):
    op, operands = CASES[name]
    whole, parts = apply(op, *operands), apply_decomposed(op, *operands, dynamic=dynamic)
    for p, q in zip(*((v if isinstance(v, tuple) else (v,)) for v in (whole, parts)), strict=True):
        assert p.shape == q.shape and np.array_equal(p, q)


def test_depth_and_space_undo_each_other():
    for mode in ("dcr", "crd"):
        there = apply(blocks.DepthToSpace(block=2, mode=mode), IMAGE)
        assert np.array_equal(apply(blocks.SpaceToDepth(block=2, mode=mode), there), IMAGE)


def test_channel_order_of_depth_to_space():
    x = np.arange(8, dtype=np.float32).reshape(1, 8, 1, 1)
    assert apply(blocks.DepthToSpace(block=2), x)[0, 0].tolist() == [[0, 2], [4, 6]]
    assert apply(blocks.DepthToSpace(block=2, mode="crd"), x)[0, 0].tolist() == [[0, 1], [2, 3]]


def test_an_odd_crop_starts_early_and_an_odd_pad_ends_late():
    x = np.arange(1, 5, dtype=np.float32)
    assert apply(blocks.CenterCropPad(axes=(0,)), x, np.array([1])).tolist() == [2]
    assert apply(blocks.CenterCropPad(axes=(0,)), x, np.array([5])).tolist() == [1, 2, 3, 4, 0]


def test_splits_know_symbolic_sizes():
    n = symbol("n")
    assert [t.dims[0] for t in infer(layout.Split(0, 2), f32(n * 2))] == [n, n]
    pieces = infer(layout.Split(0, 2), shape_vector("n", 3, "m"), shape_vector(1, 2))
    assert [t.elements.tolist() for t in pieces] == [[n], [3, symbol("m")]]
    with pytest.raises(ConstraintError, match="C3"):
        infer(layout.Split(0, 2), f32(4), shape_vector(1, 2))


def test_only_axes_of_size_one_are_squeezed():
    assert infer(layout.Squeeze(axes=(0,)), f32("n", 2)).dims == (2,)
    with pytest.raises(ConstraintError, match="C2"):
        infer(layout.Squeeze(axes=(1,)), f32("n", 2))


def test_flatten_multiplies_symbols():
    assert infer(layout.Flatten(axis=1), f32("n", "c", 4)).dims == (symbol("n"), symbol("c") * 4)
