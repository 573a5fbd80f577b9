"""Fewer axes: neighbours that an op treats alike are one axis to it. An op of more axes than its kernel takes is
computed on operands whose axes are merged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from interlingua.backends.litert.kernels import NoKernel, kernels
from interlingua.ir.dims import product
from interlingua.ir.types import Shape

if TYPE_CHECKING:
    from interlingua.backends.litert.context import Context
    from interlingua.backends.litert.graph import Edge

Groups: TypeAlias = "list[list[int]]"
"""Axes, in order, that are one axis each."""


def grouped(rank: int, joined: Callable[[int, int], bool]) -> Groups:
    """The axes of ``rank``, each with the one before it in one group where ``joined(before, axis)``."""
    groups: Groups = []
    for axis in range(rank):
        if groups and joined(axis - 1, axis):
            groups[-1].append(axis)
        else:
            groups.append([axis])
    return groups


def pointwise_groups(shapes: Sequence[Shape], rank: int) -> Groups:
    """Neighbouring axes of shapes that broadcast: joined where every operand has both or has 1 in both."""
    full = [(*(1,) * (rank - len(s)), *s) for s in shapes]

    def joined(a: int, b: int) -> bool:
        kinds = [(s[a] == 1, s[b] == 1) for s in full]
        whole = all(len({s[axis] for s in full} - {1}) < 2 for axis in (a, b))
        return whole and all(one == other for one, other in kinds)

    return grouped(rank, joined)


def apart(rank: int, touched: Sequence[int]) -> Groups:
    """All axes, those that are not ``touched`` joined with such neighbours."""
    return grouped(rank, lambda a, b: a not in touched and b not in touched)


def alike(rank: int, chosen: Sequence[int]) -> Groups:
    """All axes, joined where both are ``chosen`` or neither is: for a reduction."""
    return grouped(rank, lambda a, b: (a in chosen) == (b in chosen))


def fitting(op: str, rank: int, types: Sequence[str], groups: Groups) -> Groups | None:
    """``None`` where the kernel takes the rank as it is; else the groups, which it takes.

    Raises:
        NoKernel: it takes neither.
    """
    kernel = kernels().kernel(op)
    chosen = kernels().chosen(op, dict(zip(kernel.form.parameters, types, strict=True)))
    allowed = kernel.ranks(chosen, False)
    if rank in allowed:
        return None
    if len(groups) not in allowed:
        raise NoKernel(f"LiteRT {kernels().runtime} has no {op} of rank {rank}")
    return groups


def place(groups: Groups, axis: int) -> int:
    """The group that holds an axis."""
    return next(i for i, group in enumerate(groups) if axis in group)


def merged_shape(shape: Shape, groups: Groups) -> Shape:
    """The extents of the groups."""
    return tuple(product(tuple(shape[a] for a in group)) for group in groups)


def untransposed(x: Edge) -> tuple[Edge, list[int]] | None:
    """What ``x`` is a transposition of, and its order of axes; ``None`` where it is none."""
    producer = x.producer
    if producer is None or producer.op != "TRANSPOSE":
        return None
    before, order = producer.inputs
    return None if before is None or order is None or order.known is None else (before, order.known)


def transposed(ctx: Context, x: Edge, perm: tuple[int, ...]) -> Edge:
    """A transposition, of axes that stay together as one where there are too many."""
    shape = tuple(x.shape[p] for p in perm)
    order = [perm.index(axis) for axis in range(len(perm))]
    groups = fitting("TRANSPOSE", len(perm), [x.dtype.value], grouped(len(perm), lambda a, b: order[b] == order[a] + 1))
    if groups is None:
        return ctx.emit("TRANSPOSE", x, ctx.constant(list(perm)), shape=shape)
    small = ctx.merged(x, groups, len(perm))
    moves = sorted(range(len(groups)), key=lambda g: order[groups[g][0]])
    made = ctx.emit(
        "TRANSPOSE", small, ctx.constant(moves), shape=tuple(merged_shape(x.shape, groups)[g] for g in moves)
    )
    return ctx.reshape(made, shape, x)
