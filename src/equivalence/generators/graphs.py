"""Graphs valid by construction, out of the ops' own samples.

A node is added by letting an op draw a sample of itself while steering it towards a value that is there; operands that
were drawn free, and are of that value's shape and dtype, are bound to it. What does not fit, cannot be computed or
explodes is not added, and another op is tried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from interlingua.equivalence.generators.modules import Case
from interlingua.equivalence.generators.recipe import New, Operand, Recipe, Rejected
from interlingua.equivalence.generators.steering import Free, Steered
from interlingua.equivalence.generators.windows import with_same_padding
from interlingua.errors import ConstraintError
from interlingua.ir.dialects import builtin_ops
from interlingua.ir.draw import Draw, Held
from interlingua.ir.dtypes import DType
from interlingua.ir.op import Op

UNDRAWN = frozenset({"core.constant", "core.if", "core.while", "core.scan", "core.call", "opaque.op"})
"""Ops that draw no samples: constants are leaves, regions are grown, and what is opaque has no reference."""
TRIES = 12
"""How many ops are tried for one node."""
NOTHING: Mapping[Any, Any] = {}
RECENT = 6
"""Most nodes take one of so many latest values, so that chains become long."""


def drawable(names: Sequence[str] | None = None, *, random: bool = False) -> list[type[Op]]:
    """The ops of these names, all where there are none, that draw samples; random ones only where named or asked
    for."""
    known = builtin_ops()
    if names is not None:
        return [known[name] for name in names]
    return [c for n, c in known.items() if n not in UNDRAWN and (random or "random" not in c.effects)]


def draw_graph(draw: Draw, *, nodes: tuple[int, int] = (2, 16), ops: Sequence[str] | None = None) -> Case:
    """A module of about so many nodes, and inputs for it.

    Args:
        draw: answers every question; where it shrinks, the graph does.
        nodes: least and greatest number of nodes, those of regions not counted.
        ops: names of the ops to use; all where absent, with control flow around them.

    Returns:
        A case whose module verifies, and whose reference computes on its inputs something that is not all NaN.
    """
    from interlingua.equivalence.generators.regions import grow_region

    grower = Grower(draw, drawable(ops))
    wanted = draw.integer(*nodes)
    for _ in range(3 * wanted):
        if len(grower.recipe.steps) >= wanted:
            break
        try:
            if ops is None and grower.recipe.steps and draw.integer(0, 15) == 15:
                grow_region(grower)
            else:
                grower.grow()
        except Rejected:
            continue
    return grower.finish()


class Grower:
    """A recipe that grows by drawn nodes.

    Attributes:
        classes: the ops to draw from.
        closed: whether new leaves have to be constants, as in a region.
    """

    def __init__(self, draw: Draw, classes: Sequence[type[Op]], *, closed: bool = False) -> None:
        self.draw = draw
        self.classes = classes
        self.recipe = Recipe()
        self.closed = closed
        self.special = not closed and draw.integer(0, 7) == 7

    def grow(self) -> tuple[int, ...]:
        """A node more, after a value that is there (or, now and then, before an input).

        Raises:
            Rejected: nothing fitted in so many tries.
        """
        back = bool(self.recipe.steps) and not self.closed and self.draw.integer(0, 7) == 7
        for _ in range(TRIES):
            cls = self.draw.choice(self.classes)
            try:
                return self.before(cls) if back else self.after(cls, self.pick())
            except Rejected:
                continue
        raise Rejected("nothing fits")

    def pick(self) -> int | None:
        """A value to go on from, most often a late one; none where there is none."""
        numbers = self.recipe.dynamic()
        if not numbers:
            return None
        return self.draw.choice(numbers if self.draw.integer(0, 3) == 3 else numbers[:RECENT])

    def after(
        self,
        cls: type[Op],
        number: int | None,
        *,
        dtype: DType | None = None,
        fill: Mapping[int, float] = NOTHING,
        attributes: Mapping[str, Any] = NOTHING,
    ) -> tuple[int, ...]:
        """A node of the op ``cls`` that takes the value ``number``.

        Args:
            dtype: aimed at where there is no value.
            fill: constants in place of operands that are there, by index: arrays full of this number.
            attributes: in place of those drawn.

        Raises:
            Rejected: the op cannot take the value.
        """
        value: Any = None if number is None else self.recipe.values[number]
        draw = self._steered(value, dtype)
        sample = cls.sample(draw)
        op = replace(sample.op, **attributes) if attributes else sample.op  # type: ignore[type-var]
        arrays, bound = list(sample.operands), dict[int, int]()
        for index, constant in fill.items():
            arrays[index] = _full(arrays[index], constant)
        known = sample.known | frozenset(fill)
        if number is not None:
            index = self._bind(draw, arrays, known, value)
            bound[index] = number
            arrays[index] = value
        operands: list[Operand] = []
        for index, array in enumerate(arrays):
            if array is None or index in bound:
                operands.append(bound.get(index))
            else:
                operands.append(self._operand(draw, array, index in known))
        return self.recipe.add(self._padded(op, arrays), operands)

    def _steered(self, value: Any, dtype: DType | None = None) -> Steered:
        """A draw that aims at the shape and dtype of a value."""
        if not isinstance(value, np.ndarray):
            return Steered(self.draw, dtype=dtype, special=self.special)
        return Steered(self.draw, shape=value.shape, dtype=DType.of(value), special=self.special)

    def before(self, cls: type[Op]) -> tuple[int, ...]:
        """A node of the op ``cls`` whose result takes the place of an input.

        Raises:
            Rejected: the op does not give such a value, or what comes after does not take it.
        """
        recipe = self.recipe
        inputs = [n for n, leaf in recipe.leaves.items() if not leaf.constant and not leaf.fixed]
        inputs = [n for n in inputs if isinstance(recipe.values[n], np.ndarray)]
        if not inputs:
            raise Rejected("no input can be computed")
        target = self.draw.choice(inputs)
        old = recipe.values[target]
        draw = self._steered(old)
        sample = cls.sample(draw)
        operands = [
            None if a is None else self._leaf(draw, a, i in sample.known) for i, a in enumerate(sample.operands)
        ]
        saved = replace(recipe, values=dict(recipe.values), leaves=dict(recipe.leaves), steps=list(recipe.steps))
        try:
            results = recipe.add(sample.op, operands, first=True)
            chosen = [r for r in results if _like(recipe.values[r], old)]
            if not chosen:
                raise Rejected("no result is of that dtype and rank")
            recipe.replace(target, chosen[0])
            recipe.values.update(recipe.recomputed())
        except Rejected:
            self.recipe = saved
            raise
        return results

    def _bind(self, draw: Steered, arrays: list[Any], known: frozenset[int], value: Any) -> int:
        """The operand that takes ``value``; the other operands follow its dims."""
        if not isinstance(value, np.ndarray):
            for index, array in enumerate(arrays):
                if type(array) is type(value) and _same_elements(array, value):
                    return index
            raise Rejected("no operand is of this kind")
        dtype = DType.of(value)
        fitting = [
            i
            for i, a in enumerate(arrays)
            if i not in known and id(a) in draw.free and draw.free[id(a)].dtype is dtype and a.ndim == value.ndim
        ]
        exact = [i for i in fitting if arrays[i].shape == value.shape and draw.free[id(arrays[i])].admits(value)]
        if exact:
            return self.draw.choice(exact)
        for index in fitting:
            free = draw.free[id(arrays[index])]
            if free.admits(value) and _follow(draw, arrays, known, index, value.shape):
                return index
        raise Rejected("no operand takes the value")

    def _operand(self, draw: Steered, array: Any, known: bool) -> Operand:
        """A value that is there, or a new leaf."""
        free = None if known else draw.free.get(id(array))
        if free is not None and self.draw.boolean():
            found = [n for n, v in self.recipe.values.items() if self._takes(free, v)]
            if found:
                return self.draw.choice(found[::-1])
        return self._leaf(draw, array, known)

    @staticmethod
    def _takes(free: Free, value: Any) -> bool:
        return (
            isinstance(value, np.ndarray)
            and value.shape == free.array.shape
            and DType.of(value) is free.dtype
            and free.admits(value)
        )

    def _leaf(self, draw: Steered, array: Any, known: bool) -> New:
        if isinstance(array, list | Held):
            if self.closed:
                raise Rejected("no constant holds it")
            return New(array, fixed=True)
        free = draw.free.get(id(array))
        fixed = free is None or (free.lo is not None and not free.dtype.is_float)
        constant = known or self.closed or (bool(self.recipe.leaves) and self.draw.boolean())
        return New(array, constant, fixed or known)

    def _padded(self, op: Op, arrays: Sequence[Any]) -> Op:
        """The op, now and then padded as SAME at the extents that it came to take."""
        if not hasattr(op, "pads") or self.draw.integer(0, 3) != 3:
            return op
        return with_same_padding(op, arrays, lower=self.draw.boolean())

    def finish(self, also: Sequence[int] = ()) -> Case:
        """The module: outputs are most of the values that nobody takes, a few that somebody does, and ``also``."""
        recipe = self.recipe
        uses = recipe.uses()
        computed = [r for step in recipe.steps for r in step.results if not isinstance(recipe.values[r], Held)]
        unused = [r for r in computed if not uses[r]]
        kept = [r for r in unused if not self.draw.rarely()] or unused[-1:]
        interior = [r for r in computed if uses[r] and self.draw.integer(0, 11) == 11]
        recipe.outputs = list(dict.fromkeys([*kept, *interior, *also]))
        mode = self.draw.choice(("static", "static", "all", "leading"))
        if mode != "static":
            try:
                return Case(*recipe.module(lambda size, axis: mode == "all" or axis == 0))
            except ConstraintError:
                pass  # some op must know more than symbols tell
        return Case(*recipe.module())


def _follow(draw: Steered, arrays: list[Any], known: frozenset[int], index: int, shape: tuple[int, ...]) -> bool:
    """Draw the other free operands anew with the dims renamed as those of ``index`` are to be: dims are drawn pairwise
    distinct, so that equal ones belong together. Whether the renaming is consistent; the type rule decides on the
    rest."""
    names: dict[int, int] = {}
    for old, new in zip(arrays[index].shape, shape, strict=True):
        if names.setdefault(old, new) != new:
            return False
    for other, array in enumerate(arrays):
        free = draw.free.get(id(array))
        if free is not None and other != index and other not in known:
            renamed = tuple(names.get(d, d) for d in array.shape)
            if renamed != array.shape:
                arrays[other] = draw.array(renamed, free.dtype, lo=free.lo, hi=free.hi)
    return True


def _full(array: Any, constant: float) -> Any:
    try:
        return None if array is None else np.full_like(array, constant)
    except OverflowError as error:
        raise Rejected(f"{constant} is no {array.dtype}") from error


def _like(value: Any, old: np.ndarray[Any, Any]) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == old.dtype and value.ndim == old.ndim


def _same_elements(a: Any, b: Any) -> bool:
    if isinstance(a, Held):
        return a.value is not None and type(a.value) is type(b.value) and _same_elements(a.value, b.value)
    if isinstance(a, list):
        return bool(a) and bool(b) and a[0].dtype == b[0].dtype
    return bool(a.dtype == b.dtype)
