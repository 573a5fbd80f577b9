"""A graph while it grows: steps on numbered values, every one of them computed as soon as it is added.

A recipe is concrete. Only when it is finished does it become a module, whose types are inferred then, with symbolic
dims where they are wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any, TypeAlias

import numpy as np

from interlingua.equivalence.generators.modules import declared, type_of
from interlingua.errors import InterlinguaError
from interlingua.ir.builder import Builder
from interlingua.ir.dims import symbol
from interlingua.ir.draw import Held
from interlingua.ir.graph import Graph, Module, Port, Value
from interlingua.ir.infer import infer_types
from interlingua.ir.op import Op
from interlingua.ir.types import Optional, Tensor, Type

LIMIT = 1e8
"""Finite values beyond it are an explosion: nothing computed from them says much."""
MAX_SIZE = 20_000
"""The most elements of one value."""


class Rejected(Exception):
    """What was to be added does not fit, cannot be computed, or comes out as nothing that could be judged."""


@dataclass(slots=True)
class Leaf:
    """Where a value comes from that no step computes.

    Attributes:
        constant: a constant of the graph; else an input.
        fixed: the op that takes it has to know it, or takes certain values only: it stays what it is.
    """

    constant: bool
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class New:
    """An operand that is to become a leaf."""

    value: Any
    constant: bool = False
    fixed: bool = False


Operand: TypeAlias = "int | New | None"


@dataclass(slots=True)
class Step:
    """One node: an op on values (``None`` for an absent operand), with the recipes of its regions and the shapes of
    the operands that these were grown for."""

    op: Op
    operands: tuple[int | None, ...]
    results: tuple[int, ...]
    bodies: tuple[Recipe, ...] = ()
    shapes: tuple[tuple[int, ...], ...] = ()


@dataclass(slots=True)
class Recipe:
    """Values, and the steps that compute them in order.

    Attributes:
        values: what each value is; arrays, lists of arrays, :class:`Held`.
        leaves: the values that come from outside.
        outputs: the values that come out.
    """

    values: dict[int, Any] = field(default_factory=dict[int, Any])
    leaves: dict[int, Leaf] = field(default_factory=dict[int, Leaf])
    steps: list[Step] = field(default_factory=list[Step])
    outputs: list[int] = field(default_factory=list[int])
    count: int = 0

    def leaf(self, value: Any, *, constant: bool = False, fixed: bool = False) -> int:
        """A new value from outside."""
        (number,) = self._numbered([value])
        self.leaves[number] = Leaf(constant, fixed)
        return number

    def add(
        self, op: Op, operands: Sequence[Operand], bodies: Sequence[Recipe] = (), *, first: bool = False
    ) -> tuple[int, ...]:
        """A new step after all others or, ``first``, before them, computed at once. New leaves among the operands get
        their numbers where it can be.

        Raises:
            Rejected: see there.
        """
        arrays = [o.value if isinstance(o, New) else None if o is None else self.values[o] for o in operands]
        found = compute(op, arrays, self._known(operands), bodies)
        given = [self.leaf(o.value, constant=o.constant, fixed=o.fixed) if isinstance(o, New) else o for o in operands]
        shapes = _shapes(arrays) if bodies else ()
        step = Step(op, tuple(given), self._numbered(found), tuple(bodies), shapes)
        self.steps.insert(0 if first else len(self.steps), step)
        return step.results

    def _numbered(self, values: Sequence[Any]) -> tuple[int, ...]:
        numbers = tuple(range(self.count, self.count + len(values)))
        self.count += len(values)
        self.values.update(zip(numbers, values, strict=True))
        return numbers

    def replace(self, old: int, new: int) -> None:
        """Let every step take ``new`` for the leaf ``old``, which is gone then."""
        for index, step in enumerate(self.steps):
            if old in step.operands:
                operands = tuple(new if o == old else o for o in step.operands)
                self.steps[index] = replace(step, operands=operands)
        del self.leaves[old], self.values[old]

    def is_constant(self, number: int) -> bool:
        leaf = self.leaves.get(number)
        return leaf is not None and leaf.constant

    def _known(self, operands: Sequence[Operand]) -> frozenset[int]:
        """Which of the operands are constants."""
        return frozenset(
            i
            for i, o in enumerate(operands)
            if o is not None and (o.constant if isinstance(o, New) else self.is_constant(o))
        )

    def uses(self) -> dict[int, int]:
        """How often each value is an operand."""
        found = dict.fromkeys(self.values, 0)
        for step in self.steps:
            for operand in step.operands:
                if operand is not None:
                    found[operand] += 1
        return found

    def recomputed(self) -> dict[int, Any]:
        """All values, computed again from the leaves.

        Raises:
            Rejected: a step no longer fits.
        """
        values = {n: self.values[n] for n in self.leaves}
        for step in self.steps:
            arrays = [None if o is None else values[o] for o in step.operands]
            if step.bodies and _shapes(arrays) != step.shapes:
                raise Rejected("a body is for other shapes")
            found = compute(step.op, arrays, self._known(step.operands), step.bodies)
            values.update(zip(step.results, found, strict=True))
        return values

    def run(self, *arguments: Any) -> tuple[Any, ...]:
        """As the body of a region: the outputs for these inputs."""
        values = {n: self.values[n] for n in self.leaves}
        values.update(zip((n for n, leaf in self.leaves.items() if not leaf.constant), arguments, strict=True))
        for step in self.steps:
            arrays = [None if o is None else values[o] for o in step.operands]
            values.update(zip(step.results, call(step.op, arrays, step.bodies), strict=True))
        return tuple(values[o] for o in self.outputs)

    def module(self, symbolic: Callable[[int, int], bool] = lambda size, axis: False) -> tuple[Module, dict[str, Any]]:
        """The module, and its inputs by name.

        Args:
            symbolic: of a size greater than 1 and its axis, whether that dim is to be a symbol.

        Raises:
            ConstraintError: with symbols, some op must know more.
        """
        b = Builder(Graph("main"))
        module = Module({"main": b.graph})
        built: dict[int, Value] = {}
        inputs: dict[str, Any] = {}
        for number, leaf in self.leaves.items():
            if not leaf.constant:
                value = self.values[number]
                type_ = type_of(value) if leaf.fixed else _with_symbols(type_of(value), symbolic)
                name = f"x{len(inputs)}"
                built[number] = b.input(type_, name)
                module.inputs.append(Port(name, declared(type_)))
                inputs[name] = value.value if isinstance(value, Held) else value
        results = self._build(b, built)
        names = [f"y{i}" for i in range(len(results))]
        b.outputs(results, names)
        module.outputs = [Port(n, declared(r.type)) for n, r in zip(names, results, strict=True)]
        return module, inputs

    def _build(self, b: Builder, built: dict[int, Value]) -> list[Value]:
        for number, leaf in self.leaves.items():
            if leaf.constant:
                built[number] = b.constant(self.values[number])
        for step in self.steps:
            operands = [None if o is None else built[o] for o in step.operands]
            bodies = [body.region(b) for body in step.bodies]
            built.update(zip(step.results, b.add_all(step.op, *operands, regions=bodies), strict=True))
        return [built[o] for o in self.outputs]

    def region(self, b: Builder) -> Graph:
        """The recipe as a region: its inputs are the leaves that are no constants."""
        inner = b.region()
        given = [n for n, leaf in self.leaves.items() if not leaf.constant]
        built = {n: inner.input(type_of(self.values[n]), f"a{i}") for i, n in enumerate(given)}
        return inner.outputs(self._build(inner, built))

    def dynamic(self) -> list[int]:
        """The values that are no constants, the latest first."""
        return [n for n in sorted(self.values, reverse=True) if not self.is_constant(n)]


def _with_symbols(type_: Type, symbolic: Callable[[int, int], bool]) -> Type:
    if not isinstance(type_, Tensor):
        return type_
    dims = enumerate(type_.dims)
    return type_.with_shape(
        [symbol(f"d{d}") if isinstance(d, int) and d > 1 and symbolic(d, axis) else d for axis, d in dims]
    )


def compute(op: Op, arrays: Sequence[Any], known: frozenset[int], bodies: Sequence[Recipe] = ()) -> list[Any]:
    """The results of a node, where its type rule and its reference take the operands and what comes out can be judged.

    Raises:
        Rejected: see there.
    """
    results: Sequence[Type | None] = ()
    if not bodies:
        types = [None if a is None else _typed(a, i in known) for i, a in enumerate(arrays)]
        try:
            results = infer_types(op, types)
        except InterlinguaError as error:
            raise Rejected(str(error)) from error
    found = call(op, arrays, bodies)
    for value in found:
        _check(value)
    return [Held(v) if isinstance(t, Optional) else v for v, t in zip_longest(found, results)]


def call(op: Op, arrays: Sequence[Any], bodies: Sequence[Recipe]) -> list[Any]:
    """The reference.

    Raises:
        Rejected: it fails.
    """
    given = [a.value if isinstance(a, Held) else a for a in arrays]
    try:
        with np.errstate(all="ignore"):
            found = op.reference(*given, **dict(zip(op.regions, (body.run for body in bodies), strict=True)))
    except Exception as error:  # a reference may raise anything at operands that are not defined
        raise Rejected(f"{op.name}: {error}") from error
    return list(found) if isinstance(found, tuple) else [found]


def _shapes(arrays: Sequence[Any]) -> tuple[tuple[int, ...], ...]:
    return tuple(() if a is None else np.shape(a) for a in arrays)


def _typed(value: Any, known: bool) -> Type:
    type_ = type_of(value)
    if known and isinstance(type_, Tensor) and type_.dtype.kind in ("int", "uint", "bool"):
        return type_.with_elements(np.asarray(value).astype(object))
    return type_


def _check(value: Any) -> None:
    if isinstance(value, list):
        for element in value:
            _check(element)
        return
    if value is None:
        raise Rejected("nothing came out")
    if value.size > MAX_SIZE:
        raise Rejected(f"{value.size} elements")
    if value.size and value.dtype.kind in "fcV" and value.dtype != object:
        with np.errstate(all="ignore"):
            wide = value.astype(np.complex128 if value.dtype.kind == "c" else np.float64)
            finite = np.isfinite(wide)
        if not finite.any():
            raise Rejected("nothing finite came out")
        if np.abs(wide[finite]).max() > LIMIT:
            raise Rejected("it explodes")
