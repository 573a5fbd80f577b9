"""The version that an op is declared with: the first that has what a node makes use of.

A runtime refuses a version that it does not know, so a model that declares no more than it needs is read by the most
runtimes. Rules are those of TensorFlow Lite (tflite/tools/versioning/op_version.cc) for plain tensors; for SELECT_V2
that tool looks at the condition where the values are meant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Use:
    """What a node makes use of: element types of its operands and results, ranks, and options."""

    inputs: Sequence[str]
    outputs: Sequence[str]
    rank: int
    broadcast: bool
    options: Mapping[str, Any]


Rule: TypeAlias = "tuple[int, Callable[[Use], bool]]"


def _of(*types: str, at: int = 0) -> Callable[[Use], bool]:
    return lambda use: len(use.inputs) > at and use.inputs[at] in types


def _touches(*types: str) -> Callable[[Use], bool]:
    return lambda use: use.inputs[0] in types or use.outputs[0] in types


def _above(rank: int) -> Callable[[Use], bool]:
    return lambda use: use.rank > rank


def _wide(use: Use) -> bool:
    return use.broadcast and use.rank > 4


def _option(*names: str) -> Callable[[Use], bool]:
    return lambda use: any(use.options.get(name) not in (None, 0, False, "NONE") for name in names)


def _dilated(use: Use) -> bool:
    return any(use.options.get(f"dilation_{axis}_factor", 1) != 1 for axis in "hw")


I8: Rule = (2, _of("i8"))
I16: Rule = (3, _of("i16"))
BYTE_AND_SHORT: tuple[Rule, ...] = (I16, I8)

RULES: Mapping[str, tuple[Rule, ...]] = {
    **dict.fromkeys(
        {"MAX_POOL_2D", "AVERAGE_POOL_2D", "TANH", "LOGISTIC", "SOFTMAX", "MEAN", "MIRROR_PAD", "REDUCE_MAX"}
        | {"REDUCE_MIN", "RELU6", "RSQRT", "LESS", "GREATER_EQUAL"},
        BYTE_AND_SHORT,
    ),
    **dict.fromkeys(
        {"SPACE_TO_DEPTH", "SPLIT_V", "SUM", "LOG_SOFTMAX", "GREATER", "LESS_EQUAL", "SQUARED_DIFFERENCE"}
        | {"DEPTH_TO_SPACE"},
        (I8,),
    ),
    **dict.fromkeys(("EXP", "LOG", "REDUCE_PROD", "SQRT"), ((2, _of("i8", "i16")),)),
    **dict.fromkeys(("MAXIMUM", "MINIMUM"), ((4, _of("i16")), (3, _wide), I8)),
    **dict.fromkeys(("PAD", "PADV2"), ((5, _of("bool")), (4, _above(4)), I16, I8)),
    **dict.fromkeys(("ARG_MAX", "ARG_MIN"), ((3, _of("bool")), I8)),
    **dict.fromkeys(("RESIZE_BILINEAR",), ((4, _of("i16")), (3, _option("half_pixel_centers")), I8)),
    "RESIZE_NEAREST_NEIGHBOR": ((4, _of("i16")), (3, _option("half_pixel_centers", "align_corners")), I8),
    "ABS": ((5, _of("i32")), (4, _of("i16")), (2, _of("i8", "u8"))),
    "ADD": ((5, _of("i16")), (4, _of("i64")), I8),
    "BATCH_MATMUL": BYTE_AND_SHORT,
    "BROADCAST_TO": ((3, _of("i8", "i16")), (2, lambda _: True)),
    "CAST": (
        (7, _touches("bf16")),
        (5, _touches("f64", "f16")),
        (4, _touches("u16")),
        (3, _touches("i8")),
        (2, _touches("u32")),
    ),
    "CONCATENATION": ((4, _of("u32")), I16, I8),
    "CONV_2D": ((6, _option("grouped")),),
    "DEPTHWISE_CONV_2D": ((2, _dilated),),
    "DEQUANTIZE": ((3, _of("i16", "f16")), (5, _option("per_channel")), I8),
    "DIV": ((2, _wide),),
    "DYNAMIC_UPDATE_SLICE": ((4, _of("i16")), (3, _of("f16")), (2, _of("i64", at=2))),
    "EQUAL": ((4, _of("i16")), (3, _of("string")), I8),
    "FILL": ((4, _of("f16", at=1)), (3, _of("i8", "i16", at=1)), (2, _of("bool", "string", at=1))),
    "FLOOR_DIV": ((3, _of("i8", "i16")), (2, _of("f32"))),
    "FLOOR_MOD": ((2, _of("i8", "i16")),),
    "FULLY_CONNECTED": ((6, lambda u: len(u.inputs) == 2), (5, _option("keep_num_dims"))),
    "GATHER": ((6, _of("i16", at=1)), (5, _option("batch_dims")), (4, _of("i16")), (3, _of("bool")), I8),
    "GATHER_ND": ((5, _of("bool")), (4, _of("i16", at=1)), (3, _of("i16")), (2, _of("string"))),
    "GELU": ((2, _of("i8", "u8")),),
    "LEAKY_RELU": ((2, _of("i16")),),
    "MUL": ((7, _of("i16", "u32")), (6, _of("c64")), (5, _of("i64")), I8),
    "NOT_EQUAL": ((3, _of("string")), I8),
    "PACK": ((4, _of("u32")), I16, I8),
    "RANGE": ((2, _of("i64")),),
    "RELU": ((3, _of("i16")), (2, _of("i8", "u8"))),
    "REVERSE_V2": ((3, _of("i8")), (2, _of("bool"))),
    "SELECT_V2": ((2, _of("u32", at=1)),),
    "SIGN": ((2, _of("i32")),),
    "SLICE": ((6, _of("u32")), (5, _above(4)), (4, _of("i16")), (3, _of("string")), I8),
    "SPLIT": ((4, _of("i16", at=1)), (3, _of("i32", at=1)), (2, _of("i8", at=1))),
    "SQUEEZE": ((2, _of("string")),),
    "STRIDED_SLICE": (
        (8, _option("offset")),
        (7, _of("u32")),
        (6, _option("ellipsis_mask", "new_axis_mask")),
        (5, _of("string")),
        (4, _above(4)),
        (3, _of("bool")),
        I8,
    ),
    "SUB": ((4, _of("i64")), (3, _wide), I8),
    "TILE": ((3, _of("i8")), (2, _of("string"))),
    "TOPK_V2": ((3, _of("i16")), I8),
    "TRANSPOSE": ((6, _above(5)), (5, _of("i16")), (4, _above(4)), (3, _of("bool")), I8),
    "TRANSPOSE_CONV": ((4, _option("fused_activation_function")), (3, lambda u: len(u.inputs) == 4)),
    "UNPACK": ((4, _of("i16")), (3, _of("bool")), (2, _of("i8", "u8"))),
    "WHERE": ((2, lambda u: u.inputs[0] != "bool"),),
}
"""By op, the first that holds; 1 where none does."""


def version_of(op: str, use: Use) -> int:
    """The version to declare."""
    return next((version for version, holds in RULES.get(op, ()) if holds(use)), 1)
