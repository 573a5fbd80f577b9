"""What ONNX Runtime has kernels for, as data, and the dtype in which it computes what it has none for.

The table comes from the runtime itself (scripts/collect_kernels.py). A node whose types it lacks is computed in the
nearest wider dtype that loses nothing and cast back; where there is none, the runtime cannot take the node, and the
backend says so before any work.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from interlingua.backends.onnx.signature import TYPED_BY, Signature, signature
from interlingua.ir.dtypes import DType

DATA = Path(__file__).with_name("kernels.json")

RING = frozenset({"Add", "Sub", "Mul", "Neg", "MatMul", "ReduceSum", "CumSum", "Pow", "ReduceProd"})
"""Ops that wrap alike in any integer dtype of as many bits: sums and products modulo a power of two."""
MOVES = frozenset(
    {"Where", "Gather", "GatherElements", "GatherND", "ScatterElements", "ScatterND", "Pad", "Concat", "Split", "Slice"}
    | {"Transpose", "Reshape", "Expand", "Tile", "Squeeze", "Unsqueeze", "Flatten", "Identity", "Compress", "OneHot"}
    | {"ReverseSequence", "DepthToSpace", "SpaceToDepth", "Trilu", "TensorScatter", "Equal", "Shape", "Size", "If"}
    | {"SplitToSequence", "EyeLike"}
)
"""Ops that only move elements or compare them for equality: any dtype that holds the same elements does."""
CASTS = frozenset({"Cast", "CastLike", "BitCast"})
UNKNOWN = frozenset({"c64", "c128"})
"""Types that the runtime loads no model with, whatever its kernels say."""
COMBINED = frozenset({"add", "mul", "min", "max"})
HOLLOW: Mapping[str, Mapping[str, frozenset[str]]] = {
    "GRU": {"T": frozenset({"f64"})},
    "LSTM": {"T": frozenset({"f64"})},
    "MatMul": {"T": frozenset({"u32", "u64"})},  # over no terms
    "ScatterElements": {"T": frozenset({"f16", "bf16"}), "reduction": COMBINED},
    "ScatterND": {"T": frozenset({"f16", "bf16"}), "reduction": COMBINED},
}
"""Kernels that are registered, and then refuse when they are run: by op, type parameter or ``reduction``, and types."""
DISTRUSTED: Mapping[str, Mapping[str, frozenset[str]]] = {
    "Shrink": {"T": frozenset({"f64"})},
    "Sign": {"T": frozenset({"f16", "bf16"})},
}
"""Kernels with known bugs (equivalence/known_issues/onnxruntime.toml), that a cautious target keeps clear of."""
SATURATING = frozenset({"QuantizeLinear", "DynamicQuantizeLinear", "QLinearConv", "QLinearMatMul"})
"""Ops that round or saturate to the dtype of their result: in a wider one they give something else."""


class NoKernel(Exception):
    """The runtime cannot take a node, in these types or in wider ones. ``str()`` is the reason."""


@dataclass(frozen=True, slots=True)
class Row:
    """A kernel: the versions of the op that it is for, and types by type parameter."""

    first: int
    last: int | None
    types: Mapping[str, frozenset[str]]

    def takes(self, since: int, bound: Mapping[str, str]) -> bool:
        """The runtime's own rule: a kernel of open end is for the version that it begins with."""
        if since != self.first and (self.last is None or not self.first < since <= self.last):
            return False
        return all(bound[n] in allowed for n, allowed in self.types.items() if n in bound)


@dataclass(frozen=True, slots=True)
class Kernels:
    """The kernels of one version of the runtime.

    Attributes:
        runtime: that version.
        opset: the newest opset that it reads.
        ir_version: the newest version of the format that it reads.
    """

    runtime: str
    opset: int
    ir_version: int
    rows: Mapping[str, tuple[Row, ...]]
    _widened: dict[tuple[Any, ...], dict[str, str] | None] = field(default_factory=dict, repr=False)

    def takes(self, at: Signature, bound: Mapping[str, str], cautious: bool = True) -> bool:
        """Whether ONNX allows and the runtime computes the op in these types, and rightly if it has to be ``cautious``.

        An operand of float16 counts as float32, for the runtime itself puts casts around what it computes in float32
        alone.
        """
        if not all(bound[n] in allowed for n, allowed in at.allowed.items() if n in bound):
            return False
        if not UNKNOWN.isdisjoint(bound.values()):
            return False
        for table in (HOLLOW, DISTRUSTED) if cautious else (HOLLOW,):
            if at.op in table and all(bound.get(n) in types for n, types in table[at.op].items()):
                return False
        if self._has(at, bound) or self._inlined(at, bound):
            return True
        read = {f.type for f in at.inputs}
        single = {n: "f32" if t == "f16" and n in read else t for n, t in bound.items()}
        return single != bound and self._has(at, single)

    def _inlined(self, at: Signature, bound: Mapping[str, str]) -> bool:
        """Whether ONNX defines the op by others, which the runtime then computes in its stead."""
        if not at.body:
            return False
        types = {f.name: bound.get(f.type) for f in at.inputs}
        for node in at.body:
            inner = signature(node.op_type, at.since, node.domain)
            attributes = {a.name: a.i for a in node.attribute if a.type == 2}
            if inner is None or node.op_type in CASTS or any(a.ref_attr_name in TYPED_BY for a in node.attribute):
                return False
            given = inner.bind([types.get(n) for n in node.input], attributes)
            if node.op_type != "Constant" and not self.takes(inner, given):
                return False
            types.update({n: inner.result(i, given) for i, n in enumerate(node.output)})
        return True

    def _has(self, at: Signature, bound: Mapping[str, str]) -> bool:
        return any(row.takes(at.since, bound) for row in self.rows.get(at.op, ()))

    def widened(self, at: Signature, bound: Mapping[str, str], opset: int, cautious: bool) -> dict[str, str]:
        """The type parameters to be widened, and to what; none where the op is taken as it is.

        ``opset`` is what the casts are written in.

        Raises:
            NoKernel: no dtype that holds as much will do.
        """
        key = (at.op, at.since, opset, cautious, *sorted(bound.items()))
        if key not in self._widened:
            self._widened[key] = self._search(at, bound, opset, cautious)
        found = self._widened[key]
        if found is None:
            foreign = [t for n, t in sorted(bound.items()) if t not in at.allowed.get(n, (t,))]
            if foreign:
                raise NoKernel(f"{at.op} of opset {at.since} takes no {foreign[0]}")
            types = ", ".join(f"{n}: {t}" for n, t in sorted(bound.items()) if len(at.allowed.get(n, ())) != 1)
            raise NoKernel(f"ONNX Runtime {self.runtime} has no {at.op} of opset {at.since} for {types or 'any type'}")
        return found

    def _search(self, at: Signature, bound: Mapping[str, str], opset: int, cautious: bool) -> dict[str, str] | None:
        names = sorted(bound)
        fixed = _fixed(at, bound)
        options = [(bound[n], *(() if n in fixed else _wider(at.op, bound[n]))) for n in names]
        ranked = sorted(itertools.product(*(range(len(o)) for o in options)), key=sum)
        for places in ranked:
            types = {n: o[p] for n, o, p in zip(names, options, places, strict=True)}
            wide = {n: t for n, t in types.items() if t != bound[n]}
            if self.takes(at, types, cautious) and all(self._casts(bound[n], t, opset) for n, t in wide.items()):
                return wide
        return None

    def _casts(self, own: str, wide: str, opset: int) -> bool:
        """Whether the runtime casts there and back."""
        cast = signature("Cast", opset)
        assert cast is not None
        return self.takes(cast, {"T1": own, "T2": wide}) and self.takes(cast, {"T1": wide, "T2": own})


def _fixed(at: Signature, bound: Mapping[str, str]) -> set[str]:
    """Type parameters that no cast around the node may change: elements of a sequence or an optional are out of
    reach."""
    if at.op in CASTS:
        return set(bound)
    if at.op in SATURATING:
        return {f.type for f in at.outputs}
    nested = {t.rpartition("(")[2].rstrip(")") for allowed in at.allowed.values() for t in allowed if "(" in t}
    return set(bound) if nested else set()


def _wider(op: str, type_: str) -> Iterable[str]:
    """Types that hold every element of ``type_``, the nearest first."""
    try:
        dtype = DType(type_)
    except ValueError:
        return ()  # a sequence or an optional
    if dtype.is_float:
        return _FLOATS.get(type_, ())
    if dtype is DType.BOOL:
        return ("u8", "i8", "i32", "i64") if op in MOVES or op in _ORDERS else ()
    if not dtype.is_integer:
        return ()
    wider = [f"{k}{b}" for b in (8, 16, 32, 64) for k in ("ui" if type_[0] == "u" else "i") if _holds(k, b, dtype)]
    same = f"{'i' if type_[0] == 'u' else 'u'}{dtype.bits}"
    return (*wider, same) if op in RING | MOVES and same not in wider else wider


_ORDERS = frozenset({"Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Max", "Min", "Unique", "TopK", "NonZero"})
_FLOATS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("f8e4m3", "f8e4m3fnuz", "f8e5m2", "f8e5m2fnuz", "f4e2m1"), ("f16", "f32", "f64")),
    **dict.fromkeys(("bf16", "f16", "f8e8m0"), ("f32", "f64")),
}
"""Float32 stays itself: whoever wants float64 says so."""


def _holds(kind: str, bits: int, dtype: DType) -> bool:
    return bits > dtype.bits and (kind == "u") <= (dtype.kind == "uint")


@cache
def kernels() -> Kernels:
    """The table that the package holds."""
    data = json.loads(DATA.read_text(encoding="utf-8"))
    rows = {op: tuple(_row(*row) for row in each) for op, each in data["kernels"].items()}
    return Kernels(data["onnxruntime"], data["opset"], data["ir_version"], rows)


def _row(first: int, last: int | None, types: Mapping[str, str]) -> Row:
    return Row(first, last, {name: frozenset(allowed.split(" ")) for name, allowed in types.items()})
