"""Small modules that optimisers rewrite, and their near-misses.

A pattern (:mod:`~interlingua.equivalence.generators.patterns`) is instantiated through the ops' own samples, so that
its attributes, dtypes and values are any that the ops have. What makes a near-miss is drawn as well: another dtype
(float64 and integers too), a second consumer of an interior value, an interior value as an output, an operand constant
that usually is not and the other way round.
"""

from __future__ import annotations

from dataclasses import replace

from interlingua.equivalence.generators.graphs import Grower, drawable
from interlingua.equivalence.generators.modules import Case
from interlingua.equivalence.generators.patterns import PATTERNS, Link, Pattern
from interlingua.equivalence.generators.recipe import Rejected
from interlingua.ir.decompose import decompose_all
from interlingua.ir.draw import Draw
from interlingua.ir.dtypes import DType

TRIES = 40
"""How many samples are tried for one link: its op has to take the very value."""
DTYPES = (
    *(DType.F32,) * 6,
    *(DType.F64, DType.F16, DType.I32, DType.I64, DType.U8, DType.BF16, DType.I8),
)
"""What patterns start from, most often what models are in; an op that does not take it draws its own."""
LOTS = tuple(p for p in PATTERNS for _ in range(p.weight))
ATTEMPTS = 20
"""How many starts are tried for one pattern."""


def draw_motif(draw: Draw, pattern: Pattern | None = None) -> Case:
    """A module that holds ``pattern`` (any of the known ones where absent), with near-misses, and inputs for it.

    Raises:
        Rejected: the pattern does not come about: its links do not fit one another.
    """
    chosen = pattern if pattern is not None else draw.choice(LOTS)
    for _ in range(ATTEMPTS):
        try:
            return _instance(draw, chosen)
        except Rejected:
            continue
    raise Rejected(f"the pattern {chosen.name} does not come about")


def _instance(draw: Draw, pattern: Pattern) -> Case:
    first = pattern.links[0]
    grower = Grower(draw, drawable(first.names))
    dtype = draw.choice(DTYPES) if draw.boolean() else None
    missed = draw.integer(0, 2) == 2
    reached: list[int] = []
    for place, link in enumerate(pattern.links):
        number = reached[link.source] if place else None
        results = _linked(grower, link, number, dtype)
        reached.append(results[0])
        if pattern.twice:
            step = grower.recipe.steps[-1]
            grower.recipe.add(step.op, step.operands)
        if missed and draw.boolean():
            _beside(grower, results[0])
    exposed = [r for r in reached[:-1] if missed and draw.boolean()]
    case = grower.finish(also=exposed)
    if pattern.spelled:
        _spell(case)
    return replace(case, origin=f"motif:{pattern.name}")


def _linked(grower: Grower, link: Link, number: int | None, dtype: DType | None) -> tuple[int, ...]:
    """The node of a link."""
    classes = drawable(link.names)
    for _ in range(TRIES):
        try:
            cls = grower.draw.choice(classes)
            return grower.after(cls, number, dtype=dtype, fill=link.fill, attributes=link.attributes)
        except Rejected:
            continue
    raise Rejected(f"no {link.ops} takes the value")


def _beside(grower: Grower, number: int) -> None:
    """A second consumer."""
    try:
        _linked(grower, Link("elementwise"), number, None)
    except Rejected:
        return


def _spell(case: Case) -> None:
    """Composites as what they are made of."""
    decompose_all(case.module)
