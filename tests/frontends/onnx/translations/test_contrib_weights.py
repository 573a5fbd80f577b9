"""Weights of a few bits each: read as ONNX Runtime's kernels read them, kept as that, written as that."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import onnx
import pytest
from onnx import helper

import interlingua
from interlingua.errors import UnsupportedOps
from interlingua.ir.dtypes import DType
from interlingua.report import Verdict
from support.contrib import Case, held_against_runtime, level, real
from support.models import info, model

BY_BITS = {2: DType.U2, 4: DType.U4, 8: DType.U8}


def product(bits, inner, columns, block, zeros=None, bias=True, **attributes):
    """A MatMulNBits of random levels; ``zeros``: packed or real zero points, or none."""
    blocks = -(-inner // block)
    given = {
        None: None,
        "packed": level("uint8", columns, -(-blocks * bits // 8), seed=3),
        "real": real(columns, blocks, seed=4, size=2.0) + np.float32(3),
    }[zeros]
    weight = level("uint8", columns, blocks, block * bits // 8)
    scales = np.abs(real(columns, blocks, seed=2)) + np.float32(0.1)
    return Case(
        "MatMulNBits",
        [real(2, inner), weight, scales, given, None, real(columns, seed=5) if bias else None],
        {"K": inner, "N": columns, "bits": bits, "block_size": block, **attributes},
        [1, 2] if given is None else [1, 2, 3],
    )


SHAPES = [(32, 5, 16), (40, 3, 16), (64, 4, 32)]
PRODUCTS = [
    product(bits, *shape, zeros)
    for bits in (2, 4, 8)
    for shape in SHAPES
    for zeros in (None, "packed", "real")
    if (bits, zeros) != (8, "real")  # ONNX Runtime has no kernel for it
]
CODES = [
    Case(
        "MatMulBnb4",
        [real(2, 40), level("uint8", 60), np.abs(real(8, seed=1))],
        {"K": 40, "N": 3, "block_size": 16, "quant_type": kind},
        [1, 2],
    )
    for kind in (0, 1)
]
NIBBLES = np.random.default_rng(0).integers(-8, 8, (32, 5))
PLACES = np.array([[0, 3], [-1, 2]])
TABLES = [
    *(
        Case(
            "GatherBlockQuantized",
            [level("uint8", 5, 32 * bits // 8), PLACES, np.abs(real(5, 2)), zeros],
            {"bits": bits, "block_size": 16},
            [0, 2] if zeros is None else [0, 2, 3],
        )
        for bits in (2, 4, 8)
        for zeros in (None, level("uint8", 5, max(1, bits // 4), seed=1))
    ),
    Case(
        "GatherBlockQuantized",
        [NIBBLES.astype(ml_dtypes.int4), np.array([0, 3]), np.abs(real(2, 5)), NIBBLES[:2].astype(ml_dtypes.int4)],
        {"block_size": 16, "quantize_axis": 0, "gather_axis": 1},
        [0, 2, 3],
    ),
    Case(
        "GatherBlockQuantized",
        [(NIBBLES.T + 8).astype(ml_dtypes.uint4), np.array([0, 3]), np.abs(real(5, 2))],
        {"block_size": 16, "quantize_axis": -1, "gather_axis": 0},
        [0, 2],
    ),
]


def label(case):
    zeros = case.operands[3] if len(case.operands) > 3 else None
    about = [f"{k}{v}" for k, v in case.attributes.items()]
    return "-".join([case.op, *about, "" if zeros is None else str(zeros.dtype)])


@pytest.mark.parametrize("case", [*PRODUCTS, *CODES, *TABLES], ids=label)
def test_like_the_runtime(case):
    for comparison in held_against_runtime(case):
        assert comparison.passed, str(comparison)
        assert not comparison.excused


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_levels_stay_levels_of_as_many_bits(bits):
    module = interlingua.optimize(interlingua.load(product(bits, 64, 128, 32, "packed", bias=False).model()))
    weights = [n.op.weight for n in module.walk() if n.op.name == "core.constant"]
    assert [w.dtype for w in weights if w.shape == (64, 128)] == [BY_BITS[bits]]
    assert all(w.size < 64 * 128 for w in weights if w.dtype.is_float)


@pytest.mark.parametrize("bits", [4, 8])
def test_the_artifact_is_as_small_as_its_source_and_verified(bits, tmp_path):
    source = product(bits, 256, 128, 32, "packed").model()
    conversion = interlingua.convert(source, to="onnx", output=tmp_path / "model.onnx")
    assert conversion.verdict is Verdict.VERIFIED, str(conversion.report)
    assert (tmp_path / "model.onnx").stat().st_size < 1.1 * len(source.SerializeToString())
    kinds = {w.data_type for w in onnx.load(tmp_path / "model.onnx").graph.initializer if list(w.dims) == [256, 128]}
    assert kinds == {onnx.TensorProto.UINT4 if bits == 4 else onnx.TensorProto.UINT8}


@pytest.mark.parametrize("op", ["MatMul", "Gemm"])
@pytest.mark.parametrize(("dtype", "axis"), [("int8", None), ("uint8", 1)])
def test_a_dequantized_weight_costs_no_digits_of_the_other_operand(op, dtype, axis):
    """ONNX Runtime would fuse them, and quantize the float operand to 8 bits on the way."""
    weights = {"w": level(dtype, 64, 48), "s": np.float32(0.1) if axis is None else np.abs(real(48)) + np.float32(0.1)}
    nodes = [
        helper.make_node("DequantizeLinear", ["w", "s"], ["d"], **({} if axis is None else {"axis": axis})),
        helper.make_node(op, ["x", "d"], ["y"]),
    ]
    source = model(nodes, [info("x", ["b", 64])], [info("y", ["b", 48])], weights)
    report = interlingua.convert(source, to="onnx").report
    assert report.verdict is Verdict.VERIFIED, str(report)


@pytest.mark.parametrize("external", [False, True])
def test_a_source_that_permits_8_bits_on_the_way_is_held_to_its_floats(external, tmp_path):
    """As ONNX Runtime's optimiser leaves a product with a weight of 4 bits."""
    path = tmp_path / "source.onnx"
    source = product(4, 256, 48, 32, "packed", accuracy_level=4).model()
    onnx.save(source, path, save_as_external_data=external, location="weights", size_threshold=0)
    report = interlingua.convert(path, to="onnx").report
    assert report.verdict is Verdict.VERIFIED, str(report)


FREE = product(4, 32, 5, 16)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (product(4, 32, 5, 16, weight_prepacked=1), "one device"),
        (product(3, 32, 5, 16), "3 bits"),
        (Case("MatMulNBits", FREE.operands, FREE.attributes), "input 1 must be constant"),
        (Case("MatMulNBits", [*FREE.operands[:4], np.arange(32, dtype=np.int32)[::-1].copy()], FREE.attributes,
              [1, 2, 4]), "g_idx"),
        (Case("MatMulBnb4", CODES[0].operands, {**CODES[0].attributes, "quant_type": 2}, [1, 2]), "quant_type 2"),
    ],
    ids=lambda c: label(c) if isinstance(c, Case) else "",
)  # fmt: skip
def test_what_is_not_understood_is_refused(case, reason):
    with pytest.raises(UnsupportedOps, match=reason):
        interlingua.load(case.model())
