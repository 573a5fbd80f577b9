"""Windows, pads, sizes."""

from __future__ import annotations

import numpy as np

from support.known_bugs.bug import F4, F8, Array, bug, values


def windows(x: Array, kernel: int, stride: int, pads: tuple[int, int], dilation: int, fill: float) -> Array:
    """The windows of a vector, one a row, the pads filled."""
    padded = np.concatenate([np.full(pads[0], fill), x.astype(F8), np.full(pads[1], fill)])
    count = (len(padded) - (kernel - 1) * dilation - 1) // stride + 1
    return np.stack([padded[i * stride : i * stride + (kernel - 1) * dilation + 1 : dilation] for i in range(count)])


def correlate(x: Array, w: Array, pads: tuple[int, int], stride: int = 1, dilation: int = 1) -> Array:
    """A convolution of one channel over one axis, as ONNX shapes it."""
    return (windows(x, len(w), stride, pads, dilation, 0) @ w.astype(F8))[None, None]


def scatter(x: Array, w: Array, stride: int, cut: tuple[int, int]) -> Array:
    """A transposed convolution of one channel over one axis, cut at both ends."""
    full = np.zeros((len(x) - 1) * stride + len(w))
    for i, v in enumerate(x.astype(F8)):
        full[i * stride : i * stride + len(w)] += v * w
    return full[cut[0] : len(full) - cut[1]][None, None]


LINE, TAPS = values(6), values(3, seed=1)
ONE = LINE[None, None]
TAP = TAPS[None, None]
RAMP = np.array([1, 2, 3, 4], F4)
NEGATIVE = -np.arange(1, 7, dtype=F4)


_SIZE = "s = Constant<value_ints=[1, 1, {}]>() "
BUGS = [
    bug(
        "resize-to-length-one",
        _SIZE.format(1) + 'y0 = Resize<mode="linear", coordinate_transformation_mode="align_corners">(x0, , , s)',
        (RAMP[None, None],),
        RAMP[:1][None, None],
        np.full((1, 1, 1), np.nan),
    ),
    bug(
        "resize-coordinates",
        _SIZE.format(3) + 'y0 = Resize<mode="linear", coordinate_transformation_mode="half_pixel">(x0, , , s)',
        (RAMP[None, None],),
        np.array([[[1 + 1 / 6, 2.5, 4 - 1 / 6]]]),
        np.array([[[1, 1 + 4 / 3, 1 + 8 / 3]]]),  # asymmetric
    ),
    bug(
        "resize-rounding-of-nearest",
        _SIZE.format(2)
        + 'y0 = Resize<mode="nearest", coordinate_transformation_mode="half_pixel", nearest_mode="round_prefer_floor">'
        "(x0, , , s)",
        (RAMP[None, None],),
        np.array([[[1.0, 3.0]]]),
        np.array([[[2.0, 4.0]]]),  # ties rounded up
    ),
    bug(
        "same-pads-more-at-the-end",
        'y0 = Conv<auto_pad="SAME_UPPER", strides=[2]>(x0, x1)',
        (ONE, TAP),
        correlate(LINE, TAPS, (0, 1), 2),
        correlate(LINE, TAPS, (1, 0), 2),
        constants=(1,),
    ),
    bug(
        "asymmetric-pads",
        "y0 = Conv<pads=[2, 0]>(x0, x1)",
        (ONE, TAP),
        correlate(LINE, TAPS, (2, 0)),
        correlate(LINE, TAPS, (1, 1)),
    ),
    bug(
        "transposed-same-pads",
        'y0 = ConvTranspose<auto_pad="SAME_UPPER", strides=[2]>(x0, x1)',
        (ONE, TAP),
        scatter(LINE, TAPS, 2, (0, 1)),
        scatter(LINE, TAPS, 2, (1, 0)),
    ),
    bug(
        "transposed-output-shape",
        "y0 = ConvTranspose<output_shape=[11], strides=[2]>(x0, x1)",
        (ONE, TAP),
        scatter(LINE, TAPS, 2, (1, 1)),
        scatter(LINE, TAPS, 2, (0, 2)),
    ),
    bug(
        "mean-counts-no-padding-of-ceil-mode",
        "y0 = AveragePool<kernel_shape=[3], strides=[2], ceil_mode=1, count_include_pad=1>(x0)",
        (ONE,),
        np.array([[[LINE[:3].mean(dtype=F8), LINE[2:5].mean(dtype=F8), LINE[4:].mean(dtype=F8)]]]),
        np.array([[[LINE[:3].mean(dtype=F8), LINE[2:5].mean(dtype=F8), LINE[4:].sum(dtype=F8) / 3]]]),
    ),
    bug(
        "dilation-with-stride",
        "y0 = Conv<dilations=[2], strides=[2], pads=[1, 1]>(x0, x1)",
        (ONE, TAP),
        correlate(LINE, TAPS, (1, 1), 2, 2),
        correlate(LINE, TAPS, (1, 1), 2)[:, :, :2],  # no dilation
    ),
    bug(
        "depthwise-multiplier",
        "y0 = Conv<group=2>(x0, x1)",
        (np.stack([LINE, NEGATIVE])[None], np.stack([TAPS, 2 * TAPS, 3 * TAPS, 4 * TAPS])[:, None]),
        np.concatenate(
            [
                correlate(v, k * TAPS, (0, 0))
                for v, k in zip((LINE, LINE, NEGATIVE, NEGATIVE), range(1, 5), strict=True)
            ],
            axis=1,
        ),
        np.concatenate(
            [
                correlate(v, k * TAPS, (0, 0))
                for v, k in zip((LINE, NEGATIVE, LINE, NEGATIVE), range(1, 5), strict=True)
            ],
            axis=1,
        ),
    ),
    bug(
        "reflected-pads-of-both-signs",
        'p = Constant<value_ints=[-1, 2]>() y0 = Pad<mode="reflect">(x0, p)',
        (RAMP,),
        np.array([2, 3, 4, 3, 2]),
        np.array([2, 3, 4, 3, 4]),
        opset=18,
    ),
    bug(
        "pad-with-zeros-is-no-padding-of-a-pool",
        "p = Constant<value_ints=[0, 0, 1, 0, 0, 1]>() d = Pad(x0, p) y0 = MaxPool<kernel_shape=[2], strides=[2]>(d)",
        (NEGATIVE[None, None],),
        np.array([[[0.0, -2.0, -4.0, 0.0]]]),
        np.array([[[-1.0, -2.0, -4.0, -6.0]]]),
    ),
    bug(
        "same-pads-of-a-dilated-pool",
        'y0 = MaxPool<kernel_shape=[2], dilations=[2], auto_pad="SAME_UPPER">(x0)',
        (ONE,),
        windows(LINE, 2, 1, (1, 1), 2, -np.inf).max(axis=1)[None, None],
        windows(LINE, 2, 1, (0, 1), 2, -np.inf).max(axis=1)[None, None],
    ),
    bug(
        "same-pads-of-a-stride-beyond-the-window",
        'y0 = MaxPool<kernel_shape=[2], strides=[3], auto_pad="SAME_UPPER">(x0)',
        (ONE,),
        np.array([[[LINE[:2].max(), LINE[3:5].max()]]]),
        np.array([[[LINE[:2].max(), LINE[2:4].max()]]]),
    ),
]
