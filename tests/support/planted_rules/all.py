"""Bad rules: each a rewrite that optimisers make, with a condition dropped that it needs.

They say that they are exact, or that they only round, and are not: a fuzz of passes has to find each of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from interlingua.diagnosis.fuzz.sources import PassSource
from interlingua.diagnosis.observe import PassSubject, Subject
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.activation import Clip, Gelu, LeakyRelu, Relu
from interlingua.ir.ops.binary import Add, Div, Max, Min, Mul, Pow, Sub
from interlingua.ir.ops.contraction import Gemm, MatMul
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.convolution import Conv, ConvTranspose
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.logic import Le, Lt, Not, Select
from interlingua.ir.ops.math import FloorDiv, Ge, Gt, Mod, Reciprocal, Sigmoid, Square
from interlingua.ir.ops.norm import BatchNorm, LayerNorm
from interlingua.ir.ops.pooling import AvgPool, MaxPool
from interlingua.ir.ops.quant import Dequantize, Quantize
from interlingua.ir.ops.reduction import ArgMax, CumSum, ReduceSum
from interlingua.ir.ops.shape import Pad, Reshape, Reverse, Slice, Transpose
from interlingua.ir.ops.softmax import Softmax
from interlingua.ir.ops.unary import Exp, Floor, Log, Neg, Round, Sqrt, Tanh
from interlingua.ir.types import Tensor
from interlingua.passes.rewrite.pattern import Match, Number, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule
from interlingua.runtimes.workers import Workers

A, C, W, X, Y = (Var(name) for name in "acwxy")
NUMBER = Number(name="k")
STATS = (Var("s"), Var("o"), Var("m"), Var("v"))
RULES: list[Rule] = []


def bad(*patterns: OpPattern, contract: Any = "exact") -> Any:
    """Make a function a rule of this table."""

    def wrap(function: Any) -> Rule:
        made = rule(*patterns, contract=contract, shared=True)(function)
        RULES.append(made)
        return made

    return wrap


def full(b: Builder, like: Value, number: float) -> Value | None:
    """A constant of the type of ``like``."""
    shape = like.type.static_shape if isinstance(like.type, Tensor) and like.type.shape is not None else None
    return None if shape is None else b.constant(np.full(shape, number, like.tensor.dtype.numpy))


def floating(value: Value) -> bool:
    return isinstance(value.type, Tensor) and value.type.dtype in (DType.F16, DType.F32, DType.F64)


@bad(OpPattern(Add, X, Number(0)))
def add_zero(m: Match, b: Builder) -> Value | None:
    """``x + 0 = x``: not of -0."""
    return m["x"] if floating(m["x"]) else None


@bad(OpPattern(Sub, Number(0), X))
def zero_minus(m: Match, b: Builder) -> Value:
    """``0 - x = -x``: not of 0."""
    return b(Neg(), m["x"])


@bad(OpPattern(Mul, X, Number(0)))
def times_zero(m: Match, b: Builder) -> Value | None:
    """``x · 0 = 0``: not of NaN, infinities, negative numbers."""
    return full(b, m.root.result, 0)


@bad(OpPattern(Div, X, X))
def over_itself(m: Match, b: Builder) -> Value | None:
    """``x / x = 1``: not of 0."""
    return full(b, m["x"], 1) if floating(m["x"]) else None


@bad(OpPattern(Sub, X, X))
def minus_itself(m: Match, b: Builder) -> Value | None:
    """``x - x = 0``: not of NaN and infinities."""
    return full(b, m["x"], 0)


@bad(OpPattern(Cast, OpPattern(Cast, X), name="outer"))
def cast_cast(m: Match, b: Builder) -> Value | None:
    """``cast(cast(x)) = cast(x)``: only where the first widens."""
    return b(Cast(m.op("outer").to), m["x"]) if m["x"].tensor.dtype.kind in ("float", "int", "uint") else None


@bad(OpPattern(Cast, OpPattern(Cast, X), name="outer"))
def cast_back(m: Match, b: Builder) -> Value | None:
    """``cast(cast(x)) = x`` where the dtype is that of x again: only where the first widens."""
    return m["x"] if m["x"].tensor.dtype is m.op("outer").to else None


@bad(OpPattern(Transpose, OpPattern(Transpose, X, name="inner"), name="outer"))
def transposes_in_the_wrong_order(m: Match, b: Builder) -> Value:
    """``p∘q`` taken for ``q∘p``."""
    inner, outer = m.op("inner").perm, m.op("outer").perm
    return b(Transpose(tuple(outer[axis] for axis in inner)), m["x"])


@bad(OpPattern(Reshape, OpPattern(Transpose, X), A))
def reshape_past_a_transpose(m: Match, b: Builder) -> Value:
    """``reshape(transpose(x)) = reshape(x)``: only where axes of one move."""
    return b(Reshape(), m["x"], m["a"])


@bad(OpPattern(Slice, OpPattern(Slice, X, Var("f"), Var("g"), ..., name="inner"), Var("h"), Var("i"), ..., name="outer"))
def slice_slice(m: Match, b: Builder) -> Value | None:
    """Starts are added: steps are forgotten, and what counts from the end."""
    first, second = (m.integers(n) for n in "fh")
    if first is None or second is None or m.op("inner").axes != m.op("outer").axes:
        return None
    made = [p + q for p, q in zip(first, second, strict=True)]
    return b(Slice(m.op("outer").axes), m["x"], b.constant(made, DType.I64), m["g"], *m.nodes["outer"].operands[3:])


@bad(OpPattern(Slice, X, Var("f"), Var("g"), name="slice"))
def slice_from_before_the_start(m: Match, b: Builder) -> Value | None:
    """A start before the first element counts from the end once more."""
    starts, shape, axes = m.integers("f"), m["x"].tensor.shape, m.op("slice").axes
    if starts is None or shape is None or not all(isinstance(shape[a], int) for a in axes):
        return None
    made = [s + shape[a] if s < -shape[a] else s for s, a in zip(starts, axes, strict=True)]  # type: ignore[operator]
    if made == starts or 0 in (shape[a] for a in axes):
        return None
    return b(Slice(axes), m["x"], b.constant(np.array(made)), m["g"])


def padding(m: Match, pool: Any) -> tuple[int, ...] | None:
    """The pads of ``pool`` with those of the padding before it, where that is of spatial axes alone."""
    amounts = m.integers("a")
    if amounts is None or min(amounts, default=-1) < 0 or pool.layout != "channels_first":
        return None
    before, after = amounts[: len(amounts) // 2], amounts[len(amounts) // 2 :]
    if any((*before[:2], *after[:2])) or len(pool.pads) != 2 * (len(before) - 2):
        return None
    return tuple(p + q for p, q in zip(pool.pads, (*before[2:], *after[2:]), strict=True))


PADDED = (
    OpPattern(Pad, X, A, name="pad", mode="constant"),
    OpPattern(Pad, X, A, Number(0), name="pad", mode="constant"),
)


def padded(root: Any, *operands: Any) -> tuple[OpPattern, ...]:
    return tuple(OpPattern(root, inner, *operands, name="root") for inner in PADDED)


@bad(*padded(MaxPool))
def pad_zero_max_pool(m: Match, b: Builder) -> Value | None:
    """Zeros are no -inf."""
    pads = padding(m, m.op("root"))
    return None if pads is None else b(replace(m.op("root"), pads=pads), m["x"])


@bad(*padded(AvgPool), contract="rounding")
def pad_avg_pool(m: Match, b: Builder) -> Value | None:
    """A pool that does not count its padding."""
    pads = padding(m, m.op("root"))
    return None if pads is None else b(replace(m.op("root"), pads=pads), m["x"])


@bad(OpPattern(Conv, OpPattern(Pad, X, A, ..., name="pad"), W, name="root"), contract="rounding")
def pad_conv(m: Match, b: Builder) -> Value | None:
    """The mode and the value are not looked at."""
    pads = padding(m, m.op("root"))
    return None if pads is None else b(replace(m.op("root"), pads=pads), m["x"], m["w"])


@bad(OpPattern(Pad, OpPattern(Pad, X, A, ..., name="inner"), Var("e"), ..., name="outer"))
def pad_pad(m: Match, b: Builder) -> Value | None:
    """Amounts are added: signs, modes and values are not looked at."""
    first, second = m.integers("a"), m.integers("e")
    if first is None or second is None:
        return None
    made = b.constant(np.array([p + q for p, q in zip(first, second, strict=True)]))
    return b(m.op("outer"), m["x"], made, *m.nodes["outer"].operands[2:])


@bad(OpPattern(Relu, X))
def relu_by_comparison(m: Match, b: Builder) -> Value | None:
    """``x if x > 0 else 0``: NaN is lost."""
    zero = b.scalar(0, m["x"])
    return b(Select(), b(Gt(), m["x"], zero), m["x"], zero) if floating(m["x"]) else None


@bad(OpPattern(Max, X, Y))
def max_by_comparison(m: Match, b: Builder) -> Value | None:
    """``x if x > y else y``: NaN is lost."""
    return b(Select(), b(Gt(), m["x"], m["y"]), m["x"], m["y"])


@bad(OpPattern(Clip, OpPattern(Clip, X, A, Var("e")), C, Var("g")))
def clip_clip(m: Match, b: Builder) -> Value:
    """The tighter bounds: where they cross, the wrong one wins."""
    return b(Clip(), m["x"], b(Max(), m["a"], m["c"]), b(Min(), m["e"], m["g"]))


@bad(OpPattern(Clip, OpPattern(Relu, X), A, C))
def relu_clip(m: Match, b: Builder) -> Value:
    """The bound of 0 is forgotten."""
    return b(Clip(), m["x"], m["a"], m["c"])


@bad(OpPattern(Relu, OpPattern(Clip, X, A, C)))
def clip_relu(m: Match, b: Builder) -> Value:
    """The lower bound is taken to be 0."""
    return b(Clip(), m["x"], b.scalar(0, m["x"]), m["c"])


@bad(OpPattern(Clip, X, A, C))
def clip_in_the_other_order(m: Match, b: Builder) -> Value:
    """``max(min(x, high), low)``: where the bounds cross, the lower one wins."""
    return b(Max(), b(Min(), m["x"], m["c"]), m["a"])


@bad(OpPattern(ArgMax, OpPattern((Exp, Sigmoid, Tanh, Relu, Sqrt, Floor), X), name="root"))
def argmax_of_monotone(m: Match, b: Builder) -> Value:
    """What saturates makes ties."""
    return b(m.op("root"), m["x"])


@bad(OpPattern(ReduceSum, OpPattern(Transpose, X, name="t"), name="root"), contract="rounding")
def sum_of_transposed(m: Match, b: Builder) -> Value | None:
    """The axes are not mapped."""
    return b(m.op("root"), m["x"])


@bad(OpPattern(ReduceSum, OpPattern(ReduceSum, X, name="inner", keepdims=False), name="outer", keepdims=False))
def sum_of_sums(m: Match, b: Builder) -> Value | None:
    """The axes of the outer one are those of what the inner one left."""
    axes = tuple(dict.fromkeys((*m.op("inner").axes, *m.op("outer").axes)))
    made = ReduceSum(axes)
    expected = len(m.op("inner").axes) + len(m.op("outer").axes)
    return b(made, m["x"]) if len({a % m["x"].tensor.rank for a in axes}) == expected else None


def folded(m: Match, b: Builder, epsilon: float) -> tuple[Expr, Expr]:
    """Factor and offset of a batch norm."""
    s, o, mean, v = (Expr(b, m[n]) for n in "somv")
    factor = s / (v + epsilon).sqrt()
    return factor, o - mean * factor


CONV_NORM = OpPattern(BatchNorm, OpPattern(Conv, X, W, name="conv", layout="channels_first"), *STATS, name="norm", axis=1)


@bad(CONV_NORM, contract="rounding")
def norm_without_epsilon(m: Match, b: Builder) -> Value:
    """The epsilon is forgotten."""
    factor, offset = folded(m, b, 0.0)
    w = Expr(b, m["w"])
    return b(m.op("conv"), m["x"], (w * factor.along(0, m["w"].tensor.rank)).value, offset.value)


@bad(
    OpPattern(BatchNorm, OpPattern(Conv, X, W, C, name="conv", layout="channels_first"), *STATS, name="norm", axis=1),
    contract="rounding",
)
def norm_with_the_bias_as_it_was(m: Match, b: Builder) -> Value:
    """The bias of the convolution is not scaled."""
    factor, offset = folded(m, b, m.op("norm").epsilon)
    w, bias = Expr(b, m["w"]), Expr(b, m["c"])
    return b(m.op("conv"), m["x"], (w * factor.along(0, m["w"].tensor.rank)).value, (offset + bias).value)


@bad(
    OpPattern(Conv, OpPattern(BatchNorm, X, *STATS, name="norm", axis=1), W, name="conv", groups=1, layout="channels_first"),
    contract="rounding",
)
def norm_before_a_padded_conv(m: Match, b: Builder) -> Value:
    """The padding is shifted too."""
    factor, offset = folded(m, b, m.op("norm").epsilon)
    w, rank = Expr(b, m["w"]), m["w"].tensor.rank
    bias = (w * offset.along(1, rank)).sum(range(1, rank))
    return b(m.op("conv"), m["x"], (w * factor.along(1, rank)).value, bias.value)


@bad(
    OpPattern(BatchNorm, OpPattern(ConvTranspose, X, W, name="conv", layout="channels_first"), *STATS, name="norm", axis=1),
    contract="rounding",
)
def norm_after_groups(m: Match, b: Builder) -> Value | None:
    """Each group is scaled as the first one."""
    factor, offset = folded(m, b, m.op("norm").epsilon)
    each = m["w"].tensor.shape[1] if m["w"].tensor.shape is not None else None
    if not isinstance(each, int):
        return None
    w, part = Expr(b, m["w"]), factor.slice(0, 0, each)
    return b(m.op("conv"), m["x"], (w * part.along(1, m["w"].tensor.rank)).value, offset.value)


@bad(OpPattern(BatchNorm, X, *STATS, name="norm"), contract="rounding")
def epsilon_outside_the_root(m: Match, b: Builder) -> Value:
    """``sqrt(v) + epsilon``."""
    axis, rank = m.op("norm").axis % m["x"].tensor.rank, m["x"].tensor.rank
    s, o, mean, v = (Expr(b, m[n]).along(axis, rank) for n in "somv")
    return ((Expr(b, m["x"]) - mean) / (v.sqrt() + m.op("norm").epsilon) * s + o).value


@bad(OpPattern(LayerNorm, X, ..., name="norm"), contract="rounding")
def norm_of_the_last_axis(m: Match, b: Builder) -> Value | None:
    """The statistics are of the last axis alone."""
    norm, rank = m.op("norm"), m["x"].tensor.rank
    return None if norm.axis % rank == rank - 1 else b(replace(norm, axis=-1), m["x"], *m.root.operands[1:])


@bad(OpPattern(Gelu, X, form="erf"), contract="rounding")
def gelu_by_tanh(m: Match, b: Builder) -> Value:
    """Another function."""
    return b(Gelu("tanh"), m["x"])


@bad(OpPattern(Mul, OpPattern(Conv, X, W, C, name="conv"), Y), contract="rounding")
def scaled_conv_with_its_bias(m: Match, b: Builder) -> Value | None:
    """The bias is not scaled."""
    scalar = m["y"].tensor.shape is not None and m["y"].tensor.rank == 0
    return b(m.op("conv"), m["x"], b(Mul(), m["w"], m["y"]), m["c"]) if scalar else None


@bad(OpPattern(Gemm, OpPattern(Transpose, X, perm=(1, 0)), W, ..., name="root"), contract="rounding")
def transposed_gemm(m: Match, b: Builder) -> Value | None:
    """One that transposes already is to transpose no more."""
    square = m["x"].tensor.static_shape is not None and len(set(m["x"].tensor.static_shape)) == 1  # type: ignore[arg-type]
    made = replace(m.op("root"), trans_a=True)
    return b(made, m["x"], m["w"], *m.root.operands[2:]) if square or not m.op("root").trans_a else None


@bad(OpPattern(MatMul, OpPattern(MatMul, X, W), Y), contract="exact")
def products_in_another_order(m: Match, b: Builder) -> Value | None:
    """``(x w) y = x (w y)``: it rounds otherwise."""
    ranks = [m[n].tensor.rank for n in "xwy"]
    return b(MatMul(), m["x"], b(MatMul(), m["w"], m["y"])) if ranks == [2, 2, 2] else None


@bad(OpPattern(Gather, X, A, name="root"))
def indices_from_the_front(m: Match, b: Builder) -> Value:
    """A negative index is taken for 0."""
    return b(m.op("root"), m["x"], b(Max(), m["a"], b.scalar(0, m["a"])))


@bad(OpPattern(Reverse, OpPattern(Reverse, X)))
def reverse_reverse(m: Match, b: Builder) -> Value:
    """The axes may be others."""
    return m["x"]


@bad(OpPattern(CumSum, OpPattern(Reverse, X), ..., name="root"), contract="rounding")
def sum_from_the_end(m: Match, b: Builder) -> Value:
    """What is summed from the end is not turned round."""
    made = replace(m.op("root"), reverse=not m.op("root").reverse)
    return b(made, m["x"], *m.root.operands[1:])


@bad(OpPattern(Not, OpPattern(Lt, X, Y)))
def not_less(m: Match, b: Builder) -> Value:
    """NaN is neither less nor greater."""
    return b(Ge(), m["x"], m["y"])


@bad(OpPattern(Lt, X, Y))
def less_by_negation(m: Match, b: Builder) -> Value:
    """``not (y <= x)``: NaN."""
    return b(Not(), b(Le(), m["y"], m["x"]))


@bad(OpPattern(Select, C, X, Number(0)))
def select_by_product(m: Match, b: Builder) -> Value | None:
    """What is not selected may be infinite or NaN."""
    return b(Mul(), m["x"], b(Cast(m["x"].tensor.dtype), m["c"])) if floating(m["x"]) else None


@bad(OpPattern(Log, OpPattern(Exp, X)), OpPattern(Exp, OpPattern(Log, X)), contract="rounding")
def inverse_functions(m: Match, b: Builder) -> Value:
    """Negative numbers have no logarithm."""
    return m["x"]


@bad(OpPattern(Square, OpPattern(Sqrt, X)), contract="rounding")
def square_of_root(m: Match, b: Builder) -> Value:
    """Negative numbers have no root."""
    return m["x"]


@bad(OpPattern(Sqrt, OpPattern(Square, X)), contract="rounding")
def root_of_square(m: Match, b: Builder) -> Value:
    """It is the absolute value."""
    return m["x"]


@bad(OpPattern(Pow, X, Number(0.5)), contract="rounding")
def power_one_half(m: Match, b: Builder) -> Value:
    """-inf has no root, and that of -0 is -0."""
    return b(Sqrt(), m["x"])


@bad(OpPattern(Div, X, Y))
def divide_by_multiplying(m: Match, b: Builder) -> Value | None:
    """It rounds twice."""
    return b(Mul(), m["x"], b(Reciprocal(), m["y"])) if floating(m["x"]) else None


@bad(OpPattern(Add, OpPattern(Add, X, Y), C))
def sums_in_another_order(m: Match, b: Builder) -> Value | None:
    """``(x + y) + c = x + (y + c)``: it rounds otherwise."""
    return b(Add(), m["x"], b(Add(), m["y"], m["c"])) if floating(m["x"]) else None


@bad(OpPattern(Dequantize, OpPattern(Quantize, X, ...), ...))
def quantize_dequantize(m: Match, b: Builder) -> Value | None:
    """Levels are steps, and they end."""
    return m["x"]


@bad(OpPattern(Quantize, OpPattern(Dequantize, X, ...), ...))
def dequantize_quantize(m: Match, b: Builder) -> Value | None:
    """Scales and zero points may be others."""
    return m["x"] if m["x"].tensor.dtype is m.root.result.tensor.dtype else None


@bad(OpPattern(Relu, OpPattern(AvgPool, X, name="pool")), contract="rounding")
def pool_of_relu(m: Match, b: Builder) -> Value:
    """A mean and a maximum do not change places."""
    return b(m.op("pool"), b(Relu(), m["x"]))


@bad(OpPattern(AvgPool, X, name="pool", count_include_pad=False), contract="rounding")
def count_what_is_padded(m: Match, b: Builder) -> Value:
    """The same only where nothing is padded."""
    return b(replace(m.op("pool"), count_include_pad=True), m["x"])


@bad(OpPattern(Neg, OpPattern(Max, X, Y)))
def negated_maximum(m: Match, b: Builder) -> Value | None:
    """It is the minimum of the negated."""
    return b(Max(), b(Neg(), m["x"]), b(Neg(), m["y"])) if floating(m["x"]) else None


@bad(OpPattern(Max, X, OpPattern(Mul, X, NUMBER)))
def leaky_relu_of_any_slope(m: Match, b: Builder) -> Value | None:
    """Of slopes above 1 the minimum would be one."""
    return b(LeakyRelu(m.number("k")), m["x"]) if floating(m["x"]) else None


@bad(OpPattern(Div, X, Y))
def floor_of_a_quotient(m: Match, b: Builder) -> Value | None:
    """Integers truncate."""
    return b(FloorDiv(), m["x"], m["y"]) if m["x"].tensor.dtype in (DType.I32, DType.I64) else None


@bad(OpPattern(Mod, X, Y))
def remainder_of_the_dividend(m: Match, b: Builder) -> Value:
    """The sign is another."""
    from interlingua.ir.ops.binary import Rem

    return b(Rem(), m["x"], m["y"])


@bad(OpPattern(Cast, OpPattern((Floor, Round), X), name="cast"))
def floor_by_a_cast(m: Match, b: Builder) -> Value | None:
    """A cast to integers truncates."""
    return b(m.op("cast"), m["x"]) if m.op("cast").to.kind in ("int", "uint") else None


@bad(OpPattern(Round, X))
def round_half_up(m: Match, b: Builder) -> Value:
    """A half goes to even."""
    return (Expr(b, m["x"]) + 0.5).floor().value


@bad(OpPattern(Softmax, OpPattern(Transpose, X, name="t"), name="root"), contract="rounding")
def softmax_before_transpose(m: Match, b: Builder) -> Value:
    """The axis is not mapped."""
    return b(m.op("t"), b(m.op("root"), m["x"]))


BY_NAME = {each.name: each for each in RULES}


@dataclass(frozen=True, slots=True)
class Planted(RulePass):
    """The rules of this table; ``only`` names one."""

    name: ClassVar[str] = "planted"
    rules: ClassVar[tuple[Rule, ...]] = tuple(RULES)


@dataclass(frozen=True, slots=True)
class PlantedRules(PassSource):
    """Bad rules, by name, as the source of a campaign."""

    def subject(self, target: Any, workers: Workers) -> Subject:
        return PassSubject((planted(*self.passes),))


def planted(*names: str) -> Planted:
    """A pass of these rules."""
    return Planted(only=names)


