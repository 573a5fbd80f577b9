"""Attention with projections, masks and caches, against ONNX Runtime's kernels."""

from __future__ import annotations

import numpy as np
import pytest

import interlingua
from interlingua.errors import UnsupportedOps
from interlingua.report import Verdict
from support.contrib import Case, held_against_runtime, in_runtime, level, real

ATTRIBUTES = [
    {"num_heads": 2},
    {"num_heads": 2, "unidirectional": 1},
    {"num_heads": 2, "scale": 0.3, "mask_filter_value": -5.0},
]
TWO, THREE = ["float32"] * 2, ["float32"] * 3


def ints(*values):
    return np.array(values, np.int32)


def mask(*shape):
    return np.random.default_rng(0).integers(0, 2, shape).astype(np.int32)


W, BIAS = real(8, 24, seed=1), real(24, seed=2)
X, Y, Z = real(2, 4, 8), real(2, 4, 8, seed=1), real(2, 4, 8, seed=2)
PAST_K, PAST_V = real(2, 2, 3, 4, seed=3), real(2, 2, 3, 4, seed=4)
MASKS = [
    None,
    mask(2, 4),
    ints(3, 2),
    ints(3, 4, 1, 0),
    ints(3, 2, *[0] * 6),
    mask(2, 4, 4),
    np.zeros((2, 4), np.int32),
]
PROJECTED = [
    *(Case("Attention", [X, W, BIAS, m], at) for at in ATTRIBUTES for m in MASKS),
    *(
        Case("Attention", [X, W, BIAS, m, np.stack([PAST_K, PAST_V])], at, (), TWO)
        for at in ATTRIBUTES
        for m in (None, mask(2, 7))
    ),
    Case("Attention", [X, real(8, 20), real(20)], {"num_heads": 2, "qkv_hidden_sizes": [8, 8, 4]}),
    Case("Attention", [X, W, BIAS, None, None, real(1, 2, 4, 4)], {"num_heads": 2}, (), TWO),
    Case("Attention", [X, W, None, mask(2, 4), None, real(2, 1, 4, 4)], {"num_heads": 2}),
    *(
        Case(
            "QAttention",
            [level("uint8", 2, 4, 8), level(d, 8, 24), BIAS, np.float32(0.02), scale, m, np.uint8(7), zero, past],
            {"num_heads": 2, "unidirectional": one_way},
            (),
            TWO if past is not None else ["float32"],
        )
        for d, scale, m, zero, past, one_way in (
            ("uint8", np.float32(0.03), ints(3, 2), np.uint8(3), None, 0),
            ("int8", np.float32(0.03), None, np.int8(3), None, 1),
            ("int8", real(24) ** 2, None, level("int8", 24), np.stack([PAST_K, PAST_V]), 1),
        )
    ),
]
SEPARATE = [
    case
    for at in ATTRIBUTES
    for case in (
        Case("MultiHeadAttention", [X, Y, Z], at, (), THREE),
        Case("MultiHeadAttention", [X, Y, real(2, 4, 6), real(22)], at),
        Case("MultiHeadAttention", [X, Y, Z, BIAS, mask(2, 4), real(2, 1, 4, 4)], at),
        Case("MultiHeadAttention", [X, Y, Z, None, ints(3, 2)], at),
        Case("MultiHeadAttention", [X, Y, Z, None, mask(2, 4, 4)], at),
        Case("MultiHeadAttention", [X, Y, Z, BIAS, mask(2, 7), None, PAST_K, PAST_V], at, (), THREE),
    )
] + [
    Case("MultiHeadAttention", [X, real(2, 6, 8), real(2, 6, 8, seed=1)], {"num_heads": 2}),
    Case("MultiHeadAttention", [X, real(2, 2, 6, 4), real(2, 2, 6, 4, seed=1)], {"num_heads": 2}),
    Case("DecoderMaskedMultiHeadAttention", [X[:, :1], PAST_K, PAST_V, mask(2, 3)], {"num_heads": 2}),
]
TABLES = [real(10, 2, seed=5), real(10, 2, seed=6)]
ROTARY = [
    case
    for at in (np.array([2]), np.array([[0, 1, 2, 3], [3, 1, 0, 5]]))
    for turned in (0, 1)
    for case in (
        Case("RotaryEmbedding", [real(2, 4, 12), at, *TABLES], {"interleaved": turned}),
        Case("RotaryEmbedding", [real(2, 3, 4, 4), at, *TABLES], {"interleaved": turned}),
        Case(
            "RotaryEmbedding",
            [real(2, 4, 12), at, real(10, 1), real(10, 1, seed=4)],
            {"interleaved": turned, "num_heads": 3, "rotary_embedding_dim": 2},
        ),
    )
]
COS, SIN = real(32, 8, seed=7), real(32, 8, seed=8)


def grouped(new, cached, lengths, total, *, packed=False, more=(), **attributes):
    """Four heads over two of keys, of width 16: ``new`` tokens an example, a cache of ``cached`` rows."""
    batch = len(lengths)
    queries = [real(batch, new, 64), real(batch, new, 32, seed=1), real(batch, new, 32, seed=2)]
    if packed:
        queries = [np.concatenate(queries, axis=2), None, None]
    past = [None, None] if cached is None else [real(batch, 2, cached, 16, seed=s) for s in (3, 4)]
    sizes = [ints(*lengths) - 1, np.array(total, np.int32)]
    return Case(
        "GroupQueryAttention",
        [*queries, *past, *sizes, *more],
        {"num_heads": 4, "kv_num_heads": 2, **attributes},
        (),
        THREE,
    )


TURNED = {"do_rotary": 1, "more": [COS, SIN]}
SINK = [None, None, None, None, real(4)]
GROUPED = [
    grouped(5, None, [5, 5], 5),
    grouped(5, 0, [5, 5], 5),
    grouped(1, 6, [7, 7], 7),
    grouped(1, 6, [7, 4], 7),
    grouped(3, 6, [9], 9),
    grouped(1, 12, [7, 4], 7),
    grouped(5, 12, [5, 5], 5),
    grouped(5, None, [5, 5], 5, **TURNED),
    grouped(1, 6, [7, 4], 7, rotary_interleaved=1, **TURNED),
    grouped(3, 6, [9], 9, **TURNED),
    grouped(1, 6, [7, 4], 7, packed=True, **TURNED),
    grouped(5, None, [5, 5], 5, do_rotary=1, more=[COS, SIN, np.arange(10).reshape(2, 5) % 5]),
    grouped(5, None, [5, 5], 5, local_window_size=2),
    grouped(1, 6, [7, 7], 7, local_window_size=3),
    grouped(1, 6, [7, 4], 7, softcap=2.0, scale=0.4),
    grouped(1, 6, [7, 4], 7, smooth_softmax=1),
    grouped(5, None, [5, 5], 5, smooth_softmax=1, local_window_size=2, softcap=2.0),
    grouped(1, 6, [7, 4], 7, more=SINK),
    grouped(5, None, [5, 5], 5, more=[None, None, None, real(1, 1, 5, 5), real(4)]),
    grouped(1, 6, [7, 7], 7, more=[None, None, None, real(2, 4, 1, 7)]),
    grouped(1, 12, [7, 7], 7, more=[None, None, None, real(2, 4, 1, 7)]),
    grouped(5, None, [5, 5], 5, causal=0),
    grouped(1, 6, [7, 4], 7, causal=0, more=SINK),
]


def label(case):
    return "-".join([case.op, *(f"{k}{v}" for k, v in case.attributes.items() if "heads" not in k)])


@pytest.mark.parametrize("case", [*PROJECTED, *SEPARATE, *ROTARY, *GROUPED], ids=label)
def test_like_the_runtime(case):
    for comparison in held_against_runtime(case):
        assert comparison.passed, str(comparison)
        assert not comparison.excused


PADDED = [
    (grouped(5, None, [5, 3], 5), [5, 3]),
    (grouped(4, 8, [6, 4], 8, more=[*[None] * 9, ints(4, 2)]), [4, 2]),
]


@pytest.mark.parametrize(("case", "valid"), PADDED, ids=["prompt", "chunk"])
def test_padding_behind_the_new_tokens_changes_nothing_of_these(case, valid):
    got = interlingua.evaluate(interlingua.load(case.model()), case.inputs)
    want = in_runtime(case.model(), case.inputs)
    for i, (count, total) in enumerate(zip(valid, case.operands[5] + 1, strict=True)):
        np.testing.assert_array_max_ulp(got["y1"][i, :, :total], want["y1"][i, :, :total], 0)
        apart = np.abs(got["y0"][i, :count] - want["y0"][i, :count]).max()
        assert apart < 32 * np.finfo(np.float32).eps * np.abs(want["y0"]).max()


Q3, KV2 = np.stack([X, Y, Z]).reshape(3, 2, 4, 2, 4), np.stack([Y, Z]).reshape(2, 2, 4, 2, 4)


@pytest.mark.parametrize(
    "packed",
    [
        [Q3.transpose(1, 2, 3, 0, 4), None, None],
        [np.concatenate([X, Y, Z], axis=2), None, None],
        [X, KV2.transpose(1, 2, 3, 0, 4)],
    ],
    ids=["all", "all-flat", "keys-and-values"],
)
def test_packed_heads_are_the_same_heads(packed):
    """ONNX Runtime's CPU has no kernel for these layouts."""
    results = []
    for operands in (packed, [X, Y, Z]):
        case = Case("MultiHeadAttention", operands, {"num_heads": 2})
        results.append(interlingua.evaluate(interlingua.load(case.model()), case.inputs)["y0"])
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (Case("Attention", [X, W, BIAS, mask(2, 1, 4, 4)], {"num_heads": 2}), "four axes"),
        (Case("Attention", [X, W, BIAS, ints(1, 2, 3)], {"num_heads": 2}), "3 elements"),
        (Case("Attention", [X, W, BIAS, mask(2, 5)], {"num_heads": 2}), "a mask over 5 keys"),
        (Case("Attention", [X, W, BIAS], {"num_heads": 2, "do_rotary": 1}), "do_rotary"),
        (Case("Attention", [X, real(8, 20), None], {"num_heads": 2}), "no three parts"),
        (Case("MultiHeadAttention", [X, Y, Z, *[None] * 5, ints(1)], {"num_heads": 2}), "in place"),
        (Case("RotaryEmbedding", [X, np.array([1]), *TABLES], {"is_packed_batching": 1}), "packed batches"),
        (grouped(1, 6, [7, 7], 7, k_quant_type="PER_TENSOR"), "levels"),
        (grouped(1, 6, [7, 7], 7, sliding_window_cache=1, local_window_size=3), "window alone"),
        (grouped(1, 6, [7, 7], 7, more=[*[None] * 7, real(16), real(16)]), "normalised"),
    ],
    ids=lambda c: label(c) if isinstance(c, Case) else "",
)
def test_what_is_not_understood_is_refused(case, reason):
    with pytest.raises(UnsupportedOps, match=reason):
        interlingua.load(case.model())


EMITTED = [PROJECTED[2], SEPARATE[2], grouped(1, 12, [7, 4], 7, smooth_softmax=1, **TURNED)]


@pytest.mark.parametrize("case", EMITTED, ids=label)
def test_conversion_is_verified_by_the_runtime(case):
    report = interlingua.convert(case.model(), to="onnx", examples=[case.inputs]).report
    assert report.verdict is Verdict.VERIFIED, str(report)
