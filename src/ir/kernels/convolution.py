"""Kernels of convolutions, and the windows that they share with the poolings.

Inside, data is ``(batch, channels, *spatial)``; ``layout`` says where the caller has its channels.
"""

from __future__ import annotations

import math

import numpy as np

from interlingua.ir.kernels.array import Array
from interlingua.ir.kernels.precision import narrow, wide


def to_channels_first(x: Array, layout: str) -> Array:
    """A view with the channels on axis 1."""
    return np.moveaxis(x, -1, 1) if layout == "channels_last" else x


def from_channels_first(x: Array, layout: str) -> Array:
    """The inverse of ``to_channels_first``, in memory order."""
    return np.ascontiguousarray(np.moveaxis(x, 1, -1)) if layout == "channels_last" else x


def pad_spatial(x: Array, pads: tuple[int, ...], value: float) -> Array:
    """Pad axes 2 and on by ``pads`` (all begins, then all ends)."""
    if not any(pads):
        return x
    n, size = len(pads) // 2, x.shape[2:]
    wider = [pads[i] + size[i] + pads[n + i] for i in range(n)]
    y = np.full((*x.shape[:2], *wider), value, dtype=x.dtype)
    y[(slice(None), slice(None), *(slice(pads[i], pads[i] + size[i]) for i in range(n)))] = x
    return y


def window_view(
    x: Array,
    kernel: tuple[int, ...],
    strides: tuple[int, ...],
    dilations: tuple[int, ...],
    out: tuple[int, ...],
) -> Array:
    """Every window of ``x`` (batch, channels, *spatial) as a view: (batch, channels, *kernel, *out)."""
    steps = x.strides[2:]
    return np.lib.stride_tricks.as_strided(
        x,
        (*x.shape[:2], *kernel, *out),
        (
            *x.strides[:2],
            *(s * d for s, d in zip(steps, dilations, strict=True)),
            *(s * d for s, d in zip(steps, strides, strict=True)),
        ),
        writeable=False,
    )


def conv_output(
    size: tuple[int, ...],
    kernel: tuple[int, ...],
    strides: tuple[int, ...],
    pads: tuple[int, ...],
    dilations: tuple[int, ...],
) -> tuple[int, ...]:
    """The spatial extents of a convolution's result."""
    n = len(size)
    return tuple(
        max(0, (size[i] + pads[i] + pads[n + i] - (kernel[i] - 1) * dilations[i] - 1) // strides[i] + 1)
        for i in range(n)
    )


def conv_operands(x: Array, w: Array) -> tuple[Array, Array]:
    """Operands in a dtype whose products and sums are exact for integers, and wide enough for floats.

    Integers go through float64, and so through fast matrix products, where no sum can reach 2**53.
    """
    if x.dtype.kind not in "iu":
        return wide(x), wide(w)
    terms = int(np.prod(w.shape[1:])) * max(1, w.shape[0])
    largest = [float(max(abs(int(a.min())), abs(int(a.max())))) if a.size else 0.0 for a in (x, w)]
    dtype = np.float64 if largest[0] * largest[1] * terms < 2.0**53 else np.int64
    return x.astype(dtype), w.astype(dtype)


def conv_result(y: Array, bias: Array | None, x: Array) -> Array:
    """Add the bias and come back to the result's dtype: int32 for integers."""
    if x.dtype.kind in "iu":
        y = y.astype(np.int64)
        if bias is not None:
            y = y + bias.astype(np.int64).reshape(-1, *(1,) * (y.ndim - 2))
        return y.astype(np.int32)
    if bias is not None:
        y = y + wide(bias).reshape(-1, *(1,) * (y.ndim - 2))
    return narrow(y, x)


def conv(
    x: Array,
    w: Array,
    bias: Array | None = None,
    *,
    strides: tuple[int, ...],
    pads: tuple[int, ...],
    dilations: tuple[int, ...],
    groups: int,
    layout: str,
) -> Array:
    """N-d cross-correlation by im2col and one matrix product a group, the batch side by side."""
    like, x = np.asarray(x), to_channels_first(np.asarray(x), layout)
    kernel = w.shape[2:]
    a, b = conv_operands(x, w)
    out = conv_output(x.shape[2:], kernel, strides, pads, dilations)
    view = window_view(pad_spatial(a, pads, 0), kernel, strides, dilations, out)
    batch, m = x.shape[0], w.shape[0]
    with np.errstate(all="ignore"):
        if w.shape[1] == 1 and groups > 1:
            y = depthwise(view, b, groups)
        else:
            taps = w.shape[1] * math.prod(kernel)
            cols = np.moveaxis(view, 0, 1 + len(kernel)).reshape(groups, taps, batch * math.prod(out))
            y = np.matmul(b.reshape(groups, m // groups, taps), cols)
            y = np.moveaxis(y.reshape(m, batch, *out), 1, 0)
        y = conv_result(np.ascontiguousarray(y.reshape(batch, m, *out)), bias, like)
    return from_channels_first(y, layout)


def depthwise(view: Array, w: Array, groups: int) -> Array:
    """A convolution whose groups have one channel each: a sum over the kernel's offsets, without im2col."""
    kernel = w.shape[2:]
    out = view.shape[2 + len(kernel) :]
    each = w.reshape(groups, -1, *kernel)
    y = np.zeros((view.shape[0], groups, each.shape[1], *out), dtype=view.dtype)
    for offset in np.ndindex(*kernel):
        factor = each[(slice(None), slice(None), *offset)].reshape(groups, -1, *(1,) * len(out))
        y += view[(slice(None), slice(None), *offset)][:, :, None] * factor
    return y


def conv_transpose(
    x: Array,
    w: Array,
    bias: Array | None = None,
    *,
    strides: tuple[int, ...],
    pads: tuple[int, ...],
    dilations: tuple[int, ...],
    output_padding: tuple[int, ...],
    groups: int,
    layout: str,
) -> Array:
    """The adjoint of ``conv`` with respect to its data: every input element scatters one kernel."""
    like, x = np.asarray(x), to_channels_first(np.asarray(x), layout)
    kernel, size, n = w.shape[2:], x.shape[2:], len(strides)
    a, b = conv_operands(x, w)
    batch, each = x.shape[0], w.shape[1]
    spread = tuple((size[i] - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 for i in range(n))
    full = np.zeros((batch, groups * each, *(max(0, s) for s in spread)), dtype=a.dtype)
    with np.errstate(all="ignore"):
        taps = np.swapaxes(b.reshape(groups, w.shape[0] // groups, each * math.prod(kernel)), 1, 2)
        cols = np.matmul(taps, a.reshape(batch, groups, w.shape[0] // groups, math.prod(size)))
        cols = cols.reshape(batch, groups, each, *kernel, *size)
        for offset in np.ndindex(*kernel):
            at = tuple(
                slice(o * d, o * d + (s - 1) * t + 1, t)
                for o, d, s, t in zip(offset, dilations, size, strides, strict=True)
            )
            part = cols[(slice(None), slice(None), slice(None), *offset)]
            if math.prod(size):
                full[(slice(None), slice(None), *at)] += part.reshape(batch, groups * each, *size)
        ends = tuple(output_padding[i] - pads[n + i] + min(0, spread[i]) for i in range(n))
        y = conv_result(pad_or_crop(full, (*(-p for p in pads[:n]), *ends)), bias, like)
    return from_channels_first(y, layout)


def pad_or_crop(x: Array, amounts: tuple[int, ...]) -> Array:
    """Pad the spatial axes with zeros, or cut where an amount is negative, what was put at the other end too."""
    n = len(amounts) // 2
    full = pad_spatial(x, tuple(max(0, p) for p in amounts), 0)
    cut = tuple(slice(max(0, -amounts[i]), full.shape[2 + i] - max(0, -amounts[n + i])) for i in range(n))
    return np.ascontiguousarray(full[(slice(None), slice(None), *cut)])


def fold(
    x: Array,
    image: Array,
    block: Array,
    *,
    strides: tuple[int, ...],
    pads: tuple[int, ...],
    dilations: tuple[int, ...],
) -> Array:
    """Sum blocks, given as columns, into the image that they were cut from."""
    size, kernel = tuple(int(v) for v in image), tuple(int(v) for v in block)
    n = len(size)
    out = conv_output(size, kernel, strides, pads, dilations)
    channels = x.shape[1] // math.prod(kernel)
    cols = wide(x).reshape(x.shape[0], channels, *kernel, *out)
    padded = tuple(size[i] + pads[i] + pads[n + i] for i in range(n))
    full = np.zeros((x.shape[0], channels, *padded), dtype=cols.dtype)
    for offset in np.ndindex(*kernel):
        at = tuple(
            slice(o * d, o * d + (s - 1) * t + 1, t)
            for o, d, s, t in zip(offset, dilations, out, strides, strict=True)
        )
        if math.prod(out):
            full[(slice(None), slice(None), *at)] += cols[(slice(None), slice(None), *offset)]
    inner = tuple(slice(pads[i], pads[i] + size[i]) for i in range(n))
    return narrow(np.ascontiguousarray(full[(slice(None), slice(None), *inner)]), x)
