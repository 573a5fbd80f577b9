"""Measure which element types and ranks LiteRT's kernels take, and write the table of the ``litert`` backend.

Every builtin op that the backend emits is tried as a model of one op, on each combination of element types and each
rank, with LiteRT's own kernels and with XNNPACK's. What fails to load, fails to run, kills the process or gives
something else than NumPy is no kernel.

    python scripts/collect_litert_kernels.py
"""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np

from interlingua.backends.litert.graph import Edge, Operator, Subgraph
from interlingua.backends.litert.kernels import DATA
from interlingua.backends.litert.versions import Use, version_of
from interlingua.backends.litert.writer import Model, write
from interlingua.ir.dtypes import DType
from interlingua.ir.weights import ArrayWeight
from interlingua.runtimes.litert import open_model

TYPES = ["f32", "f16", "bf16", "f64", "i64", "i32", "i16", "i8", "u64", "u32", "u16", "u8", "bool"]
RANKS = range(9)
NUMBERS = [t for t in TYPES if t != "bool"]
INDICES = ["i32", "i64"]


@dataclass
class Case:
    """One model: operands (constant where so marked), options, and what comes out."""

    operands: list[Any]
    expected: list[Any]
    options: dict[str, Any] = field(default_factory=dict)
    constant: tuple[int, ...] = ()


@dataclass
class Probe:
    """How an op is tried: the element types of its operands and results by parameter, what each parameter may be, and
    a case for a rank (``None`` where there is none). ``broadcasts`` ops are also tried on shapes that differ."""

    form: str
    make: Callable[[int, dict[str, str], bool], Case | None]
    types: dict[str, Sequence[str]] = field(default_factory=dict)
    broadcasts: bool = False

    @property
    def parameters(self) -> list[str]:
        """Those that stand for a type, in order."""
        return list(dict.fromkeys(w for w in re.findall(r"\w+", self.form) if w not in TYPES))


def numpy_of(name: str) -> Any:
    return DType(name).numpy


def data(shape: Sequence[int], name: str, seed: int = 0, low: int = 1) -> Any:
    """Small numbers, exact in any type."""
    values = np.random.default_rng(seed + len(shape)).integers(low, low + 6, tuple(shape))
    return (values % 2 if name == "bool" else values).astype(numpy_of(name))


def shape_of(rank: int, broadcast: bool = False, second: bool = False) -> tuple[int, ...]:
    """Extents of 2 and 3; of those that broadcast, one has every other one."""
    dims = [2 + axis % 2 for axis in range(rank)]
    return tuple(1 if broadcast and axis % 2 == second else d for axis, d in enumerate(dims))


def wide(x: Any) -> Any:
    return x.astype(np.float64) if x.dtype.kind == "f" or x.dtype.name == "bfloat16" else x


def unary(function: Any, types: Sequence[str] = tuple(NUMBERS), **options: Any) -> Probe:
    def make(rank: int, at: dict[str, str], _: bool) -> Case:
        x = data(shape_of(rank), at["T"])
        return Case([x], [np.asarray(function(wide(x))).astype(x.dtype)], options)

    return Probe("T -> T", make, {"T": types})


def binary(function: Any, result: str = "T", types: Sequence[str] = tuple(TYPES)) -> Probe:
    def make(rank: int, at: dict[str, str], broadcast: bool) -> Case:
        a = data(shape_of(rank, broadcast), at["T"], 1)
        b = data(shape_of(rank, broadcast, True), at["T"], 2)
        found = np.asarray(function(wide(a), wide(b)))
        return Case([a, b], [found.astype(numpy_of(at.get(result, result)))])

    return Probe(f"T T -> {result}", make, {"T": types}, True)


def prelu(rank: int, at: dict[str, str], broadcast: bool) -> Case:
    x, slope = data(shape_of(rank), at["T"], 1, -3), data(shape_of(rank, broadcast), at["T"], 2)
    return Case([x, slope], [np.where(wide(x) > 0, wide(x), wide(x) * wide(slope)).astype(x.dtype)], {}, (1,))


def select(rank: int, at: dict[str, str], broadcast: bool) -> Case:
    c = data(shape_of(rank, broadcast), "bool", 3)
    a, b = data(shape_of(rank, broadcast, True), at["T"], 1), data(shape_of(rank, broadcast), at["T"], 2)
    return Case([c, a, b], [np.where(c, a, b)])


def cast(rank: int, at: dict[str, str], _: bool) -> Case:
    x = data(shape_of(rank), at["S"])
    low = -3 if at["S"][0] in "fib" and at["R"][0] in "fib" and "bool" not in at.values() else 0
    x = data(shape_of(rank), at["S"], low=low)
    if at["S"][0] in "iu" and at["R"][0] in "iu" and int(at["S"][1:]) > int(at["R"][1:]) and x.size:
        x = x + np.array(1 << (int(at["R"][1:]) + 1), x.dtype)  # wraps
    return Case([x], [x.astype(numpy_of(at["R"]))])


def drawn(rank: int, at: dict[str, str], _: bool) -> Case | None:
    """Nothing: what is drawn is not known beforehand, but that it is drawn."""
    return Case([i32(0)], [np.zeros(0, np.float32)], {"seed": 1, "seed2": 2}, (0,)) if rank == 1 else None


def bitcast(rank: int, at: dict[str, str], _: bool) -> Case | None:
    """Of as many bits."""
    x = data(shape_of(rank), at["S"])
    return Case([x], [x.view(numpy_of(at["R"]))]) if x.itemsize == np.dtype(numpy_of(at["R"])).itemsize else None


def moved(function: Callable[[Any, int], Any], options: Callable[[int], dict[str, Any]] | None = None,
          least: int = 0, extra: Callable[[int], list[Any]] = lambda _: []) -> Probe:  # fmt: skip
    """An op that moves elements; further operands are constants."""

    def make(rank: int, at: dict[str, str], _: bool) -> Case | None:
        if rank < least:
            return None
        x = data(shape_of(rank), at["T"])
        more = extra(rank)
        names = [at.get(n) for n in re.findall(r"\w+", form)[1:-1]]
        more = [m if n is None else np.asarray(m).astype(numpy_of(n)) for m, n in zip(more, names, strict=True)]
        constant = tuple(range(1, 1 + len(more)))
        return Case([x, *more], [function(x, rank)], options(rank) if options else {}, constant)

    form = " ".join(["T", *("i32" if len(extra(1)) else "" for _ in extra(1)), "-> T"])
    form = re.sub(" +", " ", form)
    return Probe(form, make, {"T": TYPES})


def i32(*values: Any) -> Any:
    return np.array(values, np.int32).reshape(-1)


def reducer(function: Any, types: Sequence[str] = tuple(NUMBERS)) -> Probe:
    def make(rank: int, at: dict[str, str], _: bool) -> Case | None:
        if rank == 0:
            return None
        x = data(shape_of(rank), at["T"])
        axes = tuple(range(0, rank, 2))
        return Case([x, i32(*axes)], [np.asarray(function(wide(x), axis=axes)).astype(x.dtype)], {}, (1,))

    return Probe("T i32 -> T", make, {"T": types})


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


def cumsum(rank: int, at: dict[str, str], _: bool) -> Case | None:
    if not rank:
        return None
    x = data(shape_of(rank), at["T"])
    return Case([x, np.int32(rank - 1)], [np.cumsum(wide(x), rank - 1).astype(x.dtype)], {}, (1,))


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


def dequantize(rank: int, at: dict[str, str], _: bool) -> Case:
    x = data(shape_of(rank), at["S"])
    return Case([x], [x.astype(np.float32)])


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


FLOATS = [t for t in TYPES if "f" in t]
T = {"T": TYPES}
TI = {"T": TYPES, "I": INDICES}
PROBES: dict[str, Probe] = {
    "ABS": unary(np.abs),
    "NEG": unary(np.negative),
    "SIGN": unary(np.sign),
    "SQUARE": unary(np.square),
    **{op: unary(f, FLOATS) for op, f in {
        "FLOOR": np.floor, "CEIL": np.ceil, "ROUND": np.rint, "SQRT": np.sqrt, "RSQRT": lambda x: 1 / np.sqrt(x),
        "EXP": np.exp, "LOG": np.log, "SIN": np.sin, "COS": np.cos, "TANH": np.tanh, "LOGISTIC": logistic,
        "ELU": lambda x: np.where(x > 0, x, np.expm1(x)), "HARD_SWISH": lambda x: x * np.clip(x + 3, 0, 6) / 6,
    }.items()},
    "GELU": unary(lambda x: x * (1 + erf(x / np.sqrt(2))) / 2, FLOATS, approximate=False),
    "LEAKY_RELU": unary(lambda x: np.where(x > 0, x, x * 0.5), FLOATS, alpha=0.5),
    "RELU": unary(lambda x: np.maximum(x, 0)),
    "RELU6": unary(lambda x: np.clip(x, 0, 6)),
    "RELU_N1_TO_1": unary(lambda x: np.clip(x, -1, 1), FLOATS),
    "RELU_0_TO_1": unary(lambda x: np.clip(x, 0, 1), FLOATS),
    "PRELU": Probe("T T -> T", prelu, {"T": FLOATS}, True),
    "LOGICAL_NOT": unary(np.logical_not, ["bool"]),
    **{op: binary(f, types=NUMBERS) for op, f in {
        "ADD": np.add, "SUB": np.subtract, "MUL": np.multiply, "FLOOR_DIV": np.floor_divide, "FLOOR_MOD": np.mod,
        "MAXIMUM": np.maximum, "MINIMUM": np.minimum, "POW": np.power,
        "SQUARED_DIFFERENCE": lambda a, b: np.square(a - b),
        "DIV": lambda a, b: a // b if a.dtype.kind in "iu" else a / b,
    }.items()},
    "ATAN2": binary(np.arctan2, types=FLOATS),
    "BITWISE_XOR": binary(np.bitwise_xor, types=[t for t in TYPES if "f" not in t]),
    "STABLEHLO_AND": binary(np.bitwise_and, types=["i32", "i16", "i8"]),
    "RIGHT_SHIFT": binary(np.right_shift, types=[t for t in NUMBERS if "f" not in t]),
    **{op: binary(f, types=["bool"]) for op, f in {"LOGICAL_AND": np.logical_and, "LOGICAL_OR": np.logical_or}.items()},
    **{op: binary(f, "bool") for op, f in {
        "EQUAL": np.equal, "NOT_EQUAL": np.not_equal, "LESS": np.less, "LESS_EQUAL": np.less_equal,
        "GREATER": np.greater, "GREATER_EQUAL": np.greater_equal,
    }.items()},
    "SELECT_V2": Probe("bool T T -> T", select, T, True),
    "CAST": Probe("S -> R", cast, {"S": TYPES, "R": TYPES}),
    "BITCAST": Probe("S -> R", bitcast, {"S": TYPES, "R": TYPES}),
    "DEQUANTIZE": Probe("S -> f32", dequantize, {"S": ["f16"]}),
    "RESHAPE": moved(lambda x, r: x.reshape(x.size, 1), None, 0, lambda r: [i32(-1, 1)]),
    "TRANSPOSE": moved(lambda x, r: x.transpose(range(r)[::-1]), None, 1, lambda r: [i32(*range(r)[::-1])]),
    "EXPAND_DIMS": moved(lambda x, r: x[None], None, 0, lambda r: [i32(0)]),
    "REVERSE_V2": moved(lambda x, r: np.flip(x, r - 1), None, 1, lambda r: [i32(r - 1)]),
    "TILE": moved(lambda x, r: np.tile(x, [2] * r), None, 1, lambda r: [i32(*[2] * r)]),
    "SQUEEZE": moved(lambda x, r: x, lambda r: {"squeeze_dims": []}),
    "BROADCAST_TO": Probe("T I -> T", broadcast_to, TI),
    "CONCATENATION": Probe("T T -> T", concat, T),
    "PACK": Probe("T T -> T", pack, T),
    "UNPACK": Probe("T -> T", unpack, T),
    "SPLIT": Probe("i32 T -> T", split, T),
    "SPLIT_V": Probe("T i32 i32 -> T", split_v, T),
    "PAD": Probe("T I -> T", pad, TI),
    "PADV2": Probe("T I T -> T", padv2, TI),
    "MIRROR_PAD": Probe("T I -> T", mirror, TI),
    "SLICE": Probe("T I I -> T", slice_, TI),
    "STRIDED_SLICE": Probe("T i32 i32 i32 -> T", strided, T),
    "GATHER": Probe("T I -> T", gather, TI),
    "GATHER_ND": Probe("T I -> T", gather_nd, TI),
    "SCATTER_ND": Probe("I T I -> T", scatter_nd, TI),
    "DYNAMIC_UPDATE_SLICE": Probe("T T I -> T", dynamic_update, TI),
    "SHAPE": Probe("T -> O", shape_op, {"T": TYPES, "O": INDICES}),
    "SUM": reducer(np.sum),
    "MEAN": reducer(np.mean, FLOATS),
    "REDUCE_PROD": reducer(np.prod),
    "REDUCE_MAX": reducer(np.max),
    "REDUCE_MIN": reducer(np.min),
    "REDUCE_ANY": reducer(np.any, ["bool"]),
    "REDUCE_ALL": reducer(np.all, ["bool"]),
    "ARG_MAX": arg(np.argmax),
    "ARG_MIN": arg(np.argmin),
    "CUMSUM": Probe("T i32 -> T", cumsum, {"T": NUMBERS}),
    "TOPK_V2": Probe("T i32 -> T i32", top_k, {"T": NUMBERS}),
    "ONE_HOT": Probe("I i32 T T -> T", one_hot, TI),
    "RANDOM_UNIFORM": Probe("i32 -> f32", drawn),
    "RANDOM_STANDARD_NORMAL": Probe("i32 -> f32", drawn),
    "RANGE": Probe("T T T -> T", range_, {"T": NUMBERS}),
    "FILL": Probe("I T -> T", fill, TI),
    "WHERE": Probe("T -> i64", where, T),
    "BATCH_MATMUL": Probe("T T -> T", matmul, {"T": NUMBERS}, True),
    "FULLY_CONNECTED": Probe("T T -> T", fully, {"T": NUMBERS}),
    "SOFTMAX": Probe("T -> T", softmax, {"T": FLOATS}),
    "LOG_SOFTMAX": Probe("T -> T", log_softmax, {"T": FLOATS}),
    **{op: conv(op) for op in ("CONV_2D", "DEPTHWISE_CONV_2D", "CONV_3D")},
    "TRANSPOSE_CONV": Probe("i32 T T T -> T", transpose_conv, {"T": NUMBERS}),
    "MAX_POOL_2D": pooled(np.max),
    "AVERAGE_POOL_2D": pooled(np.mean),
    "DEPTH_TO_SPACE": Probe("T -> T", depth_to_space, T),
    "SPACE_TO_DEPTH": Probe("T -> T", space_to_depth, T),
    "RESIZE_NEAREST_NEIGHBOR": Probe("T i32 -> T", resized, {"T": NUMBERS}),
    "RESIZE_BILINEAR": Probe("T i32 -> T", bilinear, {"T": NUMBERS}),
    "UNSORTED_SEGMENT_SUM": segment(np.sum, 0),
    "UNSORTED_SEGMENT_PROD": segment(np.prod, 1),
    "UNSORTED_SEGMENT_MAX": segment(np.max, 0),
    "UNSORTED_SEGMENT_MIN": segment(np.min, 0),
}  # fmt: skip


def model_of(op: str, case: Case, rank: int, broadcast: bool) -> Model:
    edges = [
        Edge(f"x{i}", DType.of(a), a.shape, ArrayWeight(a) if i in case.constant else None)
        for i, a in enumerate(map(np.asarray, case.operands))
    ]
    made = [Edge(f"y{i}", DType.of(a), a.shape) for i, a in enumerate(map(np.asarray, case.expected))]
    use = Use([e.dtype.value for e in edges], [e.dtype.value for e in made], rank, broadcast, case.options)
    node = Operator(op, version_of(op, use), list(edges), made, dict(case.options))
    given = [e for e in edges if e.weight is None]
    graph = Subgraph("main", given, made, [node])
    return Model(graph, [e.name for e in given], [e.name for e in made])


def works(op: str, case: Case, rank: int, broadcast: bool) -> bool:
    """Whether both sets of kernels give what is expected."""
    model = model_of(op, case, rank, broadcast)
    given = {f"x{i}": np.asarray(a) for i, a in enumerate(case.operands) if i not in case.constant}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.tflite"
        write(model, path)
        for kernels in ("builtin", "xnnpack"):
            try:
                found = open_model(str(path), kernels, None)(given)  # type: ignore[arg-type]
            except Exception:  # noqa: BLE001 - whatever it raises, it takes no such model
                return False
            for i, expected in enumerate(case.expected):
                if not same(np.asarray(found[f"y{i}"]), np.asarray(expected)):
                    return False
    return True


def same(found: Any, expected: Any) -> bool:
    if found.shape != expected.shape or found.dtype != expected.dtype:
        return False
    if DType.of(expected).is_float:
        eps = float(ml_dtypes.finfo(expected.dtype).eps)
        return bool(np.allclose(found.astype(np.float64), expected.astype(np.float64), rtol=8 * eps, atol=8 * eps))
    return bool(np.array_equal(found, expected))


def attempts(op: str) -> Iterator[tuple[str, int, bool]]:
    probe = PROBES[op]
    for values in itertools.product(*(probe.types[p] for p in probe.parameters)):
        for rank in RANKS:
            for broadcast in (False, True) if probe.broadcasts else (False,):
                yield " ".join(values), rank, broadcast


def attempt(op: str, key: str, rank: int, broadcast: bool) -> bool:
    probe = PROBES[op]
    with np.errstate(all="ignore"):
        case = probe.make(rank, dict(zip(probe.parameters, key.split(), strict=True)), broadcast)
    return case is not None and works(op, case, rank, broadcast)


def _work(op: str, done: list[Any], queue: Any) -> None:
    os.close(sys.stderr.fileno())  # the kernels say there what they refuse
    skip = {tuple(each) for each in done}
    for each in attempts(op):
        if each not in skip:
            queue.put((each, None))
            queue.put((each, attempt(op, *each)))
    queue.close()


def measured(op: str) -> dict[tuple[str, int, bool], bool]:
    """Every attempt, in processes that may die."""
    found: dict[tuple[str, int, bool], bool] = {}
    total = sum(1 for _ in attempts(op))
    context = multiprocessing.get_context("fork")
    while len(found) < total:
        queue = context.SimpleQueue()
        process = context.Process(target=_work, args=(op, list(found), queue))
        process.start()
        current = None
        while process.is_alive() or not queue.empty():
            if queue.empty():
                process.join(0.002)
                continue
            each, outcome = queue.get()
            current = each
            if outcome is not None:
                found[each], current = outcome, None
        process.join()
        if current is not None:
            found[current] = False
    return found


def rows_of(op: str) -> dict[str, list[str]]:
    """By types: the ranks that are taken, each a digit, and those of operands that broadcast."""
    rows: dict[str, list[str]] = {}
    for (key, rank, broadcast), outcome in measured(op).items():
        if outcome:
            rows.setdefault(key, ["", ""])[broadcast] += str(rank)
    some = {"".join(ranks) != "0" * len("".join(ranks)) for ranks in rows.values()}
    kept = {key: ranks for key, ranks in rows.items() if True not in some or set("".join(ranks)) != {"0"}}
    return {key: ranks if PROBES[op].broadcasts else ranks[:1] for key, ranks in kept.items()}


def main() -> None:
    old = json.loads(DATA.read_text(encoding="utf-8"))["kernels"] if DATA.exists() else {}
    wanted = sys.argv[1:] or list(PROBES)
    table: dict[str, Any] = {op: old[op] for op in old if op in PROBES}
    for op in wanted:
        table[op] = [PROBES[op].form, rows_of(op)]
        print(op, table[op][1], flush=True)
    lines = [f"  {json.dumps(op)}: {json.dumps(table[op])}" for op in sorted(table)]
    head = f'{{"litert": {json.dumps(version("ai-edge-litert"))}, "kernels": {{\n'
    DATA.write_text(head + ",\n".join(lines) + "\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
