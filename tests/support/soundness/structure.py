"""Graphs: interfaces, outputs that are something else as well, regions, names."""

from __future__ import annotations

import numpy as np

from support.soundness.trap import F4, Trap, trap

X2 = "(float[2] x) => (float[2] y)"
TWO = {"x": [1.0, -2.0]}


def loop(body: str, outputs: str = "v", more: str = "") -> str:
    """A loop that carries ``v``, ``trips`` times."""
    return (
        f"y = Loop(trips, go, x) <body = b (int64 i, bool c, float[2] v) => (bool d, float[2] w{more})"
        f" {{ d = Identity(c) {body} }}>"
    )


TRAPS: tuple[Trap, ...] = (
    trap(
        "inner-value-is-an-output", "what a fusion swallows is asked for", "(float[2] x) => (float[2] y, float[2] z)",
        "z = Neg(x) y = Relu(z)", "y = Neg(x) z = Relu(y)", TWO,
    ),
    trap(
        "two-outputs-of-one-value", "both names stay", "(float[2] x) => (float[2] y, float[2] z)",
        "y = Neg(x) z = Neg(x)", "y = Neg(x) z = Neg(y)", TWO,
    ),
    trap(
        "output-is-an-input", "both names stay", "(float[2] x) => (float[2] y, float[2] z)",
        "y = Identity(x) z = Neg(x)", "y = Neg(x) z = Neg(x)", TWO,
    ),
    trap(
        "output-is-a-constant", "a weight is an output", "(float[2] x) => (float[2] y, float[2] z)",
        "y = Identity(w) z = Add(x, w)", "y = Identity(x) z = Add(x, w)", TWO, w=[3.0, 4.0],
    ),
    trap(
        "output-is-computed-from-constants", "nothing of it depends on inputs",
        "(float[2] x) => (int64[2] y, float[2] z)",
        "y = Add(w, w) z = Neg(x)", "y = Identity(w) z = Neg(x)", TWO, w=[3, 4],
    ),
    trap(
        "input-that-nobody-uses", "it stays", "(float[2] x, float[3] unused) => (float[2] y)", "y = Neg(x)",
        "y = Identity(x)", {**TWO, "unused": [0.0] * 3},
    ),
    trap(
        "default-of-an-input", "a caller may give another", "(float[2] x, float[2] w) => (float[2] y)",
        "d = Add(w, w) y = Mul(x, d)", "y = Mul(x, folded)", TWO, {**TWO, "w": [5.0, 6.0]}, w=[3.0, 4.0],
        folded=[6.0, 8.0],
    ),
    trap(
        "default-shape", "a shape that is an input with a default", "(float[6] x, int64[2] s) => (float[A, B] y)",
        "y = Reshape(x, s)", "y = Reshape(x, fixed)", {"x": np.arange(6, dtype=F4)},
        {"x": np.arange(6, dtype=F4), "s": [3, 2]}, s=[2, 3], fixed=[2, 3],
    ),
    trap(
        "default-of-a-factor", "a factor of 1 that a caller may change", "(float[2] x, float one) => (float[2] y)",
        "y = Mul(x, one)", "y = Identity(x)", TWO, {**TWO, "one": 5.0}, one=1.0,
    ),
    trap(
        "default-of-a-bias", "the bias of a convolution may be changed",
        "(float[1, 1, 3] x, float[1] b) => (float[1, 1, 3] y)",
        "c = Conv(x, w) y = Add(c, b)", "y = Conv(x, w, fixed)", {"x": [[[1.0, 2.0, 3.0]]]},
        {"x": [[[1.0, 2.0, 3.0]]], "b": [7.0]}, w=[[[2.0]]], b=[1.0], fixed=[1.0],
    ),
    trap(
        "mask-of-dropout", "the mask is an output", "(float[2] x) => (float[2] y, bool[2] m)", "y, m = Dropout(x)",
        "y = Identity(x) z = Cast<to = 9>(x) m = Not(z)", TWO,
    ),
    trap(
        "dropout-in-training", "a ratio of 0 drops nothing, and the mask says so",
        "(float[2] x) => (float[2] y, bool[2] m)",
        "y, m = Dropout(x, none, train)", "y = Mul(x, none) m = Cast<to = 9>(x)", TWO, none=0.0, train=True,
    ),
    trap(
        "constant-condition", "the other branch has another shape", "(float[2] x) => (float[M] y)",
        "y = If(c) <then_branch = t () => (float[2] p) { p = Neg(x) },"
        " else_branch = e () => (float[4] q) { q = Concat<axis = 0>(x, x) }>", "y = Neg(x)", TWO, c=False,
    ),
    trap(
        "branches-with-the-same-names", "what is inlined twice must not collide", "(float[2] x) => (float[2] y)",
        "a = If(c) <then_branch = t () => (float[2] p) { v = Neg(x) p = Exp(v) },"
        " else_branch = e () => (float[2] q) { v = Abs(x) q = Sqrt(v) }>"
        " b = If(c) <then_branch = t () => (float[2] p) { v = Abs(x) p = Neg(v) },"
        " else_branch = e () => (float[2] q) { v = Neg(x) q = Sqrt(v) }> y = Add(a, b)",
        "v = Neg(x) a = Exp(v) b = Neg(v) y = Add(a, b)", TWO, c=True,
    ),
    trap(
        "branches-of-one-spelling", "equal but for a captured value", "(float[2] x, bool c) => (float[2] y)",
        "n = Neg(x) a = If(c) <then_branch = t () => (float[2] p) { p = Exp(x) }, else_branch = e () => (float[2] q)"
        " { q = Abs(x) }>"
        " b = If(c) <then_branch = t () => (float[2] r) { r = Exp(n) }, else_branch = e () => (float[2] s) { s ="
        " Abs(n) }>"
        " y = Sub(a, b)",
        "a = If(c) <then_branch = t () => (float[2] p) { p = Exp(x) }, else_branch = e () => (float[2] q) { q ="
        " Abs(x) }> y = Sub(a, a)",
        {**TWO, "c": True}, {**TWO, "c": False},
    ),
    trap(
        "branch-that-gives-a-capture", "one branch gives what is outside", "(float[2] x, bool c) => (float[2] y)",
        "n = Neg(x) y = If(c) <then_branch = t () => (float[2] p) { p = Identity(n) }, else_branch = e () =>"
        " (float[2] q) { q = Identity(x) }>",
        "y = Neg(x)", {**TWO, "c": True}, {**TWO, "c": False},
    ),
    trap(
        "loop-of-no-trips", "the body never runs", X2, loop("w = Neg(v)"), "y = Neg(x)", TWO, trips=0, go=True,
    ),
    trap(
        "loop-that-may-not-begin", "the condition is false from the start", X2, loop("w = Neg(v)"), "y = Neg(x)", TWO,
        trips=3, go=False,
    ),
    trap(
        "loop-that-ends-itself", "the condition of the body", X2,
        "y = Loop(trips, go, x) <body = b (int64 i, bool c, float[2] v) => (bool d, float[2] w)"
        " { d = Less(i, one) w = Add(v, v) }>", "a = Add(x, x) b = Add(a, a) c = Add(b, b) y = Add(c, c)", TWO,
        trips=4, go=True, one=1,
    ),
    trap(
        "loop-of-open-trips", "how often is an input", "(float[2] x, int64 trips) => (float[2] y)",
        loop("w = Add(v, v)"), "a = Add(x, x) y = Add(a, a)", {**TWO, "trips": 2}, {**TWO, "trips": 0}, go=True,
    ),
    trap(
        "loop-that-stacks-nothing", "what it stacks is empty", "(float[2] x) => (float[2] y, float[M, 2] z)",
        "y, z = Loop(trips, go, x) <body = b (int64 i, bool c, float[2] v) => (bool d, float[2] w, float[2] u)"
        " { d = Identity(c) w = Neg(v) u = Exp(v) }>", "y = Identity(x) e = Exp(x) z = Unsqueeze(e, zero)", TWO,
        trips=0, go=True, zero=[0],
    ),
    trap(
        "carried-from-one-start", "what begins equal does not stay equal", X2,
        "a, b = Loop(trips, go, x, x) <body = g (int64 i, bool c, float[2] v, float[2] w) => (bool d, float[2] p,"
        " float[2] q)"
        " { d = Identity(c) p = Add(v, one) q = Mul(w, two) }> y = Sub(a, b)", "y = Sub(x, x)", TWO,
        trips=3, go=True, one=1.0, two=2.0,
    ),
    trap(
        "carried-crosswise", "they change places", "(float[2] x, float[2] z) => (float[2] y)",
        "y, b = Loop(trips, go, x, z) <body = g (int64 i, bool c, float[2] v, float[2] w) => (bool d, float[2] p,"
        " float[2] q)"
        " { d = Identity(c) p = Identity(w) q = Identity(v) }>", "y = Identity(x)", {**TWO, "z": [5.0, 6.0]},
        trips=3, go=True,
    ),
    trap(
        "carried-unchanged-by-name", "the name inside is another value outside", X2,
        "v = Neg(x) y, z = Loop(trips, go, x, v) <body = g (int64 i, bool c, float[2] a, float[2] b) => (bool d,"
        " float[2] p, float[2] q)"
        " { d = Identity(c) p = Add(a, v) q = Add(b, b) }>", "v = Neg(x) w = Add(v, v) s = Add(x, v) y = Add(s, w)",
        TWO,
        trips=2, go=True,
    ),
    trap(
        "draws-in-a-loop", "each trip draws anew", "(float[64] x) => (float[M, 64] y)",
        "z, y = Loop(trips, go, x) <body = b (int64 i, bool c, float[64] v) => (bool d, float[64] w, float[64] u)"
        " { d = Identity(c) w = Identity(v) u = RandomNormalLike(v) }>",
        "r = RandomNormalLike(x) s = Unsqueeze(r, zero) y = Concat<axis = 0>(s, s)", {"x": [0.0] * 64}, trips=2,
        go=True,
        zero=[0], holds=lambda r: bool(np.any(r["y"][0] != r["y"][1])),
    ),
    trap(
        "scan-backwards", "from the last to the first", "(float[3, 2] x) => (float[3, 2] y)",
        "z, y = Scan(start, x) <num_scan_inputs = 1, scan_input_directions = [1], body = b (float[2] s, float[2] v)"
        " => (float[2] t, float[2] u) { t = Add(s, v) u = Identity(t) }>",
        "y = CumSum(x, axis)", {"x": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]}, start=[0.0, 0.0], axis=0,
    ),
    trap(
        "attributes-by-sign", "a slope of 0 and one of -0", "(float[2] x) => (float[2] y)",
        "a = LeakyRelu<alpha = 0.0>(x) b = LeakyRelu<alpha = -0.0>(x) p = Reciprocal(a) q = Reciprocal(b) y = Sub(p,"
        " q)",
        "a = LeakyRelu<alpha = 0.0>(x) p = Reciprocal(a) y = Sub(p, p)", TWO,
    ),
    trap(
        "weights-as-old-files-have-them", "before IR version 4 every weight is an input",
        "(float[2] x, float[2] w) => (float[2] y)",
        "y = Mul(x, w)", "y = Identity(x)", TWO, w=[3.0, 4.0], opset=8, ir_version=3,
    ),
    trap(
        "outputs-in-their-order", "they stay as declared", "(float[2] x) => (float[2] z, float[2] y)",
        "y = Neg(x) z = Exp(x)", "z = Neg(x) y = Exp(x)", TWO,
    ),
    trap(
        "one-node-two-results", "only the second is used", "(float[4] x) => (int64[2] y)", "v, y = TopK(x, two)",
        "a, i = TopK(x, two) y = Cast<to = 7>(a)", {"x": [4.0, 2.0, 3.0, 1.0]}, two=[2],
    ),
)  # fmt: skip
