"""Kernels of attention. Narrow floats compute in float32 and round once."""

from __future__ import annotations

import math

import numpy as np

from interlingua.ir.kernels.array import Array
from interlingua.ir.kernels.precision import narrow, wide


def attention(
    q: Array,
    k: Array,
    v: Array,
    mask: Array | None = None,
    lengths: Array | None = None,
    offset: Array | None = None,
    *,
    scale: float | None,
    causal: bool,
    left_window: int | None,
    right_window: int | None,
    softcap: float | None,
) -> Array:
    """Weighted means of values; the weights are the softmax of scaled products of queries and keys."""
    a, keys, values = wide(q), wide(k), wide(v)
    batch, heads, queries, width = a.shape
    shared, total = keys.shape[1], keys.shape[2]
    factor = a.dtype.type(1 / math.sqrt(width) if scale is None else scale)
    grouped = (a * factor).reshape(batch, shared, heads // shared, queries, width)
    with np.errstate(all="ignore"):
        scores = np.matmul(grouped, np.swapaxes(keys, 2, 3)[:, :, None]).reshape(batch, heads, queries, total)
        if softcap is not None:
            scores = np.tanh(scores / a.dtype.type(softcap)) * a.dtype.type(softcap)
        allowed = attention_allowed(queries, total, lengths, offset, causal, left_window, right_window)
        if mask is not None and mask.dtype == bool:
            allowed = allowed & mask
        elif mask is not None:
            allowed, scores = allowed & ~np.isneginf(wide(mask)), scores + wide(mask).astype(a.dtype)
        scores = np.where(allowed, scores, a.dtype.type(-np.inf))
        weights = masked_softmax(scores, np.broadcast_to(allowed, scores.shape))
        weights = weights.reshape(batch, shared, heads // shared, queries, total)
        y = np.matmul(weights, values[:, :, None]).reshape(batch, heads, queries, values.shape[3])
    return narrow(y, q)


def attention_allowed(
    queries: int,
    total: int,
    lengths: Array | None,
    offset: Array | None,
    causal: bool,
    left_window: int | None,
    right_window: int | None,
) -> Array:
    """Which keys a query may see, (batch or 1, 1, queries, keys)."""
    start = np.zeros(1, dtype=np.int64) if offset is None else np.asarray(offset).reshape(-1)
    ahead = np.arange(total)[None, None] - np.arange(queries)[None, :, None] - start[:, None, None]
    allowed = np.ones(ahead.shape, dtype=bool)
    if causal:
        allowed &= ahead <= 0
    if left_window is not None:
        allowed &= ahead >= -left_window
    if right_window is not None:
        allowed &= ahead <= right_window
    if lengths is not None:
        allowed = allowed & (np.arange(total) < np.asarray(lengths).reshape(-1, 1, 1))
    return allowed[:, None]


def masked_softmax(scores: Array, allowed: Array) -> Array:
    """Softmax along the last axis; rows in which nothing is allowed are 0."""
    if scores.shape[-1] == 0:
        return scores
    alive = allowed.any(axis=-1, keepdims=True)
    top = np.where(alive, np.max(scores, axis=-1, keepdims=True), 0)
    e = np.where(alive, np.exp(scores - top), np.zeros((), scores.dtype))
    total = np.sum(e, axis=-1, keepdims=True)
    return np.asarray(e / np.where(alive, total, np.ones((), scores.dtype)))


def linear_attention(
    q: Array,
    k: Array,
    v: Array,
    state: Array | None = None,
    decay: Array | None = None,
    beta: Array | None = None,
    *,
    scale: float | None,
) -> tuple[Array, Array]:
    """Reads from a matrix that every step decays, corrects and writes to."""
    a, keys, values = wide(q), wide(k), wide(v)
    batch, heads, steps, width = a.shape
    shared, out = keys.shape[1], values.shape[3]
    factor = a.dtype.type(1 / math.sqrt(width) if scale is None else scale)
    grouped = a.reshape(batch, shared, heads // shared, steps, width)
    zero = np.zeros((batch, shared, width, out), a.dtype)
    memory = zero if state is None else wide(state).astype(a.dtype)
    y = np.zeros((*grouped.shape[:4], out), a.dtype)
    with np.errstate(all="ignore"):
        for t in range(steps):
            key, written = keys[:, :, t], values[:, :, t]
            if decay is not None:
                memory = memory * np.exp(wide(decay)[:, :, t])[..., None]
            if beta is not None:
                held = np.matmul(key[..., None, :], memory)[..., 0, :]
                written = wide(beta)[:, :, t] * (written - held)
            memory = memory + key[..., :, None] * written[..., None, :]
            y[:, :, :, t] = np.matmul(grouped[:, :, :, t], memory) * factor
    return narrow(y.reshape(batch, heads, steps, out), q), narrow(memory, q if state is None else state)


def rotary(
    x: Array, cos: Array, sin: Array, positions: Array | None = None, *, interleaved: bool, width: int | None
) -> Array:
    """Rotate pairs of features by angles that depend on the position."""
    a, c, s = wide(x), wide(cos), wide(sin)
    if positions is not None:
        c, s = c[positions], s[positions]
    c, s = c[:, None], s[:, None]
    turned, rest = (a, a[..., :0]) if width is None else (a[..., :width], a[..., width:])
    with np.errstate(all="ignore"):
        if interleaved:
            one, two = turned[..., 0::2], turned[..., 1::2]
            pairs = np.stack([c * one - s * two, s * one + c * two], axis=-1)
            y = pairs.reshape(turned.shape)
        else:
            one, two = np.split(turned, 2, axis=-1)
            y = np.concatenate([c * one - s * two, s * one + c * two], axis=-1)
    return narrow(np.concatenate([y, rest], axis=-1), x)
