"""Cases of ops that compute."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.ir.dtypes import DType
from litert_probes.case import INDICES, NUMBERS, TYPES, Case, Probe, data, i32, numpy_of, shape_of, wide


def prelu(rank: int, at: dict[str, str], broadcast: bool) -> Case:
    x, slope = data(shape_of(rank), at["T"], 1, -3), data(shape_of(rank, broadcast), at["T"], 2)
    return Case([x, slope], [np.where(wide(x) > 0, wide(x), wide(x) * wide(slope)).astype(x.dtype)], {}, (1,))


def cast(rank: int, at: dict[str, str], _: bool) -> Case:
    x = data(shape_of(rank), at["S"])
    low = -3 if at["S"][0] in "fib" and at["R"][0] in "fib" and "bool" not in at.values() else 0
    x = data(shape_of(rank), at["S"], low=low)
    if at["S"][0] in "iu" and at["R"][0] in "iu" and int(at["S"][1:]) > int(at["R"][1:]) and x.size:
        x = x + np.array(1 << (int(at["R"][1:]) + 1), x.dtype)  # wraps
    return Case([x], [x.astype(numpy_of(at["R"]))])


def bitcast(rank: int, at: dict[str, str], _: bool) -> Case | None:
    """Of as many bits."""
    x = data(shape_of(rank), at["S"])
    return Case([x], [x.view(numpy_of(at["R"]))]) if x.itemsize == np.dtype(numpy_of(at["R"])).itemsize else None


def dequantize(rank: int, at: dict[str, str], _: bool) -> Case:
    x = data(shape_of(rank), at["S"])
    return Case([x], [x.astype(np.float32)])


def arg(function: Any) -> Probe:
    def make(rank: int, at: dict[str, str], _: bool) -> Case | None:
        if not rank:
            return None
        x = data(shape_of(rank), at["T"])
        found = function(x, rank - 1).astype(numpy_of(at["O"]))
        return Case([x, i32(rank - 1).reshape(())], [found], {"output_type": DType(at["O"])}, (1,))

    return Probe("T i32 -> O", make, {"T": TYPES, "O": INDICES})


def top_k(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if not rank:
        return None
    x = data(shape_of(rank), at["T"])
    order = np.argsort(-x.astype(np.float64), -1, kind="stable")[..., :1]
    return Case([x, np.int32(1)], [np.take_along_axis(x, order, -1), order.astype(np.int32)], {}, (1,))


def matmul(rank: int, at: dict[str, str], broadcast: bool) -> Case | None:
    if rank < 2:
        return None
    batch = rank - 2
    a = data((*shape_of(batch, broadcast), 3, 2), at["T"])
    b = data((*shape_of(batch, broadcast, True), 2, 4), at["T"], 1)
    found = np.matmul(wide(a), wide(b)).astype(a.dtype)
    return Case([a, b], [found], {"adj_x": False, "adj_y": False})


def softmax(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if not rank:
        return None
    x = data(shape_of(rank), at["T"])
    e = np.exp(wide(x))
    return Case([x], [(e / e.sum(-1, keepdims=True)).astype(x.dtype)], {"beta": 1.0})


def log_softmax(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if not rank:
        return None
    x = data(shape_of(rank), at["T"])
    return Case([x], [(wide(x) - np.log(np.exp(wide(x)).sum(-1, keepdims=True))).astype(x.dtype)])


def conv(op: str) -> Probe:
    def make(rank: int, at: dict[str, str], _: bool) -> Case | None:
        n = 3 if op == "CONV_3D" else 2
        if rank != n + 2:
            return None
        x = data((1, *[3] * n, 2), at["T"])
        shape = {"CONV_2D": (3, 1, 1, 2), "DEPTHWISE_CONV_2D": (1, 1, 1, 2), "CONV_3D": (1, 1, 1, 2, 3)}[op]
        w = data(shape, at["T"], 1)
        if op == "DEPTHWISE_CONV_2D":
            found = wide(x) * wide(w).reshape(2)
        else:
            found = np.matmul(wide(x), wide(w).reshape(2, 3) if op == "CONV_3D" else wide(w).reshape(3, 2).T)
        strides = {f"stride_{a}": 1 for a in "dhw"[3 - n :]}
        options: dict[str, Any] = {"padding": "VALID", **strides}
        if op == "DEPTHWISE_CONV_2D":
            options["depth_multiplier"] = 1
        options |= {f"dilation_{a}_factor": 1 for a in "dhw"[3 - n :]}
        return Case([x, w, np.zeros(found.shape[-1], x.dtype)], [found.astype(x.dtype)], options, (1, 2))

    return Probe("T T T -> T", make, {"T": NUMBERS})


def transpose_conv(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if rank != 4:
        return None
    x, w = data((1, 2, 2, 2), at["T"]), data((3, 1, 1, 2), at["T"], 1)
    found = np.matmul(wide(x), wide(w).reshape(3, 2).T).astype(x.dtype)
    return Case(
        [i32(1, 2, 2, 3), w, x, np.zeros(3, x.dtype)], [found], {"padding": "VALID", "stride_h": 1, "stride_w": 1},
        (0, 1, 3),
    )  # fmt: skip


def fully(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if not rank:
        return None
    x = data((*shape_of(rank - 1), 2), at["T"])
    w = data((3, 2), at["T"], 1)
    found = np.matmul(wide(x), wide(w).T).astype(x.dtype)
    return Case([x, w], [found], {"keep_num_dims": True}, (1,))


def pooled(function: Any) -> Probe:
    def make(rank: int, at: dict[str, str], _: bool) -> Case | None:
        if rank != 4:
            return None
        x = data((1, 2, 2, 3), at["T"])
        found = np.asarray(function(wide(x), axis=(1, 2), keepdims=True)).astype(x.dtype)
        options = {"padding": "VALID", "stride_h": 1, "stride_w": 1, "filter_height": 2, "filter_width": 2}
        return Case([x], [found], options)

    return Probe("T -> T", make, {"T": NUMBERS})


def cumsum(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if not rank:
        return None
    x = data(shape_of(rank), at["T"])
    return Case([x, np.int32(rank - 1)], [np.cumsum(wide(x), rank - 1).astype(x.dtype)], {}, (1,))


def logistic(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def erf(x: Any) -> Any:
    from math import erf as of

    return np.vectorize(of, otypes=[np.float64])(x)


def resized(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if rank != 4:
        return None
    x = data((1, 2, 2, 3), at["T"])
    return Case([x, i32(4, 4)], [x.repeat(2, 1).repeat(2, 2)], {}, (1,))


def bilinear(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if rank != 4:
        return None
    x = data((1, 2, 2, 3), at["T"])
    return Case([x, i32(2, 2)], [x], {}, (1,))
