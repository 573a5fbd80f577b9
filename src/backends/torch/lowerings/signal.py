"""Fourier transforms."""

from __future__ import annotations

from interlingua.backends.lowering import Lowerings, dtypes
from interlingua.backends.torch.context import Context
from interlingua.backends.torch.functional import signal as functional
from interlingua.ir.dtypes import FLOATS
from interlingua.ir.ops.signal import Dft

TABLE = Lowerings()


@TABLE.lower(Dft, when=[dtypes(FLOATS, 0)])
def dft(op: Dft, ctx: Context, x: str, length: str = "None") -> str:
    operands = [x, *([] if length == "None" else [ctx.integer(1)])]
    return ctx.call(functional.dft, operands, {"dim": op.axis, "inverse": op.inverse, "onesided": op.onesided})
