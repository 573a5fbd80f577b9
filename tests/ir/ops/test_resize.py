"""Resizing: values by hand, every mode against its decomposition, extents of symbolic inputs."""

from __future__ import annotations

import itertools
import typing

import numpy as np
import pytest

from interlingua.errors import ConstraintError
from interlingua.ir.ops.resize import Coordinates, Nearest, Resize
from support.single import apply, apply_decomposed, close, f32, infer, shape_vector

RNG = np.random.default_rng(0)
X = RNG.standard_normal((1, 2, 5, 6)).astype(np.float32)
ROI = np.array([0.1, -0.2, 0.8, 1.1], np.float32)


def ramp(*values, dtype=np.float32):
    return np.array(values, dtype)


def test_nearest_by_two_repeats():
    got = apply(Resize((0,), (2.0,), coordinates="asymmetric", nearest="floor"), ramp(1, 2, 3))
    assert got.tolist() == [1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize(
    ("nearest", "want"),
    # coordinates 0, 0.5, 1, 1.5
    [
        ("round_prefer_floor", [0, 0, 1, 1]),
        ("round_prefer_ceil", [0, 1, 1, 1]),
        ("floor", [0, 0, 1, 1]),
        ("ceil", [0, 1, 1, 1]),
    ],
)
def test_ties_of_nearest(nearest, want):
    assert apply(Resize((0,), (2.0,), coordinates="asymmetric", nearest=nearest), ramp(0, 1)).tolist() == want


def test_linear_coordinates():
    x = ramp(0, 4)
    assert apply(Resize((0,), (2.0,), "linear"), x).tolist() == [0, 1, 3, 4]
    assert apply(Resize((0,), (2.0,), "linear", "align_corners"), x).astype(
        np.float64
    ).tolist() == pytest.approx([0, 4 / 3, 8 / 3, 4])
    assert apply(Resize((0,), (2.0,), "linear", "asymmetric"), x).tolist() == [0, 2, 4, 4]


def test_integers_are_cut_and_saturate():
    x = ramp(0, 255, 0, 255, dtype=np.uint8)
    assert apply(Resize((0,), (2.0,), "linear"), x)[:3].tolist() == [0, 63, 191]
    cubic = apply(Resize((0,), (4.0,), "cubic"), x)
    assert cubic.min() == 0 and cubic.max() == 255


def test_an_infinite_element_stays_where_it_is_weighed():
    x = ramp(0, 0, np.inf, 0, 0, 0)
    for run in (apply, apply_decomposed):
        assert (
            np.isinf(run(Resize((0,), (2.0,), "linear"), x)).tolist()
            == [False] * 3 + [True] * 4 + [False] * 5
        )


MODES = [
    ("nearest", False, False),
    ("linear", False, False),
    ("linear", True, True),
    ("cubic", False, False),
    ("cubic", True, True),
]


@pytest.mark.parametrize(("mode", "exclude", "antialias"), MODES)
@pytest.mark.parametrize("coordinates", typing.get_args(Coordinates))
@pytest.mark.parametrize("dynamic", [False, True])
def test_decompositions(mode, exclude, antialias, coordinates, dynamic):
    for factors in ((1.5, 0.6), (0.2, 2.0)):
        op = Resize(
            (2, 3),
            factors,
            mode,
            coordinates,
            exclude_outside=exclude,
            antialias=antialias,
            extrapolation=7.0,
        )
        given = (X, None, None, ROI if coordinates == "tf_crop_and_resize" else None)
        assert close(apply_decomposed(op, *given, dynamic=dynamic), apply(op, *given), times=64)


@pytest.mark.parametrize("nearest", typing.get_args(Nearest))
@pytest.mark.parametrize("keep", ["stretch", "not_larger", "not_smaller"])
@pytest.mark.parametrize("dynamic", [False, True])
def test_sizes(nearest, keep, dynamic):
    for sizes in itertools.product((3, 8), (6, 9)):
        op = Resize((-2, -1), nearest=nearest, keep_aspect=keep)
        given = (X, np.array(sizes))
        want = apply(op, *given)
        assert np.array_equal(apply_decomposed(op, *given, dynamic=dynamic), want)
        if keep == "stretch":
            assert want.shape[2:] == sizes


def test_scales_at_run_time():
    op, scales = Resize((2, 3), mode="linear"), np.array([1.5, 0.5], np.float32)
    want = apply(Resize((2, 3), (1.5, 0.5), "linear"), X)
    assert np.array_equal(apply(op, X, None, scales), want)
    assert close(apply_decomposed(op, X, None, scales), want, times=64)


def test_extents():
    assert str(infer(Resize((2, 3), (2.0, 0.5)), f32("N", 3, "H", "W"))) == "f32[N, 3, H*2, floordiv(W, 2)]"
    # in float32 0.7 * 10 is 7, though 0.7 is below 7/10
    assert infer(Resize((0,), (0.7,)), f32(10)).dims == (7,)
    assert str(infer(Resize((0,)), f32("L"), shape_vector("M"))) == "f32[M]"


def test_misfits_are_refused():
    with pytest.raises(ConstraintError, match="C1"):
        infer(Resize((0,)), f32(4))
    with pytest.raises(ConstraintError, match="C5"):
        infer(Resize((0,), (2.0,), antialias=True), f32(4))
