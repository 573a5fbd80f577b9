"""What is put into the op that computes an operand: an activation, a bias. It takes no pass over the operand then."""

from __future__ import annotations

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.options import FUSED
from interlingua.backends.litert.versions import Use, version_of
from interlingua.ir.dtypes import DType

BIASED = frozenset({"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"})
"""Ops that add a vector to what they compute."""


def fused(ctx: Context, x: Edge, activation: str) -> Edge:
    """An activation (``RELU``, ``RELU6``, ``RELU_N1_TO_1``) of ``x``, by the op that computes ``x`` where that can
    do it and nothing else reads ``x``."""
    producer = x.producer
    option = "fused_activation_function"
    alone = x not in ctx.read and len(ctx.node.operand(0).uses) == 1
    if producer is None or not alone or producer.op not in FUSED or x.dtype is not DType.F32:
        return ctx.emit(activation, x)
    if producer.options.get(option, "NONE") != "NONE":
        return ctx.emit(activation, x)
    producer.options[option] = activation
    return x


def biased(ctx: Context, x: Edge, bias: Edge, index: int) -> bool:
    """Whether ``bias``, added to ``x``, was put into the op that computes ``x``: a constant vector along the last
    axis, where nothing else reads ``x``. ``x`` is the operand at ``index``."""
    producer, size = x.producer, x.shape[-1] if x.shape else 0
    if producer is None or producer.op not in BIASED or x in ctx.read or bias.weight is None:
        return False
    due = (*(1,) * (bias.rank - 1), size)
    if bias.rank == 0 or bias.rank > x.rank or bias.shape != due or bias.dtype is not x.dtype:
        return False
    if len(ctx.node.operand(index).uses) != 1 or producer.options.get("fused_activation_function", "NONE") != "NONE":
        return False
    given = producer.inputs[2] if len(producer.inputs) > 2 else None
    if given is not None and (given.weight is None or given.weight.view().any()):
        return False
    producer.inputs[2:] = [ctx.reshape(bias, (size,))]
    read = [e.dtype.value for e in producer.inputs if e is not None]
    if producer.op == "FULLY_CONNECTED":
        producer.version = version_of(producer.op, Use(read, [x.dtype.value], x.rank, False, producer.options))
    return True
