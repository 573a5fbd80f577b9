"""What is left, made plainer: each rule proposes changes of the best case, and what still fails is kept.

No rule knows an op: a change is put through the type rules (:mod:`interlingua.ir.rebuild`), and through the subject.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

from interlingua.diagnosis.reduce.case import Case, record
from interlingua.diagnosis.reduce.search import Search
from interlingua.diagnosis.reduce.shapes import concrete, smaller
from interlingua.diagnosis.reduce.values import plainer, retyped
from interlingua.errors import EvaluationError
from interlingua.ir.graph import Node, Value
from interlingua.ir.op import Op, operands_of
from interlingua.ir.ops.source import Constant
from interlingua.ir.rebuild import Change, rebuild
from interlingua.ir.types import Tensor, compatible
from interlingua.ir.weights import ArrayWeight, Weight

ABOVE = 8
"""Values above a result that are tried in its place: pairs of nodes that undo each other go together only."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of a case: what it is, of the module, and other arrays for inputs."""

    what: str
    change: Change
    inputs: Mapping[Value, Any] = field(default_factory=dict[Value, Any])

    def applied(self, case: Case) -> Case:
        """The case with the change.

        Raises:
            ConstraintError: it does not fit.
        """
        module = rebuild(case.module, self.change)
        given = {**case.inputs, **{v.name: a for v, a in self.inputs.items()}}
        return Case(module, {name: given[name] for name in module.input_names if name in given})


Rule: TypeAlias = Callable[[Case], Iterator[Proposal]]


def regions_inline(case: Case) -> Iterator[Proposal]:
    """A region in place of the node that carries it."""
    for node in case.module.main.nodes:
        for k in range(len(node.regions)):
            yield Proposal("a region inline", Change(inline={node: k}))


def outputs_dropped(case: Case) -> Iterator[Proposal]:
    """One output of several; one less."""
    outputs = case.module.main.outputs
    if len(outputs) > 1:
        yield from (Proposal("one output", Change(outputs=[value])) for value in outputs)
        for value in outputs:
            yield Proposal("an output less", Change(outputs=[v for v in outputs if v is not value]))


def nodes_dropped(case: Case) -> Iterator[Proposal]:
    """A value from further up, or the value that it had, in place of a node's result; the last nodes first."""
    try:
        values = record(case)
    except EvaluationError:
        values = {}
    for result in (r for node in reversed(case.nodes) for r in node.results if r.uses):
        for source in reversed(_above(result)):
            if compatible(source.type, result.type):
                yield Proposal("nodes passed by", Change(values={result: source}))
        if isinstance(result.type, Tensor) and values.get(result) is not None:
            yield Proposal("a constant for a node", Change(values={result: ArrayWeight(values[result].copy())}))


def _above(value: Value) -> list[Value]:
    """Values that ``value`` is computed from, the nearest first."""
    found: dict[Value, None] = {}
    rim = [value]
    while rim and len(found) < ABOVE:
        rim = [o for v in rim if v.node is not None for o in v.node.operands if o is not None and o not in found]
        found.update(dict.fromkeys(rim))
    return list(found)[:ABOVE]


def operands_dropped(case: Case) -> Iterator[Proposal]:
    """Optional operands left out."""
    for node in case.nodes:
        formals = operands_of(type(node.op))
        for index, operand in enumerate(() if node.regions else node.operands):
            if operand is not None and formals[min(index, len(formals) - 1)].optional:
                yield Proposal("an operand less", Change(absent=frozenset({(node, index)})))


def attributes_plain(case: Case) -> Iterator[Proposal]:
    """Attributes as they are by default; lists of integers all 1 or all 0."""
    for node in case.nodes:
        for name, plain in _plain(node.op):
            try:
                op = dataclasses.replace(node.op, **{name: plain})  # type: ignore[type-var]
            except Exception:  # noqa: BLE001 - whatever an op raises on an attribute, it does not take it
                continue
            yield Proposal(f"{name} plain", Change(ops={node: op}))


def _plain(op: Op) -> Iterator[tuple[str, Any]]:
    for each in dataclasses.fields(op):  # type: ignore[arg-type]
        now = getattr(op, each.name)
        options: list[Any] = [] if each.default is dataclasses.MISSING else [each.default]
        if isinstance(now, tuple) and now and all(type(v) is int for v in now):
            options += [(1,) * len(now), (0,) * len(now)]
        rank = next((k for k, option in enumerate(options) if option == now), len(options))
        yield from ((each.name, option) for option in options[:rank])


def sizes_concrete(case: Case) -> Iterator[Proposal]:
    """Every size that the inputs fix, as a number."""
    types = concrete(case.module, case.inputs)
    if types:
        yield Proposal("sizes fixed", Change(types=types))


def sizes_smaller(case: Case) -> Iterator[Proposal]:
    """Smaller dims."""
    for what, types, arrays, weights in smaller(case):
        yield Proposal(what, Change(types=types, ops=_constants(weights)), arrays)


def values_plainer(case: Case) -> Iterator[Proposal]:
    """Plainer elements of one input or constant."""
    for value in case.module.main.inputs:
        for what, array in plainer(case.inputs.get(value.name)):
            yield Proposal(what, Change(), {value: array})
    for node, weight in case.constants.items():
        for what, array in plainer(weight.view()):
            yield Proposal(what, Change(ops=_constants({node: ArrayWeight(array)})))


def dtypes_plain(case: Case) -> Iterator[Proposal]:
    """Other floats as float32, other integers as int64, everywhere."""
    for what, types, arrays, ops in retyped(case):
        yield Proposal(what, Change(types=types, ops=ops), arrays)


def _constants(weights: Mapping[Node, Weight]) -> dict[Node, Op]:
    return {node: Constant(weight) for node, weight in weights.items()}


STRUCTURE: tuple[Rule, ...] = (regions_inline, outputs_dropped, nodes_dropped, operands_dropped)
CONTENTS: tuple[Rule, ...] = (attributes_plain, sizes_smaller, dtypes_plain, values_plainer)


def simplify(search: Search, rules: tuple[Rule, ...]) -> bool:
    """Apply each rule until it helps no more; whether any did."""
    helped = False
    for rule in rules:
        while _once(search, rule):
            helped = True
    return helped


def _once(search: Search, rule: Rule) -> bool:
    case = search.best
    return any(search.attempt(p.what, partial(p.applied, case)) for p in rule(case))
