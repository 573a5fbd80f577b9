"""Where PyTorch has no kernel for an element type: the same computed in another one, exactly."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal

import numpy as np

from interlingua.backends.lowering import Condition, Lower, Lowerings, dtypes
from interlingua.backends.torch.context import Context
from interlingua.backends.torch.functional import convert, unsigned
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.op import Op
from interlingua.ir.types import Tensor
from interlingua.ir.weights import trains

INTEGERS = frozenset({DType.I8, DType.I16, DType.I32, DType.I64, DType.U8})
"""Integers that PyTorch computes with; of the wider unsigned ones it has tensors alone."""
COMPUTED = FLOATS | INTEGERS
COMPLEX = frozenset({DType.C64, DType.C128})
F8 = frozenset({DType.F8E4M3, DType.F8E4M3FNUZ, DType.F8E5M2, DType.F8E5M2FNUZ, DType.F8E8M0})


@dataclass(frozen=True, slots=True)
class Detour:
    """Operands of some dtypes are taken as others, and so are results, back.

    Attributes:
        dtypes: what stands for what.
        by: ``to`` converts values, ``view`` reads the same bits, ``order`` keeps what is less than what.
    """

    dtypes: Mapping[DType, DType]
    by: Literal["to", "view", "order"] = "to"

    def there(self, ctx: Context, text: str, dtype: DType) -> str:
        """``text``, of the dtype, as what is computed with."""
        if self.by == "order":
            return ctx.call(unsigned.in_order, [text])
        return f"{text}.{self.by}({ctx.dtype(self.dtypes[dtype])})"

    def back(self, ctx: Context, text: str, dtype: DType) -> str:
        """What was computed, as the dtype that is asked for."""
        if self.by == "order":
            return ctx.call(unsigned.from_order, [text])
        return f"{_atom(text)}.{self.by}({ctx.dtype(dtype)})"

    def around(self, lower: Lower) -> Lower:
        """``lower``, computing there."""

        @wraps(lower)
        def lowered(op: Op, ctx: Context, *operands: str, **regions: Any) -> str:
            values = [*ctx.node.operands, *[None] * (len(operands) - len(ctx.node.operands))]
            given = [
                self.there(ctx, text, value.type.dtype)
                if value is not None and isinstance(value.type, Tensor) and value.type.dtype in self.dtypes
                else text
                for text, value in zip(operands, values, strict=True)
            ]
            found = lower(op, ctx, *given, **regions)
            first, *others = ctx.node.results
            if not isinstance(first.type, Tensor) or first.type.dtype not in self.dtypes:
                return str(found)
            dtype = first.type.dtype
            if others:  # of which none has such a dtype: they are indices
                return ctx.call(convert.first_as, [found], {"by": self.by, "dtype": dtype})
            return self.back(ctx, found, dtype)

        return lowered


WIDE = Detour({DType.U16: DType.I64, DType.U32: DType.I64})
"""Every value, and modulo their width every sum and product, is there."""
MODULAR = Detour({DType.U64: DType.I64}, "view")
"""Sums, products and bits are the same of both."""
ORDERED = Detour({DType.U64: DType.I64}, "order")
BITS = Detour(
    {DType.U16: DType.I16, DType.U32: DType.I32, DType.U64: DType.I64, **dict.fromkeys(F8, DType.U8)}, "view"
)
"""For what moves elements about."""
SINGLE = Detour({DType.F16: DType.F32, DType.BF16: DType.F32})
"""Rounds once, at the end."""
EIGHTHS = Detour(dict.fromkeys(F8, DType.F32))
"""Every value is there; nothing is rounded back."""


def rows(
    table: Lowerings,
    *ops: type[Op],
    native: Iterable[DType],
    detours: Iterable[Detour] = (),
    at: Iterable[int] = (),
    when: Iterable[Condition] = (),
) -> Callable[[Lower], Lower]:
    """Register a lowering for the dtypes that PyTorch has it for, and by way of others; ``at`` are the operands whose
    dtype counts, all and the results where there are none."""
    known, places, more = frozenset(native), tuple(at), tuple(when)

    def register(lower: Lower) -> Lower:
        table.lower(*ops, when=[dtypes(known, *places), *more])(lower)
        for detour in detours:
            taken = detour.dtypes.keys() - known
            if taken:
                table.lower(*ops, when=[dtypes(taken, *places), *more])(detour.around(lower))
        return lower

    return register


def number(ctx: Context, index: int, text: str) -> str:
    """The operand at ``index``, which ``text`` stands for, as a Python number where that does the same."""
    weight = ctx.weight(index)
    if weight is None or trains(weight) or weight.dtype is DType.U64:  # of which some are none that PyTorch takes
        return text
    found = ctx.scalar(index)
    return found if found == ctx.number(index) else text


def digits(ctx: Context, value: float) -> str:
    """An attribute as a number that is the same in what is computed: the digits of float32 where the first operand is
    no wider and the attribute is of that width."""
    single = np.float32(value)
    narrow = ctx.type(0).dtype is not DType.F64 and math.isfinite(value) and float(single) == value
    return str(single) if narrow and np.float32(float(str(single))) == single else ctx.literal(value)


def _atom(text: str) -> str:
    """``text`` as what a method may be called on."""
    depth = 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        if depth == 0 and char in " -~":
            return f"({text})"
    return text
