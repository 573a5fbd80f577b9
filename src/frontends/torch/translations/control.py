"""Control flow, and blocks that PyTorch wraps to set a mode."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.control import If, Scan, While, drop_axis
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor

TABLE = Table()


def entered(b: Builder, operands: Sequence[Any]) -> tuple[Builder, dict[Value, Value]]:
    """A builder of a region that takes ``operands``, and what stands for each of them inside.

    Constants are made anew where they are used.
    """
    inner = b.region()
    return inner, {v: inner.input(widened(v), v.name) for v in dict.fromkeys(filter(_taken, operands))}


def _taken(operand: Any) -> bool:
    return isinstance(operand, Value) and not (operand.node is not None and isinstance(operand.node.op, Constant))


def widened(value: Value) -> Tensor:
    """The type of a value, without what is known of its elements: it may be another at the next trip."""
    return Tensor(value.tensor.dtype, value.tensor.shape)


@TABLE.translate("higher_order::cond")
def cond(n: TorchNode, b: Builder) -> Sequence[Any]:
    """Both branches take the same operands; one that is known to be taken stands in place."""
    predicate, operands = n["0"], n["3"]
    if not isinstance(predicate, Value):
        return n.inline(n["1"] if predicate else n["2"], operands)
    regions = []
    for branch in (n["1"], n["2"]):
        inner, inside = entered(b, operands)
        regions.append(inner.outputs(n.region(branch, operands, inner, inside)))
    return b.add_all(If(), predicate, *inside, regions=regions)


@TABLE.translate("higher_order::while_loop")
def while_loop(n: TorchNode, b: Builder) -> Sequence[Any]:
    """``while cond_fn(*carried, *others): carried = body_fn(*carried, *others)``."""
    test, body, carried, others = n["0"], n["1"], n["2"], n["3"]
    initial = [n.as_value(c) for c in carried]
    first = n.as_value(n.inline(test, [*initial, *others])[0])
    inner = b.region()
    inner.input(Tensor(DType.I64, ()), "trip")
    inner.input(Tensor(DType.BOOL, ()), "before")
    inside = [inner.input(widened(v), v.name) for v in initial]
    captured = {v: inner.input(widened(v), v.name) for v in dict.fromkeys(filter(_taken, others))}
    after = n.region(body, [*inside, *others], inner, captured)
    again = n.region(test, [*after, *others], inner, captured)
    graph = inner.outputs([again[0], *after])
    op = While(carried=len(initial), stacked=0)
    return b.add_all(op, None, first, *initial, *captured, regions=(graph,))


@TABLE.translate("higher_order::scan")
def scan(n: TorchNode, b: Builder) -> Sequence[Any]:
    """``carry, y = combine_fn(*carry, *x, *others)`` over the first axis of every ``xs``."""
    return _scan(n, b, n["0"], n["1"], n["2"], n["3"])


@TABLE.translate("higher_order::map_impl")
def map_impl(n: TorchNode, b: Builder) -> Sequence[Any]:
    """``y = f(*x, *others)`` over the first axis of every ``xs``."""
    return _scan(n, b, n["0"], (), n["1"], n["2"])


def _scan(
    n: TorchNode, b: Builder, body: Any, init: Sequence[Any], xs: Sequence[Any], others: Sequence[Any]
) -> Sequence[Any]:
    initial, sequences = [n.as_value(v) for v in init], [n.as_value(v) for v in xs]
    inner = b.region()
    inside = [inner.input(widened(v), v.name) for v in initial]
    inside += [inner.input(drop_axis(v.tensor, 0), v.name) for v in sequences]
    captured = {v: inner.input(widened(v), v.name) for v in dict.fromkeys(filter(_taken, others))}
    results = n.region(body, [*inside, *others], inner, captured)
    made = len(results) - len(initial)
    op = Scan(
        states=len(initial),
        scanned=len(sequences),
        axes=(0,) * len(sequences),
        reverse=(False,) * len(sequences),
        out_axes=(0,) * made,
        out_reverse=(False,) * made,
    )
    return b.add_all(op, *initial, *sequences, *captured, regions=(inner.outputs(results),))


@TABLE.translate("higher_order::wrap_with_set_grad_enabled")
def set_grad_enabled(n: TorchNode, b: Builder) -> Sequence[Any]:
    """Whether gradients are kept changes no result."""
    return n.inline(n["1"], [value for key, value in n.arguments.items() if int(key) > 1])


@TABLE.translate("higher_order::wrap_with_autocast")
def autocast(n: TorchNode, b: Builder) -> Sequence[Any]:
    """Autocast that is off changes nothing."""
    if n["2"]:
        n.unsupported("autocast changes element types call by call: convert the model in the types it should have")
    return n.inline(n["4"], [value for key, value in n.arguments.items() if int(key) > 4])
