"""Cases of ops that move, choose or place elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlingua.ir.dtypes import DType
from litert_probes.case import NUMBERS, Case, Probe, data, i32, numpy_of, shape_of, wide


def concat(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if not rank:
        return None
    a, b = (data(shape_of(rank), at["T"], s) for s in (1, 2))
    return Case([a, b], [np.concatenate([a, b], rank - 1)], {"axis": rank - 1})


def pack(rank: int, at: dict[str, str], _: bool) -> Case:
    a, b = (data(shape_of(rank), at["T"], s) for s in (1, 2))
    return Case([a, b], [np.stack([a, b], 0)], {"axis": 0, "values_count": 2})


def padv2(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if not rank:
        return None
    x, value = data(shape_of(rank), at["T"]), data((), at["T"], 5)
    amounts = np.array([[k % 2, 1] for k in range(rank)], at["I"].replace("i", "int"))
    return Case([x, amounts, value], [np.pad(x, amounts, constant_values=value)], {}, (1, 2))


def pad(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if not rank:
        return None
    x = data(shape_of(rank), at["T"])
    amounts = np.array([[k % 2, 1] for k in range(rank)], at["I"].replace("i", "int"))
    return Case([x, amounts], [np.pad(x, amounts)], {}, (1,))


def mirror(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if not rank:
        return None
    x = data(shape_of(rank), at["T"])
    amounts = np.array([[k % 2, 1] for k in range(rank)], at["I"].replace("i", "int"))
    return Case([x, amounts], [np.pad(x, amounts, "reflect")], {"mode": "REFLECT"}, (1,))


def slice_(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if not rank:
        return None
    x = data(shape_of(rank), at["T"])
    own = numpy_of(at["I"])
    begin, size = np.array([k % 2 for k in range(rank)], own), np.array([1] * rank, own)
    return Case([x, begin, size], [x[tuple(slice(k % 2, k % 2 + 1) for k in range(rank))]], {}, (1, 2))


def strided(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if not rank:
        return None
    x = data(shape_of(rank), at["T"])
    bounds = i32(*[0] * rank), i32(*shape_of(rank)), i32(*[2] * rank)
    return Case([x, *bounds], [x[(slice(None, None, 2),) * rank]], {}, (1, 2, 3))


def gather(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if not rank:
        return None
    x, at_ = data(shape_of(rank), at["T"]), np.array([[1, 0]], numpy_of(at["I"]))
    return Case([x, at_], [np.take(x, at_, rank - 1)], {"axis": rank - 1})


def gather_nd(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if not rank:
        return None
    x, at_ = data(shape_of(rank), at["T"]), np.array([[1], [0]], numpy_of(at["I"]))
    return Case([x, at_], [x[at_[:, 0]]])


def scatter_nd(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if not rank:
        return None
    shape = shape_of(rank)
    updates, at_ = data(shape, at["T"]), np.array([[1], [0]], numpy_of(at["I"]))
    return Case([at_, updates, np.array(shape, numpy_of(at["I"]))], [updates[::-1]], {}, (2,))


def shape_op(rank: int, at: dict[str, str], _: bool) -> Case:
    x = data(shape_of(rank), at["T"])
    return Case([x], [np.array(x.shape, numpy_of(at["O"]))], {"out_type": DType(at["O"])})


def depth_to_space(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if rank != 4:
        return None
    x = data((1, 2, 3, 8), at["T"])
    found = x.reshape(1, 2, 3, 2, 2, 2).transpose(0, 1, 3, 2, 4, 5).reshape(1, 4, 6, 2)
    return Case([x], [found], {"block_size": 2})


def space_to_depth(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if rank != 4:
        return None
    x = data((1, 4, 6, 2), at["T"])
    found = x.reshape(1, 2, 2, 3, 2, 2).transpose(0, 1, 3, 2, 4, 5).reshape(1, 2, 3, 8)
    return Case([x], [found], {"block_size": 2})


def one_hot(rank: int, at: dict[str, str], _: bool) -> Case:
    x = data(shape_of(rank), at["I"], low=0)
    on, off = np.asarray(data((), at["T"], 1)), np.zeros((), numpy_of(at["T"]))
    found = np.where(x[..., None] == np.arange(3), on, off)
    return Case([x, np.int32(3), on, off], [found], {"axis": -1}, (1, 2, 3))


def range_(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if rank:
        return None
    own = numpy_of(at["T"])
    return Case([np.array(1, own), np.array(6, own), np.array(2, own)], [np.array([1, 3, 5], own)], {}, (0, 1, 2))


def fill(rank: int, at: dict[str, str], _: bool) -> Case | None:
    value = data((), at["T"], 1)
    return Case([np.array(shape_of(rank), numpy_of(at["I"])), value], [np.full(shape_of(rank), value)], {}, (0,))


def where(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if not rank:
        return None
    x = data(shape_of(rank), at["T"])
    return Case([x], [np.argwhere(x).astype(np.int64)])


def split(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if not rank:
        return None
    x = data((2, *shape_of(rank - 1)), at["T"])
    return Case([np.int32(0), x], list(np.split(x, 2)), {"num_splits": 2}, (0,))


def split_v(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if not rank:
        return None
    x = data((3, *shape_of(rank - 1)), at["T"])
    return Case([x, i32(1, 2), np.int32(0)], np.split(x, [1]), {"num_splits": 2}, (1, 2))


def unpack(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if not rank:
        return None
    x = data(shape_of(rank), at["T"])
    return Case([x], list(x), {"num": 2, "axis": 0})


def dynamic_update(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if not rank:
        return None
    x = data(shape_of(rank), at["T"])
    part = data((1,) * rank, at["T"], 3)
    found = x.copy()
    found[(1,) * rank] = part.reshape(())
    return Case([x, part, np.array([1] * rank, numpy_of(at["I"]))], [found])


def segment(function: Any, start: int) -> Probe:
    def make(rank: int, at: dict[str, str], _: bool) -> Case | None:
        if not rank:
            return None
        x = data(shape_of(rank), at["T"])
        found = function(wide(x), axis=0, keepdims=True).astype(x.dtype)
        return Case([x, i32(0, 0), np.int32(1)], [found], {}, (2,))

    return Probe("T i32 i32 -> T", make, {"T": NUMBERS})


def broadcast_to(rank: int, at: dict[str, str], _: bool) -> Case:
    x = data(shape_of(rank, True), at["T"])
    return Case([x, np.array(shape_of(rank), numpy_of(at["I"]))], [np.broadcast_to(x, shape_of(rank))], {}, (1,))


def select(rank: int, at: dict[str, str], broadcast: bool) -> Case:
    c = data(shape_of(rank, broadcast), "bool", 3)
    a, b = data(shape_of(rank, broadcast, True), at["T"], 1), data(shape_of(rank, broadcast), at["T"], 2)
    return Case([c, a, b], [np.where(c, a, b)])


def drawn(rank: int, at: dict[str, str], _: bool) -> Case | None:
    """Nothing: what is drawn is not known beforehand, but that it is drawn."""
    return Case([i32(0)], [np.zeros(0, np.float32)], {"seed": 1, "seed2": 2}, (0,)) if rank == 1 else None
