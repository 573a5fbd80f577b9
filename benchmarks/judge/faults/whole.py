"""Faults in whole models: the small ones that fixed tolerances accept, and damage to weights.

Each is a function that changes a copy of a module in place, at places that a seed picks, and says where; ``None`` where
the module has no such place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from interlingua.ir.builder import Builder, symbols_of
from interlingua.ir.clone import clone_module
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module, Node, Value
from interlingua.ir.op import Op, attribute_names
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.source import Constant
from interlingua.ir.rewriter import Rewriter

Array: TypeAlias = np.ndarray[Any, Any]
Random: TypeAlias = np.random.Generator
Damage: TypeAlias = "Callable[[Module, Random], str | None]"

CONTRACTED = {
    "core.conv": 1,
    "core.conv_transpose": 0,
    "core.matmul": -2,
    "nn.gemm": None,
    "rnn.lstm": 2,
    "rnn.gru": 2,
}
"""Ops with a weight as second operand: the axis of it that meets the channels of the data."""


@dataclass(frozen=True)
class ModelFault:
    """A fault of a whole model. ``seeds`` tells whether its place is drawn: else there is one of it a model."""

    kind: str
    damage: Damage
    seeds: bool = True

    def applied(self, module: Module, seed: int) -> tuple[Module, str] | None:
        """A faulty copy and the place of the fault, or ``None`` where the model has none for it."""
        copy = clone_module(module)
        place = self.damage(copy, np.random.default_rng(seed))
        return None if place is None else (copy, place)


def replaced(module: Module, node: Node, op: Op, operands: list[Value | None] | None = None) -> None:
    """Put another op, or other operands, in the place of a node."""
    rewriter = Rewriter()
    assert node.graph is not None
    b = Builder(node.graph, before=node, rewriter=rewriter, symbols=symbols_of(module))
    with b.at(node.origin, node.scope):
        results = b.add_all(op, *(node.operands if operands is None else operands), regions=node.regions)
    rewriter.replace_node(node, results)


def weight_of(value: Value | None) -> Array | None:
    """The contents of a constant."""
    node = None if value is None else value.node
    return node.op.weight.view() if node is not None and isinstance(node.op, Constant) else None


def with_weight(module: Module, user: Node, index: int, array: Array) -> None:
    """Give a node another constant as operand; others that use the old one keep it."""
    assert user.graph is not None
    b = Builder(user.graph, before=user, symbols=symbols_of(module))
    Rewriter().set_operand(user, index, b.constant(array))


def picked(rng: Random, options: list[Any]) -> Any:
    """One of the options, or ``None`` where there is none."""
    return options[int(rng.integers(len(options)))] if options else None


def every_eps(module: Module, rng: Random) -> str | None:
    """The eps of every norm, 1.5 times too large; also where a norm is spelled out as ``sqrt(x + constant)``."""
    count = 0
    for node in list(module.walk()):
        if "epsilon" in attribute_names(type(node.op)):
            replaced(module, node, replace(node.op, epsilon=node.op.epsilon * 1.5))  # type: ignore[type-var, attr-defined]
            count += 1
        elif node.op.name in ("core.sqrt", "math.rsqrt", "core.pow") and (found := _spelled(node.operand(0).node)):
            added, index, array = found
            with_weight(module, added, index, array * array.dtype.type(1.5))
            count += 1
    return f"{count} norms" if count else None


def _spelled(added: Node | None) -> tuple[Node, int, Array] | None:
    if added is None or added.op.name != "core.add":
        return None
    for index in (0, 1):
        array = weight_of(added.operands[index])
        if array is not None and array.size == 1 and 0 < float(array.reshape(())) < 0.01:
            return added, index, array
    return None


def tanh_for_erf(module: Module, rng: Random) -> str | None:
    """One gelu in its other form."""
    node = picked(rng, [n for n in module.walk() if n.op.name == "nn.gelu" and n.op.form == "erf"])  # type: ignore[attr-defined]
    if node is None:
        return None
    place = str(node.place)
    replaced(module, node, replace(node.op, form="tanh"))
    return place


def pad_moved(module: Module, rng: Random) -> str | None:
    """One begin less, its end more."""
    node, axis = picked(rng, list(_padded(module))) or (None, 0)
    if node is None:
        return None
    place = f"{node.place}, axis {axis}"
    if node.op.name == "core.pad":
        amounts = np.array(weight_of(node.operands[1]))
        _shift(amounts, axis)
        with_weight(module, node, 1, amounts)
    else:
        pads = list(node.op.pads)
        _shift(pads, axis)
        replaced(module, node, replace(node.op, pads=tuple(pads)))
    return place


def _padded(module: Module) -> Iterator[tuple[Node, int]]:
    for node in module.walk():
        pads = weight_of(node.operands[1]) if node.op.name == "core.pad" else getattr(node.op, "pads", None)
        if pads is not None:
            yield from ((node, axis) for axis in range(len(pads) // 2) if pads[axis] > 0)


def _shift(pads: Any, axis: int) -> None:
    pads[axis] -= 1
    pads[axis + len(pads) // 2] += 1


def weighted(module: Module) -> list[tuple[Node, int]]:
    """Nodes with a float constant as second operand, and its axis of channels."""
    found: list[tuple[Node, int]] = []
    for node in module.walk():
        array = weight_of(node.operands[1]) if node.op.name in CONTRACTED else None
        if array is not None and array.dtype.kind == "f" and array.ndim >= 2:
            axis = CONTRACTED[node.op.name]
            found.append((node, (int(node.op.trans_b) if axis is None else axis)))  # type: ignore[attr-defined]
    return found


def channels_swapped(module: Module, rng: Random) -> str | None:
    """Two channels of one weight exchanged."""
    node, axis = picked(rng, weighted(module)) or (None, 0)
    if node is None:
        return None
    array = np.array(weight_of(node.operands[1]))
    axis = axis if array.shape[axis] > 1 else 0  # depthwise: channels are outputs
    first, second = rng.choice(array.shape[axis], 2, replace=False)
    order = np.arange(array.shape[axis])
    order[[first, second]] = order[[second, first]]
    with_weight(module, node, 1, np.take(array, order, axis))
    return f"{node.place}, {first} and {second}"


def one_in_bfloat16(module: Module, rng: Random) -> str | None:
    """The operands of one contraction rounded to bfloat16."""
    names = ("core.conv", "core.conv_transpose", "core.matmul", "nn.gemm")
    nodes = [n for n in module.walk() if n.op.name in names and n.result.tensor.dtype is DType.F32]
    node = picked(rng, nodes)
    if node is None:
        return None
    b = Builder(node.graph, before=node, symbols=symbols_of(module))
    for index in (0, 1):
        Rewriter().set_operand(node, index, b(Cast(to=DType.F32), b(Cast(to=DType.BF16), node.operand(index))))
    return str(node.place)


SUBTLE: tuple[ModelFault, ...] = (
    ModelFault("eps of every norm ×1.5", every_eps, seeds=False),
    ModelFault("tanh form for erf", tanh_for_erf),
    ModelFault("one pad moved by one", pad_moved),
    ModelFault("one channel pair swapped", channels_swapped),
    ModelFault("bfloat16 in one layer", one_in_bfloat16),
)
"""What the issue names."""
