"""Elements computed wrongly: rounding, signs of zero, NaN, overflow, precision, casts, approximations."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from benchmarks.judge.faults.base import Fault, exchanged, formula, instead, operand, result, variants

from interlingua.ir.dtypes import DType
from interlingua.ir.op import Op
from interlingua.ir.ops.binary import Add, Div, Max, Mul, Rem, Sub
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.logic import Eq, Le, Lt, Or, ShiftRight, Xor
from interlingua.ir.ops.math import FloorDiv, Ge, Gt, Mod, Ne
from interlingua.ir.ops.unary import Atan, IsNan, Sign, Sin


def half_up(x: Expr) -> Expr:
    """Ties towards +inf."""
    return (x + 0.5).floor()


def half_away(x: Expr) -> Expr:
    """Ties away from zero."""
    return x.apply(Sign()) * half_up(x.abs())


def truncated(x: Expr) -> Expr:
    """Towards zero."""
    return x.apply(Sign()) * x.abs().floor()


def positive_zero(x: Expr) -> Expr:
    """−0.0 made 0.0; nothing else changes."""
    return x + 0.0 if x.dtype.is_float and x.dtype.bits >= 16 else x


def without_nan(x: Expr, instead_: float = -math.inf) -> Expr:
    """NaN replaced."""
    if not x.dtype.is_float or x.dtype.bits < 16:
        return x
    return x.apply(IsNan()).where(x.number(instead_), x)


def through(narrow: DType) -> Any:
    """Rounded to a narrower float and back."""

    def change(x: Expr) -> Expr:
        fits = x.dtype.is_float and x.dtype.bits > narrow.bits
        return x.to(narrow).to(x.dtype) if fits else x

    return change


def integers_through(narrow: DType) -> Any:
    """Wider integers cut to a narrower one and back."""

    def change(x: Expr) -> Expr:
        return x.to(narrow).to(x.dtype) if x.dtype.is_integer and x.dtype.bits > narrow.bits else x

    return change


def saturating(op: Op) -> Any:
    """Integer arithmetic that saturates where it should wrap."""

    def compute(_: Any, x: Expr, *others: Expr) -> Expr | None:
        if not x.dtype.is_integer or x.dtype.bits > 16:
            return None
        wide = x.to(DType.I64).apply(op, *(o.to(DType.I64) for o in others))
        return wide.apply(Cast(to=x.dtype, saturate=True))

    return formula(compute)


def _picks(larger: bool) -> Any:
    """max and min by comparison alone: NaN on one side is lost."""

    def compute(_: Any, a: Expr, b: Expr) -> Expr | None:
        if not a.dtype.is_float:
            return None
        first = a > b if larger else a < b
        return first.where(a, b)

    return formula(compute)


def _erf_by_tanh(_: Any, x: Expr) -> Expr:
    return ((x + x * x * x * 0.08943) * 1.1283791670955126).tanh()


def _relu(_: Any, x: Expr) -> Expr:
    return (x > 0.0).where(x, x.number(0.0))


def _clip(_: Any, x: Expr, low: Expr | None = None, high: Expr | None = None) -> Expr | None:
    if low is None or not x.dtype.is_float:
        return None
    return (x > low).where(x if high is None else (x < high).where(x, high), low)


def _floats_only(compute: Any) -> Any:
    return formula(lambda op, x, *others: compute(op, x, *others) if x.dtype.is_float else None)


def _cast_first(change: Any) -> Any:
    """Floats to integers by another rounding."""
    return formula(
        lambda op, x: x.__class__(x.b, x.b(op, change(x).value)) if x.dtype.is_float and op.to.is_integer else None
    )


def _softmax(op: Any, x: Expr) -> Expr:
    e = x.exp()
    return e / e.sum((op.axis,))


def rounding() -> Iterator[Fault]:
    """Rounding and division."""
    kind = "rounding mode"
    yield Fault(kind, "core.round", "ties away from zero", formula(lambda _, x: half_away(x)))
    yield Fault(kind, "core.round", "ties up", formula(lambda _, x: half_up(x)))
    yield Fault(kind, "core.floor", "towards zero", formula(lambda _, x: truncated(x)))
    yield Fault(kind, "core.ceil", "floor and one", formula(lambda _, x: x.floor() + 1.0))
    yield Fault(kind, "core.cast", "floor for truncation", _cast_first(lambda x: x.floor()))
    yield Fault(kind, "core.cast", "nearest for truncation", _cast_first(half_up))
    yield Fault(
        kind,
        "core.div",
        "floor for truncation",
        formula(lambda _, a, b: a.apply(FloorDiv(), b) if a.dtype.is_integer else None),
    )
    yield Fault(
        kind,
        "math.floor_div",
        "truncation for floor",
        formula(lambda _, a, b: a.apply(Div(), b) if a.dtype.is_integer else truncated(a / b)),
    )
    yield Fault(kind, "core.rem", "sign of the divisor", instead(Mod()))
    yield Fault(kind, "math.mod", "sign of the dividend", instead(Rem()))
    yield Fault(kind, "quant.quantize", "half a level up", operand(0, lambda x: x + 0.5 if x.dtype.is_float else x))
    yield Fault(kind, "quant.dynamic_quantize", "levels of the absolute value", operand(0, lambda x: x.abs()))


def special() -> Iterator[Fault]:
    """Signs of zero and NaN."""
    kind = "lost −0.0"
    yield Fault(kind, "core.neg", "0 − x", _floats_only(lambda _, x: x.number(0.0) - x))
    moved = "core.transpose core.reshape core.concat core.slice core.reverse core.broadcast_to core.gather core.select"
    yield from variants(kind, moved, "0.0 added", result(positive_zero))
    yield from variants(
        kind, "core.floor core.ceil core.round core.sqrt nn.depth_to_space nn.tile", "0.0 added", result(positive_zero)
    )
    kind = "lost NaN"
    yield Fault(kind, "core.max", "by comparison", _picks(True))
    yield Fault(kind, "core.min", "by comparison", _picks(False))
    yield Fault(kind, "nn.relu", "by comparison", _floats_only(_relu))
    yield Fault(kind, "nn.clip", "by comparison", formula(_clip))
    for name in "core.reduce_max core.max_pool nn.global_max_pool core.argmax nn.hardmax".split():  # noqa: SIM905
        yield Fault(kind, name, "NaN taken for −inf", operand(0, without_nan))
    for name in "core.reduce_min core.argmin".split():  # noqa: SIM905
        yield Fault(kind, name, "NaN taken for inf", operand(0, lambda x: without_nan(x, math.inf)))
    yield Fault(kind, "core.top_k", "NaN taken for −inf", operand(0, without_nan))
    yield from variants(
        kind, "core.reduce_sum nn.mean core.cumsum", "NaN taken for 0", operand(0, lambda x: without_nan(x, 0.0))
    )
    yield from variants(
        kind, "core.sign nn.leaky_relu nn.hard_sigmoid core.exp", "NaN gives 0", result(lambda y: without_nan(y, 0.0))
    )


def overflow() -> Iterator[Fault]:
    """Formulas that are right over the reals and overflow, or lose what is small."""
    kind = "overflow and cancellation"
    yield Fault(kind, "nn.softmax", "the maximum not subtracted", formula(_softmax))
    yield Fault(
        kind,
        "nn.log_softmax",
        "log of softmax, the maximum not subtracted",
        formula(lambda op, x: _softmax(op, x).log()),
    )
    yield Fault(kind, "nn.softplus", "log(1 + exp x)", formula(lambda _, x: (x.exp() + 1.0).log()))
    yield Fault(kind, "math.log1p", "log(1 + x)", formula(lambda _, x: (x + 1.0).log()))
    yield Fault(kind, "math.expm1", "exp x − 1", formula(lambda _, x: x.exp() - 1.0))
    yield Fault(kind, "math.sinc", "NaN at 0", formula(lambda _, x: (x * math.pi).apply(Sin()) / (x * math.pi)))
    yield Fault(
        kind, "core.tanh", "(e²ˣ − 1) / (e²ˣ + 1)", formula(lambda _, x: ((x + x).exp() - 1.0) / ((x + x).exp() + 1.0))
    )
    yield Fault(kind, "core.sinh", "(eˣ − e⁻ˣ) / 2", formula(lambda _, x: (x.exp() - (-x).exp()) * 0.5))


def precision() -> Iterator[Fault]:
    """Fewer digits than declared."""
    kind = "precision"
    many = (
        "core.add core.mul core.div core.sqrt core.exp core.log core.tanh core.erf core.sin math.sigmoid nn.gelu"
        " nn.softmax nn.layer_norm nn.batch_norm core.reduce_sum nn.mean core.cumsum core.conv core.matmul nn.gemm"
        " core.conv_transpose nn.einsum nn.attention core.avg_pool rnn.lstm rnn.gru core.transpose core.gather"
        " core.concat"
    )
    yield from variants(kind, many, "bfloat16 operand", operand(0, through(DType.BF16)))
    yield from variants(kind, many, "float16 result", result(through(DType.F16)))
    few = "core.add core.exp core.matmul core.conv core.reduce_sum nn.layer_norm core.transpose core.select"
    yield from variants(kind, few, "float32 for float64", result(through(DType.F32)))
    yield Fault("approximation", "core.erf", "tanh", formula(_erf_by_tanh))
    yield Fault("approximation", "math.sigmoid", "hard", formula(lambda _, x: (x * 0.2 + 0.5).clip(0.0, 1.0)))
    yield Fault("approximation", "nn.silu", "hard swish", formula(lambda _, x: x * (x * (1 / 6) + 0.5).clip(0.0, 1.0)))
    yield Fault("approximation", "nn.mish", "silu", formula(lambda _, x: x / ((-x).exp() + 1.0)))
    yield Fault(
        "approximation",
        "core.tanh",
        "Padé of two terms",
        formula(lambda _, x: (x * (x * x + 27.0) / (x * x * 9.0 + 27.0)).clip(-1.0, 1.0)),
    )


def integers() -> Iterator[Fault]:
    """Widths, signs and wrapping of integers."""
    kind = "int32 for int64"
    names = (
        "core.add core.mul core.sub core.reduce_sum core.reduce_prod core.cumsum core.matmul core.transpose core.max"
        " core.gather"
    )
    yield from variants(kind, names, "cut to int32", result(integers_through(DType.I32)))
    yield Fault(kind, "core.cast", "cut to int32", result(integers_through(DType.I32)))
    yield from variants(
        "int32 for int64", "core.add core.mul core.reduce_sum", "through float32", result(_through_float)
    )
    kind = "saturating for wrapping"
    for wrapping in (Add(), Sub(), Mul()):
        yield Fault(kind, wrapping.name, "saturates", saturating(wrapping))
    for op in (Lt(), Le(), Div(), Rem(), ShiftRight(), Max()):
        yield Fault("signed for unsigned", op.name, "8 bits", formula(_as_signed))


def _through_float(x: Expr) -> Expr:
    return x.to(DType.F32).to(x.dtype) if x.dtype.is_integer and x.dtype.bits == 64 else x


def _as_signed(op: Op, a: Expr, b: Expr) -> Expr | None:
    if a.dtype is not DType.U8:
        return None
    result_ = a.to(DType.I8).apply(op, b.to(DType.I8))
    return result_ if result_.dtype is DType.BOOL else result_.to(DType.U8)


def logic() -> Iterator[Fault]:
    """Comparisons, truth, arguments in the wrong order."""
    kind = "comparison"
    for name, op in (
        ("core.lt", Le()),
        ("core.le", Lt()),
        ("math.gt", Ge()),
        ("math.ge", Gt()),
        ("core.eq", Le()),
        ("math.ne", Lt()),
    ):
        yield Fault(kind, name, f"{op.name} instead", instead(op))
    for name, gate in (("core.and", Or()), ("core.or", Xor()), ("core.xor", Ne())):
        yield Fault(kind, name, f"{gate.name} instead", instead(gate))
    yield Fault("mask inverted", "core.select", "the other branch", exchanged(1, 2))
    yield Fault("mask inverted", "nn.compress", "what is false kept", operand(1, lambda c: ~c))
    kind = "arguments swapped"
    yield from variants(
        kind, "core.sub core.div core.pow core.atan2 core.rem core.shift_left", "arguments swapped", exchanged()
    )
    yield Fault("comparison", "core.atan2", "the quadrant lost", formula(lambda _, a, b: (a / b).apply(Atan())))
    yield Fault("comparison", "core.eq", "NaN equals NaN", _nan_equal())
    kind = "clamp bounds"
    yield Fault(kind, "nn.clip", "upper bound 1 % off", operand(2, lambda x: x * 1.01 if x.dtype.is_float else x + 1.0))
    yield Fault(kind, "nn.hard_swish", "relu6 at 5", formula(lambda _, x: x * (x + 3.0).clip(0.0, 5.0) * (1 / 6)))
    yield Fault(kind, "nn.relu", "at 6", result(lambda y: y.min(6.0)))


def _nan_equal() -> Any:
    def compute(_: Any, a: Expr, b: Expr) -> Expr | None:
        if not a.dtype.is_float or a.dtype.bits < 16:
            return None
        return a.apply(Eq(), b) | (a.apply(IsNan()) & b.apply(IsNan()))

    return formula(compute)


def value_faults() -> Iterator[Fault]:
    """All of them."""
    for family in (rounding, special, overflow, precision, integers, logic):
        yield from family()
