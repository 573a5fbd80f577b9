"""The versions that ops are declared with, beside those that the tools of TensorFlow Lite give them.

``BY_TYPES`` and ``BY_USE`` were written from ``tflite/tools/versioning/{op,runtime}_version.cc`` alone, for plain
tensors. The latter knows BITCAST, SCATTER_ND and UNSORTED_SEGMENT_* in version 1, and in no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatch
from typing import Any

import pytest

from interlingua.backends.litert.kernels import Kernel, kernels
from interlingua.backends.litert.versions import RULES, Use, version_of
from support.litert_models import registered

BYTE, EITHER, BYTE_OR_SHORT = {"i8*": 2}, {"i8": 2, "i16": 2}, {"i16*": 3, "i8*": 2}
BY_TYPES: Mapping[str, Mapping[str, int]] = {
    **dict.fromkeys(
        {"AVERAGE_POOL_2D", "BATCH_MATMUL", "GREATER_EQUAL", "LESS", "LOGISTIC", "MAX_POOL_2D", "MEAN", "MIRROR_PAD"}
        | {"REDUCE_MAX", "REDUCE_MIN", "RELU6", "RSQRT", "SOFTMAX", "TANH"},
        BYTE_OR_SHORT,
    ),
    **dict.fromkeys(
        {"DEPTH_TO_SPACE", "GREATER", "LESS_EQUAL", "LOG_SOFTMAX", "NOT_EQUAL", "SPACE_TO_DEPTH", "SPLIT_V"}
        | {"SQUARED_DIFFERENCE", "SUM"},
        BYTE,
    ),
    **dict.fromkeys(["EXP", "FLOOR_MOD", "LOG", "REDUCE_PROD", "SQRT"], EITHER),
    "ABS": {"i32": 5, "i16": 4, "i8": 2, "u8": 2},
    "ADD": {"i16": 5, "i64": 4, "i8": 2},
    "ARG_MAX": {"bool *": 3, "i8 *": 2},
    "ARG_MIN": {"bool *": 3, "i8 *": 2},
    "BROADCAST_TO": {"i8 *": 3, "i16 *": 3, "*": 2},
    "CAST": {"bf16 *": 7, "* bf16": 7, "f64 *": 5, "* f64": 5, "f16 *": 5, "* f16": 5, "u16 *": 4, "* u16": 4,
             "i8 *": 3, "* i8": 3, "u32 *": 2, "* u32": 2},
    "CONCATENATION": {"u32": 4, "i16": 3, "i8": 2},
    "DEQUANTIZE": {"f16": 3},
    "DYNAMIC_UPDATE_SLICE": {"i16 *": 4, "f16 *": 3, "* i64": 2},
    "EQUAL": {"i16": 4, "i8": 2},
    "FILL": {"* f16": 4, "* i8": 3, "* i16": 3, "* bool": 2},
    "FLOOR_DIV": {"i16": 3, "i8": 3, "f32": 2},
    "GATHER": {"* i16": 6, "i16 *": 4, "bool *": 3, "i8 *": 2},
    "GATHER_ND": {"bool *": 5, "* i16": 4, "i16 *": 3},
    "GELU": {"i8": 2, "u8": 2},
    "LEAKY_RELU": {"i16": 2},
    "MAXIMUM": {"i16": 4, "i8": 2},
    "MINIMUM": {"i16": 4, "i8": 2},
    "MUL": {"i16": 7, "u32": 7, "i64": 5, "i8": 2},
    "PACK": {"u32": 4, "i16": 3, "i8": 2},
    "PAD": {"bool *": 5, "i16 *": 3, "i8 *": 2},
    "PADV2": {"bool *": 5, "i16 *": 3, "i8 *": 2},
    "RANGE": {"i64": 2},
    "RELU": {"i16": 3, "i8": 2, "u8": 2},
    "RESIZE_BILINEAR": {"i16": 4, "i8": 2},
    "RESIZE_NEAREST_NEIGHBOR": {"i16": 4, "i8": 2},
    "REVERSE_V2": {"i8": 3, "bool": 2},
    "SELECT_V2": {"u32": 2},  # of the values: the tool looks at the condition, which is never one
    "SIGN": {"i32": 2},
    "SLICE": {"u32 *": 6, "i16 *": 4, "i8 *": 2},
    "SPLIT": {"i16": 4, "i32": 3, "i8": 2},
    "STRIDED_SLICE": {"u32": 7, "bool": 3, "i8": 2},
    "SUB": {"i64": 4, "i8": 2},
    "TILE": {"i8": 3},
    "TOPK_V2": {"i16": 3, "i8": 2},
    "TRANSPOSE": {"i16": 5, "bool": 3, "i8": 2},
    "TRANSPOSE_CONV": {"f32": 3},  # with a bias, the fourth operand
    "FULLY_CONNECTED": {"f32": 6},  # without a bias, the third
    "UNPACK": {"i16": 4, "bool": 3, "i8": 2, "u8": 2},
    "WHERE": {"bool": 1, "*": 2},
}  # fmt: skip
"""Of operands of rank 4 and one shape: by the types of a row of the table of kernels, the first that fits; else 1."""


def use(inputs: str, *, rank: int = 4, broadcast: bool = False, **options: Any) -> Use:
    types = inputs.split()
    return Use(types, types[:1], rank, broadcast, options)


BY_USE = [
    ("CONV_2D", use("f32 f32 f32"), 1),
    ("CONV_2D", use("f32 f32 f32", grouped=True), 6),
    ("DEPTHWISE_CONV_2D", use("f32 f32", dilation_h_factor=1, dilation_w_factor=1), 1),
    ("DEPTHWISE_CONV_2D", use("f32 f32", dilation_h_factor=1, dilation_w_factor=2), 2),
    ("FULLY_CONNECTED", use("f32 f32 f32"), 1),
    ("FULLY_CONNECTED", use("f32 f32 f32", keep_num_dims=True), 5),
    ("FULLY_CONNECTED", use("f32 f32", keep_num_dims=True), 6),
    ("GATHER", use("bool i32", batch_dims=1), 5),
    ("GATHER", use("f32 i16", batch_dims=1), 6),
    *((op, use("f32 f32", rank=5, broadcast=True), v) for op, v in [("MAXIMUM", 3), ("SUB", 3), ("DIV", 2)]),
    ("ADD", use("f32 f32", rank=5, broadcast=True), 1),
    *((op, use("f32 f32", rank=5), 1) for op in ("MAXIMUM", "SUB", "DIV")),
    ("MAXIMUM", use("i16 i16", rank=5, broadcast=True), 4),
    ("SUB", use("i64 i64", rank=5, broadcast=True), 4),
    *((op, use("f32 i32", rank=5), v) for op, v in [("PAD", 4), ("SLICE", 5), ("STRIDED_SLICE", 4), ("TRANSPOSE", 4)]),
    *((op, use("i16 i32", rank=5), v) for op, v in [("PAD", 4), ("SLICE", 5), ("STRIDED_SLICE", 4), ("TRANSPOSE", 5)]),
    *((op, use("bool i32", rank=5), v) for op, v in [("PAD", 5), ("PADV2", 5), ("STRIDED_SLICE", 4), ("TRANSPOSE", 4)]),
    ("TRANSPOSE", use("i16 i32", rank=6), 6),
    ("SLICE", use("u32 i32", rank=6), 6),
    ("STRIDED_SLICE", use("f32 i32 i32 i32", rank=5, new_axis_mask=1), 6),
    ("STRIDED_SLICE", use("f32 i32 i32 i32", shrink_axis_mask=1, begin_mask=1, end_mask=1), 1),
    ("STRIDED_SLICE", use("u32 i32 i32 i32", offset=True), 8),
    ("RESIZE_BILINEAR", use("f32 i32", half_pixel_centers=True), 3),
    ("RESIZE_BILINEAR", use("f32 i32", align_corners=True), 1),
    ("RESIZE_NEAREST_NEIGHBOR", use("f32 i32", align_corners=True), 3),
    ("RESIZE_NEAREST_NEIGHBOR", use("i16 i32", align_corners=True), 4),
    ("TRANSPOSE_CONV", use("i32 f32 f32"), 1),
    ("TRANSPOSE_CONV", use("i32 f32 f32 f32", fused_activation_function="RELU"), 4),
    ("TRANSPOSE_CONV", use("i32 f32 f32 f32", fused_activation_function="NONE"), 3),
    ("DYNAMIC_UPDATE_SLICE", use("f32 f32 i64"), 2),
    ("DYNAMIC_UPDATE_SLICE", use("i16 i16 i64"), 4),
]  # fmt: skip
"""What the types alone do not say."""
OPS = kernels().ops


def expected(op: str, row: str) -> int:
    return next((version for types, version in BY_TYPES.get(op, {}).items() if fnmatch(row, types)), 1)


def plain(kernel: Kernel, row: tuple[str, ...]) -> Use:
    """A use of a kernel on the types of a row."""
    types = dict(zip(kernel.form.parameters, row, strict=True))
    inputs, outputs = ([types.get(n, n) for n in side] for side in (kernel.form.inputs, kernel.form.outputs))
    return Use(inputs, outputs, 4, False, {})


@pytest.mark.parametrize("op", OPS)
def test_every_row_of_the_kernels(op: str) -> None:
    rows = {" ".join(row): version_of(op, plain(OPS[op], row)) for row in OPS[op].rows}
    assert rows == {row: expected(op, row) for row in rows}


@pytest.mark.parametrize(("op", "made", "version"), BY_USE)
def test_uses(op: str, made: Use, version: int) -> None:
    assert version_of(op, made) == version


def test_rules_are_of_ops_that_are_written() -> None:
    assert RULES.keys() <= OPS.keys()
    assert BY_TYPES.keys() <= OPS.keys()


@pytest.mark.parametrize("op", OPS)
def test_the_runtime_knows_each_version(op: str) -> None:
    """And none beyond the newest that it has: the question is one that it answers."""
    declared = {version for version, _ in RULES.get(op, ())} | ({1} if op != "BROADCAST_TO" else set())
    assert all(registered(op, version) for version in declared)
    assert not registered(op, 20)
