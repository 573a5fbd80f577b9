"""The door ``compare``: whether any two things compute the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from interlingua.diagnosis.compare.comparison import Asked, run
from interlingua.diagnosis.compare.matching import Wishes
from interlingua.errors import InterlinguaError, RunnerError, RuntimeMissing, RuntimeTimeout, UsageError
from interlingua.report import Report, Verdict
from interlingua.runtimes.base import TIMEOUT


def compare(
    a: Any,
    b: Any,
    *,
    examples: Sequence[Mapping[str, Any] | Sequence[Any]] = (),
    map: Mapping[str, str] | None = None,
    layout: Mapping[str, Sequence[int]] | None = None,
    outputs: Sequence[str] | None = None,
    reference: Any = None,
    seed: int = 0,
    timeout: float = TIMEOUT,
) -> Report:
    """Whether two things compute the same, within what rounding explains.

    Each is a model's path (of any runtime that is installed), its bytes, a framework's object, a module, a
    :class:`Conversion`, or a Python function. Files run in their own runtimes, in processes of their own, as their
    users run them; a function runs in this process.

    How far apart both may be follows from a graph: that of ``a``, else that of ``b``, else that of ``reference``. Where
    there is none, equal bits are VERIFIED and anything else but a mismatch of kind is UNVERIFIED, with the figures.

    Args:
        a, b: the two; ``a`` is what ``b`` is held against.
        examples: sets of inputs, by the names of ``a`` or in its order, in place of generated ones.
        map: what inputs and outputs of ``a`` are called in ``b``, where neither name nor position says it.
        layout: by the name of an input or output of ``a``, its axes in the order in which ``b`` has them, as
            ``(0, 3, 1, 2)`` from channels last to channels first.
        outputs: which outputs of ``a`` to compare; all unless it is given.
        reference: a model with the same interface whose graph says how far apart ``a`` and ``b`` may be.
        seed: of the inputs that are generated.
        timeout: seconds for each process that runs a model.

    Returns:
        the report: its verdict, every comparison, who of the two is off where that can be told, and the first value
        that differs where both have a graph. Interfaces that do not fit are a MISMATCH that lists them.

    Raises:
        UsageError: an argument makes no sense, or too little is known to draw inputs.
        InvalidModel: one of the two is a damaged model.
    """
    for name, value in (("map", map), ("layout", layout)):
        if value is not None and not isinstance(value, Mapping):
            raise UsageError(f"{name} must be a mapping by name, not {type(value).__name__}")
    if isinstance(examples, Mapping):
        raise UsageError("examples is one set of inputs", hint="give a list of sets")
    report = Report(Verdict.VERIFIED)
    asked = Asked(a, b, reference, list(examples), Wishes(map or {}, layout or {}), outputs, seed, timeout)
    try:
        run(asked, report)
    except RuntimeMissing as error:
        report.verdict, report.reason = Verdict.UNVERIFIED, _told(error)
    except RunnerError as error:
        report.verdict = Verdict.TIMEOUT if isinstance(error, RuntimeTimeout) else Verdict.CRASH
        report.reason = _told(error)
    return report


def _told(error: InterlinguaError) -> str:
    return f"{error.what}; {error.hint}" if error.hint else error.what
