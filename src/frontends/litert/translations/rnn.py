"""Recurrent layers over sequences.

Semantics: ``tensorflow/lite/kernels/{unidirectional,bidirectional}_sequence_{lstm,rnn}.cc`` and ``lstm_eval.cc``.
Gates come as operands of their own, i f c o; without an input gate it is ``1 - f``. The state that the interpreter
keeps from run to run starts at 0, and 0 it is here: that of a first run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from interlingua.errors import InvalidModel
from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Add, Mul
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.layout import ExpandDims, Split, Squeeze
from interlingua.ir.ops.math import Sigmoid
from interlingua.ir.ops.rnn import Activation, Lstm, Rnn
from interlingua.ir.ops.shape import Concat, Reverse, Transpose
from interlingua.ir.ops.unary import Neg, Tanh

TABLE = Table()

ACTIVATIONS: dict[str, Activation] = {"NONE": "affine", "RELU": "relu", "TANH": "tanh"}
"""``affine`` with 1 and 0 is what comes in."""


def _activation(n: LiteRtNode) -> Activation:
    name = n.choice("fused_activation_function", "ActivationFunctionType")
    if name not in ACTIVATIONS:
        n.unsupported(f"the activation {name}")
    return ACTIVATIONS[name]


def _time_major(n: LiteRtNode, b: Builder, x: Value) -> Value:
    """The data with time first, or what is so as the model has it."""
    return x if n.required("time_major") else b(Transpose(perm=(1, 0, 2)), x)


def _directed(b: Builder, *values: Value | None) -> list[Value | None]:
    """Values of one direction, with the axis of directions before them."""
    return [None if v is None else b(ExpandDims(axes=(0,)), v) for v in values]


@dataclass(frozen=True)
class LstmPlaces:
    """Where the operands of one direction are: the first weight, and the states."""

    first: int
    output_state: int
    cell_state: int

    def gates(self, group: int) -> list[int]:
        """Four operands, of gates i f c o: those of weights (0), recurrent weights (1)."""
        return [self.first + 4 * group + gate for gate in range(4)]

    @property
    def peepholes(self) -> list[int]:
        return [self.first + 8 + gate for gate in range(3)]

    @property
    def biases(self) -> list[int]:
        return [self.first + 11 + gate for gate in range(4)]

    @property
    def projection(self) -> list[int]:
        return [self.first + 15, self.first + 16]


def _gates(n: LiteRtNode, b: Builder, places: Sequence[int], coupled: bool) -> Value:
    """Operands of gates i f c o as one, i o f c. A coupled input gate is ``1 - f``: as the IR couples the other way
    round, the gate of -f takes its place."""
    forget, cell, out = (n[place] for place in places[1:])
    first = b(Neg(), forget) if coupled else n[places[0]]
    return b(Concat(axis=0), first, out, forget, cell)


def _lstm(n: LiteRtNode, b: Builder, x: Value, at: LstmPlaces) -> Value:
    """The outputs of one direction, time first."""
    if any(n.get(i) is not None for i in at.projection):
        n.unsupported("a projection of the output is not among our ops")
    if n.required("cell_clip"):
        n.unsupported("the clip of its cell is not that of our ops")
    coupled = n.get(at.gates(0)[0]) is None
    weights, recurrent = (_gates(n, b, at.gates(group), coupled) for group in (0, 1))
    bias = _gates(n, b, at.biases, coupled)
    if bias.tensor.dtype is not DType.F32 or weights.tensor.dtype is not DType.F32:
        n.unsupported("it is read on float32 alone")
    zero = b(Mul(), bias, b.scalar(0, bias))
    given = [n.get(i) for i in at.peepholes]
    peepholes = None
    if any(v is not None for v in given):
        if given[1] is None or given[2] is None or (given[0] is None) != coupled:
            raise InvalidModel("some of its peepholes are left out")
        first = given[0] if given[0] is not None else b(Neg(), given[1])
        peepholes = b(Concat(axis=0), first, given[2], given[1])
    kind = _activation(n)
    activations: tuple[Activation, ...] = ("sigmoid", kind, kind)
    op = Lstm("forward", activations, (1.0,) * 3, (0.0,) * 3, None, coupled)
    states = _directed(b, n.get(at.output_state), n.get(at.cell_state))
    w, r, both, peep = _directed(b, weights, recurrent, b(Concat(axis=0), bias, zero), peepholes)
    return b(Squeeze(axes=(1,)), b.add_all(op, x, w, r, both, None, *states, peep)[0])


@TABLE.translate("UNIDIRECTIONAL_SEQUENCE_LSTM")
def unidirectional_lstm(n: LiteRtNode, b: Builder) -> Value:
    if any(n.get(i) is not None for i in range(20, len(n))):
        n.unsupported("layer normalization inside of it is not among our ops")
    if n.option("diagonal_recurrent_tensors"):
        n.unsupported("recurrent weights that are diagonals are not read")
    return _time_major(n, b, _lstm(n, b, _time_major(n, b, n[0]), LstmPlaces(1, 18, 19)))


def _bidirectional(n: LiteRtNode, b: Builder, outputs: Sequence[Value]) -> Sequence[Value]:
    """Of the forward outputs and those of the turned sequence: one after the other, or both."""
    forward, backward = outputs[0], b(Reverse(axes=(0,)), outputs[1])
    if n.required("merge_outputs"):
        return [_time_major(n, b, b(Concat(axis=2), forward, backward))]
    return [_time_major(n, b, forward), _time_major(n, b, backward)]


@TABLE.translate("BIDIRECTIONAL_SEQUENCE_LSTM")
def bidirectional_lstm(n: LiteRtNode, b: Builder) -> Sequence[Value]:
    if any(n.get(i) is not None for i in range(39, len(n))):
        n.unsupported("an auxiliary input is not read")
    if n.required("merge_outputs") and not n.required("time_major") and n.tensor(0).dims[:1] != (1,):
        # EvalFloat of lstm_eval.cc offsets the state of a batch by the width of the output, here of both directions
        n.unsupported("of both outputs in one, the batch first, the kernel takes states beyond their end")
    x = _time_major(n, b, n[0])
    turned = b(Reverse(axes=(0,)), x)
    places = LstmPlaces(1, 35, 36), LstmPlaces(18, 37, 38)
    return _bidirectional(n, b, [_lstm(n, b, v, at) for v, at in zip((x, turned), places, strict=True)])


def _rnn(n: LiteRtNode, b: Builder, x: Value, first: int) -> Value:
    """The outputs of one direction, time first; its operands are weights, recurrent weights, bias and state."""
    bias = n[first + 2]
    zero = b(Mul(), bias, b.scalar(0, bias))
    op = Rnn("forward", (_activation(n),), (1.0,), (0.0,))
    both = b(Concat(axis=0), bias, zero)
    w, r, biases, state = _directed(b, n[first], n[first + 1], both, n.get(first + 3))
    return b(Squeeze(axes=(1,)), b.add_all(op, x, w, r, biases, None, state)[0])


@TABLE.translate("UNIDIRECTIONAL_SEQUENCE_RNN")
def unidirectional_rnn(n: LiteRtNode, b: Builder) -> Value:
    return _time_major(n, b, _rnn(n, b, _time_major(n, b, n[0]), 1))


@TABLE.translate("BIDIRECTIONAL_SEQUENCE_RNN")
def bidirectional_rnn(n: LiteRtNode, b: Builder) -> Sequence[Value]:
    if any(n.get(i) is not None for i in range(9, len(n))):
        n.unsupported("an auxiliary input is not read")
    x = _time_major(n, b, n[0])
    return _bidirectional(n, b, [_rnn(n, b, x, 1), _rnn(n, b, b(Reverse(axes=(0,)), x), 5)])


@TABLE.translate("LSTM")
def lstm(n: LiteRtNode, b: Builder) -> Sequence[Value | None]:
    """One step of the basic kernel, whose states are operands: data, last output, weights, biases, last cell; gates i
    c f o. The full kernel keeps its states."""
    if n.choice("kernel_type", "LSTMKernelType") != "BASIC":
        n.unsupported("it keeps a state between runs, and a model of ours has none")
    if n.required("cell_clip"):
        n.unsupported("the clip of its cell is not that of our ops")
    x, output, weights, biases, cell = (n[i] for i in range(5))
    both = b(Concat(axis=1), x, output)
    sums = b(Add(), b(MatMul(), both, b(Transpose(perm=(1, 0)), weights)), biases)
    gate, fresh, forget, out = b.add_all(Split(axis=1, parts=4), sums)
    kept = b(Mul(), b(Sigmoid(), forget), cell)
    after = b(Add(), b(Mul(), b(Sigmoid(), gate), b(Tanh(), fresh)), kept)
    return [b(Mul(), b(Sigmoid(), out), b(Tanh(), after)), after, both, sums]
