"""Ratios: whatever is known of a float is what float32 arithmetic gives, or nothing is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlingua.ir.dims import evaluate, symbol
from interlingua.ir.ratios import Ratio, of_float, of_integer, ratio

n = symbol("n")
CONSTANTS = (0.5, 2.0, 3.0, 32.0, 0.25, 1.5, -1.0, 0.1, 7.0, 1.0, 0.0, 100.0)
STEPS = ("+", "-", "*", "/", "floor", "ceil", "neg")


def step(kind: str, known: Ratio, actual: np.float32, constant: float) -> tuple[Ratio | None, np.float32]:
    """One operation on both; what is known becomes ``None`` where it raises."""
    c = np.float32(constant)
    with np.errstate(all="ignore"):
        number = {
            "+": lambda: actual + c,
            "-": lambda: actual - c,
            "*": lambda: actual * c,
            "/": lambda: actual / c,
            "floor": lambda: np.floor(actual),
            "ceil": lambda: np.ceil(actual),
            "neg": lambda: -actual,
        }[kind]()
    other = of_float(constant)
    if other is None and kind in "+-*/":
        return None, number
    rules = {
        "+": lambda: known + other,
        "-": lambda: known - other,
        "*": lambda: known * other,
        "/": lambda: known / other,
        "floor": lambda: ratio(known.floor()),
        "ceil": lambda: ratio(known.ceil()),
        "neg": lambda: -known,
    }
    try:
        return rules[kind](), number
    except TypeError:
        return None, number


@given(
    st.integers(0, 5000),
    st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(CONSTANTS)), min_size=1, max_size=6),
)
def test_what_is_known_is_what_floats_give(size: int, steps: list[tuple[str, float]]) -> None:
    known, actual = of_integer(n), np.float32(size)
    assert known is not None
    for kind, constant in steps:
        known, actual = step(kind, known, actual, constant)
        if known is None:
            return
        number = evaluate(known.num, {"n": size})
        assert number is not None
        if abs(number) >= 1 << 24:
            return
        assert np.float32(number / known.den) == actual
        whole = known.truncated()
        assert whole is None or evaluate(whole, {"n": size}) == int(actual)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.0, 0.1, 2.0**30, 1.6])
def test_a_constant_that_may_round_is_unknown(value: float) -> None:
    assert of_float(value) is None


def test_a_rounded_quotient_is_floored_but_not_computed_with() -> None:
    third = ratio(n) / ratio(3)
    assert third.floor() == n // 3
    with pytest.raises(TypeError, match="rounded quotient"):
        third * ratio(3)
    with pytest.raises(TypeError):
        ratio(n) / ratio(n)
    assert of_integer(1 << 24) is None
    assert of_integer(None) is None
