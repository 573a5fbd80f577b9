"""Activations that ONNX has natively, on the dtypes that runtimes have them for; others are decomposed."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, dtypes, since
from interlingua.backends.onnx.backend import OLDEST_OPSET
from interlingua.backends.onnx.context import Context
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.op import Op
from interlingua.ir.ops import activation as nn
from interlingua.ir.ops.softmax import Hardmax, LogSoftmax, Softmax

TABLE = Lowerings()

HALF_AND_SINGLE = dtypes((DType.F16, DType.F32))
SINGLE = dtypes((DType.F32,))
STANDARD = dtypes((DType.F16, DType.F32, DType.F64))

_NATIVE: dict[type[Op], tuple[str, int, Condition]] = {
    nn.Celu: ("Celu", 12, SINGLE),
    nn.Elu: ("Elu", 6, HALF_AND_SINGLE),
    nn.HardSigmoid: ("HardSigmoid", 6, HALF_AND_SINGLE),
    nn.HardSwish: ("HardSwish", 14, HALF_AND_SINGLE),
    nn.LeakyRelu: ("LeakyRelu", 6, HALF_AND_SINGLE),
    nn.Mish: ("Mish", 18, HALF_AND_SINGLE),
    nn.Prelu: ("PRelu", 9, HALF_AND_SINGLE),
    nn.Relu: ("Relu", 6, STANDARD),
    nn.Selu: ("Selu", 6, HALF_AND_SINGLE),
    nn.Shrink: ("Shrink", 9, STANDARD),
    nn.Silu: ("Swish", 24, STANDARD),
    nn.Softplus: ("Softplus", 1, HALF_AND_SINGLE),
    nn.Softsign: ("Softsign", 1, HALF_AND_SINGLE),
    nn.ThresholdedRelu: ("ThresholdedRelu", 10, HALF_AND_SINGLE),
    Hardmax: ("Hardmax", 13, HALF_AND_SINGLE),
    LogSoftmax: ("LogSoftmax", 13, STANDARD),
    Softmax: ("Softmax", 13, STANDARD),
}
"""IR op: the ONNX op with the same operands and attributes, the opset that brought it, and dtypes."""


def _native(op: Any, ctx: Context, *operands: Any) -> Any:
    return ctx.emit(_NATIVE[type(op)][0], *operands, **op.attributes())


for _op, (_, _version, _dtypes) in _NATIVE.items():
    _newer = [since(_version)] if _version > OLDEST_OPSET else []
    TABLE.lower(_op, when=[*_newer, _dtypes])(_native)


@TABLE.lower(nn.Gelu, when=[since(20), HALF_AND_SINGLE])
def gelu(op: nn.Gelu, ctx: Context, x: Any) -> Any:
    return ctx.emit("Gelu", x, approximate="tanh" if op.form == "tanh" else "none")


def _scalar_bounds(node: Node, _: Any) -> bool:
    bounds = [v for v in node.operands[1:] if v is not None]
    return len(bounds) == 2 and all(v.tensor.shape == () for v in bounds)


BOUNDED = Condition("a bound is absent or no scalar", _scalar_bounds)
CLIPPED = dtypes(
    {*(DType.F16, DType.F32, DType.F64), *(DType.I8, DType.U8, DType.I32, DType.U32, DType.I64, DType.U64)}
)


@TABLE.lower(nn.Clip, when=[BOUNDED, CLIPPED])
def clip(op: nn.Clip, ctx: Context, x: Any, low: Any, high: Any) -> Any:
    """Both bounds or none: runtimes take an absent one for the largest finite number, below infinity."""
    return ctx.emit("Clip", x, low, high)
