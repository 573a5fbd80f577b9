"""Layers of ``torch.nn``: what is known of one, and where in a graph it stands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from interlingua.backends.torch.constants import weight_of
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Graph, Node, Use, Value
from interlingua.ir.weights import LazyWeight, Weight


@dataclass(frozen=True, slots=True)
class Arg:
    """An argument of a constructor; what equals ``default`` is left out."""

    role: str
    value: Any
    default: Any = None
    named: bool = False


@dataclass(frozen=True, slots=True)
class Layer:
    """A module of ``torch.nn``: its class, the constructor's arguments, and its state."""

    kind: str
    args: tuple[Arg, ...]
    weights: dict[str, Weight] = field(default_factory=dict, hash=False)
    dtype: DType = DType.F32

    def same(self, other: object) -> bool:
        """Whether it is the same layer with the same parameters."""
        if not isinstance(other, Layer) or (self.kind, self.args) != (other.kind, other.args):
            return False
        others = other.weights
        return all(others.get(k) is w for k, w in self.weights.items() if k != COUNTER)


@dataclass(frozen=True, slots=True)
class Match:
    """A layer that stands for ``nodes``: called with ``given``, in which its operands take the places in brackets, it
    gives ``results``.

    Attributes:
        name: of the constant that tells the layer's name; empty where none does.
        states: what a recurrent layer's states are called; each is a result behind the first.
    """

    layer: Layer
    nodes: tuple[Node, ...]
    operands: tuple[Value, ...]
    results: tuple[Value, ...]
    name: str
    given: str = "{}"
    states: tuple[str, ...] = ()


Rule: TypeAlias = Callable[[Node, "Kept"], "Match | None"]
COUNTER = "num_batches_tracked"
STATISTICS = frozenset({"running_mean", "running_var", COUNTER})
"""What layers keep that is not trained."""


class Kept:
    """Weights as the layers keep them: one handle for one handle, so that what is tied stays tied.

    Args:
        buffers: identities of the weights that are not trained.
        needed: the nodes that are written.
    """

    def __init__(self, buffers: frozenset[int], needed: Collection[Node]) -> None:
        self._buffers = buffers
        self._needed = needed
        self._made: dict[tuple[int, tuple[int, ...], int], Weight] = {}
        self._sources: dict[int, Weight] = {}

    def uses(self, value: Value) -> list[Use]:
        """The uses of a value by what is written."""
        return [use for use in value.uses if isinstance(use[0], Graph) or use[0] in self._needed]

    def trains(self, weight: Weight) -> bool:
        """Whether the weight may be a layer's parameter."""
        return id(self._sources.get(id(weight), weight)) not in self._buffers

    def flat(self, weight: Weight) -> Weight:
        """The elements as a vector."""
        if len(weight.shape) == 1:
            return weight
        return self._as(weight, (weight.size,), lambda: weight.view().reshape(-1))

    def transposed(self, weight: Weight) -> Weight:
        """The matrix, rows and columns exchanged."""
        return self._as(weight, weight.shape[::-1], lambda: np.ascontiguousarray(weight.view().T))

    def recurrent(
        self, order: Sequence[int], w: Weight, r: Weight, bias: Weight | None
    ) -> dict[str, Weight]:
        """The parameters of a recurrent layer of one direction, its gates in another order."""
        rows = w.shape[1]
        found = {"weight_ih_l0": self._gated(w, order, 0), "weight_hh_l0": self._gated(r, order, 0)}
        if bias is not None:
            found["bias_ih_l0"] = self._gated(bias, order, 0, rows)
            found["bias_hh_l0"] = self._gated(bias, order, rows, rows)
        return found

    def _gated(self, weight: Weight, order: Sequence[int], start: int, rows: int | None = None) -> Weight:
        """The rows from ``start`` on of the only direction, by gates in another order."""
        count = weight.shape[1] if rows is None else rows

        def compute() -> Any:
            gates = np.split(weight.view()[0, start : start + count], len(order))
            return np.concatenate([gates[i] for i in order])

        return self._as(weight, (count, *weight.shape[2:]), compute, start)

    def _as(self, weight: Weight, shape: tuple[int, ...], compute: Callable[[], Any], start: int = 0) -> Weight:
        found = self._made.get((id(weight), shape, start))
        if found is None:
            found = self._made[id(weight), shape, start] = LazyWeight(weight.dtype, shape, compute)
            self._sources[id(found)] = weight
        return found


def constant(value: Value | None) -> Weight | None:
    """The handle of a constant that can be a parameter."""
    weight = None if value is None else weight_of(value)
    return weight if weight is not None and weight.dtype in FLOATS else None


def bias_arg(present: bool) -> Arg:
    """Whether a layer has a bias."""
    return Arg("bias", present, True, named=True)


def short(values: Sequence[int]) -> Any:
    """One number where all are the same."""
    return values[0] if len(set(values)) == 1 else tuple(values)


def window(role: str, values: Sequence[int], default: int) -> Arg:
    """An argument with a number for each axis, or one for all."""
    return Arg(role, short(values), default, named=True)


def linear_weights(weight: Weight, bias: Weight | None) -> dict[str, Weight]:
    """The state of a linear layer."""
    return {"weight": weight, **({} if bias is None else {"bias": bias})}


def parameters(node: Node, *indices: int) -> list[Weight | None] | None:
    """The constants at the indices, ``None`` for absent ones; nothing where one is computed."""
    operands = [node.operands[i] if i < len(node.operands) else None for i in indices]
    found = [constant(o) for o in operands]
    return None if any(w is None and o is not None for w, o in zip(found, operands, strict=True)) else found
