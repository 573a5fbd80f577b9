"""Dtypes: casts, integers, half floats, levels, strings, constants that differ in little."""

from __future__ import annotations

import numpy as np

from support.soundness.trap import F2, F4, I4, I8, INF, NAN, U1, Trap, trap

WHOLE = 2**24 + 1
"""The first integer that float32 lacks."""
BIG = 2**53 + 1
"""The first that float64 lacks."""
INTS = "(int32[4] x) => (int32[4] y)"
LONGS = "(int64[4] x) => (int64[4] y)"


def i4(*values: int) -> np.ndarray:
    return np.array(values, I4)


def cast(name: str, why: str, there: str, back: str, through: int, type_: int, values: np.ndarray) -> Trap:
    """Casts there and back again that are no identity."""
    return trap(
        f"cast-{name}", why, f"({there}[{len(values)}] x) => ({back}[{len(values)}] y)",
        f"c = Cast<to = {through}>(x) y = Cast<to = {type_}>(c)", f"y = Cast<to = {type_}>(x)", {"x": values},
        exact=True,
    )  # fmt: skip


TRAPS: tuple[Trap, ...] = (
    cast("through-int", "it truncates", "float", "float", 6, 1, np.array([1.5, -2.5], F4)),
    cast("through-int-to-bool", "0.5 truncates to 0", "float", "bool", 6, 9, np.array([0.5, -0.5, 2], F4)),
    cast("through-bool", "it is 0 or 1 after", "int32", "int32", 9, 6, i4(0, 5, -3)),
    cast("through-half", "half has 11 bits, and ends at 65504", "float", "float", 10, 1, np.array([0.1, 1e5], F4)),
    cast("through-int8", "it wraps", "int32", "int32", 3, 6, i4(300, -200, 5)),
    cast("through-int32", "it wraps", "int64", "int64", 6, 7, np.array([2**40 + 7, -1], I8)),
    cast("through-float", "float has 24 bits", "int32", "int32", 1, 6, i4(WHOLE, 5)),
    cast("through-double", "double has 53 bits", "int64", "int64", 11, 7, np.array([BIG, 5], I8)),
    cast("through-uint8", "what was negative is large", "int32", "int32", 2, 6, i4(-1, 5)),
    trap(
        "equal-as-floats", "two integers may be one float", "(int64[2] a, int64[2] b) => (bool[2] y)",
        "f = Cast<to = 1>(a) g = Cast<to = 1>(b) y = Equal(f, g)", "y = Equal(a, b)",
        {"a": np.array([WHOLE, 5]), "b": np.array([WHOLE - 1, 5])}, exact=True,
    ),
    trap(
        "floor-before-a-cast", "a cast truncates, a floor goes down", "(float[4] x) => (int32[4] y)",
        "f = Floor(x) y = Cast<to = 6>(f)", "y = Cast<to = 6>(x)", {"x": [-1.5, 1.5, -0.5, 2.0]},
    ),
    trap(
        "round-before-a-cast", "a cast truncates, a half goes to even", "(float[4] x) => (int32[4] y)",
        "f = Round(x) y = Cast<to = 6>(f)", "y = Cast<to = 6>(x)", {"x": [-1.5, 1.5, 2.5, 0.75]},
    ),
    trap(
        "integer-division-is-no-shift", "division truncates, a shift floors", INTS, "y = Div(x, two)",
        "f = Cast<to = 11>(x) h = Mul(f, half) g = Floor(h) y = Cast<to = 6>(g)", {"x": i4(-3, -4, 3, 5)}, two=I4(2),
        half=np.float64(0.5),
    ),
    trap(
        "multiply-then-divide-integers", "the product wraps", INTS, "m = Mul(x, four) y = Div(m, four)",
        "y = Identity(x)", {"x": i4(2**30, 5, -(2**29), -7)}, four=I4(4),
    ),
    trap(
        "divide-then-multiply-integers", "the remainder is gone", INTS, "m = Div(x, four) y = Mul(m, four)",
        "y = Identity(x)", {"x": i4(6, 5, -9, -7)}, four=I4(4),
    ),
    trap(
        "divide-twice-integers", "the product of the divisors wraps", INTS, "m = Div(x, big) y = Div(m, big)",
        "y = Div(x, square)", {"x": i4(-(2**31), 5, -(2**29), -7)}, big=I4(46341), square=I4(46341**2 - 2**32),
    ),
    trap(
        "remainder-of-negatives", "fmod has the sign of the dividend", INTS, "y = Mod<fmod = 1>(x, three)",
        "y = Mod(x, three)", {"x": i4(-7, 7, -1, 2)}, three=I4(3),
    ),
    trap(
        "constants-that-wrap", "int32 wraps; it does not saturate", INTS, "c = Mul(a, b) y = Add(x, c)",
        "y = Add(x, top)", {"x": i4(1, 2, 3, 4)}, a=I4(2**30), b=I4(6), top=I4(2**31 - 1),
    ),
    trap(
        "bounds-as-floats", "the smaller bound is no float64", LONGS, "m = Min(x, a) y = Min(m, b)", "y = Min(x, b)",
        {"x": np.array([2**60, 1, 2, 3])}, a=BIG, b=BIG + 2,
    ),
    trap(
        "clip-of-long-integers", "the bound is no float64", LONGS, "y = Clip(x, a, b)", "y = Clip(x, a, c)",
        {"x": np.array([2**60, 1, 2, 3])}, a=0, b=BIG, c=BIG - 1,
    ),
    trap(
        "halves-that-overflow", "the product of the constants is infinite in half precision",
        "(float16[2] x) => (float16[2] y)", "m = Mul(x, c) y = Mul(m, c)", "y = Mul(x, cc)",
        {"x": np.array([1e-4, 2e-4], F2)}, c=F2(300), cc=F2(INF),
    ),
    trap(
        "halves-through-single", "half overflows where single does not", "(float16[2] x) => (bool[2] y)",
        "f = Cast<to = 1>(x) m = Mul(f, f) h = Cast<to = 10>(m) g = Cast<to = 1>(h) y = IsInf(g)",
        "f = Cast<to = 1>(x) m = Mul(f, f) y = IsInf(m)", {"x": np.array([1000, 2], F2)}, exact=True,
    ),
    trap(
        "zeros-of-both-signs", "0 and -0 are two constants", "(float[2] x) => (float[2] y, float[2] z)",
        "y = Div(x, plus) z = Div(x, minus)", "y = Div(x, plus) z = Div(x, plus)", {"x": [1.0, 2.0]}, plus=0.0,
        minus=-0.0,
    ),
    trap(
        "ones-of-two-shapes", "a scalar and a vector of one are two constants",
        "(float x) => (float y, float[A] z)", "y = Add(x, a) z = Add(x, b)", "y = Add(x, a) z = Add(x, a)",
        {"x": np.array(2, F4)}, a=1.0, b=[1.0],
    ),
    trap(
        "one-by-bits", "the integer of the bits of 1.0 is no float",
        "(float[1] x, int32[1] n) => (float[1] y, int32[1] m)",
        "y = Add(x, a) m = Add(n, b)", "y = Add(x, a) c = Cast<to = 6>(a) m = Add(n, c)", {"x": [2.0], "n": i4(1)},
        a=[1.0], b=i4(0x3F800000),
    ),
    trap(
        "strings-by-address", "two strings of one length", "(string[1] x) => (bool[1] y, bool[1] z)",
        "y = Equal(x, a) z = Equal(x, b)", "y = Equal(x, a) z = Equal(x, a)", {"x": np.array(["no"], object)},
        a=np.array(["no"], object), b=np.array(["on"], object), opset=19,
    ),
    trap(
        "quantize-dequantize", "levels are steps, and they end", "(float[4] x) => (float[4] y)",
        "q = QuantizeLinear(x, s, z) y = DequantizeLinear(q, s, z)", "y = Identity(x)",
        {"x": [0.1, 1000.0, -1000.0, 0.26]}, s=0.5, z=U1(128),
    ),
    trap(
        "dequantize-quantize", "the zero points differ", "(uint8[4] x) => (uint8[4] y)",
        "f = DequantizeLinear(x, s, z) y = QuantizeLinear(f, s, u)", "y = Identity(x)",
        {"x": np.array([0, 100, 200, 255], U1)}, s=0.5, z=U1(128), u=U1(100),
    ),
    trap(
        "dequantize-quantize-scales", "the scales differ", "(uint8[4] x) => (uint8[4] y)",
        "f = DequantizeLinear(x, s, z) y = QuantizeLinear(f, t, z)", "y = Identity(x)",
        {"x": np.array([0, 100, 200, 255], U1)}, s=0.5, t=0.25, z=U1(128),
    ),
    trap(
        "levels-along-an-axis", "the scales move with the transpose", "(uint8[2, 2] x) => (float[2, 2] y)",
        "t = Transpose<perm = [1, 0]>(x) y = DequantizeLinear<axis = 0>(t, s, z)",
        "f = DequantizeLinear<axis = 0>(x, s, z) y = Transpose<perm = [1, 0]>(f)",
        {"x": np.array([[1, 2], [3, 4]], U1)}, s=[1.0, 10.0], z=np.zeros(2, U1),
    ),
    trap(
        "relu-of-levels", "the zero point is not the least level", "(float[4] x) => (float[4] y)",
        "r = Relu(x) q = QuantizeLinear(r, s, z) y = DequantizeLinear(q, s, z)",
        "q = QuantizeLinear(x, s, z) y = DequantizeLinear(q, s, z)", {"x": [-3.0, 1.0, -0.5, 2.0]}, s=0.5, z=U1(128),
    ),
    trap(
        "relu-of-doubles", "NaN stays NaN, in every float", "(double[3] x) => (bool[3] y)",
        "r = Relu(x) c = Clip(r, zero, six) y = IsNaN(c)", "p = Greater(x, zero) y = And(p, none)",
        {"x": np.array([NAN, 1, 9])}, zero=np.float64(0), six=np.float64(6), none=[False] * 3,
    ),
    trap(
        "relu-clip-of-integers", "bounds below 0", INTS, "r = Relu(x) y = Clip(r, low, high)", "y = Clip(x, low, high)",
        {"x": i4(-7, -1, 3, 9)}, low=I4(-5), high=I4(5), opset=14,
    ),
    trap(
        "largest-with-nan", "a maximum with NaN is NaN", "(float[3] x) => (bool[3] y)", "m = Max(x, c) y = IsNaN(m)",
        "p = Greater(x, c) w = Where(p, x, c) y = IsNaN(w)", {"x": [NAN, 1.0, 5.0]}, c=2.0,
    ),
    trap(
        "draws-of-one-shape", "two draws are two", "(float[64] x) => (float[64] y)",
        "a = RandomNormalLike(x) b = RandomNormalLike(x) y = Sub(a, b)", "a = RandomNormalLike(x) y = Sub(a, a)",
        {"x": [0.0] * 64}, holds=lambda r: bool(np.any(r["y"] != 0)),
    ),
    trap(
        "draws-without-operands", "two draws are two", "(float[64] x) => (float[64] y)",
        "a = RandomUniform<shape = [64]>() b = RandomUniform<shape = [64]>() d = Sub(a, b) y = Add(d, x)",
        "a = RandomUniform<shape = [64]>() d = Sub(a, a) y = Add(d, x)", {"x": [0.0] * 64},
        holds=lambda r: bool(np.any(r["y"] != 0)),
    ),
    trap(
        "draws-are-no-constants", "each run draws anew", "(float[64] x) => (float[64] y, float[64] z)",
        "a = RandomNormal<shape = [64]>() y = Add(a, x) b = Bernoulli(x) z = Add(b, a)",
        "y = Identity(x) z = Identity(x)", {"x": [0.5] * 64}, holds=lambda r: bool(np.any(r["y"] != np.float32(0.5))),
    ),
)  # fmt: skip
