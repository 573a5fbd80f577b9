"""Tensors made of shapes and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from interlingua.frontends.torch.along import broadcast_to, shape_of
from interlingua.frontends.torch.node import TorchNode, Unfilled, as_dtype
from interlingua.frontends.torch.table import Table, Translation
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.matrix import Eye, Trilu
from interlingua.ir.ops.random import RandomNormal, RandomUniform
from interlingua.ir.ops.source import Iota

TABLE = Table()

SHORT = 1 << 16
"""Elements of a range of floats that become a constant."""


def filled(n: TorchNode, b: Builder, value: Any, shape: Value) -> Value:
    """One number, which may be a symbol, over a shape."""
    return broadcast_to(b, n.as_value(value, n.dtype), shape)


def _shape(n: TorchNode, b: Builder) -> Value:
    """The shape named, or that of the tensor that the result is like."""
    if "size" in n.arguments:
        return n.vector("size")
    return shape_of_argument(n, b)


def shape_of_argument(n: TorchNode, b: Builder) -> Value:
    """The shape of ``self``, which may have no elements yet."""
    found = n["self"]
    return found.shape if isinstance(found, Unfilled) else shape_of(b, found)


@TABLE.translate("full.default", "full_like.default", "new_full.default")
def full(n: TorchNode, b: Builder) -> Value:
    return filled(n, b, n["fill_value"], _shape(n, b))


def _constant(number: int) -> Translation:
    return lambda n, b: filled(n, b, number, _shape(n, b))


for _number, _name in ((0, "zeros"), (1, "ones")):
    TABLE.translate(f"{_name}.default", f"{_name}_like.default", f"new_{_name}.default")(_constant(_number))
TABLE.translate("zero.default")(_constant(0))


@TABLE.translate("empty.memory_format", "empty_like.default", "empty_strided.default", "empty_permuted.default",
                 "new_empty.default", "new_empty_strided.default")  # fmt: skip
def empty(n: TorchNode, b: Builder) -> Unfilled | Value:
    """No elements: only what overwrites them all, or asks for the shape, can take it, but where it has none."""
    if any(isinstance(d, int) and d == 0 for d in n.fake.shape):
        return filled(n, b, 0, _shape(n, b))
    return Unfilled(_shape(n, b))


@TABLE.translate("fill.Scalar", "fill.Tensor")
def fill(n: TorchNode, b: Builder) -> Value:
    return filled(n, b, n["value"], shape_of_argument(n, b))


@TABLE.translate("copy.default")
def copy(n: TorchNode, b: Builder) -> Value:
    """``src`` in the shape and element type of ``self``."""
    return filled(n, b, n["src"], shape_of_argument(n, b))


@TABLE.translate("scalar_tensor.default")
def scalar_tensor(n: TorchNode, b: Builder) -> Value:
    return n.value("s", n.dtype)


@TABLE.translate("arange.default", "arange.start", "arange.start_step")
def arange(n: TorchNode, b: Builder) -> Value:
    """From ``start`` (0) on by ``step`` (1), ``end`` left out. An int64 result has integers as bounds."""
    start, end, step = n.arguments.get("start", 0), n["end"], n.arguments.get("step", 1)
    return _range(n, b, start, end, step)


@TABLE.translate("prims::iota.default")
def iota(n: TorchNode, b: Builder) -> Value:
    """``length`` numbers from ``start`` on by ``step``."""
    counted = b(Iota(), b.constant(0, DType.I64), n.scalar(n["length"]), b.constant(1, DType.I64))
    places = Expr(b, counted) * Expr(b, n.scalar(n["step"])) + Expr(b, n.scalar(n["start"]))
    return places.to(n.dtype).value


def _range(n: TorchNode, b: Builder, start: Any, end: Any, step: Any) -> Value:
    numbers = [start, end, step]
    if n.dtype is DType.I64:
        numbers = [int(p) if isinstance(p, float) else p for p in numbers]
    if any(isinstance(p, float) or (isinstance(p, Value) and p.tensor.dtype.is_float) for p in numbers):
        count = n.fake.shape[0]
        if not isinstance(count, int) or not all(isinstance(p, int | float) for p in (start, step)):
            n.unsupported("a range in fractions whose length is known at the run only")
        if count > SHORT:
            n.unsupported(f"a range in fractions of {count} elements")
        return b.constant((start + step * np.arange(count, dtype=np.float64)).astype(n.dtype.numpy))
    ends = [n.scalar(p) for p in numbers]
    return as_dtype(b, b(Iota(), *ends), n.dtype)


@TABLE.translate("linspace.default")
def linspace(n: TorchNode, b: Builder) -> Value:
    """``steps`` numbers from ``start`` to ``end``, both in; the second half is counted back from the end.

    Floats are computed here as PyTorch's kernel computes them, in the element type: they round as they do there.
    """
    start, end, steps = n.static("start"), n.static("end"), int(n.static("steps"))
    place = np.arange(steps)
    early = place < steps // 2 if steps > 1 else place == 0
    if not n.dtype.is_float:
        step = (np.float64 if n.dtype is DType.I64 else np.float32)(end - start) / max(steps - 1, 1)
        ends = np.where(early, start + step * place, end - step * (steps - 1 - place))
        return b.constant(ends.astype(n.dtype.numpy))
    first, last = (Expr(b, b.constant(v, n.dtype)) for v in (start, end))
    step_ = (last - first) / float(max(steps - 1, 1))
    up, down = (Expr(b, b.constant(p, n.dtype)) for p in (place, steps - 1 - place))
    return Expr(b, b.constant(early)).where(first + step_ * up, last - step_ * down).value


@TABLE.translate("eye.default", "eye.m")
def eye(n: TorchNode, b: Builder) -> Value:
    rows = n["n"]
    return b(Eye(dtype=n.dtype), n.scalar(rows), n.scalar(n.arguments.get("m", rows)))


@TABLE.translate("tril.default", "triu.default")
def triangle(n: TorchNode, b: Builder) -> Value:
    diagonal = n["diagonal"]
    k = None if isinstance(diagonal, int) and diagonal == 0 else n.scalar(diagonal)
    return b(Trilu(upper=n.op.startswith("triu")), n.value("self"), k)


@TABLE.translate("tril_indices.default", "triu_indices.default")
def triangle_indices(n: TorchNode, b: Builder) -> Value:
    """The coordinates of a triangle, row by row."""
    rows, columns, offset = (int(n.static(name)) for name in ("row", "col", "offset"))
    find = np.tril_indices if n.op.startswith("tril") else np.triu_indices
    return b.constant(np.stack(find(rows, offset, columns)), n.dtype)


@TABLE.translate("meshgrid.default", "meshgrid.indexing")
def meshgrid(n: TorchNode, b: Builder) -> Sequence[Value]:
    """Each vector along an axis of its own, over all of them; ``xy`` swaps the first two axes."""
    from interlingua.frontends.torch.along import common_shape, lined

    values = [Expr(b, lined(b, v)) for v in n["tensors"]]
    axes = list(range(len(values)))
    if n.arguments.get("indexing") == "xy" and len(axes) > 1:
        axes[:2] = 1, 0
    return common_shape(b, [v.along(axis, len(axes)).value for v, axis in zip(values, axes, strict=True)])


@TABLE.translate("rand.default", "rand_like.default", "randn.default", "randn_like.default")
def rand(n: TorchNode, b: Builder) -> Value:
    """Drawn anew at each run."""
    op = RandomNormal if n.op.startswith("randn") else RandomUniform
    if not n.dtype.is_float:
        n.unsupported(f"of {n.dtype}")
    return b(op(dtype=n.dtype), _shape(n, b))


def _window(n: TorchNode, b: Builder) -> Value:
    """A window function of a length that is known now, as PyTorch computes it."""
    import torch

    packet, _, overload = n.op.partition(".")
    function = getattr(getattr(torch.ops.aten, packet), overload)
    names = {a.name for a in function._schema.arguments} - {"dtype", "layout", "device", "pin_memory"}
    given = {name: n.static(name) for name in names}
    return b.constant(function(**given, dtype=n.fake.dtype).numpy())


for _name in ("hann", "hamming", "blackman", "bartlett", "kaiser"):
    for _overload in ("default", "periodic", "periodic_alpha", "periodic_alpha_beta", "beta"):
        TABLE.translate(f"{_name}_window.{_overload}")(_window)


@TABLE.translate("_shape_as_tensor.default")
def shape_as_tensor(n: TorchNode, b: Builder) -> Value:
    return shape_of_argument(n, b)
