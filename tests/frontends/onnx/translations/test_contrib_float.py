"""Ops of ONNX Runtime's own domain on floats, against its kernels; where it has none on the CPU, its documentation."""

from __future__ import annotations

import math

import numpy as np
import pytest

import interlingua
from interlingua.equivalence.expect import expect
from interlingua.equivalence.judge import judge
from interlingua.errors import UnsupportedOps
from support.contrib import Case, held_against_runtime, level, real

F = np.float32
IDS = np.array([[1, 2, 0], [4, 0, 3]], np.int32)
SEGMENTS = np.array([[1, 0, 0], [0, 1, 1]], np.int32)
MASK = np.array([[1, 1, 0], [1, 1, 1]], np.int32)
WORDS, PLACES, KINDS = real(5, 4), real(6, 4, seed=1), real(2, 4, seed=2)
GEMM = {"activation_alpha": 0.3, "activation_beta": 0.4, "activation_gamma": 1.1, "alpha": 0.7, "beta": 0.2}
BOXES = np.array([[0, 0, 1, 1], [0.1, 0.2, 0.9, 0.7], [-0.2, 0.3, 0.5, 1.2]], F)
SIZES = np.array([0, 1, 1], np.int32)

ELEMENTWISE = [
    Case("Gelu", [real(3, 5)]),
    Case("BiasGelu", [real(3, 5), real(5, seed=1)]),
    Case("FastGelu", [real(3, 5)]),
    Case("FastGelu", [real(3, 5), real(5, seed=1)]),
    Case("QuickGelu", [real(3, 5)]),
    Case("QuickGelu", [real(3, 5)], {"alpha": 0.5}),
]
PRODUCTS = [
    Case("FusedMatMul", [real(2, 3, 4), real(2, 4, 5)], {"alpha": 0.5}),
    Case("FusedMatMul", [real(2, 4, 3), real(2, 5, 4)], {"transA": 1, "transB": 1}),
    Case("FusedMatMul", [real(3, 2, 4), real(3, 2, 4)], {"transBatchA": 1, "transBatchB": 1, "transB": 1}),
    Case("FusedMatMul", [real(4, 2, 7, 3), real(2, 7, 4, 5)], {"transBatchA": 1, "transA": 1}),
    Case("FusedMatMul", [real(4), real(4, 5)], {"transA": 1}),
    Case("TransposeMatMul", [real(4, 3), real(4, 5)], {"transA": 1}),
    *(
        Case("FusedGemm", [real(3, 4), real(4, 5), real(5)], {"activation": name, **GEMM})
        for name in (
            *("Relu", "LeakyRelu", "Sigmoid", "Tanh", "Elu"),
            *("HardSigmoid", "Selu", "Softplus", "Softsign", "ThresholdedRelu"),
        )
    ),
]
CONVOLUTIONS = [
    *(
        Case(
            "FusedConv",
            [real(1, 4, 6, 6), real(4, 2, 3, 3), real(4), more],
            {"activation": name, "group": 2, "pads": [1] * 4, **({"activation_params": params} if params else {})},
        )
        for more in (None, real(1, 4, 6, 6, seed=4))
        for name, params in (
            *(("Relu", []), ("Sigmoid", []), ("Tanh", []), ("LeakyRelu", [0.2])),
            *(("HardSigmoid", [0.2, 0.3]), ("Clip", [-0.5, 0.5])),
        )
    ),
    Case(
        "ConvTransposeWithDynamicPads",
        [real(1, 2, 5, 5), real(2, 3, 3, 3), np.array([1, 0, 1, 2]), real(3)],
        {"strides": [2, 2]},
    ),
    Case("NhwcMaxPool", [level("uint8", 1, 6, 6, 3)], {"kernel_shape": [2, 2], "pads": [1, 0, 0, 1]}, (), ["uint8"]),
    Case("GridSample", [real(1, 2, 5, 5), real(1, 3, 3, 2)]),
    *(
        Case(
            "CropAndResize",
            [real(2, 3, 5, 6), BOXES, SIZES, np.array(size, np.int32)],
            {"mode": mode, "extrapolation_value": 0.5},
        )
        for mode in ("bilinear", "nearest")
        for size in ([4, 3], [1, 2])
    ),
]
NORMS = [
    Case("LayerNormalization", [real(2, 3, 4), real(4), real(4, seed=1)], domain="", opset=12),
    Case("SimplifiedLayerNormalization", [real(2, 3, 4), real(4)], {}, (), ["float32"] * 2, domain=""),
    Case(
        "SkipLayerNormalization",
        [real(2, 3, 4), real(2, 3, 4, seed=1), real(4), real(4, seed=2), real(4, seed=3)],
        outputs=["float32", "", "", "float32"],
    ),
    Case("SkipLayerNormalization", [real(2, 3, 4), real(1, 3, 4, seed=1), real(4)], {"epsilon": 0.1}),
    Case(
        "SkipLayerNormalization",
        [real(2, 3, 4, dtype="float16"), real(3, 4, seed=1, dtype="float16"), real(4, dtype="float16")],
        outputs=["float16"],
    ),
    Case(
        "SkipSimplifiedLayerNormalization",
        [real(2, 3, 4), real(2, 3, 4, seed=1), real(4), real(4, seed=2)],
        outputs=["float32", "", "", "float32"],
    ),
    Case(
        "EmbedLayerNormalization",
        [IDS, SEGMENTS, WORDS, PLACES, KINDS, real(4), real(4, seed=1), MASK],
        {"epsilon": 1e-5},
        outputs=["float32", "int32", "float32"],
    ),
    Case(
        "EmbedLayerNormalization",
        [IDS, None, WORDS, PLACES, None, real(4), real(4), None, np.array([[3, 1, 5]], np.int32)],
        outputs=["float32", "int32"],
    ),
]
OTHERS = [
    Case("Trilu", [real(3, 4), np.array(1)], {"upper": 0}),
    Case("GatherND", [real(3, 4), np.array([[0, 1], [2, 2]])]),
    Case("ExpandDims", [real(3, 4), np.array(-1, np.int32)], constants=[1]),
    Case("Range", [np.array([1], F), np.array([5], F)]),
    Case("Range", [np.array(1), np.array(-6), np.array(-2)], outputs=["int64"]),
    Case("Unique", [np.array([2, 1, 1, 3, 4, 3], F)], outputs=["float32", "int64", "int64"]),
    Case("Pad", [real(3, 4), np.array([[0, 2, 1, 0]]), np.array([1.5], F)]),
    Case("Pad", [real(3, 4), np.array([0, 2, 1, 0])], {"mode": "reflect"}),
]


def label(case: Case) -> str:
    return "-".join([case.op, *(str(v) for v in case.attributes.values())])


@pytest.mark.parametrize("case", [*ELEMENTWISE, *PRODUCTS, *CONVOLUTIONS, *NORMS, *OTHERS], ids=label)
def test_like_the_runtime(case):
    for comparison in held_against_runtime(case):
        assert comparison.passed, str(comparison)
        assert not comparison.excused


def gelu(x):
    return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def silu(x):
    return x / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def grouped(x, scale, bias, groups):
    """The definition, by loops; channels last."""
    y = np.empty_like(x)
    each = x.shape[-1] // groups
    for i in range(x.shape[0]):
        for g in range(groups):
            part = x[i, ..., g * each : (g + 1) * each]
            y[i, ..., g * each : (g + 1) * each] = (part - part.mean()) / np.sqrt(part.var() + 1e-5)
    return y * scale + bias


def convolved(x, w):
    """A 1×1 convolution of data with channels last."""
    return np.einsum("nhwc,oc->nhwo", x, w[:, :, 0, 0])


X, B, S = real(2, 3, 8), real(8, seed=1), real(2, 3, 8, seed=2)
IMAGE, SCALE, SHIFT, SKIP = real(2, 3, 3, 8), real(8, seed=1), real(8, seed=2), real(2, 8, seed=3)
KERNEL, SUM = real(5, 8, 1, 1, seed=4), real(2, 3, 3, 5, seed=5)
WITHOUT_KERNEL = [
    (Case("BiasAdd", [X, B, S]), lambda x, b, s: x + b + s),
    (Case("BiasSplitGelu", [X, B]), lambda x, b: (x + b)[..., :4] * gelu((x + b)[..., 4:])),
    (
        Case("BiasSoftmax", [X, S[:1]], {"axis": 1, "is_inner_broadcast": 0}),
        lambda x, b: np.stack([softmax(r) for r in x + b]),
    ),
    (Case("BiasDropout", [X, B, S]), lambda x, b, s: x + b + s),
    (
        Case("GemmFastGelu", [X, real(8, 4)]),
        lambda x, w: (x @ w) * 0.5 * (1 + np.tanh(0.7978845608028654 * ((x @ w) + 0.044715 * (x @ w) ** 3))),
    ),
    (Case("GroupNorm", [IMAGE, SCALE, SHIFT], {"groups": 2, "activation": 0}), lambda x, s, b: grouped(x, s, b, 2)),
    (
        Case("GroupNorm", [IMAGE, SCALE, SHIFT], {"groups": 4, "activation": 1}),
        lambda x, s, b: silu(grouped(x, s, b, 4)),
    ),
    (
        Case("SkipGroupNorm", [IMAGE, SCALE, SHIFT, SKIP, B], {"groups": 2, "activation": 0}),
        lambda x, s, b, k, more: grouped(x + k[:, None, None] + more, s, b, 2),
    ),
    (Case("NhwcConv", [IMAGE, KERNEL]), convolved),
    (
        Case("NhwcFusedConv", [IMAGE, KERNEL, None, SUM], {"activation": "Relu"}),
        lambda x, w, z: np.maximum(convolved(x, w) + z, 0),
    ),
    (Case("TorchEmbedding", [real(5, 4), np.array([[0, 3]])]), lambda w, i: w[i]),
]


@pytest.mark.parametrize(("case", "formula"), WITHOUT_KERNEL, ids=lambda c: label(c) if isinstance(c, Case) else "")
def test_like_the_documentation(case, formula):
    wide = [v.astype(np.float64) if v.dtype.kind == "f" else v for v in case.operands if v is not None]
    module = interlingua.load(case.model())
    (comparison,) = judge(expect(module, case.inputs), {"y0": formula(*wide).astype(F)}, case.op)
    assert comparison.passed, str(comparison)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (Case("FusedGemm", [real(3, 4), real(4, 5), real(5)], {"activation": "Elu"}), "without its alpha"),
        (Case("FusedGemm", [real(3, 4), real(4, 5), real(5)], {"activation": "Erf"}), "'Erf'"),
        (Case("FusedConv", [real(1, 2, 3, 3), real(2, 2, 1, 1)], {"activation": "Clip"}), "two bounds"),
        (Case("GroupNorm", [IMAGE, SCALE, SHIFT], {"groups": 2, "activation": 2}), "activation 2"),
        (Case("BiasSoftmax", [X, B], {"axis": 2, "is_inner_broadcast": 0}), "rank"),
        (Case("BiasDropout", [X, B, None, None, np.array(True)]), "training_mode"),
        (Case("Pad", [real(3), np.array([1, 1])], {"mode": "wrap"}), "'wrap'"),
        (Case("CropAndResize", [real(2, 3, 5, 6), BOXES, SIZES, SIZES[:2]], {"mode": "cubic"}), "'cubic'"),
        (Case("BeamSearch", [IDS]), "search over tokens"),
    ],
    ids=lambda c: label(c) if isinstance(c, Case) else "",
)
def test_what_is_not_understood_is_refused(case, reason):
    with pytest.raises(UnsupportedOps, match=reason):
        interlingua.load(case.model())
