"""Activations that ONNX has natively; where it has not, they decompose.

Swish is not among them: ONNX Runtime makes one node of a product with a sigmoid, and four of Swish, which takes 1.4
times as long (1×64×80×160).
"""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings
from interlingua.backends.onnx.context import Context
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.op import Op
from interlingua.ir.ops import activation as nn
from interlingua.ir.ops.softmax import Hardmax, LogSoftmax, Softmax

TABLE = Lowerings()

_NATIVE: dict[type[Op], str] = {
    nn.Celu: "Celu",
    nn.Elu: "Elu",
    nn.HardSigmoid: "HardSigmoid",
    nn.HardSwish: "HardSwish",
    nn.LeakyRelu: "LeakyRelu",
    nn.Mish: "Mish",
    nn.Prelu: "PRelu",
    nn.Relu: "Relu",
    nn.Selu: "Selu",
    nn.Shrink: "Shrink",
    nn.Softplus: "Softplus",
    nn.Softsign: "Softsign",
    nn.ThresholdedRelu: "ThresholdedRelu",
    Hardmax: "Hardmax",
    LogSoftmax: "LogSoftmax",
    Softmax: "Softmax",
}
"""IR op: the ONNX op with the same operands and attributes."""


@TABLE.lower(*_NATIVE)
def native(op: Any, ctx: Context, *operands: Any) -> Any:
    return ctx.emit(_NATIVE[type(op)], *operands, **op.attributes())


@TABLE.lower(nn.Gelu)
def gelu(op: nn.Gelu, ctx: Context, x: Any) -> Any:
    return ctx.emit("Gelu", x, approximate="tanh" if op.form == "tanh" else "none")


def _scalar_bounds(node: Node, _: Any) -> bool:
    bounds = [v for v in node.operands[1:] if v is not None]
    return len(bounds) == 2 and all(v.tensor.shape == () for v in bounds)


BOUNDED = Condition("a bound is absent or no scalar", _scalar_bounds)


@TABLE.lower(nn.Clip, when=[BOUNDED])
def clip(op: nn.Clip, ctx: Context, x: Any, low: Any, high: Any) -> Any:
    """Both bounds or none: runtimes take an absent one for the largest finite number, below infinity.

    ONNX Runtime fuses Clip with the Relu before it, and fails but in float16 and float32.
    """
    after_relu = any(node.op == "Relu" for node in x.inputs)
    if ctx.target.cautious and after_relu and ctx.type(0).dtype not in (DType.F16, DType.F32):
        return ctx.emit("Min", ctx.emit("Max", x, low), high)
    return ctx.emit("Clip", x, low, high)
