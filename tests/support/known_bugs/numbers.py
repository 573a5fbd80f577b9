"""Integers, conversions between dtypes, rounding, NaN."""

from __future__ import annotations

import numpy as np

from support.known_bugs.bug import F4, I8, bug

I4, BOOL = np.int32, np.bool_
RAMP = np.arange(5, dtype=F4)
LARGE = np.array([2**40 + 1, -(2**53) - 1], I8)
SPECIAL = np.array([np.nan, -1, 2], F4)
_END = 2**63 - 1
BUGS = [
    bug(
        "slice-to-the-largest-integer",
        f"a = Constant<value_ints=[1]>() b = Constant<value_ints=[{_END}]>() y0 = Slice(x0, a, b)",
        (RAMP,),
        RAMP[1:],
        RAMP[1:4],  # the end read as -1
    ),
    bug(
        "slice-backwards-past-the-start",
        f"a = Constant<value_ints=[-1]>() b = Constant<value_ints=[{-_END}]>() c = Constant<value_ints=[0]>() "
        "s = Constant<value_ints=[-2]>() y0 = Slice(x0, a, b, c, s)",
        (RAMP,),
        RAMP[::-2],
        RAMP[:0],
    ),
    bug(
        "integers-of-64-bits",
        "i = Constant<value_ints=[1]>() y0 = Add(x0, i)",
        (LARGE,),
        LARGE + 1,
        (LARGE + 1).astype(I4),
        result=I8,
    ),
    bug(
        "integers-are-not-floats",
        "i = Constant<value_ints=[1]>() y0 = Mul(x0, i)",
        (LARGE,),
        LARGE,
        LARGE.astype(np.float64).astype(I8),
        result=I8,
    ),
    bug(
        "division-of-integers-truncates",
        "y0 = Div(x0, x1)",
        (np.array([-7, 7, -7], I4), np.array([2, -2, -2], I4)),
        np.array([-3, -3, 3]),
        np.array([-4, -4, 3]),
        result=I4,
    ),
    bug(
        "modulo-has-the-sign-of-the-divisor",
        "y0 = Mod(x0, x1)",
        (np.array([-7, 7], I4), np.array([3, -3], I4)),
        np.array([2, -2]),
        np.array([-1, 1]),
        result=I4,
    ),
    bug(
        "fmod-has-the-sign-of-the-dividend",
        "y0 = Mod<fmod=1>(x0, x1)",
        (np.array([-7, 7], F4), np.array([3, -3], F4)),
        np.array([-1, 1]),
        np.array([2, -2]),
    ),
    bug(
        "the-base-says-the-dtype-of-a-power",
        "y0 = Pow(x0, x1)",
        (np.array([3, 10], I4), np.array([1.5, 0.5], F4)),
        np.array([5, 3]),
        np.array([3, 1]),  # the exponent cast to integers
        result=I4,
    ),
    bug(
        "a-cast-through-integers-is-no-cast-to-bool",
        "i = Cast<to=6>(x0) y0 = Cast<to=9>(i)",
        (np.array([0.5, -0.5, 1.5, 0], F4),),
        np.array([False, False, True, False]),
        np.array([True, True, True, False]),
        result=BOOL,
    ),
    bug(
        "round-half-to-even",
        "y0 = Round(x0)",
        (np.array([0.5, 1.5, 2.5, -0.5, -1.5], F4),),
        np.array([0, 2, 2, -0.0, -2]),
        np.array([1, 2, 3, -1, -2]),
    ),
    bug("nan-through-relu", "y0 = Relu(x0)", (SPECIAL,), np.array([np.nan, 0, 2]), np.array([0, 0, 2])),
    bug(
        "nan-through-clip",
        "l = Constant<value_float=0.0>() h = Constant<value_float=1.0>() y0 = Clip(x0, l, h)",
        (SPECIAL,),
        np.array([np.nan, 0, 1]),
        np.array([0, 0, 1]),
    ),
    bug(
        "nan-through-max",
        "y0 = Max(x0, x1)",
        (SPECIAL, np.array([1, np.nan, 1], F4)),
        np.array([np.nan, np.nan, 2]),
        np.array([1, -1, 2]),
    ),
]
