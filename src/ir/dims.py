"""Dimensions: integers, or polynomials over named symbols with ranges.

A :class:`Dim` is kept in a canonical form (sorted monomials with integer coefficients), so equal
polynomials are equal objects, and ``batch*8 - 8*batch`` is the integer 0. What is no polynomial
(``(H + 1)//2``, ``max(a, b)``) is an atom of the polynomial. Arithmetic that comes out constant gives a plain
``int``; ``DimLike`` is either.

``==`` is identity of form. Whether two dims *are* equal for all values of their symbols is a question with
three answers: :func:`same` gives ``True``, ``False`` or ``None`` (unknown).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import gcd
from typing import TypeAlias

from interlingua.ir.monomials import FUNCTIONS, Apply, Monomial, Symbol, divide, measure, monomial_key, stand_in, times

DimLike: TypeAlias = "int | Dim"


class Dim:
    """A polynomial with at least one atom; build it with :func:`symbol` and arithmetic."""

    __slots__ = ("_hash", "size", "terms", "unknown")
    terms: tuple[tuple[Monomial, int], ...]
    size: int
    """Atoms in it, those inside atoms too, each as often as it is multiplied."""
    unknown: bool
    """As :func:`is_unknown`."""

    def __init__(self, terms: tuple[tuple[Monomial, int], ...]) -> None:
        self.terms = terms
        self._hash = hash(terms)
        self.size, self.unknown = measure(terms)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dim) and self._hash == other._hash and self.terms == other.terms

    def __add__(self, other: DimLike) -> DimLike:
        return _add(self, other, 1)

    __radd__ = __add__

    def __sub__(self, other: DimLike) -> DimLike:
        return _add(self, other, -1)

    def __rsub__(self, other: DimLike) -> DimLike:
        return _add(-self, other, 1)

    def __neg__(self) -> DimLike:
        return _make({m: -c for m, c in self.terms})

    def __mul__(self, other: DimLike) -> DimLike:
        found: dict[Monomial, int] = {}
        for m1, c1 in self.terms:
            for m2, c2 in terms_of(other):
                monomial = times(m1, m2)
                found[monomial] = found.get(monomial, 0) + c1 * c2
        return _make(found)

    __rmul__ = __mul__

    def __floordiv__(self, other: DimLike) -> DimLike:
        return floordiv(self, other)

    def __rfloordiv__(self, other: int) -> DimLike:
        return floordiv(other, self)

    def __mod__(self, other: DimLike) -> DimLike:
        return self - floordiv(self, other) * other

    def __rmod__(self, other: int) -> DimLike:
        return other - floordiv(other, self) * self

    def __repr__(self) -> str:
        from interlingua.ir.text.dims import format_dim

        return format_dim(self)

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The symbols that occur, each once, by name."""
        found: dict[str, Symbol] = {}
        for monomial, _ in self.terms:
            for atom, _ in monomial:
                if isinstance(atom, Symbol):
                    found[atom.name] = atom
                else:
                    for arg in atom.args:
                        if isinstance(arg, Dim):
                            found.update((s.name, s) for s in arg.symbols)
        return tuple(found[name] for name in sorted(found))


def symbol(name: str, lo: int = 0, hi: int | None = None) -> Dim:
    """The dim that is the symbol ``name``."""
    return Dim(((((Symbol(name, lo, hi), 1),), 1),))


UNKNOWN = symbol("?")
"""What a type rule returns for a dim that it cannot name; the builder puts a fresh symbol in its place."""

MAX_SIZE = 64
"""Atoms that a dim may have. Real models have a tenth; a dim squared sixty times would have 2^60."""
MAX_RELAXED = 16
"""Atoms of a dim whose bounds are looked for behind floors, minima and maxima."""
MAX_INT = 1 << 63


def _bounded(dim: Dim) -> Dim:
    """``dim``, or where it is too large an unknown for it: the same for the same dim, in every process."""
    if dim.size <= MAX_SIZE and all(-MAX_INT <= c <= MAX_INT for _, c in dim.terms):
        return dim
    return _stand_in(dim)


def _stand_in(dim: Dim) -> Dim:
    return Dim(((((stand_in(repr(dim), -MAX_INT), 1),), 1),))


def is_unknown(value: DimLike) -> bool:
    """Whether :data:`UNKNOWN`, or what stands for a dim that is too large, is part of it."""
    return isinstance(value, Dim) and value.unknown


def terms_of(value: DimLike) -> tuple[tuple[Monomial, int], ...]:
    """The monomials and their coefficients; none for 0."""
    if isinstance(value, Dim):
        return value.terms
    return (((), int(value)),) if value else ()


def _make(terms: Mapping[Monomial, int]) -> DimLike:
    kept = [(m, c) for m, c in terms.items() if c]
    if not kept:
        return 0
    if len(kept) == 1:
        return _bounded(Dim((kept[0],))) if kept[0][0] else kept[0][1]
    return _bounded(Dim(tuple(sorted(kept, key=lambda t: monomial_key(t[0])))))


def _add(a: DimLike, b: DimLike, sign: int) -> DimLike:
    found = dict(terms_of(a))
    for monomial, c in terms_of(b):
        found[monomial] = found.get(monomial, 0) + sign * c
    return _make(found)


def exact_quotient(a: DimLike, b: DimLike) -> DimLike | None:
    """``a / b`` where that is a polynomial, else ``None`` (``b`` is taken as non-zero)."""
    if a == b:
        return 1
    divisor = terms_of(b)
    if len(divisor) != 1:
        return None
    (monomial, coefficient) = divisor[0]
    found: dict[Monomial, int] = {}
    for m, c in terms_of(a):
        rest = divide(m, monomial)
        if rest is None or c % coefficient:
            return None
        found[rest] = c // coefficient
    return _make(found)


@lru_cache(maxsize=4096)
def floordiv(a: DimLike, b: DimLike) -> DimLike:
    """``a // b``, simplified by taking multiples of ``b`` out of ``a``."""
    if isinstance(a, int) and isinstance(b, int):
        return a // b
    exact = exact_quotient(a, b) if b != 0 else None
    if exact is not None:
        return exact
    if isinstance(b, int) and b > 0:
        whole = _make({m: c // b for m, c in terms_of(a) if c % b == 0})
        rest = _make({m: c for m, c in terms_of(a) if c % b})
        if isinstance(rest, int):
            return whole + rest // b
        if rest.terms[0][1] < 0:
            return whole - floordiv(-rest + (b - 1), b)  # one form for what sources write in two ways
        offset = dict(rest.terms).get((), 0)
        return whole + offset // b + _floordiv_rest(rest - (offset - offset % b), b)
    return applied("floordiv", a, b)


def _floordiv_rest(a: DimLike, b: int) -> DimLike:
    """``a // b`` for a positive ``b`` that no term of ``a`` is a multiple of.

    ``(g*p + c) // (g*q)`` is ``(p + c//g) // q``, and ``(p//m + c) // b`` is ``(p + c*m) // (m*b)``: two
    strides one after the other are one.
    """
    offset = dict(terms_of(a)).get((), 0)
    moving = a - offset
    common = gcd(b, *(c for _, c in terms_of(moving)))
    if common > 1:
        return floordiv(_make({m: c // common for m, c in terms_of(moving)}) + offset // common, b // common)
    inner = _whole_quotient(moving)
    if inner is not None:
        dividend, divisor = inner
        return floordiv(dividend + offset * divisor, divisor * b)
    return applied("floordiv", a, b)


def _whole_quotient(value: DimLike) -> tuple[DimLike, int] | None:
    """``(p, m)`` where ``value`` is ``p // m`` and nothing else, ``m`` a positive integer."""
    match terms_of(value):
        case ((((Apply("floordiv", (dividend, int(divisor))), 1),), 1),) if divisor > 0:
            return dividend, divisor
    return None


def ceildiv(a: DimLike, b: DimLike) -> DimLike:
    """``ceil(a / b)``."""
    if isinstance(b, int) and b > 0:
        return floordiv(a + (b - 1), b)
    return -floordiv(-a, b)


def applied(function: str, *args: DimLike) -> DimLike:
    """The atom that is ``function`` of ``args``, as it stands."""
    made = Dim(((((Apply(function, args), 1),), 1),))
    if any(isinstance(a, int) and abs(a) > MAX_INT for a in args):
        return _stand_in(made)
    return _bounded(made)


def maximum(a: DimLike, b: DimLike) -> DimLike:
    """The larger of the two, decided by their ranges where these do not overlap."""
    return _extreme("max", a, b)


def minimum(a: DimLike, b: DimLike) -> DimLike:
    """The smaller of the two, decided by their ranges where these do not overlap."""
    return _extreme("min", a, b)


@lru_cache(maxsize=4096)
def _extreme(function: str, a: DimLike, b: DimLike) -> DimLike:
    if isinstance(a, int) and isinstance(b, int):
        return FUNCTIONS[function](a, b)
    if a in arguments_of(_DUAL[function], b) or b in arguments_of(function, a):
        return a  # max(a, min(a, c)) is a, max(max(b, c), b) is max(b, c)
    if b in arguments_of(_DUAL[function], a) or a in arguments_of(function, b):
        return b
    lo, hi = bounds(a - b)
    larger_is_a = True if lo is not None and lo >= 0 else False if hi is not None and hi <= 0 else None
    if larger_is_a is None:
        first, second = sorted((a, b), key=repr)
        return applied(function, first, second)
    return a if larger_is_a == (function == "max") else b


_DUAL = {"max": "min", "min": "max"}


def arguments_of(function: str, value: DimLike) -> tuple[DimLike, ...]:
    """What ``function`` is applied to, where ``value`` is that and nothing else; else ``value`` alone."""
    match terms_of(value):
        case ((((Apply(name, args), 1),), 1),) if name == function:
            return args
    return (value,)


Bound: TypeAlias = int | None


def bounds(value: DimLike) -> tuple[Bound, Bound]:
    """A least and a largest value that the ranges of the symbols allow; ``None`` is unbounded."""
    if isinstance(value, int):
        return value, value
    lo: Bound = 0
    hi: Bound = 0
    for monomial, c in value.terms:
        m_lo, m_hi = _monomial_bounds(monomial)
        if c < 0:
            m_lo, m_hi = m_hi, m_lo
        lo = None if lo is None or m_lo is None else lo + c * m_lo
        hi = None if hi is None or m_hi is None else hi + c * m_hi
    if (lo is None or hi is None) and value.size <= MAX_RELAXED:
        lo = lo if lo is not None else _least(value)
        if hi is None and (least := _least(-value)) is not None:
            hi = -least
    return lo, hi


@lru_cache(maxsize=4096)
def _least(value: DimLike) -> Bound:
    """A lower bound by way of one atom that has simpler ones: ``floordiv(p, m)`` lies between ``(p - m + 1)/m`` and
    ``p/m``, the minimum of two below either."""
    for monomial, c in terms_of(value):
        match monomial:
            case ((Apply(function, (p, q)), 1),):
                pass
            case _:
                continue
        others = value - Dim(((monomial, c),))
        if function == "floordiv" and isinstance(q, int) and q > 0:
            least = bounds(others * q + c * (p if c < 0 else p - (q - 1)))[0]
            return None if least is None else -(-least // q)
        if function == ("min" if c < 0 else "max"):
            found = [least for arg in (p, q) if (least := bounds(others + c * arg)[0]) is not None]
            return max(found, default=None)
    return None


def _monomial_bounds(monomial: Monomial) -> tuple[Bound, Bound]:
    lo: Bound = 1
    hi: Bound = 1
    for atom, power in monomial:
        a_lo, a_hi = _atom_bounds(atom)
        if a_lo is None or a_lo < 0 or lo is None:
            return None, None
        lo = lo * a_lo**power
        hi = None if hi is None or a_hi is None else hi * a_hi**power
    return lo, hi


def _atom_bounds(atom: Symbol | Apply) -> tuple[Bound, Bound]:
    if isinstance(atom, Symbol):
        return atom.lo, atom.hi
    (a_lo, a_hi), (b_lo, b_hi) = bounds(atom.args[0]), bounds(atom.args[1])
    if atom.function == "floordiv":
        if b_lo is None or b_lo != b_hi or b_lo <= 0:
            return None, None
        return (None if a_lo is None else a_lo // b_lo), (None if a_hi is None else a_hi // b_lo)
    if atom.function == "broadcast":
        whole = a_lo is not None and b_lo is not None, a_hi is not None and b_hi is not None
        return (min(a_lo or 0, b_lo or 0) if whole[0] else None), (max(a_hi or 0, b_hi or 0) if whole[1] else None)
    pick = FUNCTIONS[atom.function]
    lows, highs = [v for v in (a_lo, b_lo) if v is not None], [v for v in (a_hi, b_hi) if v is not None]
    if atom.function == "max":
        return (max(lows) if lows else None), (pick(*highs) if len(highs) == 2 else None)
    return (pick(*lows) if len(lows) == 2 else None), (min(highs) if highs else None)


def same(a: DimLike, b: DimLike) -> bool | None:
    """Whether the dims are equal whatever their symbols are: yes, no, or ``None`` where that depends."""
    if a == b:
        return True
    if isinstance(a, int) and isinstance(b, int):
        return False
    difference = a - b
    lo, hi = bounds(difference)
    if (lo is not None and lo > 0) or (hi is not None and hi < 0):
        return False
    rest = dict(terms_of(difference))
    constant = rest.pop((), 0)
    step = gcd(*rest.values())
    return False if step and constant % step else None  # 2*n is never 1


def at_least(a: DimLike, least: int) -> bool | None:
    """Whether ``a >= least``: yes, no, or ``None`` where that depends."""
    lo, hi = bounds(a)
    if lo is not None and lo >= least:
        return True
    if hi is not None and hi < least:
        return False
    return None


def product(dims: tuple[DimLike, ...]) -> DimLike:
    """The product; 1 for none."""
    total: DimLike = 1
    for dim in dims:
        total = total * dim
    return total


def evaluate(value: DimLike, bindings: Mapping[str, int]) -> int | None:
    """The value with the symbols bound; ``None`` where one of them is not, or where it divides by zero."""
    if isinstance(value, int):
        return value
    total = 0
    for monomial, c in value.terms:
        for atom, power in monomial:
            if isinstance(atom, Symbol):
                v = bindings.get(atom.name)
            else:
                a, b = (evaluate(arg, bindings) for arg in atom.args)
                undefined = a is None or b is None or (atom.function == "floordiv" and b == 0)
                v = None if undefined else FUNCTIONS[atom.function](a, b)  # type: ignore[arg-type]
            if v is None:
                return None
            c *= v**power
        total += c
    return total
