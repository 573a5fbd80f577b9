"""Convolutions, products, pools and norms, what is folded into them, and what only looks like one of them."""

from __future__ import annotations

import numpy as np

from support.soundness.trap import F4, INF, Array, Trap, normal, trap

IMAGE = normal(1, 2, 4, 4)
NEGATIVE = -1 - np.arange(16, dtype=F4).reshape(1, 1, 4, 4)
ROWS = normal(2, 4)
BN = "BatchNormalization<epsilon = 0.5>"
SCALE, SHIFT, MEAN = np.array([-2, 0.5], F4), np.array([1, -3], F4), np.array([0.5, -1], F4)
VARIANCE = np.array([4, 0.25], F4)
STATS = {"s": SCALE, "b": SHIFT, "m": MEAN, "v": VARIANCE}
ON_IMAGE = "(float[1, 2, 4, 4] x) => (float[A, B, C, D] y)"
ON_PLANE = "(float[1, 1, 4, 4] x) => (float[A, B, C, D] y)"
ON_ROWS = "(float[2, 4] x) => (float[A, B] y)"


def factor(epsilon: float = 0.5) -> Array:
    """What a batch norm multiplies by."""
    return (SCALE / np.sqrt(VARIANCE + epsilon)).astype(F4)


def offset(epsilon: float = 0.5) -> Array:
    """What it adds then."""
    return (SHIFT - MEAN * factor(epsilon)).astype(F4)


W11, W33 = normal(2, 2, 1, 1, seed=1), normal(2, 2, 3, 3, seed=1)
DEEP = normal(2, 1, 3, 3, seed=2)
UP = normal(4, 1, 2, 2, seed=3)
"""Of a transposed convolution of two groups: one output channel each."""
M43, M34 = normal(4, 3, seed=4), normal(3, 4, seed=4)
STATS3 = {"s": np.array([-2, 0.5, 1], F4), "b": np.ones(3, F4), "m": np.zeros(3, F4), "v": np.array([4, 1, 0.25], F4)}
F3 = (STATS3["s"] / np.sqrt(STATS3["v"] + 0.5)).astype(F4)
NORM_HEAD = "m = ReduceMean(x, last) d = Sub(x, m)"

FOLDED: tuple[Trap, ...] = (
    trap(
        "pad-zero-max-pool", "zeros are larger than what is negative; a pool pads with -inf", ON_PLANE,
        "p = Pad(x, ones) y = MaxPool<kernel_shape = [3, 3], strides = [3, 3]>(p)",
        "y = MaxPool<kernel_shape = [3, 3], strides = [3, 3], pads = [1, 1, 1, 1]>(x)", {"x": NEGATIVE},
        ones=[0, 0, 1, 1, 0, 0, 1, 1],
    ),
    trap(
        "pad-literal-zero-max-pool", "the same with the zero written out", ON_PLANE,
        "p = Pad(x, ones, zero) y = MaxPool<kernel_shape = [2, 2], pads = [0, 0, 0, 0]>(p)",
        "y = MaxPool<kernel_shape = [2, 2], pads = [1, 1, 1, 1]>(x)", {"x": NEGATIVE},
        ones=[0, 0, 1, 1, 0, 0, 1, 1], zero=0.0, opset=13,
    ),
    trap(
        "pad-average-pool", "a pool that does not count its padding", ON_PLANE,
        "p = Pad(x, ones) y = AveragePool<kernel_shape = [3, 3], strides = [3, 3]>(p)",
        "y = AveragePool<kernel_shape = [3, 3], strides = [3, 3], pads = [1, 1, 1, 1]>(x)", {"x": NEGATIVE},
        ones=[0, 0, 1, 1, 0, 0, 1, 1],
    ),
    *(
        trap(
            f"pad-{mode}-conv", "a convolution pads with zeros", ON_IMAGE,
            f'p = Pad<mode = "{mode}">(x, ones) y = Conv(p, w)', "y = Conv<pads = [1, 1, 1, 1]>(x, w)", {"x": IMAGE},
            ones=[0, 0, 1, 1, 0, 0, 1, 1], w=W33,
        )
        for mode in ("edge", "reflect", "wrap")
    ),
    trap(
        "pad-one-conv", "a convolution pads with zeros", ON_IMAGE, "p = Pad(x, ones, one) y = Conv(p, w)",
        "y = Conv<pads = [1, 1, 1, 1]>(x, w)", {"x": IMAGE}, ones=[0, 0, 1, 1, 0, 0, 1, 1], one=1.0, w=W33, opset=19,
    ),
    trap(
        "pad-channels-conv", "the padding is of the channels", "(float[1, 1, 4, 4] x) => (float[A, B, C, D] y)",
        "p = Pad(x, pads) y = Conv(p, w)", "c = Concat<axis = 1>(x, x) y = Conv(c, w)", {"x": NEGATIVE},
        pads=[0, 1, 0, 0, 0, 0, 0, 0], w=W33,
    ),
    trap(
        "crop-then-pad", "what was cropped is gone", ON_PLANE, "c = Pad(x, crop) y = Pad(c, back)", "y = Identity(x)",
        {"x": NEGATIVE}, crop=[0, 0, -1, 0, 0, 0, 0, 0], back=[0, 0, 1, 0, 0, 0, 0, 0],
    ),
    trap(
        "pad-pad-values", "each padding has a number of its own", ON_PLANE,
        "c = Pad(x, more, one) y = Pad(c, more, two)", "y = Pad(x, most, two)", {"x": NEGATIVE}, one=1.0, two=2.0,
        more=[0, 0, 1, 0, 0, 0, 1, 0], most=[0, 0, 2, 0, 0, 0, 2, 0],
    ),
    trap(
        "pad-reflect-twice", "the second mirror sees the first", ON_PLANE,
        'c = Pad<mode = "reflect">(x, one) y = Pad<mode = "reflect">(c, two)', 'y = Pad<mode = "reflect">(x, three)',
        {"x": NEGATIVE}, one=[0, 0, 1, 0, 0, 0, 0, 0], two=[0, 0, 2, 0, 0, 0, 0, 0], three=[0, 0, 3, 0, 0, 0, 0, 0],
    ),
    trap(
        "pool-of-one-with-strides", "a window of one still strides", ON_PLANE,
        "y = MaxPool<kernel_shape = [1, 1], strides = [2, 2]>(x)", "y = Identity(x)", {"x": NEGATIVE},
    ),
    trap(
        "norm-before-padded-conv", "the padding is not shifted", ON_IMAGE,
        f"n = {BN}(x, s, b, m, v) y = Conv<pads = [1, 1, 1, 1]>(n, w)",
        "y = Conv<pads = [1, 1, 1, 1]>(x, folded, bias)", {"x": IMAGE}, **STATS, w=W33,
        folded=W33 * factor()[None, :, None, None],
        bias=np.einsum("ochw,c->o", W33, offset()).astype(F4),
    ),
    trap(
        "norm-after-grouped-transposed-conv", "output channels are in the second axis, group by group",
        "(float[1, 4, 4, 4] x) => (float[1, 2, 5, 5] y)",
        f"c = ConvTranspose<group = 2>(x, w) y = {BN}(c, s, b, m, v)", "y = ConvTranspose<group = 2>(x, folded, bias)",
        {"x": normal(1, 4, 4, 4)}, **STATS, w=UP, folded=UP * factor()[[0, 1, 0, 1], None, None, None], bias=offset(),
    ),
    trap(
        "norms-of-shared-weights", "the weight is scaled for one of them",
        "(float[1, 2, 4, 4] x) => (float[A, B, C, D] y, float[A, B, C, D] z)",
        f"c = Conv(x, w) d = Conv(c, w) y = {BN}(c, s, b, m, v) z = {BN}(d, s, b, m, v)",
        "y = Conv(x, folded, bias) c = Conv(x, folded) z = Conv(c, folded, bias)", {"x": IMAGE}, **STATS, w=W11,
        folded=W11 * factor()[:, None, None, None], bias=offset(),
    ),
    trap(
        "norm-of-what-is-used-twice", "the other user sees it normalized", ON_IMAGE,
        f"c = Conv(x, w) n = {BN}(c, s, b, m, v) y = Sub(n, c)",
        "c = Conv(x, folded, bias) n = Identity(c) y = Sub(n, c)", {"x": IMAGE}, **STATS, w=W11,
        folded=W11 * factor()[:, None, None, None], bias=offset(),
    ),
    trap(
        "norm-epsilon", "the epsilon is the node's own", ON_IMAGE, f"c = Conv(x, w) y = {BN}(c, s, b, m, v)",
        "y = Conv(x, folded, bias)", {"x": IMAGE}, **STATS, w=W11,
        folded=W11 * factor(1e-5)[:, None, None, None], bias=offset(1e-5),
    ),
    trap(
        "norm-before-transposed-gemm", "with transB the inputs are in the second axis",
        "(float[2, 3] x) => (float[2, 3] y)",
        f"n = {BN}(x, s, b, m, v) y = Gemm<transB = 1>(n, w)", "y = Gemm<transB = 1>(x, folded, bias)",
        {"x": normal(2, 3)},
        **STATS3, w=M34[:, :3], folded=M34[:, :3] * F3[:, None], bias=M34[:, :3] @ STATS3["b"],
    ),
    trap(
        "norm-after-scaled-gemm", "beta scales the bias", "(float[2, 4] x) => (float[2, 3] y)",
        f"g = Gemm<beta = 0.5>(x, w, c) y = {BN}(g, s, b, m, v)", "y = Gemm(x, folded, bias)", {"x": ROWS},
        **STATS3, w=M43, c=[1.0, 2.0, 3.0], folded=M43 * F3, bias=np.array([1, 2, 3], F4) * F3 + STATS3["b"],
    ),
    trap(
        "bias-along-the-width", "a vector is added along the last axis, not along the channels",
        "(float[1, 2, 2, 2] x) => (float[A, B, C, D] y)", "c = Conv(x, w) y = Add(c, v)", "y = Conv(x, w, v)",
        {"x": normal(1, 2, 2, 2)}, w=W11, v=[10.0, 20.0],
    ),
    trap(
        "bias-that-grows", "the sum has a batch of two", ON_IMAGE, "c = Conv(x, w) y = Add(c, v)", "y = Conv(x, w, u)",
        {"x": IMAGE}, w=W11, v=normal(2, 2, 1, 1), u=normal(2, 2, 1, 1)[0, :, 0, 0],
    ),
    trap(
        "scale-along-the-width", "a vector multiplies along the last axis",
        "(float[1, 2, 2, 2] x) => (float[A, B, C, D] y)",
        "c = Conv(x, w) y = Mul(c, v)", "y = Conv(x, folded)", {"x": normal(1, 2, 2, 2)}, w=W11, v=[10.0, 20.0],
        folded=W11 * np.array([10, 20], F4)[:, None, None, None],
    ),
    trap(
        "product-and-growing-bias", "the sum has more rows than the product", "(float[1, 4] x) => (float[A, B] y)",
        "p = MatMul(x, w) y = Add(p, c)", "y = Gemm(x, w, first)", {"x": ROWS[:1]}, w=M43, c=normal(2, 3),
        first=normal(2, 3)[:1],
    ),
    trap(
        "product-and-deeper-bias", "the sum has an axis more than the product", "(float[2, 4] x) => (float[A, B, C] y)",
        "p = MatMul(x, w) y = Add(p, c)", "y = Gemm(x, w, flat)", {"x": ROWS}, w=M43, c=normal(1, 1, 3), flat=normal(3),
    ),
    trap(
        "product-of-vectors", "a vector has no rows", "(float[4] x) => (float[A] y)", "p = MatMul(x, w) y = Add(p, c)",
        "r = Unsqueeze(x, zero) y = Gemm(r, w, c)", {"x": ROWS[0]}, w=M43, c=normal(3), zero=[0],
    ),
    trap(
        "product-and-bias-of-rank-three", "the bias is by columns of a batch",
        "(float[2, 2, 4] x) => (float[A, B, C] y)",
        "p = MatMul(x, w) y = Add(p, c)",
        "f = Reshape(x, rows) g = Gemm(f, w) h = Reshape(g, back) t = Transpose<perm = [1, 0, 2]>(h) y = Add(t, c)",
        {"x": normal(2, 2, 4)}, w=M43, c=normal(2, 1, 3), rows=[4, 4], back=[2, 2, 3],
    ),
    trap(
        "transposed-square-weight", "a square matrix is not its transpose", "(float[2, 3] x) => (float[2, 3] y)",
        "t = Transpose<perm = [1, 0]>(w) y = MatMul(x, t)", "y = MatMul(x, w)", {"x": normal(2, 3)},
        w=normal(3, 3, seed=6),
    ),
    trap(
        "gemm-chain", "the first bias goes through the second product", "(float[2, 4] x) => (float[2, 4] y)",
        "g = Gemm(x, w, c) y = MatMul(g, u)", "y = Gemm(x, wu, c)", {"x": ROWS}, w=M43[:, :3], u=M34, c=[[10.0]],
        wu=M43 @ M34,
    ),
)  # fmt: skip

LOOKALIKES: tuple[Trap, ...] = (
    trap(
        "epsilon-outside-the-root", "layer norm has it inside", ON_ROWS,
        f"{NORM_HEAD} q = Mul(d, d) v = ReduceMean(q, last) r = Sqrt(v) e = Add(r, eps) y = Div(d, e)",
        "y = LayerNormalization<epsilon = 0.5>(x, scale)", {"x": ROWS}, last=[-1], eps=0.5, scale=[1.0] * 4,
    ),
    trap(
        "variance-of-a-sample", "layer norm divides by n, this by n - 1", ON_ROWS,
        f"{NORM_HEAD} q = Mul(d, d) t = ReduceSum(q, last) v = Div(t, three) e = Add(v, eps) r = Sqrt(e) y = Div(d, r)",
        "y = LayerNormalization<epsilon = 0.5>(x, scale)", {"x": ROWS}, last=[-1], eps=0.5, three=3.0, scale=[1.0] * 4,
    ),
    trap(
        "variance-along-another-axis", "mean and variance are of other axes", "(float[3, 3] x) => (float[3, 3] y)",
        f"{NORM_HEAD} q = Mul(d, d) v = ReduceMean(q, first) e = Add(v, eps) r = Sqrt(e) y = Div(d, r)",
        "y = LayerNormalization<epsilon = 0.5>(x, scale)", {"x": normal(3, 3)}, last=[-1], first=[0], eps=0.5,
        scale=[1.0] * 3,
    ),
    trap(
        "power-about-zero", "the power is about 0, the numerator about the mean", ON_ROWS,
        f"{NORM_HEAD} q = Mul(x, x) v = ReduceMean(q, last) e = Add(v, eps) r = Sqrt(e) y = Div(d, r)",
        "y = LayerNormalization<epsilon = 0.5>(x, scale)", {"x": ROWS + 1}, last=[-1], eps=0.5, scale=[1.0] * 4,
    ),
    trap(
        "norm-scaled-by-rows", "the scale is by rows", "(float[4, 4] x) => (float[4, 4] y)",
        f"{NORM_HEAD} q = Mul(d, d) v = ReduceMean(q, last) e = Add(v, eps) r = Sqrt(e) n = Div(d, r) y = Mul(n, col)",
        "y = LayerNormalization<epsilon = 0.5>(x, row)", {"x": normal(4, 4)}, last=[-1], eps=0.5,
        col=[[1.0], [2.0], [3.0], [4.0]], row=[1.0, 2.0, 3.0, 4.0],
    ),
    trap(
        "norm-of-two-inputs", "the mean is of one value, what is centred another",
        "(float[2, 4] x, float[2, 4] z) => (float[2, 4] y)",
        "m = ReduceMean(z, last) d = Sub(x, m) q = Mul(d, d) v = ReduceMean(q, last) e = Add(v, eps) r = Sqrt(e) y ="
        " Div(d, r)",
        "y = LayerNormalization<epsilon = 0.5>(x, scale)", {"x": ROWS, "z": normal(2, 4, seed=9) + 1}, last=[-1],
        eps=0.5,
        scale=[1.0] * 4,
    ),
    trap(
        "gelu-by-tanh", "GELU by the tangent is another function", ON_ROWS,
        "c = Pow(x, three) k = Mul(c, small) s = Add(x, k) u = Mul(s, root) t = Tanh(u) o = Add(t, one) h = Mul(x, o)"
        " y = Mul(h, half)", "y = Gelu(x)", {"x": 2 * ROWS}, three=3.0, small=0.044715, root=0.7978845608, one=1.0,
        half=0.5, opset=20,
    ),
    trap(
        "gelu-by-erf", "GELU by the error function is another function", ON_ROWS,
        "d = Div(x, root) e = Erf(d) o = Add(e, one) h = Mul(x, o) y = Mul(h, half)",
        'y = Gelu<approximate = "tanh">(x)', {"x": 2 * ROWS}, root=1.4142135, one=1.0, half=0.5, opset=20,
    ),
    trap(
        "gelu-with-another-scale", "the argument is multiplied where it should be divided", ON_ROWS,
        "d = Mul(x, root) e = Erf(d) o = Add(e, one) h = Mul(x, o) y = Mul(h, half)", "y = Gelu(x)", {"x": ROWS},
        root=1.4142135, one=1.0, half=0.5, opset=20,
    ),
    trap(
        "gelu-without-the-half", "twice as much", ON_ROWS, "d = Div(x, root) e = Erf(d) o = Add(e, one) y = Mul(x, o)",
        "y = Gelu(x)", {"x": ROWS}, root=1.4142135, one=1.0, opset=20,
    ),
    trap(
        "gelu-by-sigmoid", "x sigmoid(1.702 x) is near GELU", ON_ROWS, "m = Mul(x, k) s = Sigmoid(m) y = Mul(x, s)",
        "y = Gelu(x)", {"x": 2 * ROWS}, k=1.702, opset=20,
    ),
    trap(
        "almost-hard-swish", "it clips at 5", ON_ROWS,
        "a = Add(x, three) c = Clip(a, zero, five) d = Div(c, six) y = Mul(x, d)", "y = HardSwish(x)", {"x": 3 * ROWS},
        zero=0.0, three=3.0, five=5.0, six=6.0,
    ),
    trap(
        "almost-hard-sigmoid", "the offset is 2.5", ON_ROWS, "a = Add(x, three) c = Clip(a, zero, six) y = Div(c, six)",
        "y = HardSigmoid<alpha = 0.16666667, beta = 0.5>(x)", {"x": 3 * ROWS}, zero=0.0, three=2.5, six=6.0,
    ),
    trap(
        "softmax-along-two-axes", "the largest is of another axis than the sum", "(float[3, 3] x) => (float[3, 3] y)",
        "m = ReduceMax(x, last) d = Sub(x, m) e = Exp(d) t = ReduceSum(e, first) y = Div(e, t)",
        "y = Softmax<axis = -1>(x)", {"x": normal(3, 3)}, last=[-1], first=[0],
    ),
    trap(
        "softmax-of-opset-11", "it flattens", "(float[2, 2, 2] x) => (float[2, 2, 2] y)", "y = Softmax<axis = 1>(x)",
        "a = ReduceMax<axes = [1]>(x) d = Sub(x, a) e = Exp(d) t = ReduceSum<axes = [1]>(e) y = Div(e, t)",
        {"x": normal(2, 2, 2)}, opset=11,
    ),
    trap(
        "attention-along-the-queries", "the weights of each key add up to one",
        "(float[1, 3, 4] q, float[1, 3, 4] k, float[1, 3, 4] v) => (float[1, 3, 4] y)",
        "t = Transpose<perm = [0, 2, 1]>(k) p = MatMul(q, t) s = Mul(p, half) w = Softmax<axis = 1>(s) y = MatMul(w,"
        " v)",
        "t = Transpose<perm = [0, 2, 1]>(k) p = MatMul(q, t) s = Mul(p, half) w = Softmax<axis = 2>(s) y = MatMul(w,"
        " v)",
        {"q": normal(1, 3, 4), "k": normal(1, 3, 4, seed=1), "v": normal(1, 3, 4, seed=2)}, half=0.5,
    ),
    trap(
        "attention-with-a-factor-for-a-mask", "the mask multiplies",
        "(float[1, 3, 4] q, float[1, 3, 4] k, float[1, 3, 4] v, float[3, 3] mask) => (float[1, 3, 4] y)",
        "t = Transpose<perm = [0, 2, 1]>(k) p = MatMul(q, t) s = Mul(p, half) a = Mul(s, mask) w = Softmax<axis ="
        " -1>(a) y = MatMul(w, v)",
        "t = Transpose<perm = [0, 2, 1]>(k) p = MatMul(q, t) s = Mul(p, half) a = Add(s, mask) w = Softmax<axis ="
        " -1>(a) y = MatMul(w, v)",
        {"q": normal(1, 3, 4), "k": normal(1, 3, 4, seed=1), "v": normal(1, 3, 4, seed=2), "mask": np.tri(3, dtype=F4)},
        half=0.5,
    ),
    trap(
        "attention-that-sees-nothing", "a query whose keys are all masked gives NaN",
        "(float[1, 2, 4] q, float[1, 2, 4] k, float[1, 2, 4] v) => (bool[1, 2, 4] y)",
        "t = Transpose<perm = [0, 2, 1]>(k) p = MatMul(q, t) s = Mul(p, half) a = Add(s, mask) w = Softmax<axis ="
        " -1>(a)"
        " o = MatMul(w, v) y = IsNaN(o)", "y = IsNaN(v)",
        {"q": normal(1, 2, 4), "k": normal(1, 2, 4, seed=1), "v": normal(1, 2, 4, seed=2)}, half=0.5,
        mask=[[0.0, -INF], [-INF, -INF]],
    ),
    trap(
        "argmax-of-what-saturates", "two large numbers have one sigmoid", "(float[1, 3] x) => (int64[1] y)",
        "s = Sigmoid(x) y = ArgMax<axis = 1, keepdims = 0>(s)", "y = ArgMax<axis = 1, keepdims = 0>(x)",
        {"x": [[20.0, 40.0, 60.0]]}, holds=lambda r: int(r["y"][0]) == 0,
    ),
    *(
        trap(
            f"argmax-of-{op.lower()}", f"{why}, and the first is taken", "(float[1, 2] x) => (int64[1] y)",
            f"s = {op}(x) y = ArgMax<axis = 1, keepdims = 0>(s)", "y = ArgMax<axis = 1, keepdims = 0>(x)",
            {"x": np.array([values], F4)}, holds=lambda r: int(r["y"][0]) == 0,
        )
        for op, why, values in (
            ("Exp", "both are infinite", [100, 200]),
            ("Sqrt", "two neighbours have one root", [1, 1 + 2.0**-23]),
            ("Log", "two neighbours have one logarithm", [1e30, np.nextafter(F4(1e30), F4(INF))]),
            ("Softmax", "both are one half", [0, 1e-9]),
        )
    ),
    trap(
        "argmin-of-softmax", "small shares vanish to ties", "(float[1, 3] x) => (int64[1] y)",
        "s = Softmax<axis = 1>(x) y = ArgMin<axis = 1, keepdims = 0>(s)", "y = ArgMin<axis = 1, keepdims = 0>(x)",
        {"x": [[-200.0, -300.0, 0.0]]},
        holds=lambda r: int(r["y"][0]) == 0,
    ),
    trap(
        "argmax-of-relu", "what is negative ties at 0", "(float[1, 3] x) => (int64[1] y)",
        "s = Relu(x) y = ArgMax<axis = 1, keepdims = 0>(s)", "y = ArgMax<axis = 1, keepdims = 0>(x)",
        {"x": [[-3.0, -2.0, -1.0]]},
    ),
    trap(
        "top-of-what-saturates", "the first of equals, not the largest", "(float[4] x) => (int64[2] y)",
        "s = Tanh(x) v, y = TopK(s, two)", "v, y = TopK(x, two)", {"x": [1.0, 30.0, 40.0, 50.0]},
        holds=lambda r: r["y"].tolist() == [1, 2], two=[2],
    ),
    trap(
        "last-of-equals", "the last index is asked for", "(float[1, 3] x) => (int64[1] y)",
        "y = ArgMax<axis = 1, keepdims = 0, select_last_index = 1>(x)", "y = ArgMax<axis = 1, keepdims = 0>(x)",
        {"x": [[1.0, 2.0, 2.0]]},
    ),
    trap(
        "down-then-up", "what was dropped does not come back", ON_PLANE,
        'd = Resize<mode = "nearest">(x, , half) y = Resize<mode = "nearest">(d, , two)', "y = Identity(x)",
        {"x": NEGATIVE}, half=[1.0, 1.0, 0.5, 0.5], two=[1.0, 1.0, 2.0, 2.0],
    ),
    trap(
        "twice-linear", "two steps of two are not one of four", "(float[1, 1, 2, 2] x) => (float[A, B, C, D] y)",
        'd = Resize<mode = "linear">(x, , two) y = Resize<mode = "linear">(d, , two)',
        'y = Resize<mode = "linear">(x, , four)', {"x": NEGATIVE[:, :, :2, :2]}, two=[1.0, 1.0, 2.0, 2.0],
        four=[1.0, 1.0, 4.0, 4.0],
    ),
)  # fmt: skip

TRAPS = (*FOLDED, *LOOKALIKES)
