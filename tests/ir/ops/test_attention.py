"""Attention: the definition, masks, positions, queries that see nothing; rotary embeddings."""

from __future__ import annotations

import math

import numpy as np
import pytest

from interlingua.errors import ConstraintError
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.attention import Attention, LinearAttention, Rotary
from interlingua.ir.types import Tensor
from support.single import apply, apply_decomposed, close, f32, infer

RNG = np.random.default_rng(0)
Q, K, V = (RNG.standard_normal(s) for s in ((2, 4, 3, 8), (2, 2, 5, 8), (2, 2, 5, 6)))
BOOL = RNG.random((3, 5)) > 0.4
BOOL[0] = False
ADDED = np.where(RNG.random((2, 1, 3, 5)) > 0.3, RNG.standard_normal((2, 1, 3, 5)), -math.inf)
LENGTHS, OFFSET = np.array([5, 2]), np.array([2, -1])


def written_out(q, k, v):
    """The definition without any bias, in float64."""
    keys, values = (np.repeat(t, q.shape[1] // t.shape[1], axis=1) for t in (k, v))
    scores = np.exp(q @ keys.swapaxes(2, 3) / math.sqrt(q.shape[3]))
    return scores / scores.sum(axis=-1, keepdims=True) @ values


CASES = [
    (Attention(), ()),
    (Attention(scale=0.3, softcap=2.0), (BOOL,)),
    (Attention(causal=True), (None, None, OFFSET)),
    (Attention(left_window=1, right_window=0), (ADDED, LENGTHS, OFFSET)),
    (Attention(causal=True), (BOOL, LENGTHS)),
]


@pytest.mark.parametrize(("op", "more"), CASES)
@pytest.mark.parametrize("dynamic", [False, True])
def test_decompositions(op, more, dynamic):
    want = apply(op, Q, K, V, *more)
    assert np.isfinite(want).all() and want.shape == (2, 4, 3, 6)
    assert close(apply_decomposed(op, Q, K, V, *more, dynamic=dynamic), want, times=64)


def test_definition():
    assert close(apply(Attention(), Q, K, V), written_out(Q, K, V), times=64)


def test_a_query_that_sees_no_key_gives_zero():
    got = apply(Attention(), Q, K, V, BOOL)
    assert not got[:, :, 0].any() and got[:, :, 1:].any()


def test_causal_with_an_offset_sees_the_cache():
    got = apply(Attention(causal=True), Q, K, V, None, None, np.array([2]))
    for i in range(3):
        alone = written_out(Q[:, :, i : i + 1], K[:, :, : 3 + i], V[:, :, : 3 + i])
        assert close(got[:, :, i : i + 1], alone, times=64)


def test_large_scores_do_not_overflow():
    got = apply(Attention(scale=1e5), Q.astype(np.float16), K.astype(np.float16), V.astype(np.float16))
    assert got.dtype == np.float16 and np.isfinite(got).all()


@pytest.mark.parametrize("interleaved", [False, True])
@pytest.mark.parametrize("width", [None, 4])
def test_rotary_keeps_lengths_and_decomposes(interleaved, width):
    half = (width or 8) // 2
    angles, positions = RNG.uniform(0, 6, (7, half)), RNG.integers(0, 7, (2, 3))
    op = Rotary(interleaved, width)
    got = apply(op, Q, np.cos(angles), np.sin(angles), positions)
    assert close((got**2).sum(-1), (Q**2).sum(-1), times=16)
    assert close(apply_decomposed(op, Q, np.cos(angles), np.sin(angles), positions), got, times=4)
    direct = apply(op, Q, np.cos(angles)[positions], np.sin(angles)[positions])
    assert np.array_equal(direct, got)
    if width is not None:
        assert np.array_equal(got[..., width:], Q[..., width:])


def test_misfits_are_refused():
    with pytest.raises(ConstraintError, match="C3"):
        infer(Attention(), f32(1, 4, 2, 8), f32(1, 3, 2, 8), f32(1, 3, 2, 8))
    with pytest.raises(ConstraintError, match="C2"):
        infer(Attention(), f32(4, 2, 8), f32(4, 2, 8), f32(4, 2, 8))


STEPS, STATE = 4, RNG.standard_normal((2, 2, 8, 6))
LONG = [RNG.standard_normal((2, h, STEPS, d)) for h, d in ((4, 8), (2, 8), (2, 6))]
DECAY, BETA = -RNG.random((2, 2, STEPS, 8)), RNG.random((2, 2, STEPS, 1))


def step_by_step(q, k, v, state, decay, beta, scale):
    """ONNX's recurrences as they are written, one head at a time."""
    y = np.zeros((*q.shape[:3], v.shape[3]))
    last = np.zeros((*k.shape[:2], k.shape[3], v.shape[3])) if state is None else state.copy()
    for b, h, t in np.ndindex(*k.shape[:3]):
        s, key, value = last[b, h], k[b, h, t], v[b, h, t]
        if decay is not None:
            s = np.exp(decay[b, h, t])[:, None] * s
        if beta is not None:
            value = beta[b, h % beta.shape[1], t] * (value - s.T @ key)
        last[b, h] = s + np.outer(key, value)
        for query in range(2 * h, 2 * h + 2):
            y[b, query, t] = scale * q[b, query, t] @ last[b, h]
    return y, last


@pytest.mark.parametrize("state", [None, STATE])
@pytest.mark.parametrize("decay", [None, DECAY, DECAY[..., :1]])
@pytest.mark.parametrize("beta", [None, BETA, BETA[:, :1]])
def test_linear_attention_is_its_recurrence(state, decay, beta):
    want = step_by_step(*LONG, state, decay, beta, 8**-0.5)
    for found in (
        apply(LinearAttention(), *LONG, state, decay, beta),
        apply_decomposed(LinearAttention(), *LONG, state, decay, beta),
        apply_decomposed(LinearAttention(), *LONG, state, decay, beta, dynamic=True),
    ):
        assert all(g.shape == w.shape and close(g, w, times=64) for g, w in zip(found, want, strict=True))


def test_linear_attention_goes_on_from_its_state():
    op, first, rest = LinearAttention(0.5), slice(0, 3), slice(3, STEPS)
    y, last = apply(op, *LONG, STATE, DECAY, BETA)
    one, state = apply(op, *(x[:, :, first] for x in LONG), STATE, DECAY[:, :, first], BETA[:, :, first])
    two, end = apply(op, *(x[:, :, rest] for x in LONG), state, DECAY[:, :, rest], BETA[:, :, rest])
    assert np.array_equal(np.concatenate([one, two], 2), y) and np.array_equal(end, last)


def test_linear_attention_keeps_the_dtype_of_its_state():
    half = [x.astype(np.float16) for x in LONG]
    y, last = apply(LinearAttention(), *half, STATE.astype(np.float32))
    assert (y.dtype, last.dtype) == (np.float16, np.float32)
    assert apply(LinearAttention(), *half)[1].dtype == np.float16
    with pytest.raises(ConstraintError, match="C1"):
        infer(LinearAttention(), *(Tensor(DType.F32, x.shape) for x in LONG), Tensor(DType.F64, STATE.shape))
    with pytest.raises(ConstraintError, match="C2"):
        infer(LinearAttention(), f32(1, 4, 3, 8), f32(1, 2, 3, 8), f32(1, 2, 3, 6), None, f32(1, 2, 3, 5))
