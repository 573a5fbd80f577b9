"""Fourier transforms, windows, mel filters: against NumPy's transforms in float64, whole and decomposed."""

from __future__ import annotations

import numpy as np
import pytest

from interlingua.errors import ConstraintError
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.ops import signal as sg
from support.single import apply, apply_decomposed, close, f32, infer, shape_vector


def normal(*shape):
    return np.random.default_rng(shape).standard_normal(shape)


def pairs(values):
    return np.stack([values.real, values.imag], -1)


@pytest.mark.parametrize("length", [None, 6, 7, 12])
@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize("axis", [0, -2])
@pytest.mark.parametrize("inverse", [False, True])
def test_transforms(length, parts, axis, inverse):
    x = normal(8, 9, parts).astype(np.float32)
    wide = x.astype(np.float64)
    values = wide[..., 0] + (1j * wide[..., 1] if parts == 2 else 0)
    exact = pairs((np.fft.ifft if inverse else np.fft.fft)(values, length, axis if axis == 0 else 1))
    operands = (x,) if length is None else (x, np.array(length))
    for run in (apply, apply_decomposed):
        got = run(sg.Dft(axis, inverse), *operands)
        assert got.shape == exact.shape and close(got, exact, times=64)


@pytest.mark.parametrize("length", [8, 9])
def test_onesided_transforms_undo_each_other(length):
    x = normal(2, length, 1)
    for run in (apply, apply_decomposed):
        there = run(sg.Dft(onesided=True), x)
        assert close(there, pairs(np.fft.rfft(x[..., 0])), times=64)
        back = run(sg.Dft(inverse=True, onesided=True), there, np.array(length))
        assert back.shape == x.shape and close(back, x, times=64)


def test_the_shape_of_a_transform():
    assert infer(sg.Dft(axis=1, onesided=True), f32("b", "n", 1)).dims[1] == symbol("n") // 2 + 1
    assert infer(sg.Dft(inverse=True, onesided=True), f32(5, 2)).dims == (8, 1)
    with pytest.raises(ConstraintError, match="C2"):
        infer(sg.Dft(axis=-1), f32(4, 2))


@pytest.mark.parametrize("onesided", [False, True])
@pytest.mark.parametrize("window", [False, True])
def test_short_time_transforms_take_whole_frames_only(onesided, window):
    x = normal(2, 21, 1).astype(np.float32)
    shape = np.hanning(8).astype(np.float32)
    weights = shape.astype(np.float64) if window else np.ones(8)
    frames = [x[:, i : i + 8, 0].astype(np.float64) * weights for i in range(0, 14, 4)]
    exact = pairs((np.fft.rfft if onesided else np.fft.fft)(np.stack(frames, 1)))
    operands = (x, np.array(4), shape if window else None, None if window else np.array(8))
    for run in (apply, apply_decomposed):
        got = run(sg.Stft(onesided), *operands)
        assert got.shape == exact.shape and close(got, exact, times=64)


def test_no_frame_fits_a_signal_that_is_too_short():
    x = np.zeros((1, 5, 1), np.float32)
    for run in (apply, apply_decomposed):
        assert run(sg.Stft(), x, np.array(2), None, np.array(8)).shape == (1, 0, 5, 2)


@pytest.mark.parametrize("op", [sg.HannWindow, sg.HammingWindow, sg.BlackmanWindow])
@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("size", [0, 1, 5, 8])
def test_windows(op, periodic, size):
    whole = apply(op(periodic, DType.F64), np.array(size))
    assert whole.shape == (size,)
    assert close(apply_decomposed(op(periodic, DType.F64), np.array(size)), whole, times=8)
    if size > 1 and not periodic:
        assert close(whole, whole[::-1], times=8)


@pytest.mark.parametrize("op", [sg.HannWindow, sg.HammingWindow, sg.BlackmanWindow])
def test_one_symmetric_sample_is_nan_as_in_the_function_of_the_standard(op):
    for run in (apply, apply_decomposed):
        assert np.isnan(run(op(False, DType.F64), np.array(1))).all()
        assert np.isfinite(run(op(True, DType.F64), np.array(1))).all()


def test_hann_windows_are_numpys():
    assert close(apply(sg.HannWindow(False, DType.F64), np.array(9)), np.hanning(9), times=8)


def test_mel_filters_peak_at_one_and_decompose():
    operands = (np.array(8), np.array(16), np.array(8192), np.float32(0), np.float32(4096))
    whole = apply(sg.MelWeights(), *operands)
    assert whole.shape == (9, 8) and whole.dtype == np.float32 and (whole.max(axis=0) == 1).all()
    assert np.array_equal(apply_decomposed(sg.MelWeights(), *operands), whole)


def test_the_length_of_a_window_may_be_symbolic():
    size = shape_vector("n")
    assert infer(sg.HannWindow(), size).dims == (symbol("n"),)


@pytest.mark.parametrize(("inverse", "onesided"), [(False, False), (True, False), (True, True), (False, True)])
@pytest.mark.parametrize("parts", [1, 2])
def test_transforms_of_signals_of_which_nothing_is_known_decompose(inverse, onesided, parts):
    x = normal(5, 4, 1 if onesided and not inverse else parts)
    op = sg.Dft(0, inverse, onesided)
    assert close(apply_decomposed(op, x, dynamic=True), apply(op, x), times=64)
