"""What a module's outputs are expected to be, from its reference in float64 and derived error bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from interlingua.equivalence.bounds import Bounded, Bounding, Rules
from interlingua.equivalence.expectation import Expectation, Expected, exactly
from interlingua.ir.graph import Module
from interlingua.ir.interpret import Interpreter
from interlingua.runtimes.numerics import IEEE, Numerics


def expect(
    module: Module,
    inputs: Mapping[str, Any],
    numerics: Numerics = IEEE,
    *,
    strict: bool = False,
    numbers: bool = False,
) -> Expectation:
    """The outputs of ``module`` on ``inputs``, each element with the largest error of a correct computation.

    Args:
        module: single ops and small graphs; bounds of deep graphs grow until they say little, see
            :class:`~interlingua.equivalence.spread.Spread`.
        inputs: by name.
        numerics: of the runtime that is to be judged.
        strict: sums are bounded for the worst case (``γ_K``), not for rounding errors that are independent
            (``4·√K·u``).
        numbers: lone constants stand for what they may be the rounding of, as a rewrite over the reals reads them.

    Raises:
        EvaluationError: the reference cannot be computed on these inputs.
    """
    run = Bounding(module, Rules(numerics, strict, numbers=numbers))
    outputs = run.bounds(inputs)
    return Expectation({n: expected(v) for n, v in zip(module.output_names, outputs, strict=True)}, run.found())


def expect_exactly(module: Module, inputs: Mapping[str, Any]) -> Expectation:
    """The very outputs of ``module`` on ``inputs``, bit for bit; those that random samples reach, as :func:`expect` has
    them.

    Raises:
        EvaluationError: the reference cannot be computed on these inputs.
    """
    exact = exactly(Interpreter(module).run(inputs))
    if not any("random" in node.op.effects for node in module.walk()):
        return exact
    loose = expect(module, inputs)
    return Expectation({n: w if _open(w) else exact.outputs[n] for n, w in loose.outputs.items()}, loose.causes)


def _open(want: Any) -> bool:
    """Whether nothing can be said of some element."""
    if isinstance(want, list):
        return any(_open(w) for w in want)
    return isinstance(want, Expected) and (want.fluid or (want.error is not None and bool(np.isinf(want.error).any())))


def expected(value: Any) -> Any:
    """A bounded output as the judge takes it."""
    if isinstance(value, list):
        return [expected(v) for v in value]
    if not isinstance(value, Bounded):
        return None
    if value.error is None and value.dtype.kind in ("float", "complex"):
        return Expected(value.value, value.dtype, np.zeros(value.value.shape), signed=value.signed)
    return Expected(value.value, value.dtype, value.error, signed=value.signed, fluid=value.fluid)
