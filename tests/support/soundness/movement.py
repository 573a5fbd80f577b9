"""Shapes and places: reshapes, transposes, slices, gathers, broadcasts, empty tensors, open dims."""

from __future__ import annotations

import numpy as np

from support.soundness.trap import F4, INF, MOST, Trap, normal, trap

CUBE = np.arange(27, dtype=F4).reshape(3, 3, 3)
SQUARE = np.arange(9, dtype=F4).reshape(3, 3)
LINE = np.arange(8, dtype=F4)
OF_CUBE = "(float[3, 3, 3] x) => (float[3, 3, 3] y)"
OF_LINE = "(float[8] x) => (float[M] y)"


def rows(*sizes: int) -> tuple[dict[str, np.ndarray], ...]:
    """Matrices of three columns."""
    return tuple({"x": np.arange(3 * n, dtype=F4).reshape(n, 3)} for n in sizes)


TRAPS: tuple[Trap, ...] = (
    trap(
        "reshape-reshape-copies", "a 0 in the outer shape copies a dim of what the inner one made",
        "(float[2, 6] x) => (float[A, B] y)", "r = Reshape(x, inner) y = Reshape(r, outer)", "y = Reshape(x, outer)",
        {"x": normal(2, 6)}, inner=[4, 3], outer=[0, -1],
    ),
    trap(
        "reshape-of-nothing", "with allowzero a 0 is a size", "(float[0, 3] x) => (float[3, M] y)",
        "r = Reshape<allowzero = 1>(x, shape) s = ReduceSum(r, last) y = Add(s, one)",
        "r = Reshape(x, shape) s = ReduceSum(r, last) y = Add(s, one)",
        {"x": np.zeros((0, 3), F4)}, shape=[3, 0], last=[1], one=1.0,
    ),
    trap(
        "flatten-as-reshape", "-1 of an empty tensor says nothing", "(float[N, 3, 4] x) => (float[N, 12] y)",
        "y = Flatten<axis = 1>(x)", "y = Reshape(x, shape)", {"x": normal(2, 3, 4)}, {"x": normal(0, 3, 4)},
        shape=[0, -1],
    ),
    trap(
        "transpose-transpose", "axis k of the second is axis p[q[k]], not q[p[k]]", OF_CUBE,
        "t = Transpose<perm = [1, 2, 0]>(x) y = Transpose<perm = [0, 2, 1]>(t)", "y = Transpose<perm = [2, 1, 0]>(x)",
        {"x": CUBE},
    ),
    trap(
        "transpose-cyclic-twice", "a cycle of three does not undo itself", OF_CUBE,
        "t = Transpose<perm = [1, 2, 0]>(x) y = Transpose<perm = [1, 2, 0]>(t)", "y = Identity(x)", {"x": CUBE},
    ),
    trap(
        "transpose-reshape-transpose", "the reshape between mixes the axes", "(float[2, 2, 4] x) => (float[2, 2, 4] y)",
        "t = Transpose<perm = [0, 2, 1]>(x) r = Reshape(t, back) y = Transpose<perm = [1, 0, 2]>(r)",
        "y = Transpose<perm = [1, 0, 2]>(x)", {"x": normal(2, 2, 4)}, back=[2, 2, 4],
    ),
    trap(
        "transpose-then-sum", "the axis is one of what was transposed", "(float[3, 3, 3] x) => (float[3, 3] y)",
        "t = Transpose<perm = [1, 2, 0]>(x) y = ReduceSum<keepdims = 0>(t, one)",
        "y = ReduceSum<keepdims = 0>(x, one)", {"x": CUBE}, one=[1],
    ),
    trap(
        "sum-then-transpose", "with keepdims = 0 the axes are others", "(float[3, 3, 3] x) => (float[3, 3] y)",
        "t = ReduceSum<keepdims = 0>(x, zero) y = Transpose<perm = [1, 0]>(t)",
        "y = ReduceSum<keepdims = 0>(x, zero)", {"x": CUBE}, zero=[0],
    ),
    trap(
        "transpose-then-softmax", "the axis moves with the transpose", "(float[3, 3] x) => (float[3, 3] y)",
        "t = Transpose<perm = [1, 0]>(x) s = Softmax<axis = 1>(t) y = Transpose<perm = [1, 0]>(s)",
        "y = Softmax<axis = 1>(x)", {"x": SQUARE},
    ),
    trap(
        "transpose-then-concat", "the axis moves with the transpose",
        "(float[3, 3] a, float[3, 3] b) => (float[A, B] y)",
        "s = Transpose<perm = [1, 0]>(a) t = Transpose<perm = [1, 0]>(b) y = Concat<axis = 0>(s, t)",
        "c = Concat<axis = 0>(a, b) y = Transpose<perm = [1, 0]>(c)", {"a": SQUARE, "b": -SQUARE},
    ),
    trap(
        "transpose-one-of-two", "the other operand is broadcast from the last axis",
        "(float[3, 3] x) => (float[3, 3] y)",
        "t = Transpose<perm = [1, 0]>(x) s = Add(t, v) y = Transpose<perm = [1, 0]>(s)", "y = Add(x, v)",
        {"x": SQUARE}, v=[0.0, 10.0, 20.0],
    ),
    trap(
        "squeeze-what-is-one", "which dims are 1 shows when it runs", "(float[N, 3] x) => (int64[M] y)",
        "s = Squeeze(x) y = Shape(s)", "y = Shape(x)", *rows(2, 1),
    ),
    trap(
        "unsqueeze-elsewhere", "the dim that goes is not the one that came", "(float[1, 3] x) => (float[A, B] y)",
        "u = Unsqueeze(x, last) y = Squeeze(u, first)", "y = Identity(x)", {"x": [[1.0, 2.0, 3.0]]},
        last=[2], first=[0],
    ),
    trap(
        "slice-slice-steps", "starts count steps of the first", OF_LINE,
        "s = Slice(x, one, most, zero, two) y = Slice(s, one, most, zero, one)", "y = Slice(x, two, most, zero, two)",
        {"x": LINE}, zero=[0], one=[1], two=[2], most=[MOST],
    ),
    trap(
        "slice-slice-backwards", "what is left is counted from the other end", OF_LINE,
        "s = Slice(x, last, least, zero, back) y = Slice(s, one, three, zero, one)", "y = Slice(x, one, three)",
        {"x": LINE}, zero=[0], one=[1], three=[3], last=[-1], least=[-MOST], back=[-1],
    ),
    trap(
        "slice-slice-to-the-end", "the sum of a start and the largest integer overflows", OF_LINE,
        "s = Slice(x, two, most) y = Slice(s, one, most)", "y = Slice(x, three, wrapped)", {"x": LINE},
        one=[1], two=[2], three=[3], most=[MOST], wrapped=[-MOST + 1],
    ),
    trap(
        "slice-slice-ends", "the inner end stays where the outer one is further", OF_LINE,
        "s = Slice(x, one, four) y = Slice(s, one, six)", "y = Slice(x, two, seven)", {"x": LINE},
        one=[1], two=[2], four=[4], six=[6], seven=[7],
    ),
    trap(
        "slice-of-what-is-open", "it takes all of three, not of five", "(float[N, 3] x) => (float[M, 3] y)",
        "y = Slice(x, zero, three)", "y = Identity(x)", *rows(3, 5, 0), zero=[0], three=[3],
    ),
    trap(
        "slice-from-before-the-start", "a start before the first is the first", OF_LINE,
        "y = Slice(x, far, two)", "y = Slice(x, zero, zero)", {"x": LINE}, far=[-100], two=[2], zero=[0],
    ),
    trap(
        "gather-the-last-as-slice", "the end after -1 is 0, which is the start", OF_LINE,
        "y = Gather(x, last)", "y = Slice(x, last, zero)", {"x": LINE}, last=[-1], zero=[0],
    ),
    trap(
        "gather-scalar-as-slice", "a scalar index takes the axis away", "(float[3, 3] x) => (float[A] y)",
        "y = Gather(x, i)", "y = Slice(x, one, two)", {"x": SQUARE}, i=1, one=[1], two=[2],
    ),
    trap(
        "gather-gather", "negative indices count what the first left", OF_LINE,
        "g = Gather(x, first) y = Gather(g, second)", "y = Gather(x, second)", {"x": LINE},
        first=[0, 2, 4], second=[-1, 0],
    ),
    trap(
        "scatter-twice", "sums of both updates", "(float[4] x) => (float[4] y)",
        'y = ScatterND<reduction = "add">(x, twice, u)', "y = ScatterND(x, twice, u)", {"x": [0.0] * 4},
        twice=[[1], [1]], u=[3.0, 4.0],
    ),
    trap(
        "split-unevenly", "the last part is the short one", "(float[7] x) => (float[3] a, float[3] b, float[1] c)",
        "a, b, c = Split<num_outputs = 3>(x)", "a, b, c = Split(x, parts)", {"x": LINE[:7]}, parts=[2, 2, 3],
    ),
    trap(
        "split-concat-reordered", "the parts come back in another order", OF_LINE,
        "a, b = Split<num_outputs = 2>(x) y = Concat<axis = 0>(b, a)", "y = Identity(x)", {"x": LINE},
    ),
    trap(
        "split-concat-elsewhere", "the parts come back along another axis", "(float[2, 2] x) => (float[A, B] y)",
        "a, b = Split<axis = 0, num_outputs = 2>(x) y = Concat<axis = 1>(a, b)", "y = Identity(x)",
        {"x": SQUARE[:2, :2]},
    ),
    trap(
        "slices-that-overlap", "what both hold comes twice", OF_LINE,
        "a = Slice(x, zero, five) b = Slice(x, four, eight) y = Concat<axis = 0>(a, b)", "y = Identity(x)",
        {"x": LINE}, zero=[0], four=[4], five=[5], eight=[8],
    ),
    trap(
        "concat-concat", "the axes differ", "(float[2, 2] a, float[2, 2] b, float[4, 1] c) => (float[A, B] y)",
        "i = Concat<axis = 0>(a, b) y = Concat<axis = 1>(i, c)", "y = Concat<axis = 1>(a, b, c)",
        {"a": SQUARE[:2, :2], "b": -SQUARE[:2, :2], "c": normal(4, 1)},
    ),
    trap(
        "concat-with-nothing", "an empty part still has its other dims", "(float[N, 3] x) => (float[M, 3] y)",
        "y = Concat<axis = 0>(nothing, x, one)", "y = Concat<axis = 0>(x, x)", *rows(2, 0),
        nothing=np.zeros((0, 3), F4), one=np.ones((1, 3), F4),
    ),
    trap(
        "expand-of-what-is-open", "a batch of one grows", "(float[N, 3] x) => (float[M, 3] y)",
        "y = Expand(x, shape)", "y = Identity(x)", *rows(2, 1), shape=[2, 3],
    ),
    trap(
        "expand-smaller", "ones of the shape stretch nothing", "(float[3, 1] x) => (float[A, B] y)",
        "y = Expand(x, shape)", "y = Expand(x, literal)", {"x": [[1.0], [2.0], [3.0]]}, shape=[1, 4], literal=[4, 4],
    ),
    trap(
        "expand-before-add", "the other operand is smaller", "(float[1, 3] x) => (float[A, B] y)",
        "e = Expand(v, shape) y = Add(x, e)", "y = Add(x, v)", {"x": [[1.0, 2.0, 3.0]]},
        v=[1.0, 2.0, 3.0], shape=[2, 3],
    ),
    trap(
        "times-ones-that-broadcast", "the ones are larger than x", "(float[3] x) => (float[A, B] y)",
        "y = Mul(x, ones)", "y = Identity(x)", {"x": [1.0, 2.0, 3.0]}, ones=np.ones((2, 3), F4),
    ),
    trap(
        "over-one-of-higher-rank", "the one has an axis more", "(float[3] x) => (float[A, B] y)",
        "y = Div(x, one)", "y = Identity(x)", {"x": [1.0, 2.0, 3.0]}, one=[[1.0]],
    ),
    trap(
        "where-always", "the condition is larger than x", "(float[3] a, float[3] b) => (float[A, B] y)",
        "y = Where(all, a, b)", "y = Identity(a)", {"a": [1.0, 2.0, 3.0], "b": [0.0] * 3}, all=[[True], [True]],
    ),
    trap(
        "where-the-same", "both arms are one, the condition is larger", "(float[3] x, bool[2, 1] c) => (float[A, B] y)",
        "y = Where(c, x, x)", "y = Identity(x)", {"x": [1.0, 2.0, 3.0], "c": [[True], [False]]},
    ),
    trap(
        "sum-of-nothing", "without elements it is 0", "(float[N, 3] x) => (float[1, 3] y)",
        "y = ReduceSum(x, zero)",
        "m = ReduceMean(x, zero) n = Shape(x) f = Cast<to = 1>(n) c = Gather(f, zero) y = Mul(m, c)",
        *rows(2, 0), zero=[0],
    ),
    trap(
        "largest-of-nothing", "without elements it is -inf", "(float[N, 3] x) => (float[3] y)",
        "y = ReduceMax<keepdims = 0>(x, zero)", "c = Concat<axis = 0>(x, zeros) y = ReduceMax<keepdims = 0>(c, zero)",
        {"x": -SQUARE - 1}, {"x": SQUARE[:0]}, zero=[0], zeros=np.zeros((1, 3), F4), opset=20,
    ),
    trap(
        "length-along-one", "the length of one number is its absolute value", "(float[3, 1] x) => (float[3] y)",
        "y = ReduceL2<keepdims = 0>(x, one)", "y = Squeeze(x, one)", {"x": [[-3.0], [2.0], [0.0]]}, one=[1],
    ),
    trap(
        "sum-over-no-axes", "no axes are all axes", "(float[3, 3] x) => (float[A, B] y)",
        "y = ReduceSum(x, none)", "y = Identity(x)", {"x": SQUARE}, none=np.zeros(0, np.int64),
    ),
    trap(
        "sum-over-no-axes-as-noop", "with noop_with_empty_axes they are none", "(float[3, 3] x) => (float[A, B] y)",
        "y = ReduceSum<noop_with_empty_axes = 1>(x, none)", "y = ReduceSum(x)", {"x": SQUARE},
        none=np.zeros(0, np.int64),
    ),
    trap(
        "largest-of-lengths", "a maximum and a sum do not go together", "(float[3, 3] x) => (float[1, 1] y)",
        "a = ReduceMax(x, one) y = ReduceSum(a, zero)", "y = ReduceMax(x)", {"x": SQUARE}, zero=[0], one=[1],
    ),
    trap(
        "shape-of-what-is-open", "sizes are those of the run", "(float[N, 3] x) => (float[3, N] y)",
        "n = Shape<start = 0, end = 1>(x) t = Concat<axis = 0>(three, n) y = Reshape(x, t)",
        "y = Reshape(x, fixed)", *rows(2, 5), three=[3], fixed=[3, 2],
    ),
    trap(
        "part-of-a-shape", "a shape from the end", "(float[N, 3, 2] x) => (int64[M] y)",
        "y = Shape<start = -2>(x)", "y = Shape<end = 2>(x)", {"x": normal(4, 3, 2)}, {"x": normal(0, 3, 2)},
    ),
    trap(
        "tile-is-no-repetition", "each element twice is not all twice", "(float[3] x) => (float[6] y)",
        "u = Unsqueeze(x, one) e = Expand(u, pair) y = Reshape(e, flat)", "y = Tile(x, two)", {"x": [1.0, 2.0, 3.0]},
        one=[1], pair=[3, 2], flat=[-1], two=[2],
    ),
    trap(
        "depth-to-space-by-columns", "which part of the channels is depth",
        "(float[1, 8, 2, 2] x) => (float[1, 2, 4, 4] y)",
        "r = Reshape(x, parts) t = Transpose<perm = [0, 1, 4, 2, 5, 3]>(r) y = Reshape(t, whole)",
        'y = DepthToSpace<blocksize = 2, mode = "DCR">(x)', {"x": normal(1, 8, 2, 2)},
        parts=[1, 2, 2, 2, 2, 2], whole=[1, 2, 4, 4],
    ),
    trap(
        "shuffle-by-other-groups", "three groups of two are not two of three",
        "(float[1, 6, 2] x) => (float[1, 6, 2] y)",
        "r = Reshape(x, parts) t = Transpose<perm = [0, 2, 1, 3]>(r) s = Reshape(t, whole)"
        " q = Reshape(s, parts) v = Transpose<perm = [0, 2, 1, 3]>(q) y = Reshape(v, whole)",
        "y = Identity(x)", {"x": normal(1, 6, 2)}, parts=[1, 3, 2, 2], whole=[1, 6, 2],
    ),
    trap(
        "batches-of-none", "a batch may be empty", "(float[N, 3] x) => (float[N, 2] y)",
        "m = MatMul(x, w) y = Add(m, b)", "m = MatMul(x, w) t = Add(m, b) y = Concat<axis = 0>(t, b)",
        *rows(2, 0), w=normal(3, 2), b=[[1.0, -INF]],
    ),
)  # fmt: skip
