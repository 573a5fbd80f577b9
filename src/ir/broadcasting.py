"""What dims broadcast to."""

from __future__ import annotations

from functools import partial, reduce
from itertools import combinations

from interlingua.ir.dims import DimLike, applied, arguments_of, evaluate, maximum, same, terms_of
from interlingua.ir.monomials import Symbol


def broadcast_dim(a: DimLike, b: DimLike) -> DimLike:
    """What two dims broadcast to, wherever they do: ``b`` where ``a`` is 1, else ``a``.

    Two integers are the caller's to hold against each other. The operation is commutative, associative and idempotent
    on dims that broadcast, so nested ones are flattened and sorted.
    """
    parts = _without_idle([*_flat(a), *_flat(b)])
    return reduce(partial(applied, "broadcast"), parts) if len(parts) > 1 else parts[0]


def _flat(value: DimLike) -> tuple[DimLike, ...]:
    """The dims that ``value`` is the broadcast of."""
    args = arguments_of("broadcast", value)
    return args if len(args) == 1 else tuple(part for arg in args for part in _flat(arg))


def _without_idle(parts: list[DimLike]) -> list[DimLike]:
    """The parts, sorted, without those that another is what comes of both."""
    for i, j in combinations(range(len(parts)), 2):
        one = _one_of(parts[i], parts[j])
        if one is not None:
            return _without_idle([one, *(p for k, p in enumerate(parts) if k not in (i, j))])
    return sorted(parts, key=repr)


def _one_of(a: DimLike, b: DimLike) -> DimLike | None:
    """The one of the two that is what they broadcast to, where that is known now."""
    if b == 1 or a == b:
        return a
    if a == 1 or isinstance(b, int) or same(b, 1) is False:
        return b
    if same(a, 1) is False:
        return a
    larger = maximum(a, b)
    return larger if larger in (a, b) and _no_zero_beside_one(a, b) else None


def _no_zero_beside_one(a: DimLike, b: DimLike) -> bool:
    """Whether one of the two being 0 rules out that the other is 1, seen from the one that is a symbol, if one is."""
    for known, other in ((a, b), (b, a)):
        match terms_of(known):
            case ((((Symbol(name), 1),), 1),):
                return all(evaluate(other, {name: v}) not in (None, 1 - v) for v in (0, 1))
    return False
