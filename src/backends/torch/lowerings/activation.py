"""Activations and normalised exponentials."""

from __future__ import annotations

from interlingua.backends.lowering import Lowerings, dtypes
from interlingua.backends.torch.context import Context
from interlingua.ir.dtypes import FLOATS
from interlingua.ir.ops.activation import Gelu, Relu
from interlingua.ir.ops.softmax import LogSoftmax, Softmax

TABLE = Lowerings()


@TABLE.lower(Relu)
def relu(op: Relu, ctx: Context, x: str) -> str:
    return f"F.relu({x})"


@TABLE.lower(Gelu, when=[dtypes(FLOATS)])
def gelu(op: Gelu, ctx: Context, x: str) -> str:
    return f"F.gelu({x})" if op.form == "erf" else f'F.gelu({x}, approximate="tanh")'


@TABLE.lower(Softmax)
def softmax(op: Softmax, ctx: Context, x: str) -> str:
    return f"F.softmax({x}, dim={op.axis})"


@TABLE.lower(LogSoftmax)
def log_softmax(op: LogSoftmax, ctx: Context, x: str) -> str:
    return f"F.log_softmax({x}, dim={op.axis})"
