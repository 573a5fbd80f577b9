"""Damage to weights of whole models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
from benchmarks.judge.faults.whole import (
    Array,
    ModelFault,
    Random,
    channels_swapped,
    picked,
    weight_of,
    weighted,
    with_weight,
)  # fmt: skip

from interlingua.ir.graph import Module, Node

LSTM_GATES = 4


def damaged(change: Callable[[Array, Random], Array | None]) -> Callable[[Module, Random], str | None]:
    """One of the weights that are multiplied, changed."""

    def damage(module: Module, rng: Random) -> str | None:
        options = weighted(module)
        for _ in range(20):
            node, _axis = picked(rng, options) or (None, 0)
            if node is None:
                return None
            changed = change(np.array(weight_of(node.operands[1])), rng)
            if changed is not None:
                with_weight(module, node, 1, changed)
                return str(node.place)
        return None

    return damage


def parameter(
    names: str, index: int, change: Callable[[Array, Random], Array]
) -> Callable[[Module, Random], str | None]:
    """One constant operand of one of the ops named, changed."""

    def damage(module: Module, rng: Random) -> str | None:
        def fits(n: Node) -> bool:
            return n.op.name in names.split() and len(n.operands) > index and weight_of(n.operands[index]) is not None

        node = picked(rng, [n for n in module.walk() if fits(n)])
        if node is None:
            return None
        with_weight(module, node, index, change(np.array(weight_of(node.operands[index])), rng))
        return str(node.place)

    return damage


def bit_flipped(bit: int) -> Callable[[Array, Random], Array | None]:
    """One bit of one element, counted from the least of the mantissa: 23 is the least of the exponent."""

    def change(array: Array, rng: Random) -> Array | None:
        if array.dtype != np.float32:
            return None
        array.reshape(-1).view(np.uint32)[int(rng.integers(array.size))] ^= np.uint32(1 << bit)
        return array

    return change


def transposed(array: Array, rng: Random) -> Array | None:
    """A square matrix, or a square kernel."""
    return np.ascontiguousarray(np.swapaxes(array, -1, -2)) if array.shape[-1] == array.shape[-2] > 1 else None


def flipped(array: Array, rng: Random) -> Array | None:
    """A kernel back to front."""
    return np.ascontiguousarray(array[..., ::-1]) if array.ndim > 2 and array.shape[-1] > 1 else None


def one_element(array: Array, rng: Random) -> Array:
    """The sign of one element."""
    array.reshape(-1)[int(rng.integers(array.size))] *= -1
    return array


def one_slice_zero(array: Array, rng: Random) -> Array:
    """One output or row lost."""
    array[int(rng.integers(len(array)))] = 0
    return array


def rounded(dtype: Any) -> Callable[[Array, Random], Array]:
    """Stored in a narrower dtype."""
    return lambda array, rng: array.astype(dtype).astype(array.dtype)


def quantized(array: Array, rng: Random) -> Array:
    """Stored in eight bits."""
    scale = np.abs(array).max() / 127
    levels: Array = np.rint(array / scale)
    return np.asarray(levels * scale, array.dtype)


def rolled(array: Array, rng: Random) -> Array:
    """Read one element late."""
    return np.roll(array.reshape(-1), 1).reshape(array.shape)


def regated(array: Array, rng: Random) -> Array:
    """Two gates of recurrent weights exchanged."""
    return np.concatenate(np.split(array, LSTM_GATES, 1)[::-1], 1)


def forgotten(array: Array, rng: Random) -> Array:
    """Zeros."""
    return np.zeros_like(array)


WEIGHTS: tuple[ModelFault, ...] = (
    *(ModelFault("flipped bit of the exponent", damaged(bit_flipped(bit))) for bit in (23, 24, 25)),
    ModelFault("flipped bit of the sign", damaged(bit_flipped(31))),
    ModelFault("flipped bit, the largest of the mantissa", damaged(bit_flipped(22))),
    ModelFault("transposed square", damaged(transposed)),
    ModelFault("kernel flipped", damaged(flipped)),
    ModelFault("one channel pair swapped", channels_swapped),
    ModelFault("one output lost", damaged(one_slice_zero)),
    ModelFault("read one element late", damaged(rolled)),
    ModelFault("narrow storage", damaged(rounded(ml_dtypes.bfloat16))),
    ModelFault("narrow storage", damaged(rounded(np.float16))),
    ModelFault("narrow storage", damaged(quantized)),
    ModelFault("swapped gates", parameter("rnn.lstm", 1, regated)),
    ModelFault("swapped gates", parameter("rnn.lstm", 2, regated)),
    ModelFault("bias forgotten", parameter("core.conv core.conv_transpose", 2, forgotten)),
    ModelFault("bias read one element late", parameter("core.conv core.conv_transpose", 2, rolled)),
    ModelFault("bias forgotten", parameter("core.add nn.layer_norm nn.group_norm nn.batch_norm", 2, forgotten)),
    ModelFault("norm parameters", parameter("nn.batch_norm nn.layer_norm nn.group_norm", 1, rolled)),
    ModelFault("norm parameters", parameter("nn.batch_norm", 3, rolled)),
    ModelFault("norm parameters", parameter("nn.batch_norm", 4, rolled)),
    ModelFault("off by one", parameter("nn.embedding", 0, lambda a, rng: np.roll(a, 1, 0))),
)
"""One fault a row; its seed picks the weight and the element."""
