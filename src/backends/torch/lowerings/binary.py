"""Elementwise ops of two operands: arithmetic, bits, comparison; and the choice between two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from interlingua.backends.lowering import Lowerings
from interlingua.backends.torch.context import Context
from interlingua.backends.torch.functional import remainders, unsigned
from interlingua.backends.torch.lowerings.detours import (
    BITS,
    COMPLEX,
    COMPUTED,
    EIGHTHS,
    INTEGERS,
    MODULAR,
    ORDERED,
    WIDE,
    Detour,
    number,
    rows,
)
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.op import Op
from interlingua.ir.ops import binary, logic, math

TABLE = Lowerings()

ARITHMETIC: dict[type[Op], str] = {binary.Add: "+", binary.Sub: "-", binary.Mul: "*"}
BITWISE: dict[type[Op], str] = {logic.And: "&", logic.Or: "|", logic.Xor: "^"}
SHIFTS: dict[type[Op], str] = {logic.ShiftLeft: "<<", logic.ShiftRight: ">>"}
EQUALITY: dict[type[Op], str] = {logic.Eq: "==", math.Ne: "!="}
ORDER: dict[type[Op], str] = {logic.Lt: "<", logic.Le: "<=", math.Gt: ">", math.Ge: ">="}


def _infix(symbols: dict[type[Op], str]) -> Callable[..., str]:
    def lower(op: Any, ctx: Context, a: str, b: str) -> str:
        return f"{number(ctx, 0, a)} {symbols[type(op)]} {number(ctx, 1, b)}"

    return lower


rows(TABLE, *ARITHMETIC, native=COMPUTED, detours=(WIDE, MODULAR))(_infix(ARITHMETIC))
rows(TABLE, *BITWISE, native=INTEGERS | {DType.BOOL}, detours=(WIDE, MODULAR))(_infix(BITWISE))
rows(TABLE, *SHIFTS, native=INTEGERS, detours=(WIDE,))(_infix(SHIFTS))
rows(TABLE, logic.ShiftLeft, native=(), detours=(MODULAR,))(_infix(SHIFTS))
rows(TABLE, *EQUALITY, native=COMPUTED | COMPLEX | {DType.BOOL}, detours=(WIDE, MODULAR, EIGHTHS), at=(0,))(
    _infix(EQUALITY)
)
rows(TABLE, *ORDER, native=COMPUTED | {DType.BOOL}, detours=(WIDE, EIGHTHS, ORDERED), at=(0,))(_infix(ORDER))


@rows(TABLE, binary.Div, native=FLOATS)
def div(op: binary.Div, ctx: Context, a: str, b: str) -> str:
    return f"{number(ctx, 0, a)} / {number(ctx, 1, b)}"


@rows(TABLE, binary.Div, native=INTEGERS, detours=(WIDE,))
def quotient(op: binary.Div, ctx: Context, a: str, b: str) -> str:
    return f'torch.div({a}, {number(ctx, 1, b)}, rounding_mode="trunc")'


@rows(TABLE, math.FloorDiv, native=INTEGERS, detours=(WIDE,))
def floor_div(op: math.FloorDiv, ctx: Context, a: str, b: str) -> str:
    return f'torch.div({a}, {number(ctx, 1, b)}, rounding_mode="floor")'


UNSIGNED: dict[type[Op], Callable[..., Any]] = {
    binary.Div: unsigned.quotient,
    math.FloorDiv: unsigned.quotient,
    binary.Rem: unsigned.remainder,
    math.Mod: unsigned.remainder,
    logic.ShiftRight: unsigned.shift_right,
}


@rows(TABLE, *UNSIGNED, native={DType.U64})
def of_unsigned(op: Op, ctx: Context, a: str, b: str) -> str:
    return ctx.call(UNSIGNED[type(op)], [a, b])


FUNCTIONS: dict[type[Op], str] = {binary.Rem: "torch.fmod", math.Mod: "torch.remainder"}


DOUBLE = Detour(dict.fromkeys((DType.F16, DType.BF16, DType.F32), DType.F64))
"""PyTorch's remainders are NaN where the quotient is beyond the dtype; in float64 that of narrower floats is not, and
the remainder is one of them."""


@rows(TABLE, *FUNCTIONS, native=INTEGERS, detours=(WIDE, DOUBLE))
def remainder(op: Op, ctx: Context, a: str, b: str) -> str:
    divisor = number(ctx, 1, b) if ctx.result().dtype.is_integer else b  # its digits are those of a narrower float
    return f"{FUNCTIONS[type(op)]}({a}, {divisor})"


@rows(TABLE, binary.Rem, native={DType.F64})
def remainder_of_double(op: binary.Rem, ctx: Context, a: str, b: str) -> str:
    return ctx.call(remainders.remainder_of_double, [a, b])


POWERS = {"1.0", "2.0", "3.0"}
"""Exponents that PyTorch has the same value for as a number; it takes the root for 0.5, which is no power of -inf."""


@rows(TABLE, binary.Pow, native=COMPUTED, detours=(WIDE,))
def power(op: binary.Pow, ctx: Context, a: str, b: str) -> str:
    exponent = number(ctx, 1, b)
    return f"{a} ** {exponent}" if exponent in POWERS else f"torch.pow({a}, {b})"


EXTREMES: dict[type[Op], tuple[str, str]] = {binary.Max: ("maximum", "min"), binary.Min: ("minimum", "max")}


@rows(TABLE, *EXTREMES, native=COMPUTED, detours=(WIDE, ORDERED))
def extreme(op: Op, ctx: Context, a: str, b: str) -> str:
    name, bound = EXTREMES[type(op)]
    for text, other, index in ((a, b, 1), (b, a, 0)):
        least = number(ctx, index, other)
        if least != other and "nan" not in least:
            return f"{text}.clamp({bound}={least})"
    return f"torch.{name}({a}, {b})"


@rows(TABLE, binary.Atan2, native=FLOATS)
def atan2(op: binary.Atan2, ctx: Context, a: str, b: str) -> str:
    return f"torch.atan2({a}, {b})"


@rows(TABLE, logic.Select, native=COMPUTED | COMPLEX | {DType.BOOL}, detours=(BITS,), at=(1,))
def select(op: logic.Select, ctx: Context, condition: str, a: str, b: str) -> str:
    first, second = number(ctx, 1, a), number(ctx, 2, b)
    if first != a and second != b:  # a tensor is to say the dtype
        second = b
    if ctx.result().dtype in BITS.dtypes:
        first, second = a, b
    return f"torch.where({condition}, {first}, {second})"
