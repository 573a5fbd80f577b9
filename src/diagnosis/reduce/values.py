"""Plainer elements, and plainer dtypes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

from interlingua.diagnosis.reduce.case import Case
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node, Value
from interlingua.ir.op import Op
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor, Type
from interlingua.ir.weights import ArrayWeight

Retyped: TypeAlias = tuple[str, dict[Value, Type], dict[Value, Any], dict[Node, Op]]

_PLAIN = {"float": DType.F32, "int": DType.I64, "uint": DType.I64}


def plainer(array: Any) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """Arrays of the same dtype and shape that are easier to read, the plainest first; none as plain as it is now."""
    if not isinstance(array, np.ndarray) or not array.size or DType.of(array).kind not in ("float", "int", "uint"):
        return
    wide = array.astype(np.float64)
    with np.errstate(all="ignore"):
        if not wide.any():
            return
        yield "zeros", _like(np.zeros(wide.shape), array)
        if (wide == 1).all():
            return
        yield "ones", _like(np.ones(wide.shape), array)
        if (wide == wide.flat[0]).all() and wide.flat[0] == -1:
            return
        yield "minus ones", _like(-np.ones(wide.shape), array)
        if DType.of(array).is_float:
            for digits in (0, 1):
                rounded = np.round(wide, digits)
                if np.array_equal(rounded, wide, equal_nan=True):
                    return
                yield f"rounded to {digits} digits", _like(rounded, array)


def _like(wide: np.ndarray[Any, Any], array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return wide.astype(array.dtype)


def retyped(case: Case) -> Iterator[Retyped]:
    """The case with one dtype replaced everywhere: in inputs, constants and attributes."""
    values = [*case.module.main.inputs, *(r for n in case.module.walk() for r in n.results)]
    found = dict.fromkeys(v.type.dtype for v in values if isinstance(v.type, Tensor))
    for dtype in found:
        plain = _PLAIN.get(dtype.kind)
        if plain is not None and dtype is not plain:
            yield _retyped(case, dtype, plain)


def _retyped(case: Case, old: DType, new: DType) -> Retyped:
    types: dict[Value, Type] = {}
    arrays: dict[Value, Any] = {}
    for value in case.module.main.inputs:
        if isinstance(value.type, Tensor) and value.type.dtype is old:
            types[value] = value.type.with_dtype(new)
            arrays[value] = case.inputs[value.name].astype(new.numpy)
    ops: dict[Node, Op] = {}
    for node in case.module.walk():
        if isinstance(node.op, Constant):
            if node.op.weight.dtype is old:
                ops[node] = Constant(ArrayWeight(node.op.weight.view().astype(new.numpy)))
            continue
        dtypes = {k: new for k, v in node.op.attributes().items() if v is old}
        if dtypes:
            ops[node] = dataclasses.replace(node.op, **dtypes)  # type: ignore[type-var]
    return f"{old} → {new}", types, arrays, ops
