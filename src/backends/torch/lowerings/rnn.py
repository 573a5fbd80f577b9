"""Recurrent layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from interlingua.backends.lowering import Lowerings
from interlingua.backends.torch.context import Context
from interlingua.backends.torch.functional import recurrence
from interlingua.backends.torch.lowerings.detours import rows
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.rnn import Gru, Lstm, Recurrent, Rnn

TABLE = Lowerings()

LAYERS: dict[type[Recurrent], Callable[..., Any]] = {
    Rnn: recurrence.rnn,
    Gru: recurrence.gru,
    Lstm: recurrence.lstm,
}


@rows(TABLE, *LAYERS, native={DType.F32, DType.F64}, at=(0,))
def layer(op: Recurrent, ctx: Context, *operands: str) -> str:
    given = list(operands)
    while given[-1] == "None":
        given.pop()
    return ctx.call(LAYERS[type(op)], given, op.attributes())
