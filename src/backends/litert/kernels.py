"""What LiteRT has kernels for, as data, and the dtype in which is computed what it has none for.

The table is measured (scripts/collect_litert_kernels.py): a model of one op for each combination of element types and
each rank. A node whose types have no kernel is computed in the nearest dtype that loses nothing and cast back; where
there is none, the backend says so before any work.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.types import Tensor

DATA = Path(__file__).with_name("kernels.json")

RING = frozenset(
    {"ADD", "SUB", "MUL", "NEG", "SQUARE", "SUM", "REDUCE_PROD", "CUMSUM", "BATCH_MATMUL", "SCATTER_ND"}
    | {"UNSORTED_SEGMENT_SUM", "UNSORTED_SEGMENT_PROD"}
)
"""Ops that wrap alike in any integer dtype of as many bits or more: sums and products modulo a power of two."""
MOVES = frozenset(
    {"RESHAPE", "TRANSPOSE", "EXPAND_DIMS", "SQUEEZE", "REVERSE_V2", "TILE", "BROADCAST_TO", "CONCATENATION", "PACK"}
    | {"UNPACK", "SPLIT", "SPLIT_V", "PAD", "PADV2", "MIRROR_PAD", "SLICE", "STRIDED_SLICE", "GATHER", "GATHER_ND"}
    | {"DYNAMIC_UPDATE_SLICE", "SELECT_V2", "EQUAL", "NOT_EQUAL", "ONE_HOT", "FILL", "DEPTH_TO_SPACE"}
    | {"SPACE_TO_DEPTH", "RESIZE_NEAREST_NEIGHBOR", "SHAPE"}
)
"""Ops that only move elements or compare them for equality: any dtype that holds the same elements does."""
BLIND = MOVES - {"EQUAL", "NOT_EQUAL"}
"""Ops that do not look at the elements: any dtype of as many bits does."""
ORDERS = frozenset(
    {"LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL", "MAXIMUM", "MINIMUM", "REDUCE_MAX", "REDUCE_MIN", "ARG_MAX"}
    | {"ARG_MIN", "TOPK_V2", "WHERE", "MAX_POOL_2D"}
)
"""Ops that compare elements: bools are ordered as the integers are."""
BITS = frozenset({"BITWISE_XOR", "STABLEHLO_AND"})
"""Ops on each bit: any dtype of as many bits or more does."""
CASTS = frozenset({"CAST", "DEQUANTIZE", "BITCAST", "QUANTIZE"})
ROOMY = frozenset({"MAXIMUM", "MINIMUM", "DIV", "FLOOR_DIV", "FLOOR_MOD", "ABS", "SIGN", "RELU", "RIGHT_SHIFT"})
"""Other ops that a wider integer dtype computes alike."""
EXACT = MOVES | (ORDERS - {"MAXIMUM", "MINIMUM"}) | CASTS | {"ADD", "SUB", "MUL", "ABS", "NEG", "FLOOR"}
"""Ops whose kernels of float16 and bfloat16 do as the IR does; others are computed in float32. XNNPACK's extremes of
float16 with one element lose NaN of either operand."""
NARROW = frozenset({"f16", "bf16"})
TYPES = frozenset(d.value for d in DType)


class NoKernel(Exception):
    """LiteRT cannot take a node, in these types or in wider ones. ``str()`` is the reason."""


@dataclass(frozen=True, slots=True)
class Form:
    """The element types of operands and results: a dtype, or the name of a parameter. The last one of a side stands
    for all that follow."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def parameters(self) -> tuple[str, ...]:
        """What stands for a type, in order."""
        return tuple(dict.fromkeys(n for n in (*self.inputs, *self.outputs) if n not in TYPES))

    def input(self, index: int) -> str:
        return self.inputs[min(index, len(self.inputs) - 1)]

    def output(self, index: int) -> str:
        return self.outputs[min(index, len(self.outputs) - 1)]

    def bind(self, op: str, types: Sequence[str | None], results: Sequence[str | None]) -> dict[str, str]:
        """The parameters by what is given.

        Raises:
            NoKernel: operands of one parameter differ.
        """
        bound: dict[str, str] = {}
        pairs = [(self.input(i), t) for i, t in enumerate(types)] + [(self.output(i), t) for i, t in enumerate(results)]
        for name, type_ in pairs:
            if type_ is not None and name not in TYPES and bound.setdefault(name, type_) != type_:
                raise NoKernel(f"{op} takes one dtype, not {bound[name]} and {type_}")
        return bound


@dataclass(frozen=True, slots=True)
class Kernel:
    """One op: its form, and by types the ranks that it takes, with operands of one shape and of different ones."""

    form: Form
    rows: Mapping[tuple[str, ...], tuple[frozenset[int], frozenset[int]]]

    def ranks(self, bound: Mapping[str, str], broadcast: bool) -> frozenset[int]:
        """The ranks that are taken in these types."""
        key = tuple(bound.get(n, "") for n in self.form.parameters)
        found = self.rows.get(key)
        return frozenset() if found is None else found[broadcast]


@dataclass(frozen=True, slots=True)
class Kernels:
    """The kernels of one version of LiteRT."""

    runtime: str
    ops: Mapping[str, Kernel]

    def holds(self, dtype: DType) -> bool:
        """Whether there are tensors of the dtype that anything can be done with."""
        return (dtype.value,) in self.kernel("RESHAPE").rows

    def kernel(self, op: str) -> Kernel:
        """The kernel of an op.

        Raises:
            NoKernel: there is none in the table.
        """
        found = self.ops.get(op)
        if found is None:
            raise NoKernel(f"the table of kernels has no {op}")
        return found

    def chosen(self, op: str, bound: Mapping[str, str]) -> dict[str, str]:
        """The types to compute in: the given ones, or the nearest wider ones that there is a kernel for.

        Raises:
            NoKernel: there is none.
        """
        found = _chosen(self, op, tuple(bound.items()))
        if found is None:
            types = ", ".join(f"{n}: {t}" for n, t in bound.items())
            raise NoKernel(f"LiteRT {self.runtime} has no {op} for {types}")
        return dict(found)

    def __hash__(self) -> int:
        return hash(self.runtime)


@cache
def _chosen(table: Kernels, op: str, bound: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...] | None:
    kernel = table.kernel(op)
    options = [(t, *(() if op in CASTS else _wider(op, t))) for _, t in bound]
    for places in sorted(itertools.product(*(range(len(o)) for o in options)), key=sum):
        types = {n: o[p] for (n, _), o, p in zip(bound, options, places, strict=True)}
        if op not in EXACT and not NARROW.isdisjoint(types.values()):
            continue
        wide = [(own, types[n]) for n, own in bound if types[n] != own]
        if kernel.ranks(types, False) and all(_casts(table, own, to) for own, to in wide):
            return tuple(types.items())
    return None


def _casts(table: Kernels, own: str, wide: str) -> bool:
    """Whether there are casts there and back, of bits alone where one is of integers and the other is not."""
    rows = table.kernel("BITCAST" if DType(own).is_float and DType(wide).is_integer else "CAST").rows
    return ((own, wide) in rows and (wide, own) in rows) or {own, wide} == {"u64", "i64"}


def _wider(op: str, type_: str) -> Iterable[str]:
    """Types that hold every element of ``type_``, the nearest first, where the op computes the same in them."""
    dtype = DType(type_)
    if dtype in (DType.F16, DType.BF16):
        return ("f32",)
    if dtype is DType.F64:
        return ("i64",) if op in BLIND else ()
    if dtype is DType.BOOL:
        return ("i8", "u8", "i32") if op in MOVES | ORDERS else ()
    if not dtype.is_integer or op not in RING | MOVES | ORDERS | ROOMY | BITS:
        return ()
    wider = [f"{k}{b}" for b in (16, 32, 64) for k in ("ui" if type_[0] == "u" else "i") if _holds(k, b, dtype)]
    same = f"{'i' if type_[0] == 'u' else 'u'}{dtype.bits}"
    return (same, *wider) if op in RING | MOVES | BITS and dtype.bits >= 8 else wider


def _holds(kind: str, bits: int, dtype: DType) -> bool:
    return bits > dtype.bits and (kind == "u") <= (dtype.kind == "uint")


@cache
def kernels() -> Kernels:
    """The table that the package holds."""
    data = json.loads(DATA.read_text(encoding="utf-8"))
    return Kernels(data["litert"], {op: _kernel(*each) for op, each in data["kernels"].items()})


def _kernel(form: str, rows: Mapping[str, Sequence[str]]) -> Kernel:
    inputs, _, outputs = form.partition("->")
    ranks = {tuple(key.split()): tuple(frozenset(map(int, digits)) for digits in each) for key, each in rows.items()}
    full = {key: (each[0], each[1] if len(each) > 1 else each[0]) for key, each in ranks.items()}
    return Kernel(Form(tuple(inputs.split()), tuple(outputs.split())), full)


def empty(node: Node) -> bool:
    """Whether nothing is computed: every result has an extent of 0 for certain."""
    types = [r.type for r in node.results]
    plain = all(isinstance(t, Tensor) and 0 in (t.static_shape or ()) and kernels().holds(t.dtype) for t in types)
    return bool(types) and plain and not node.op.effects
