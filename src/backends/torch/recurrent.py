"""Recurrent layers of ``torch.nn``: their gates come in another order."""

from __future__ import annotations

from dataclasses import dataclass

from interlingua.backends.torch.layer import Arg, Kept, Layer, Match, bias_arg, parameters
from interlingua.ir.graph import Node
from interlingua.ir.ops.layout import Squeeze
from interlingua.ir.ops.rnn import Gru, Lstm, Recurrent


@dataclass(frozen=True, slots=True)
class Gates:
    """A recurrent layer: the order of its gates there, as places in the op's, and the activations that it has."""

    kind: str
    order: tuple[int, ...]
    activations: tuple[str, ...]
    states: tuple[str, ...]


GATES: dict[type[Recurrent], Gates] = {
    Lstm: Gates("nn.LSTM", (0, 2, 3, 1), ("sigmoid", "tanh", "tanh"), ("hidden", "cell")),
    Gru: Gates("nn.GRU", (1, 0, 2), ("sigmoid", "tanh"), ("hidden",)),
}


def recurrent(node: Node, kept: Kept) -> Match | None:
    """One direction of a sequence; what becomes of the axis of directions is up to a squeeze behind it."""
    op, found = node.op, parameters(node, 1, 2, 3)
    assert isinstance(op, Recurrent)
    gates, operands = GATES[type(op)], (*node.operands, *(None,) * 8)
    states = [s for s in operands[5 : 5 + len(gates.states)] if s is not None]
    usual = op.direction == "forward" and op.activations == gates.activations and op.clip is None
    usual = usual and not getattr(op, "input_forget", False) and getattr(op, "linear_before_reset", True)
    if found is None or found[0] is None or found[1] is None or not usual or operands[4] is not None:
        return None
    squeeze = _squeezed(node, kept)
    if squeeze is None or len(states) not in (0, len(gates.states)) or (len(gates.states) == 2 and operands[7]):
        return None
    inputs, hidden = found[0].shape[2], found[1].shape[2]
    args = (Arg("input_size", inputs), Arg("hidden_size", hidden), bias_arg(found[2] is not None))
    given = "" if not states else ", {1}" if len(states) == 1 else ", ({1}, {2})"
    layer = Layer(gates.kind, args, kept.recurrent(gates.order, found[0], found[1], found[2]), found[0].dtype)
    results = (squeeze.result, *node.results[1:])
    taken = (node.operand(0), *states)
    return Match(layer, (node, squeeze), taken, results, node.operand(1).name, f"{{0}}{given}", gates.states)


def _squeezed(node: Node, kept: Kept) -> Node | None:
    """The only user of the outputs, where it takes the axis of directions away."""
    users = {user for user, _ in kept.uses(node.results[0])}
    user = users.pop() if len(users) == 1 else None
    squeezes = isinstance(user, Node) and isinstance(user.op, Squeeze) and user.op.axes in ((1,), (-3,))
    return user if isinstance(user, Node) and squeezes else None
