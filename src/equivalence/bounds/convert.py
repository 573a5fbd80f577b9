"""Conversions: the only ops that say what rounding they do."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from interlingua.equivalence.bounds.bounded import INF, Error, Step, deviation, shifted, total, wide
from interlingua.equivalence.bounds.rounding import REFERENCE, tiny
from interlingua.equivalence.expectation import Array
from interlingua.ir.dtypes import DType
from interlingua.runtimes.numerics import largest, unit_roundoff


def cast(step: Step) -> list[Error]:
    """To a float: one rounding, known exactly where the operand is. To an integer or a bool: a step function."""
    source, target = step.operands[0], step.dtypes[0]
    x, error = source.value, source.error
    if target.kind in ("float", "complex") and target is not DType.F8E8M0:
        return [_to_float(step, target, error)]
    if target is DType.F8E8M0:
        return [_settled(step, source.dtype, target) if error is None else np.full(x.shape, INF)]
    if error is None or not error.any():
        return [None]
    if DType.STRING in (source.dtype, target):
        return [np.where(error > 0, INF, 0.0)]
    y = step.results[0]
    if target is DType.BOOL:
        found = np.where((error > 0) & (np.abs(wide(x)) <= error), INF, 0.0)
    else:
        ends = [np.asarray(step.op.reference(shifted(x, error, s))) for s in (1, -1)]
        found = np.maximum(*(deviation(wide(y), wide(e)) for e in ends))
        found = np.where(np.isinf(error), INF, found)
    step.note("ambiguous", int(np.count_nonzero(found)))
    return [found]


def _to_float(step: Step, target: DType, error: Error) -> Error:
    source = step.operands[0].dtype
    if source is target:
        return error
    if target.bits < 16:
        if error is not None:
            return _coarse(step, target, error)
        return _settled(step, source, target)
    y = step.results[0]
    with np.errstate(all="ignore"):
        rounded = wide(y.astype(target.numpy))
        own = deviation(y, rounded)
        loose = np.isinf(own) | (error is not None)
        bound = (unit_roundoff(target) + REFERENCE) * np.abs(y) + tiny(step, y, target)
        own = np.where(loose & (own > 0), np.where(np.isfinite(y), bound, 0.0), own)
    return total(error, own) if own.any() and step.rounds else error


def _settled(step: Step, source: DType, target: DType) -> Error:
    """An exact operand has one rounded value, which takes the place of the unrounded one."""
    native = dataclasses.replace(step.op, to=target)  # type: ignore[type-var]
    operand = step.arrays[0].astype(source.numpy)
    step.results[0] = wide(np.asarray(native.reference(operand)))
    return None


def _coarse(step: Step, target: DType, error: Array) -> Array:
    """Both neighbours that the operand's interval reaches."""
    op = dataclasses.replace(step.op, to=target)  # type: ignore[type-var]
    ends = [wide(np.asarray(op.reference(shifted(step.arrays[0], error, s)))) for s in (1, -1)]
    settled = wide(np.asarray(op.reference(step.arrays[0])))
    found = np.maximum(*(deviation(settled, e) for e in ends))
    step.results[0] = settled
    return np.where(np.isinf(error) | (np.abs(step.arrays[0]) + error > largest(target)), INF, found)


def bitcast(step: Step) -> list[Error]:
    """Bits are those of the declared dtype, so the operand has to be exact; a wider reference has none."""
    source, target = step.operands[0], step.dtypes[0]
    native = source.value.astype(source.dtype.numpy)
    bits = np.asarray(step.op.reference(native))
    step.results[0] = wide(bits) if target.kind in ("float", "complex") else bits
    open_: Any = source.error is not None and source.error.any()
    return [np.where(source.error > 0, INF, 0.0)] if open_ else [None]
