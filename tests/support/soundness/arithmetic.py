"""Identities of the reals that floats do not have: signs of zeros, NaN, infinities, overflow."""

from __future__ import annotations

from support.soundness.trap import INF, NAN, Trap, normal, trap

X4 = "(float[4] x) => (float[4] y)"
AB = "(float[4] a, float[4] b) => (float[4] y)"
ABC = "(float[4] a, float[4] b, float[4] c) => (float[4] y)"
EDGES = [-0.0, INF, NAN, -1.0]

TRAPS: tuple[Trap, ...] = (
    trap(
        "add-zero", "x + 0 is 0 for x = -0", X4,
        "s = Add(x, zero) y = Reciprocal(s)", "y = Reciprocal(x)", {"x": EDGES}, zero=0.0,
    ),
    trap(
        "add-zeros-like", "zeros made from the shape of x are zeros too", "(float[N] x) => (float[N] y)",
        "n = Shape(x) z = ConstantOfShape(n) s = Add(x, z) y = Reciprocal(s)", "y = Reciprocal(x)",
        {"x": EDGES}, {"x": [-0.0]},
    ),
    trap(
        "subtract-from-zero", "0 - x is 0 for x = 0, and -x is -0", X4,
        "s = Sub(zero, x) y = Reciprocal(s)", "s = Neg(x) y = Reciprocal(s)", {"x": [0.0, -0.0, 2.0, NAN]}, zero=0.0,
    ),
    trap(
        "times-zero", "x * 0 is NaN for NaN and infinities", X4,
        "y = Mul(x, zero)", "y = Identity(zeros)", {"x": EDGES}, zero=0.0, zeros=[0.0] * 4,
    ),
    trap(
        "divide-by-itself", "x / x is NaN for 0, NaN and infinities", X4,
        "y = Div(x, x)", "y = Identity(ones)", {"x": [0.0, INF, NAN, -1.0]}, ones=[1.0] * 4,
    ),
    trap(
        "subtract-itself", "x - x is NaN for NaN and infinities", X4,
        "y = Sub(x, x)", "y = Identity(zeros)", {"x": EDGES}, zeros=[0.0] * 4,
    ),
    trap(
        "square-of-root", "the root of a negative number is NaN", X4,
        "r = Sqrt(x) y = Mul(r, r)", "y = Identity(x)", {"x": [-1.0, 4.0, 0.0, 9.0]},
    ),
    trap(
        "root-of-square", "it is |x|", X4,
        "r = Mul(x, x) y = Sqrt(r)", "y = Identity(x)", {"x": [-3.0, 4.0, 0.5, -1.0]},
    ),
    trap(
        "power-of-power", "(x^2)^0.5 is |x|", X4,
        "p = Pow(x, two) y = Pow(p, half)", "y = Identity(x)", {"x": [-3.0, 4.0, 0.5, -1.0]}, two=2.0, half=0.5,
    ),
    trap(
        "power-one-half", "(-inf)^0.5 is inf, and the root of -inf is NaN", X4,
        "y = Pow(x, half)", "y = Sqrt(x)", {"x": [-INF, 4.0, 0.25, 1.0]}, half=0.5,
    ),
    trap(
        "exp-of-log", "the logarithm of a negative number is NaN", X4,
        "l = Log(x) y = Exp(l)", "y = Identity(x)", {"x": [-2.0, 4.0, 0.25, 1.0]},
    ),
    trap(
        "product-of-roots", "two negative numbers have a product with a root", AB,
        "e = Sqrt(a) f = Sqrt(b) y = Mul(e, f)", "s = Mul(a, b) y = Sqrt(s)",
        {"a": [-1.0, 1.0, 2.0, 4.0], "b": [-4.0, 4.0, 2.0, 1.0]},
    ),
    trap(
        "sum-of-logs", "two negative numbers have a product with a logarithm", AB,
        "e = Log(a) f = Log(b) y = Add(e, f)", "s = Mul(a, b) y = Log(s)",
        {"a": [-1.0, 1.0, 2.0, 4.0], "b": [-4.0, 4.0, 2.0, 1.0]},
    ),
    trap(
        "factor-out", "b + c is NaN where a b + a c is infinite by a's sign", ABC,
        "e = Mul(a, b) f = Mul(a, c) y = Add(e, f)", "s = Add(b, c) y = Mul(a, s)",
        {"a": [1e-30, 1.0, 2.0, 1.0], "b": [3e38, 4.0, 2.0, 1.0], "c": [3e38, 4.0, 2.0, 1.0]},
    ),
    trap(
        "merge-factors", "the product of the constants overflows", X4,
        "a = Mul(x, c) y = Mul(a, c)", "y = Mul(x, cc)", {"x": [1e-30, -1e-35, 0.0, 1e-36]}, c=1e30, cc=INF,
    ),
    trap(
        "merge-divisors", "the product of the constants vanishes", X4,
        "a = Div(x, c) y = Div(a, c)", "y = Div(x, cc)", {"x": [1e-30, -1e-35, 0.0, 1e-36]}, c=1e-30, cc=0.0,
    ),
    trap(
        "divide-as-multiply", "the reciprocal of a small divisor is infinite", X4,
        "y = Div(x, c)", "y = Mul(x, r)", {"x": [1e-39, 2e-39, 0.0, 1.0]}, c=1e-39, r=INF,
    ),
    trap(
        "cancel-what-was-added", "inf - inf is NaN", AB,
        "s = Add(a, b) y = Sub(s, b)", "y = Identity(a)",
        {"a": [1.0, 2.0, -1.0, 4.0], "b": [INF, 1.0, 0.5, -INF]},
    ),
    trap(
        "cancel-a-factor", "0 / 0 is NaN", AB,
        "s = Mul(a, b) y = Div(s, b)", "y = Identity(a)",
        {"a": [1.0, 2.0, -1.0, 4.0], "b": [0.0, 1.0, 0.5, INF]},
    ),
    trap(
        "not-less", "no comparison holds of NaN", "(float[4] a, float[4] b) => (bool[4] y)",
        "l = Less(a, b) y = Not(l)", "y = GreaterOrEqual(a, b)",
        {"a": [NAN, 1.0, 2.0, 3.0], "b": [1.0, 1.0, NAN, 4.0]},
    ),
    trap(
        "equals-itself", "NaN does not", "(float[4] x) => (bool[4] y)",
        "y = Equal(x, x)", "y = Identity(all)", {"x": EDGES}, all=[True] * 4,
    ),
    trap(
        "relu-by-where", "a comparison with NaN fails, and 0 is taken", X4,
        "p = Greater(x, zero) y = Where(p, x, zero)", "y = Relu(x)", {"x": [NAN, 1.0, -2.0, INF]}, zero=0.0,
    ),
    trap(
        "where-as-product", "what is masked may be infinite", "(float[4] x, bool[4] m) => (float[4] y)",
        "y = Where(m, x, zero)", "f = Cast<to=1>(m) y = Mul(x, f)",
        {"x": [INF, 1.0, NAN, 2.0], "m": [False, True, False, True]}, zero=0.0,
    ),
    trap(
        "product-as-where", "0 times infinity is NaN", "(float[4] x, bool[4] m) => (float[4] y)",
        "f = Cast<to=1>(m) y = Mul(x, f)", "y = Where(m, x, zero)",
        {"x": [INF, 1.0, NAN, 2.0], "m": [False, True, False, True]}, zero=0.0,
    ),
    trap(
        "nan-is-replaced", "floats may be NaN", X4,
        "p = IsNaN(x) y = Where(p, zero, x)", "y = Identity(x)", {"x": [NAN, 1.0, -2.0, INF]}, zero=0.0,
    ),
    trap(
        "clip-clip-apart", "bounds that do not meet: the outer one's lower bound", X4,
        "c = Clip(x, zero, one) y = Clip(c, two, three)", "y = Clip(x, two, one)", {"x": [-1.0, 0.5, 2.5, 9.0]},
        zero=0.0, one=1.0, two=2.0, three=3.0,
    ),
    trap(
        "clip-crossed", "where the bounds are crossed, the upper one wins", X4,
        "y = Clip(x, two, one)", "m = Min(x, one) y = Max(m, two)", {"x": [-1.0, 0.5, 2.5, 9.0]}, one=1.0, two=2.0,
    ),
    trap(
        "clip-to-a-point", "NaN stays NaN", X4,
        "y = Clip(x, two, two)", "y = Identity(twos)", {"x": [NAN, 0.5, 2.5, 9.0]}, two=2.0, twos=[2.0] * 4,
    ),
    trap(
        "absorption", "max(min(x, c), c) is c, but for NaN", X4,
        "m = Min(x, two) y = Max(m, two)", "y = Identity(twos)", {"x": [NAN, 0.5, 2.5, 9.0]}, two=2.0, twos=[2.0] * 4,
    ),
    trap(
        "clip-then-relu-with-lower-above", "a lower bound above 0 stays", X4,
        "c = Clip(x, half, six) y = Relu(c)", "y = Clip(x, zero, six)", {"x": [-1.0, 0.25, 2.5, 9.0]},
        zero=0.0, half=0.5, six=6.0,
    ),
    trap(
        "leaky-relu-with-a-slope-above-one", "max(x, 2 x) takes the steeper side of each", X4,
        "m = Mul(x, two) y = Max(x, m)", "y = LeakyRelu<alpha = 2.0>(x)", {"x": [-1.0, 0.25, 2.5, -9.0]}, two=2.0,
    ),
    trap(
        "swish-at-minus-infinity", "-inf times 0 is NaN", "(float[4] x) => (bool[4] y)",
        "s = Sigmoid(x) m = Mul(x, s) y = IsNaN(m)", "y = IsNaN(x)", {"x": [-INF, 0.25, NAN, -9.0]},
    ),
    trap(
        "times-the-identity", "a product with the unit matrix multiplies infinities by 0",
        "(float[2, 2] x) => (float[2, 2] y)", "y = MatMul(x, unit)", "y = Identity(x)",
        {"x": [[INF, 1.0], [2.0, 3.0]]}, unit=[[1.0, 0.0], [0.0, 1.0]],
    ),
    trap(
        "scale-past-a-product", "what was scaled down first overflows", "(float[2, 2] x) => (float[2, 2] y)",
        "s = Mul(x, small) y = MatMul(s, w)", "p = MatMul(x, w) y = Mul(p, small)",
        {"x": [[1e30, 1e30], [1e-3, 1.0]]}, small=1e-30, w=[[1e30, 1.0], [1.0, 1e30]],
    ),
    trap(
        "scale-past-a-sum", "what was scaled down first overflows", "(float[3] x) => (float[1] y)",
        "s = Mul(x, small) y = ReduceSum(s)", "p = ReduceSum(x) y = Mul(p, small)",
        {"x": [3e38, 3e38, 1.0]}, small=1e-30,
    ),
    trap(
        "rows-that-see-nothing", "a row of -inf has no softmax", "(float[2, 3] x) => (float[2, 3] y)",
        "m = Add(x, mask) y = Softmax<axis = -1>(m)", "s = Softmax<axis = -1>(x) y = Mul(s, keep)",
        {"x": normal(2, 3)}, mask=[[0.0] * 3, [-INF] * 3], keep=[[1.0] * 3, [0.0] * 3],
    ),
    trap(
        "unit-length-of-nothing", "0 / 0 is NaN, and LpNormalization gives 0", "(float[2, 2] x) => (float[2, 2] y)",
        "q = Mul(x, x) s = ReduceSum(q, last) r = Sqrt(s) y = Div(x, r)", "y = LpNormalization<axis = 1>(x)",
        {"x": [[0.0, 0.0], [3.0, 4.0]]}, last=[1],
    ),
)  # fmt: skip
