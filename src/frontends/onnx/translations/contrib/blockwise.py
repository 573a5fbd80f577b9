"""Weights of a few bits each, quantized by blocks: they become tensors of such integers, and stay that.

``MatMulNBits`` packs the columns of its weight one after the other, each block of ``block_size`` elements into bytes,
low bits first. Here the levels are a (K, N) tensor of 2, 4 or 8 bits with a scale and a zero point for each block along
K: what ONNX's DequantizeLinear takes, and what ONNX Runtime's optimiser turns into its own kernel again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.translations.contrib.table import ContribTable
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.quant import Dequantize
from interlingua.ir.ops.source import Constant
from interlingua.ir.weights import LazyWeight

TABLE = ContribTable()

Array: TypeAlias = np.ndarray[Any, Any]
UNSIGNED = {2: DType.U2, 4: DType.U4, 8: DType.U8}
"""The dtype of levels by their bits."""


def unpack(packed: Array, bits: int, count: int) -> Array:
    """The first ``count`` levels along the last axis of packed bytes, low bits first, a byte each."""
    per_byte = 8 // bits
    shifts = np.arange(per_byte, dtype=np.uint8) * np.uint8(bits)
    levels = (packed[..., None] >> shifts) & np.uint8((1 << bits) - 1)
    return np.asarray(levels.reshape(*packed.shape[:-1], -1)[..., :count])


def lazily(b: Builder, dtype: DType, shape: tuple[int, ...], compute: Callable[[], Array], name: str = "") -> Value:
    """A constant that is computed from the source's bytes each time that it is looked at."""
    return b.weight(LazyWeight(dtype, shape, lambda: np.ascontiguousarray(compute()).astype(dtype.numpy)), name)


def held(n: OnnxNode, index: int) -> Callable[[], Array]:
    """What reads a constant operand."""
    value = n[index]
    if value.node is None or not isinstance(value.node.op, Constant):
        n.unsupported(f"input {index} must be constant")
    return value.node.op.weight.view


@TABLE.translate("MatMulNBits", 1)
def matmul_nbits(n: OnnxNode, b: Builder) -> Value:
    """``accuracy_level`` permits a runtime to compute less exactly; nothing here does."""
    bits, block, inner, columns = n.attr("bits", 4), n.required("block_size"), n.required("K"), n.required("N")
    if bits not in UNSIGNED or n.attr("weight_prepacked", 0):
        n.unsupported(f"{bits} bits" if bits not in UNSIGNED else "a weight that is packed for one device")
    if n.get(4) is not None and not _in_order(n, block, inner):
        n.unsupported("g_idx, which reorders the rows")
    if 0 in n.tensor(1).dims:
        n.unsupported("a weight that is left out")
    weight = _weight(n, b, bits, block, inner, columns)
    y = Expr(b, b(MatMul(), n[0], weight))
    return (y if n.get(5) is None else y + Expr(b, n[5])).value


def _in_order(n: OnnxNode, block: int, inner: int) -> bool:
    given = n.constant(4)
    return given is not None and (given.size == 0 or np.array_equal(given.ravel()[:inner], np.arange(inner) // block))


def _weight(n: OnnxNode, b: Builder, bits: int, block: int, inner: int, columns: int) -> Value:
    """The (K, N) weight, dequantized."""
    dtype, blocks = UNSIGNED[bits], -(-inner // block)
    read = held(n, 1)

    def levels() -> Array:
        return unpack(read().reshape(columns, -1), bits, inner).T

    packed = lazily(b, dtype, (inner, columns), levels, n[1].name)
    scale = Expr(b, _by_column(n, b, 2, columns, blocks))
    op = Dequantize(dtype=scale.dtype, axis=0, block=block)
    zeros = n.get(3)
    if zeros is not None and zeros.tensor.dtype is not DType.U8:
        whole = Expr(b, b(op, packed, scale.value))
        offset = Expr(b, _by_column(n, b, 3, columns, blocks)).to(scale.dtype) * scale
        places = offset.constant(np.arange(inner) // block)
        return (whole - offset.gather(places, 0)).value
    return b(op, packed, scale.value, _zero_points(n, b, bits, columns, blocks))


def _by_column(n: OnnxNode, b: Builder, index: int, columns: int, blocks: int) -> Value:
    """A parameter of each block, (N, blocks) or flat, as (blocks, N)."""
    value = n[index]
    if value.node is None or not isinstance(value.node.op, Constant):
        return Expr(b, value).reshape([columns, blocks]).transpose(1, 0).value
    read = value.node.op.weight.view
    return lazily(b, value.tensor.dtype, (blocks, columns), lambda: read().reshape(columns, blocks).T, value.name)


def _zero_points(n: OnnxNode, b: Builder, bits: int, columns: int, blocks: int) -> Value:
    """(blocks, N): those given, packed like the weight, or the middle of the range."""
    dtype = UNSIGNED[bits]
    if n.get(3) is None:
        middle = partial(np.full, (blocks, columns), 1 << (bits - 1), np.uint8)
        return lazily(b, dtype, (blocks, columns), middle)
    read = held(n, 3)
    return lazily(b, dtype, (blocks, columns), lambda: unpack(read().reshape(columns, -1), bits, blocks).T, n[3].name)


NF4 = (
    -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453,
    -0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0.0,
    0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
    0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0,
)  # fmt: skip
"""The 16 numbers of NF4 (Dettmers et al., QLoRA, 2023, appendix E)."""
FP4 = tuple(s * v for s in (1, -1) for v in (0.0, 0.0625 / 12, 8 / 12, 1.0, 4 / 12, 6 / 12, 2 / 12, 3 / 12))
"""The 16 numbers of bitsandbytes' FP4, of one sign after the other: sign, exponent, mantissa, over its largest."""


@TABLE.translate("MatMulBnb4", 1)
def matmul_bnb4(n: OnnxNode, b: Builder) -> Value:
    """The weight is (N, K), flat, two codes a byte, the first in the high bits; a code is one of 16 numbers, times the
    largest of its block."""
    kind, block, inner, columns = (n.required(k) for k in ("quant_type", "block_size", "K", "N"))
    if kind not in (0, 1):
        n.unsupported(f"quant_type {kind}")
    count, blocks, read = columns * inner, -(-columns * inner // block), held(n, 1)
    codes = lazily(
        b, DType.U4, (blocks, block), lambda: _high_first(read().ravel(), count, blocks * block).reshape(blocks, -1)
    )
    numbers = Expr(b, b.constant(np.array(NF4 if kind else FP4, np.float32))).to(n.tensor(2).dtype)
    whole = numbers.gather(Expr(b, codes).to(DType.I32), 0) * Expr(b, n[2]).reshape([-1, 1])
    weight = whole.reshape([-1]).slice(0, 0, count).reshape([columns, inner])
    return (Expr(b, n[0]) @ (weight.transpose(1, 0) if n.attr("transB", 1) else weight)).value


def _high_first(packed: Array, count: int, room: int) -> Array:
    """``count`` codes, and zeros up to ``room``."""
    codes = np.stack([packed >> 4, packed & 15], axis=-1).reshape(-1)[:count]
    return np.pad(codes, (0, room - count))


@TABLE.translate("GatherBlockQuantized", 1)
def gather_block_quantized(n: OnnxNode, b: Builder) -> Value:
    """Rows of a table of levels, dequantized. Bytes hold several levels along the last axis. An index out of range,
    which gives zeros there, is undefined here."""
    data = n.tensor(0)
    bits, block = n.attr("bits", 4), n.attr("block_size", 128)
    if not data.dtype.is_integer or bits not in UNSIGNED:
        n.unsupported(f"levels of {data.dtype}, {bits} bits")
    table, zeros = n[0], n.get(3)
    if data.dtype is DType.U8:
        table, zeros = _opened(n, b, bits)
    rank = n.rank(0)
    op = Dequantize(dtype=n.tensor(2).dtype, axis=n.attr("quantize_axis", 1) % rank, block=block)
    whole = Expr(b, b(op, table, n[2], zeros))
    return whole.gather(Expr(b, n[1]), n.attr("gather_axis", 0) % rank).value


def _opened(n: OnnxNode, b: Builder, bits: int) -> tuple[Value, Value]:
    """Levels and zero points out of their bytes; without these, the middle of the range."""
    dtype, read, scales = UNSIGNED[bits], held(n, 0), n.tensor(2).static_shape
    packed = n.tensor(0).static_shape
    if packed is None or scales is None:
        n.unsupported("the shapes of levels and scales are not known")
    shape = (*packed[:-1], packed[-1] * 8 // bits)
    table = lazily(b, dtype, shape, lambda: unpack(read(), bits, shape[-1]), n[0].name)
    if n.get(3) is None:
        return table, lazily(b, dtype, scales, partial(np.full, scales, 1 << (bits - 1), np.uint8))
    zeros = held(n, 3)
    return table, lazily(b, dtype, scales, lambda: unpack(zeros(), bits, scales[-1]), n[3].name)
