"""Ops on levels: against ONNX Runtime's kernels, or where it has none on the CPU, the documentation."""

from __future__ import annotations

import numpy as np
import pytest

import interlingua
from interlingua.equivalence.expect import expect
from interlingua.equivalence.judge import judge
from interlingua.errors import UnsupportedOps
from interlingua.ir.dtypes import DType
from interlingua.report import Verdict
from support.contrib import Case, held_against_runtime, level, real

F = np.float32
CHOICE = np.array([[True, False, True]])


def on_levels(d):
    """The ops of which operands and results are levels of one dtype."""

    def zero(value):
        return np.array(value, d)

    x, y = level(d, 3, 4), level(d, 4, seed=2)
    wide, image = level(d, 50), level(d, 1, 2, 5, 5)
    last = np.ascontiguousarray(image.transpose(0, 2, 3, 1))
    scales = np.linspace(0.01, 0.05, 6).astype(F)
    window = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
    softmax = [level(d, 3, 4, 5), F(0.05), zero(3), F(1 / 256), zero(0 if d == "uint8" else -128)]
    image_scales = [F(0.2), zero(4), F(0.1), zero(1)]
    weights = [level("int8", 6, 2, 3, 3), scales, np.zeros(6, np.int8), F(0.5), zero(7), np.arange(6, dtype=np.int32)]
    result = {"outputs": [d]}
    return [
        Case("QLinearAdd", [x, F(0.1), zero(3), y, F(0.2), zero(7), F(0.23), zero(11)], **result),
        Case("QLinearMul", [x, F(0.1), zero(3), y, F(0.02), zero(7), F(0.23), zero(11)], **result),
        Case("QLinearSigmoid", [wide, F(0.05), zero(3), F(1 / 256), zero(0)], {}, range(1, 5), **result),
        Case("QLinearLeakyRelu", [wide, F(0.05), zero(3), F(0.03), zero(5)], {"alpha": 0.1}, range(1, 5), **result),
        *(
            Case("QLinearSoftmax", softmax, {"opset": opset, "axis": axis}, range(1, 5), **result)
            for opset, axis in ((13, -1), (13, 1), (12, 1), (12, 2))
        ),
        Case(
            "QLinearConcat",
            [F(0.2), zero(4), level(d, 2, 3), F(0.1), zero(1), level(d, 2, 5), F(0.2), zero(4)],
            {"axis": 1},
            [0, 1, 3, 4, 6, 7],
            **result,
        ),
        Case("QLinearAveragePool", [image, *image_scales], {**window, "count_include_pad": 0}, **result),
        Case(
            "QLinearAveragePool",
            [last, *image_scales],
            {**window, "count_include_pad": 1, "channels_last": 1},
            **result,
        ),
        Case("QLinearGlobalAveragePool", [image, *image_scales], **result),
        Case("QLinearGlobalAveragePool", [last, *image_scales], {"channels_last": 1}, **result),
        Case(
            "QLinearWhere",
            [CHOICE, level(d, 2, 3), F(0.1), zero(1), level(d, 2, 1), F(0.2), zero(2), F(0.15), zero(3)],
            {},
            [2, 3, 5, 6, 7, 8],
            **result,
        ),
        Case("QLinearConv", [last, F(0.1), zero(3), *weights], {"channels_last": 1}, range(1, 9), **result),
        Case("QLinearConv", [image, F(0.1), zero(3), *weights], {}, range(1, 9), **result),
        Case("QGemm", [x, F(0.1), zero(3), level("int8", 4, 6), *weights[1:3], weights[5], F(0.3), zero(4)], **result),
        Case("QuantizeLinear", [real(3, 4), F(0.02), zero(3)], **result),
    ]


def to_floats(d):
    """The ops that give floats."""
    zero = np.array(3, d)
    return [
        Case("QGemm", [level(d, 4, 3), F(0.1), zero, level("int8", 5, 4), F(0.1), np.int8(2)], TURNED),
        Case("DequantizeLinear", [level(d, 3, 4), real(4) ** 2 + F(0.1), level(d, 4)], {"axis": 1}),
        Case(
            "MatMulIntegerToFloat",
            [level(d, 3, 4), level("int8", 4, 5), F(0.1), real(5) ** 2, zero, np.arange(5).astype(np.int8), real(5)],
        ),
        Case("MatMulIntegerToFloat", [level(d, 2, 3, 4), level("int8", 4, 5), F(0.1), F(0.2)]),
        Case("DynamicQuantizeMatMul", [real(3, 4), level(d, 4, 5), F(0.1), zero, real(5)]),
        Case("DynamicQuantizeMatMul", [real(2, 3, 4), level(d, 4, 5), real(5) ** 2]),
    ]


TURNED = {"transA": 1, "transB": 1, "alpha": 0.5}
MORE = [
    Case("QuantizeLinear", [real(3, 4), F(0.0002), np.uint16(3)], outputs=["uint16"]),
    Case("DequantizeLinear", [level("int16", 3, 4), F(0.02)]),
    Case("MatMulInteger16", [level("int16", 3, 4) // 64, level("int16", 4, 5) // 64], outputs=["int32"]),
    Case(
        "QEmbedLayerNormalization",
        [
            np.array([[1, 2, 0]], np.int32),
            np.array([[1, 0, 0]], np.int32),
            *(level("uint8", rows, 4, seed=rows) for rows in (5, 6, 2)),
            *(level("uint8", 4, seed=s) for s in (7, 8)),
            np.array([[1, 1, 0]], np.int32),
            *(F(s / 100) for s in range(1, 6)),
            *(np.uint8(z) for z in range(3, 8)),
        ],
        outputs=["float32", "int32"],
    ),
]


def lstm(d, batch, direction, *, lengths=None, peepholes=None, by_column=False, bias=True):
    count, width = (2 if direction == "bidirectional" else 1), 8
    zero = np.zeros(count, d) if d == "int8" else np.full(count, 120, d)
    scale = np.full(count, 0.003, F)
    rows = (np.zeros((1, 4 * width), d), np.abs(real(1, 4 * width)) * F(0.003)) if by_column else (zero, scale)
    states = [real(count, batch, width, seed=s, size=0.3) for s in (5, 6)] if lengths is None else [None, None]
    return Case(
        "DynamicQuantizeLSTM",
        [
            real(5, batch, 6),
            level(d, count, 6, 4 * width),
            level(d, count, width, 4 * width, seed=2),
            real(count, 8 * width, seed=3, size=0.1) if bias else None,
            lengths,
            *states,
            peepholes,
            rows[1],
            rows[0],
            scale,
            zero,
        ],
        {"hidden_size": width, "direction": direction},
        [1, 2, 8, 9, 10, 11],
        ["float32"] * 3,
    )


RECURRENT = [
    lstm("int8", 1, "forward"),
    lstm("uint8", 1, "forward"),
    lstm("int8", 2, "bidirectional"),
    lstm("uint8", 2, "reverse"),
    lstm("int8", 1, "reverse", bias=False),
    lstm("int8", 3, "forward", lengths=np.array([3, 1, 4], np.int32), peepholes=real(1, 24, size=0.1), by_column=True),
]


def label(case):
    about = [f"{k}{v}" for k, v in case.attributes.items() if k in ("opset", "axis", "channels_last", "direction")]
    return "-".join([case.op, str(np.asarray(case.operands[0]).dtype), *about])


@pytest.mark.parametrize(
    "case",
    [*on_levels("uint8"), *on_levels("int8"), *to_floats("uint8"), *to_floats("int8"), *MORE, *RECURRENT],
    ids=label,
)
def test_like_the_runtime(case):
    for comparison in held_against_runtime(case):
        assert comparison.passed, str(comparison)
        assert comparison.excused < 0.5 if case.op == "DynamicQuantizeLSTM" else not comparison.excused


A, B = level("uint8", 3, 4), level("uint8", 4, seed=1)
WITHOUT_KERNEL = [
    (
        Case("MulInteger", [A, np.uint8(3), B, np.uint8(7)], outputs=["int32"]),
        lambda: (A.astype(np.int32) - 3) * (B.astype(np.int32) - 7),
    ),
    (
        Case("ReduceSumInteger", [level("int8", 3, 4)], {"axes": [1], "keepdims": 0}, outputs=["int32"]),
        lambda: level("int8", 3, 4).astype(np.int32).sum(1, dtype=np.int32),
    ),
    (
        Case("ReduceSumInteger", [A], {"axes": [0], "keepdims": 1}, outputs=["uint32"]),
        lambda: A.astype(np.uint32).sum(0, keepdims=True, dtype=np.uint32),
    ),
    (
        Case("QLinearReduceMean", [A, F(0.1), np.uint8(3), F(0.05), np.uint8(9)], {"axes": [1], "keepdims": 0}),
        lambda: np.clip(np.rint((A.astype(float) - 3).mean(1) * 0.1 / 0.05) + 9, 0, 255).astype(np.uint8),
    ),
    (
        Case("QLinearAdd", [A, F(0.5), None, B, F(0.5), None, F(1.0)], outputs=["uint8"]),
        lambda: np.rint((A.astype(float) + B) / 2).astype(np.uint8),
    ),
]


@pytest.mark.parametrize(("case", "formula"), WITHOUT_KERNEL, ids=lambda c: label(c) if isinstance(c, Case) else "")
def test_like_the_documentation(case, formula):
    module = interlingua.load(case.model()) if case.op != "QLinearReduceMean" else loaded_as(case, "uint8")
    (comparison,) = judge(expect(module, case.inputs), {"y0": formula()}, case.op)
    assert comparison.passed, str(comparison)


def loaded_as(case, dtype):
    return interlingua.load(Case(case.op, case.operands, case.attributes, outputs=[dtype]).model())


def test_levels_stay_levels():
    """No weight becomes a float, in the IR or in what is emitted."""
    d = "int8"
    case = next(c for c in on_levels(d) if c.op == "QLinearConv")
    module = interlingua.optimize(interlingua.load(case.model()))
    weights = [n.op.weight for n in module.walk() if n.op.name == "core.constant"]
    assert [w.dtype for w in weights if w.shape == case.operands[3].shape] == [DType.I8]


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (Case("QLinearAveragePool", [level("uint8", 1, 5, 5, 2), F(1), np.uint8(0), F(1), np.uint8(0)],
              {"kernel_shape": [2, 2], "channels_last": 1, "auto_pad": "SAME_UPPER"}, (), ["uint8"]), "auto_pad"),
        (Case("MatMulIntegerToFloat", [A, level("int8", 4, 5), real(4), F(0.1)]), "summed over"),
    ],
    ids=lambda c: label(c) if isinstance(c, Case) else "",
)  # fmt: skip
def test_what_is_not_understood_is_refused(case, reason):
    with pytest.raises(UnsupportedOps, match=reason):
        interlingua.load(case.model())


EMITTED = [on_levels("uint8")[8], on_levels("int8")[-2], to_floats("int8")[-2]]


@pytest.mark.parametrize("case", EMITTED, ids=label)
def test_conversion_is_verified_by_the_runtime(case):
    report = interlingua.convert(case.model(), to="onnx", examples=[case.inputs]).report
    assert report.verdict is Verdict.VERIFIED, str(report)
