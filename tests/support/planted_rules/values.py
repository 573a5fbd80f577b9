"""Bad rules about numbers: signs of zeros, NaN, rounding, dtypes."""

from __future__ import annotations

from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.activation import Clip, LeakyRelu, Relu
from interlingua.ir.ops.binary import Add, Div, Max, Min, Mul, Pow, Sub
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.logic import Le, Lt, Not, Select
from interlingua.ir.ops.math import FloorDiv, Ge, Gt, Mod, Reciprocal, Square
from interlingua.ir.ops.quant import Dequantize, Quantize
from interlingua.ir.ops.unary import Exp, Floor, Log, Neg, Round, Sqrt
from interlingua.passes.rewrite.pattern import Match, Number, OpPattern, Var
from support.planted_rules.base import A, C, X, Y, bad, floating, full

NUMBER = Number(name="k")


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
    return b(Sqrt(), m["x"]) if floating(m["x"]) else None


@bad(OpPattern(Div, X, Y))
def divide_by_multiplying(m: Match, b: Builder) -> Value | None:
    """It rounds twice."""
    return b(Mul(), m["x"], b(Reciprocal(), m["y"])) if floating(m["x"]) else None


@bad(OpPattern(Add, OpPattern(Add, X, Y), C))
def sums_in_another_order(m: Match, b: Builder) -> Value | None:
    """``(x + y) + c = x + (y + c)``: it rounds otherwise."""
    if not floating(m["x"]) or m["c"].node is not None:
        return None
    return b(Add(), m["x"], b(Add(), m["y"], m["c"]))


@bad(OpPattern(Dequantize, OpPattern(Quantize, X, ...), ...))
def quantize_dequantize(m: Match, b: Builder) -> Value | None:
    """Levels are steps, and they end."""
    return m["x"] if m["x"].tensor.dtype is m.root.result.tensor.dtype else None


@bad(OpPattern(Quantize, OpPattern(Dequantize, X, ...), ...))
def dequantize_quantize(m: Match, b: Builder) -> Value | None:
    """Scales and zero points may be others."""
    return m["x"] if m["x"].tensor.dtype is m.root.result.tensor.dtype else None


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
