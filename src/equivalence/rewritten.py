"""The judgement of a rewrite that is equal over the reals: what it makes rounds as it does, and so does what it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from interlingua.equivalence.expect import expect
from interlingua.equivalence.expectation import Array, Expected
from interlingua.equivalence.judge import judge_value
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module
from interlingua.report import Comparison
from interlingua.runtimes.numerics import unit_roundoff

_WIDE = {"float": DType.F64, "complex": DType.C128}


def judge_rewritten(
    wanted: Mapping[str, Any],
    after: Module,
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
    case: str = "",
    finer: Mapping[str, Any] | None = None,
) -> list[Comparison]:
    """One comparison an output.

    What both sides are in float64, constants that were computed from others before their rounding, differs by no more
    than the error of the one before; and ``outputs``, those of the one after in its own dtypes, are off by no more than
    both errors together.

    Args:
        wanted: the outputs of the one before, each with its error, in the order of those of ``after``.
        after: what it became.
        inputs: of both.
        outputs: of ``after`` on them.
        case: for the comparisons.
        finer: what is wanted of the values in float64, where that is more than ``wanted`` says.

    Raises:
        EvaluationError: the one after has no answer.
    """
    made = expect(after, inputs).outputs.values()
    real = wanted if finer is None else finer
    rows = zip(wanted.items(), real.values(), made, outputs.values(), strict=True)
    return [_judge(name, want, fine, other, output, case) for (name, want), fine, other, output in rows]


def _judge(name: str, want: Any, fine: Any, other: Any, output: Any, case: str) -> Comparison:
    if not isinstance(want, Expected) or not isinstance(other, Expected):
        return judge_value(name, want, output, case)
    real = replace(fine, dtype=_WIDE.get(want.dtype.kind, want.dtype), error=_in_float64(fine, other))
    found = judge_value(name, real, other.value, case)
    return judge_value(name, together(want, other), output, case) if found.passed else found


def _in_float64(fine: Expected, other: Expected) -> Array | None:
    """The error of what is wanted in float64, and that of computing what is held against it in float64: the error of a
    dtype is in proportion to its roundoff."""
    if not fine.dtype.is_float or fine.error is None or other.error is None or fine.error.shape != other.error.shape:
        return fine.error
    return fine.error + other.error * (unit_roundoff(DType.F64) / unit_roundoff(fine.dtype))


def together(want: Expected, other: Expected) -> Expected:
    """What is wanted, with the errors of both."""
    if want.error is None or other.error is None or want.error.shape != other.error.shape:
        return want
    return replace(want, error=want.error + other.error, signed=want.signed and other.signed)
