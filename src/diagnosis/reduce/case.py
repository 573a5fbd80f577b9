"""What is reduced: a module with its inputs, and what is known of its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from interlingua.ir.extract import side_by_side
from interlingua.ir.graph import Module, Node, Value
from interlingua.ir.interpret import Interpreter
from interlingua.ir.ops.source import Constant
from interlingua.ir.weights import Weight


@dataclass(frozen=True, slots=True)
class Case:
    """A module and one set of inputs, by name."""

    module: Module
    inputs: Mapping[str, Any]

    @property
    def nodes(self) -> list[Node]:
        """Every node that computes, those of regions included."""
        return [n for n in self.module.walk() if not isinstance(n.op, Constant)]

    @property
    def constants(self) -> dict[Node, Weight]:
        """Every constant node with its weight."""
        return {n: n.op.weight for n in self.module.walk() if isinstance(n.op, Constant)}

    @property
    def fingerprint(self) -> str:
        """Equal for cases that are equal in everything."""
        weights = [(n.result.name, w.digest) for n, w in self.constants.items()]
        return repr((str(self.module), weights, [(k, _bytes(v)) for k, v in self.inputs.items()]))


def _bytes(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype != object:
        return value.dtype.str, value.shape, value.tobytes()
    return [_bytes(v) for v in value] if isinstance(value, list) else repr(value)


def record(case: Case) -> dict[Value, Any]:
    """Every value of the run in declared precision; of a region that runs often, those of its first run.

    Raises:
        EvaluationError: the run is impossible.
    """
    module = case.module
    found: dict[Value, Any] = {}

    def note(value: Value, array: Any) -> None:
        found.setdefault(value, array)

    Interpreter(module, observe=note).run(case.inputs)
    defaults = {p.name: p.default.view() for p in module.inputs if p.default is not None}
    given = {**defaults, **case.inputs}
    found.update({v: given.get(n) for n, v in zip(module.input_names, module.main.inputs, strict=True)})
    return found


def beside(cases: Sequence[Case]) -> Case:
    """All the cases as one."""
    inputs = {f"{k}.{name}": value for k, case in enumerate(cases) for name, value in case.inputs.items()}
    return Case(side_by_side([c.module for c in cases]), inputs)
