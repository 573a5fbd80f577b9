"""Extents that only the run knows, computed from the shapes of tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from interlingua.backends.litert.kernels import NoKernel
from interlingua.ir.dims import Dim, DimLike, symbol, terms_of
from interlingua.ir.monomials import Apply, Symbol

if TYPE_CHECKING:
    from interlingua.backends.litert.context import Context
    from interlingua.backends.litert.graph import Edge

FUNCTIONS = {"floordiv": "FLOOR_DIV", "max": "MAXIMUM", "min": "MINIMUM"}


def extent(ctx: Context, dim: DimLike, sources: Sequence[Edge]) -> Edge:
    """A vector of one element that is ``dim``, from the shapes of ``sources``.

    Raises:
        NoKernel: they do not tell.
    """
    if isinstance(dim, int):
        return ctx.constant([dim])
    sources = [*sources, *ctx.given()]
    found = _read(ctx, dim, sources)
    if found is not None:
        return found
    total: Edge | None = None
    for monomial, coefficient in dim.terms:
        term = ctx.constant([coefficient])
        for atom, power in monomial:
            for _ in range(power):
                term = ctx.emit("MUL", term, _atom(ctx, atom, dim, sources))
        total = term if total is None else ctx.emit("ADD", total, term)
    assert total is not None
    return total


def _atom(ctx: Context, atom: Symbol | Apply, whole: Dim, sources: Sequence[Edge]) -> Edge:
    if isinstance(atom, Symbol):
        alone = symbol(atom.name, atom.lo, atom.hi)
        found = _read(ctx, alone, sources)
        if found is None:
            found = _solved(ctx, alone, sources)
        if found is None:
            raise NoKernel(f"no operand says what the extent {whole} is")
        return found
    if atom.function not in (*FUNCTIONS, "broadcast"):
        raise NoKernel(f"the extent {whole} is not computed")
    a, b = (extent(ctx, arg, sources) for arg in atom.args)
    if atom.function == "broadcast":
        return ctx.emit("SELECT_V2", ctx.emit("EQUAL", a, ctx.constant([1])), b, a)
    return ctx.emit(FUNCTIONS[atom.function], a, b)


def _solved(ctx: Context, alone: DimLike, sources: Sequence[Edge]) -> Edge | None:
    """A symbol from an extent that is a multiple of it and a number."""
    for source in sources:
        for dim in source.shape:
            if not isinstance(dim, Dim) or len(dim.symbols) != 1 or dim.symbols[0].name != str(alone):
                continue
            factor = next((c for monomial, c in dim.terms if terms_of(alone)[0][0] == monomial), 0)
            rest = dim - alone * factor
            if factor and isinstance(rest, int):
                read = _read(ctx, dim, [source])
                assert read is not None
                return ctx.emit("FLOOR_DIV", ctx.emit("SUB", read, ctx.constant([rest])), ctx.constant([factor]))
    return None


def _read(ctx: Context, dim: DimLike, sources: Sequence[Edge]) -> Edge | None:
    """The extent of a source that is ``dim``."""
    for source in sources:
        if dim in source.shape:
            axis = source.shape.index(dim)
            bounds = (ctx.constant([v]) for v in (axis, 1))
            return ctx.emit("SLICE", ctx.shape_of(source), *bounds, shape=(1,))
    return None
