"""Dims: whatever the algebra simplifies, claims or prints agrees with integers."""

from itertools import product as product_of

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from interlingua.ir.broadcasting import broadcast_dim
from interlingua.ir.dialects import builtin_ops
from interlingua.ir.dims import (
    UNKNOWN,
    Dim,
    DimLike,
    at_least,
    bounds,
    ceildiv,
    evaluate,
    exact_quotient,
    floordiv,
    is_unknown,
    maximum,
    minimum,
    product,
    same,
    symbol,
)
from interlingua.ir.substitution import substitute
from interlingua.ir.text.dims import format_dim
from interlingua.ir.text.parser import parse_module

H, W, n = symbol("H"), symbol("W"), symbol("n")
NAMES = ("H", "W", "n")
OPERATIONS = {
    "+": (lambda a, b: a + b, lambda a, b: a + b),
    "-": (lambda a, b: a - b, lambda a, b: a - b),
    "*": (lambda a, b: a * b, lambda a, b: a * b),
    "//": (floordiv, lambda a, b: a // b),
    "%": (lambda a, b: a - floordiv(a, b) * b, lambda a, b: a % b),
    "ceil": (ceildiv, lambda a, b: -(-a // b)),
    "max": (maximum, max),
    "min": (minimum, min),
}


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> object:
    """A symbol's name, an integer, or (operation, left, right)."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(NAMES)) if draw(st.booleans()) else draw(st.integers(-5, 6))
    operation = draw(st.sampled_from(sorted(OPERATIONS)))
    left = draw(expressions(depth - 1))
    divides = operation in ("//", "%", "ceil")
    right = draw(st.integers(1, 6)) if divides and draw(st.booleans()) else draw(expressions(depth - 1))
    return (operation, left, right)


def as_dim(expression: object) -> DimLike:
    if isinstance(expression, str):
        return symbol(expression)
    if isinstance(expression, int):
        return expression
    operation, left, right = expression  # type: ignore[misc]
    return OPERATIONS[operation][0](as_dim(left), as_dim(right))


def as_int(expression: object, bindings: dict[str, int]) -> int:
    if isinstance(expression, str):
        return bindings[expression]
    if isinstance(expression, int):
        return expression
    operation, left, right = expression  # type: ignore[misc]
    return OPERATIONS[operation][1](as_int(left, bindings), as_int(right, bindings))


def both(expression: object, bindings: dict[str, int]) -> tuple[DimLike, int]:
    """The dim and the integer of an expression; division by zero is not what is tested."""
    try:
        return as_dim(expression), as_int(expression, bindings)
    except ZeroDivisionError:
        assume(False)
        raise


bound = st.fixed_dictionaries({name: st.integers(0, 40) for name in NAMES})


@given(expressions(), bound)
def test_arithmetic_agrees_with_integers(expression: object, bindings: dict[str, int]) -> None:
    dim, number = both(expression, bindings)
    assert evaluate(dim, bindings) in (number, None)
    if isinstance(dim, int):
        assert dim == number


@given(expressions(), bound)
def test_a_value_is_missing_only_where_the_dim_divides_by_zero(expression: object, bindings: dict[str, int]) -> None:
    dim, number = both(expression, bindings)
    if "floordiv" not in format_dim(dim):
        assert evaluate(dim, bindings) == number


@given(expressions(), expressions(), bound)
def test_claims_are_never_refuted(a: object, b: object, bindings: dict[str, int]) -> None:
    (x, i), (y, j) = both(a, bindings), both(b, bindings)
    assume(evaluate(x, bindings) is not None and evaluate(y, bindings) is not None)
    assert same(x, y) in (None, i == j)
    for dim, number in ((x, i), (y, j)):
        low, high = bounds(dim)
        assert low is None or low <= number
        assert high is None or number <= high
        assert at_least(dim, 3) in (None, number >= 3)


@given(st.integers(0, 9), st.integers(0, 9), st.integers(-4, 12), st.integers(1, 5))
def test_ranges_of_symbols_are_sound(low: int, width: int, offset: int, divisor: int) -> None:
    dim = maximum(floordiv(symbol("k", low, low + width) * 3 - offset, divisor), symbol("m", 1, 4))
    least, most = bounds(dim)
    values = [evaluate(dim, {"k": k, "m": m}) for k in range(low, low + width + 1) for m in range(1, 5)]
    assert least is not None and most is not None
    assert all(v is not None and least <= v <= most for v in values)


@given(expressions(), expressions(2), bound)
def test_substitution_is_evaluation_in_two_steps(a: object, b: object, bindings: dict[str, int]) -> None:
    (x, _), (y, j) = both(a, bindings), both(b, bindings)
    assume(evaluate(y, bindings) is not None)
    try:
        replaced = substitute(x, {"n": y})
    except ZeroDivisionError:
        assume(False)
    wanted = evaluate(x, {**bindings, "n": j})
    got = evaluate(replaced, bindings)
    assert wanted is None or got is None or wanted == got


SIZES = (1, 4, H, n, H + 1, 2 * n, 2 * n + 1, ceildiv(H, 2), H * n, maximum(H, n), minimum(H, 3), maximum(n, 1), H // 3)


@pytest.mark.parametrize("a", SIZES, ids=str)
def test_dims_broadcast_as_integers_do(a: DimLike) -> None:
    bound = [{"H": h, "n": k} for h in (0, 1, 2, 3, 5) for k in (0, 1, 2, 3, 4)]
    checked = 0
    for b, c in product_of(SIZES, SIZES):
        if isinstance(a, int) and isinstance(b, int):
            continue
        once = broadcast_dim(broadcast_dim(a, b), c) if not isinstance(c, int) else broadcast_dim(a, b)
        assert parsed(format_dim(once)) == once
        for bindings in bound:
            numbers = {evaluate(d, bindings) for d in (a, b, *(() if isinstance(c, int) else (c,)))}
            if len(numbers - {1}) <= 1:
                checked += 1
                wanted = next(iter(numbers - {1}), 1)
                assert evaluate(once, bindings) == wanted
                assert evaluate(substitute(once, {"n": bindings["n"]}), bindings) == wanted
    assert checked


@pytest.mark.parametrize(
    ("a", "b", "form"),
    [
        (n, H, "broadcast(H, n)"),
        (H, n, "broadcast(H, n)"),
        (broadcast_dim(H, n), n, "broadcast(H, n)"),
        (broadcast_dim(H, n), broadcast_dim(W, n), "broadcast(broadcast(H, W), n)"),
        (n, H + 2, "H + 2"),
        (ceildiv(H, 16), 2 * ceildiv(H, 32), "floordiv(H + 31, 32)*2"),
        (minimum(n, 100), n, "n"),
        (maximum(n, 1), n, "broadcast(max(1, n), n)"),
    ],
)
def test_broadcast_dims_keep_a_name(a: DimLike, b: DimLike, form: str) -> None:
    assert format_dim(broadcast_dim(a, b)) == form


def parsed(text: str) -> DimLike:
    module = parse_module(
        f'interlingua 1\ninput "x" [?]\nfunc @main(%x: f32[{text}]) {{\n  return\n}}\n', builtin_ops()
    )
    return module.main.inputs[0].tensor.dims[0]


@given(expressions())
def test_printing_and_parsing_are_inverse(expression: object) -> None:
    try:
        dim = as_dim(expression)
    except ZeroDivisionError:
        assume(False)
    assume(not is_unknown(dim))  # what stands for a dim that is too large gets a name before it is in a module
    assert parsed(format_dim(dim)) == dim


@given(st.text(min_size=1, max_size=8))
def test_any_name_is_printable(name: str) -> None:
    assert parsed(format_dim(symbol(name) * 2 + 1)) == symbol(name) * 2 + 1


@pytest.mark.parametrize(
    "name",
    ["max", "min", "floordiv", "broadcast", "é", "a b", 'q"', "\\", "\n", "1", "?", "none", "inf", "nan", "a.b", "x-1"],
)
def test_odd_names_survive(name: str) -> None:
    assert parsed(format_dim(symbol(name))) == symbol(name)


@pytest.mark.parametrize(
    ("dim", "form"),
    [
        (n * 8 - 8 * n, "0"),
        ((n + 1) * (n - 1), "n*n - 1"),
        ((H * W) // W, "H"),
        ((n * 6 + 4) // 2, "n*3 + 2"),
        ((n * 4 + 7) // 4, "n + 1"),
        ((n * 2 + 5) // 4, "floordiv(n, 2) + 1"),
        ((H - 1) // 2 + 1, "floordiv(H + 1, 2)"),
        (ceildiv(H, 2), "floordiv(H + 1, 2)"),
        (floordiv(floordiv(H, 2), 3), "floordiv(H, 6)"),
        (floordiv(floordiv(H + 1, 2) + 1, 2), "floordiv(H + 3, 4)"),
        (maximum(n, 0), "n"),
        (minimum(n + 1, n), "n"),
        (maximum(H, 3), "max(3, H)"),
        (maximum(n, minimum(n, H)), "n"),
        (minimum(maximum(n, H), H), "H"),
        (maximum(maximum(n, H), n), "max(H, n)"),
        (-n, "-n"),
        (n % 1, "0"),
        (3 - n, "-n + 3"),
        (product((n, 2, H)), "H*n*2"),
    ],
)
def test_canonical_forms(dim: DimLike, form: str) -> None:
    assert format_dim(dim) == form


@given(st.integers(1, 7), st.integers(1, 7), st.integers(-20, 20), st.integers(0, 60))
def test_division_of_a_quotient_is_one_division(m: int, d: int, c: int, value: int) -> None:
    nested = floordiv(floordiv(n, m) + c, d)
    assert nested == floordiv(n + c * m, m * d)
    assert evaluate(nested, {"n": value}) == (value // m + c) // d


def test_five_strides_of_two_are_one_of_thirty_two() -> None:
    dim: DimLike = H
    for _ in range(5):
        dim = (dim - 1) // 2 + 1
    assert dim == ceildiv(H, 32)


def test_equality_is_of_form_and_same_has_three_answers() -> None:
    assert symbol("n") == symbol("n")
    assert len({n + 1, 1 + n, n + 2 - 1}) == 1
    assert same(n + 1, n + 1) is True
    assert same(n + 1, n) is False
    assert same(n, H) is None
    assert same(n, 3) is None
    assert same(n, -1) is False
    assert same(2 * n, 1) is False
    assert same(6 * n + 3 * H, 9) is None
    assert same(n + 1, 0) is False


def test_exact_quotient_is_a_polynomial_or_nothing() -> None:
    assert exact_quotient(H * W * 6, W * 2) == H * 3
    assert exact_quotient(H + 1, 2) is None
    assert exact_quotient(H * W, n) is None
    assert exact_quotient(H * W + H, H) == W + 1


def test_evaluation_needs_every_symbol() -> None:
    assert evaluate(H * W, {"H": 2}) is None
    assert evaluate(floordiv(H, W), {"H": 2, "W": 0}) is None
    assert evaluate(7, {}) == 7


def test_symbols_are_listed_once_by_name() -> None:
    dim = n * H + floordiv(n + W, 3)
    assert isinstance(dim, Dim)
    assert [s.name for s in dim.symbols] == ["H", "W", "n"]
    assert UNKNOWN.symbols[0].name == "?"
