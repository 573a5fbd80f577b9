"""Shape computations as exporters write them: the dims of the result are expressions of the inputs' dims, and right."""

from __future__ import annotations

import numpy as np
import onnx.parser
import pytest

import interlingua
from interlingua.equivalence.generate import draw
from interlingua.ir.dims import Dim, evaluate
from interlingua.ir.interpret import Interpreter
from interlingua.ir.ratios import Ratio
from interlingua.ir.text.dims import format_dim
from interlingua.ir.types import Tensor

EVEN = ((2, 4, 6, 8), (8, 8, 8, 8), (64, 32, 96, 2))
ANY = ((1, 1, 1, 1), (3, 7, 2, 5), (2, 67, 31, 13), *EVEN)
INT_MAX = 9223372036854775807

CASES = {
    "heads": (
        "float[batch, seq, 768] x",
        """
        s = Shape(x)  zero = Constant<value_int = 0>()  one = Constant<value_int = 1>()
        b = Gather(s, zero)  n = Gather(s, one)  axis = Constant<value_ints = [0]>()
        b1 = Unsqueeze(b, axis)  n1 = Unsqueeze(n, axis)
        rest = Constant<value_ints = [12, 64]>()  to = Concat<axis = 0>(b1, n1, rest)
        r = Reshape(x, to)  y = Transpose<perm = [0, 2, 1, 3]>(r)
        """,
        "batch, 12, seq, 64",
        ANY,
    ),
    "merged heads": (
        "float[batch, 12, seq, 64] x",
        """
        t = Transpose<perm = [0, 2, 1, 3]>(x)  to = Constant<value_ints = [0, 0, -1]>()
        y = Reshape(t, to)
        """,
        "batch, seq, 768",
        ANY,
    ),
    "attention over the past": (
        "float[batch, 8, past, 4] p, float[batch, 8, seq, 4] x",
        """
        k = Concat<axis = 2>(p, x)  t = Transpose<perm = [0, 1, 3, 2]>(k)
        y = MatMul(x, t)
        """,
        "batch, 8, seq, past + seq",
        ANY,
    ),
    "flatten": ("float[N, 3, H, W] x", "y = Flatten(x)", "N, H*W*3", ANY),
    "strided convolutions": (
        "float[N, 3, H, W] x, float[8, 3, 3, 3] w",
        """
        c = Conv<strides = [2, 2], pads = [1, 1, 1, 1]>(x, w)
        y = MaxPool<kernel_shape = [2, 2], strides = [2, 2]>(c)
        """,
        "N, 8, floordiv(H + 1, 4), floordiv(W + 1, 4)",
        ((1, 7, 5, 9), *EVEN[1:2]),
    ),
    "upsampling meets a strided map": (
        "float[N, 3, H, W] x, float[3, 3, 3, 3] w, float[3, 3, 2, 2] v",
        """
        c = Conv<strides = [2, 2], pads = [1, 1, 1, 1]>(x, w)
        d = Conv<strides = [2, 2], pads = [1, 1, 1, 1]>(c, w)
        u = ConvTranspose<strides = [2, 2]>(d, v)
        y = Add(c, u)
        """,
        "N, 3, floordiv(H + 3, 4)*2, floordiv(W + 3, 4)*2",
        ((1, 8, 4, 4), (2, 16, 32, 4)),
    ),
    "window partition": (
        "float[B, H, W, 2] x",
        """
        s = Shape(x)
        i = Constant<value_ints = [0]>()  j = Constant<value_ints = [1]>()  k = Constant<value_ints = [2]>()
        b = Gather(s, i)  h = Gather(s, j)  w = Gather(s, k)  four = Constant<value_ints = [4]>()
        p = Div(h, four)  q = Div(w, four)  to = Concat<axis = 0>(b, p, four, q, four, k)
        r = Reshape(x, to)  t = Transpose<perm = [0, 1, 3, 2, 4, 5]>(r)  windows = Constant<value_ints = [-1, 16, 2]>()
        y = Reshape(t, windows)
        """,
        "B*floordiv(H, 4)*floordiv(W, 4), 16, 2",
        ((2, 4, 8, 0), (1, 4, 4, 0)),
    ),
    "resize to twice the shape": (
        "float[N, 3, H, W] x",
        """
        s = Shape<start = 2>(x)  two = Constant<value_ints = [2, 2]>()  m = Mul(s, two)
        head = Shape<end = 2>(x)  sizes = Concat<axis = 0>(head, m)
        y = Resize<mode = "nearest">(x, , , sizes)
        """,
        "N, 3, H*2, W*2",
        ANY,
    ),
    "resize through floats": (
        "float[N, 3, H, W] x",
        """
        s = Shape(x)  i = Constant<value_ints = [2]>()  j = Constant<value_ints = [3]>()
        h = Gather(s, i)  w = Gather(s, j)  hf = Cast<to = 1>(h)  wf = Cast<to = 1>(w)
        double = Constant<value_float = 2.0>()  half = Constant<value_float = 0.5>()
        hm = Mul(hf, double)  wm = Mul(wf, half)  hq = Floor(hm)  wq = Ceil(wm)
        hi = Cast<to = 7>(hq)  wi = Cast<to = 7>(wq)  head = Shape<end = 2>(x)  sizes = Concat<axis = 0>(head, hi, wi)
        y = Resize<mode = "nearest">(x, , , sizes)
        """,
        "N, 3, H*2, floordiv(W + 1, 2)",
        ANY,
    ),
    "resize by scales": (
        "float[N, 3, H, W] x",
        'k = Constant<value_floats = [1.0, 1.0, 2.0, 1.5]>()  y = Resize<mode = "nearest">(x, , k)',
        "N, 3, H*2, floordiv(W*3, 2)",
        ANY,
    ),
    "padding by a remainder": (
        "float[N, 3, H, W] x",
        """
        s = Shape(x)  i = Constant<value_ints = [2]>()  h = Gather(s, i)  m = Constant<value_ints = [32]>()
        r = Mod(h, m)  d = Sub(m, r)  p = Mod(d, m)  zeros = Constant<value_ints = [0, 0, 0, 0, 0, 0]>()
        last = Constant<value_ints = [0]>()  amounts = Concat<axis = 0>(zeros, p, last)
        y = Pad(x, amounts)
        """,
        "N, 3, floordiv(H + 31, 32)*32, W",
        ANY,
    ),
    "padding by a ceiling": (
        "float[N, 3, H, W] x",
        """
        s = Shape(x)  i = Constant<value_ints = [2]>()  h = Gather(s, i)  hf = Cast<to = 1>(h)
        m = Constant<value_float = 24.0>()  q = Div(hf, m)  c = Ceil(q)  k = Mul(c, m)  ki = Cast<to = 7>(k)
        p = Sub(ki, h)  zeros = Constant<value_ints = [0, 0, 0, 0, 0, 0]>()
        last = Constant<value_ints = [0]>()  amounts = Concat<axis = 0>(zeros, p, last)
        y = Pad(x, amounts)
        """,
        "N, 3, floordiv(H + 23, 24)*24, W",
        ANY,
    ),
    "causal mask": (
        "float[batch, seq] x",
        """
        s = Shape(x)  one = Constant<value_int = 1>()  n = Gather(s, one)  zero = Constant<value_int = 0>()
        r = Range(zero, n, one)  rows = Constant<value_ints = [1]>()  columns = Constant<value_ints = [0]>()
        q = Unsqueeze(r, rows)  k = Unsqueeze(r, columns)
        y = LessOrEqual(k, q)
        """,
        "seq, seq",
        ANY,
    ),
    "positions after the past": (
        "float[batch, seq] x, float[batch, past] p",
        """
        s = Shape(x)  t = Shape(p)  one = Constant<value_int = 1>()  n = Gather(s, one)  m = Gather(t, one)
        end = Add(m, n)
        y = Range(m, end, one)
        """,
        "seq",
        ANY,
    ),
    "every second position, in floats": (
        "float[batch, seq] x",
        """
        s = Shape(x)  one = Constant<value_int = 1>()  n = Gather(s, one)  f = Cast<to = 1>(n)
        zero = Constant<value_float = 0.0>()  two = Constant<value_float = 2.0>()
        y = Range(zero, f, two)
        """,
        "floordiv(seq + 1, 2)",
        ANY,
    ),
    "expand where -1 keeps": (
        "float[batch, 1, seq] x",
        """
        s = Shape(x)  i = Constant<value_ints = [0]>()  b = Gather(s, i)  rest = Constant<value_ints = [8, -1]>()
        t = Concat<axis = 0>(b, rest)  three = Constant<value_ints = [3]>()
        ones = ConstantOfShape<value = int64[1] {1}>(three)  minus = Constant<value_ints = [-1]>()
        kept = Equal(t, minus)  to = Where(kept, ones, t)
        y = Expand(x, to)
        """,
        "batch, 8, seq",
        ANY,
    ),
    "tile": (
        "float[batch, seq] x",
        """
        b = Shape<end = 1>(x)  one = Constant<value_ints = [1]>()  times = Concat<axis = 0>(one, b)
        y = Tile(x, times)
        """,
        "batch, batch*seq",
        ANY,
    ),
    "a table of positions, cut": (
        "float[batch, seq, 4] x, float[1, 512, 4] w",
        """
        n = Shape<start = 1, end = 2>(x)  zero = Constant<value_ints = [0]>()  axis = Constant<value_ints = [1]>()
        p = Slice(w, zero, n, axis)
        y = Add(x, p)
        """,
        "batch, seq, 4",
        ANY,
    ),
    "product of dims": (
        "float[a, b, c, 4] x",
        """
        l = Shape<end = 3>(x)  p = ReduceProd<keepdims = 1>(l)  four = Constant<value_ints = [4]>()
        to = Concat<axis = 0>(p, four)
        y = Reshape(x, to)
        """,
        "a*b*c, 4",
        ANY,
    ),
    "the largest dim": (
        "float[batch, seq, D] x",
        "s = Shape(x)  m = ReduceMax<keepdims = 1>(s)  y = ConstantOfShape(m)",
        "max(D, max(batch, seq))",
        ANY,
    ),
    "at most 128": (
        "float[batch, seq] x",
        """
        n = Shape<start = 1>(x)  limit = Constant<value_ints = [5]>()  k = Min(n, limit)
        v, i = TopK(x, k)
        y = Neg(v)
        """,
        "batch, min(5, seq)",
        ANY,
    ),
    "rotated halves": (
        "float[batch, seq, D] x",
        f"""
        axis = Constant<value_ints = [2]>()  two = Constant<value_ints = [2]>()  d = Shape<start = 2>(x)
        h = Div(d, two)  zero = Constant<value_ints = [0]>()  end = Constant<value_ints = [{INT_MAX}]>()
        a = Slice(x, zero, h, axis)  b = Slice(x, h, end, axis)  n = Neg(b)
        y = Concat<axis = 2>(n, a)
        """,
        "batch, seq, D",
        ANY,
    ),
    "half a sequence, through a cast": (
        "float[batch, seq] x",
        """
        n = Shape<start = 1>(x)  f = Cast<to = 11>(n)  half = Constant<value = double {0.5}>()  q = Mul(f, half)
        i = Cast<to = 7>(q)  zero = Constant<value_ints = [0]>()  axis = Constant<value_ints = [1]>()
        y = Slice(x, zero, i, axis)
        """,
        "batch, floordiv(seq, 2)",
        ANY,
    ),
    "a shape with one element replaced": (
        "float[batch, seq, D] x",
        """
        s = Shape(x)  i = Constant<value_ints = [2]>()  u = Constant<value_ints = [-1]>()
        to = ScatterElements<axis = 0>(s, i, u)
        y = Reshape(x, to)
        """,
        "batch, seq, D",
        ANY,
    ),
    "a loop over a sequence": (
        "float[batch, seq] x",
        """
        s = Shape(x)  one = Constant<value_int = 1>()  n = Gather(s, one)  go = Constant<value = bool {1}>()
        zero = Constant<value_float = 0.0>()
        last, y = Loop<body = body (int64 i, bool c, float v) => (bool d, float w, float[b] o)
            { d = Identity(c)  w = Identity(v)  o = Gather<axis = 1>(x, i) }>(n, go, zero)
        """,
        "seq, batch",
        ANY,
    ),
    "a scan over a sequence": (
        "float[seq, batch] x",
        """
        y = Scan<num_scan_inputs = 1, body = body (float[batch] v) => (float[batch] o) { o = Neg(v) }>(x)
        """,
        "seq, batch",
        ANY,
    ),
    "branches that agree": (
        "float[batch, seq] x, bool c",
        """
        y = If<then_branch = t () => (float[p, q] o) { o = Neg(x) },
               else_branch = e () => (float[p, q] o) { o = Abs(x) }>(c)
        """,
        "batch, seq",
        ANY,
    ),
    "blocks to depth": (
        "float[N, C, H, W] x",
        "y = SpaceToDepth<blocksize = 2>(x)",
        "N, C*4, floordiv(H, 2), floordiv(W, 2)",
        EVEN,
    ),
    "depth to blocks": (
        "float[N, C, H, W] x",
        "y = DepthToSpace<blocksize = 2>(x)",
        "N, floordiv(C, 4), H*2, W*2",
        ((4, 1, 2, 3), (8, 3, 1, 1)),
    ),
    "nonzero, asked twice": (
        "float[n] x",
        """
        i = NonZero(x)  j = NonZero(x)  p = Transpose<perm = [1, 0]>(i)  q = Transpose<perm = [1, 0]>(j)
        a = GatherND(x, p)  b = GatherND(x, q)
        y = Add(a, b)
        """,
        "u0",
        ((1,), (5,)),
    ),
}


def model(inputs: str, body: str) -> onnx.ModelProto:
    return onnx.parser.parse_model(f'<ir_version: 8, opset_import: ["": 18]> g ({inputs}) => (float y) {{ {body} }}')


@pytest.mark.parametrize("case", CASES)
def test_dims_are_named_and_right(case: str) -> None:
    inputs, body, wanted, sizes = CASES[case]
    proto = model(inputs, body)
    out = proto.graph.output[0].type.tensor_type
    out.ClearField("shape")
    if case in ("causal mask", "positions after the past"):
        out.elem_type = onnx.TensorProto.BOOL if case == "causal mask" else onnx.TensorProto.INT64
    module = interlingua.load(proto)
    dims = module.main.outputs[0].tensor.dims
    assert ", ".join(map(format_dim, dims)) == wanted
    symbols = sorted(
        {s.name for v in module.main.inputs for d in v.tensor.dims if isinstance(d, Dim) for s in d.symbols}
    )
    for numbers in sizes:
        assert_claims_hold(module, dict(zip(symbols, numbers, strict=False)))


def assert_claims_hold(module: interlingua.Module, sizes: dict[str, int]) -> None:
    """Run it; every type (the interpreter sees to that) and every known element is what is said."""

    def observe(value, array) -> None:
        if isinstance(value.type, Tensor) and value.type.elements is not None:
            for element, actual in zip(value.type.elements.ravel(), array.ravel(), strict=True):
                assert known(element, sizes, array) in (None, actual), f"%{value.name}: {element} at {sizes}"

    rng = np.random.default_rng(0)
    shapes = [[evaluate(d, sizes) for d in v.tensor.dims] for v in module.main.inputs]
    arrays = [draw(rng, v.tensor.dtype, s) for v, s in zip(module.main.inputs, shapes, strict=True)]
    Interpreter(module, observe=observe).run(arrays)


def known(element, sizes, like):
    if isinstance(element, Ratio):
        number = evaluate(element.num, sizes)
        return None if number is None else like.dtype.type(number / element.den)
    return None if element is None else evaluate(element, sizes)
