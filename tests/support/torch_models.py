"""Functions of tensors as modules: exported many at once, imported, evaluated, and held against eager PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch.utils import _pytree as pytree

import interlingua
from interlingua.equivalence.expect import expect
from interlingua.equivalence.judge import judge
from interlingua.errors import UnsupportedOps
from interlingua.formats.torch import to_array
from interlingua.report import Comparison

NAN, INF = float("nan"), float("inf")
Inputs = tuple[torch.Tensor, ...]


@dataclass(frozen=True)
class Row:
    """A function and what it is called with: every size that differs in ``again`` is symbolic."""

    function: Callable[..., Any]
    inputs: Inputs
    again: Inputs | None = None


def row(function: Callable[..., Any], *inputs: Any, again: Sequence[Any] | None = None) -> Row:
    """A row; lists and numbers become tensors. Each has its own: to ``torch.export`` one that comes twice is one."""
    found = None if again is None else tuple(torch.as_tensor(i).clone() for i in again)
    return Row(function, tuple(torch.as_tensor(i).clone() for i in inputs), found)


class Together(torch.nn.Module):
    """All functions of a table in one module, each with inputs of its own."""

    def __init__(self, rows: Mapping[str, Row]) -> None:
        super().__init__()
        self.rows = list(rows.values())

    def forward(self, *tensors: torch.Tensor) -> list[Any]:
        left = list(tensors)
        results = []
        for each in self.rows:
            taken, left = left[: len(each.inputs)], left[len(each.inputs) :]
            results.append(each.function(*taken))
        return results


class Table:
    """Functions by name, exported together once."""

    def __init__(self, rows: Mapping[str, Row]) -> None:
        self.rows = dict(rows)

    def hold(self, name: str) -> None:
        """Assert that what a function came out as agrees with the derived bounds, as does what eager PyTorch gives."""
        if isinstance(self._found, Exception):
            raise self._found
        found = self._found[name]
        assert found, "it has results"
        for comparison in found:
            assert comparison.passed, f"{comparison.case}: {comparison}"
            assert comparison.excused < 1, f"nothing is said of any element: {comparison}"

    @cached_property
    def _module(self) -> Any:
        inputs = tuple(i for each in self.rows.values() for i in each.inputs)
        dims = tuple(d for each in self.rows.values() for d in _dims(each))
        return interlingua.load(Together(self.rows).eval(), example_inputs=inputs, dynamic_shapes=(dims,))

    @cached_property
    def _found(self) -> dict[str, list[Comparison]] | Exception:
        """What became of each function, or why all of them failed: found out once."""
        try:
            return self._run()
        except Exception as error:  # noqa: BLE001 - each row raises it
            return error

    def _run(self) -> dict[str, list[Comparison]]:
        found: dict[str, list[Comparison]] = {name: [] for name in self.rows}
        runs = [{name: each.inputs for name, each in self.rows.items()}]
        if any(each.again is not None for each in self.rows.values()):
            runs.append({name: each.inputs if each.again is None else each.again for name, each in self.rows.items()})
        for run in runs:
            for name, comparisons in self._compared(run).items():
                found[name] += comparisons
        return found

    def _compared(self, inputs: Mapping[str, Inputs]) -> dict[str, list[Comparison]]:
        module, flat = self._module, [t for each in inputs.values() for t in each]
        named = dict(zip(module.input_names, map(to_array, flat), strict=True))
        eager = {name: _arrays(each.function(*(t.clone() for t in inputs[name]))) for name, each in self.rows.items()}
        wanted = dict(zip(module.output_names, [a for arrays in eager.values() for a in arrays], strict=True))
        expectation = expect(module, named)
        theirs = judge(expectation, wanted, "eager")
        ours = judge(expectation, interlingua.evaluate(module, named), "ours")
        owners = [name for name, arrays in eager.items() for _ in arrays]
        found: dict[str, list[Comparison]] = {}
        for owner, *pair in zip(owners, theirs, ours, strict=True):
            found.setdefault(owner, []).extend(pair)
        return found


def _dims(each: Row) -> list[Any]:
    """Which sizes of a row's inputs are symbolic."""
    auto = torch.export.Dim.AUTO
    if each.again is None:
        return [None] * len(each.inputs)
    return [
        tuple(None if p == q else auto for p, q in zip(one.shape, other.shape, strict=True))
        for one, other in zip(each.inputs, each.again, strict=True)
    ]


def _arrays(result: Any) -> list[np.ndarray[Any, Any]]:
    return [to_array(torch.as_tensor(leaf)) for leaf in pytree.tree_leaves(result)]


def declined(function: Callable[..., Any], *inputs: Any) -> str:
    """Why a function is refused.

    Raises:
        AssertionError: it is not.
    """
    each = row(function, *inputs)
    try:
        interlingua.load(Together({"it": each}), example_inputs=each.inputs)
    except UnsupportedOps as error:
        return "; ".join(f"{op}: {reason}" for op, reason in error.groups())
    raise AssertionError("it is taken")
