"""What a module's outputs are expected to be, from its reference in float64 and derived error bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from interlingua.equivalence.expectation import Expectation, Expected
from interlingua.equivalence.spread import Spread
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module
from interlingua.ir.interpret import Interpreter
from interlingua.ir.types import Tensor
from interlingua.runtimes.numerics import IEEE, Numerics


def expect(module: Module, inputs: Mapping[str, Any], numerics: Numerics = IEEE) -> Expectation:
    """The outputs of ``module`` on ``inputs``, each element with the largest error of a correct computation.

    Args:
        module: single ops and small graphs; bounds of deep graphs grow until they say little, see
            :class:`~interlingua.equivalence.spread.Spread`.
        inputs: by name.
        numerics: of the runtime that is to be judged.

    Raises:
        EvaluationError: the reference cannot be computed on these inputs.
    """
    exact = Interpreter(module, "float64").run(inputs)
    tolerance = Spread(module).tolerance(inputs)
    found: dict[str, Any] = {}
    for name, value in zip(module.output_names, module.main.outputs, strict=True):
        got = exact[name]
        if isinstance(got, np.ndarray) and isinstance(value.type, Tensor):
            floating = value.type.dtype.kind in ("float", "complex")
            found[name] = Expected(got, value.type.dtype, tolerance.bound(name, got) if floating else None)
        else:
            found[name] = _parts(got)
    return Expectation(found)


def _parts(value: Any) -> Any:
    if isinstance(value, list):
        return [_parts(v) for v in value]
    return None if value is None else Expected(value, DType.of(value), np.zeros(value.shape))
