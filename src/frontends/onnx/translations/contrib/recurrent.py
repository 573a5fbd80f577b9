"""LSTM layers whose weights are levels."""

from __future__ import annotations

from collections.abc import Sequence

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.translations.contrib.quantized import Levels, real_product
from interlingua.frontends.onnx.translations.contrib.table import ContribTable
from interlingua.frontends.onnx.translations.rnn import shared
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops import recurrence
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.quant import DynamicQuantize
from interlingua.ir.ops.rnn import Lstm
from interlingua.ir.ops.shaping import dim_of, vector

TABLE = ContribTable()


@TABLE.translate("DynamicQuantizeLSTM", 1)
def dynamic_quantize_lstm(n: OnnxNode, b: Builder) -> Sequence[Value | None]:
    """The LSTM with the operands of each product quantized by their own range: all inputs at once, the hidden state at
    each step over the whole batch. (ONNX Runtime's kernel may split the batch among its threads, and each part then has
    a range of its own.) The weights are (directions, in, 4·hidden)."""
    op = Lstm(**shared(n, ["Sigmoid", "Tanh", "Tanh"]), input_forget=bool(n.attr("input_forget", 0)))
    bias = None if n.get(3) is None else Expr(b, n[3])
    runs = [_direction(n, b, op, d, bias) for d in range(op.directions)]
    dtype = n.tensor(0).dtype
    found = [recurrence.stacked(p, 1 if i == 0 else 0, dtype) for i, p in enumerate(zip(*runs, strict=True))]
    return found[: len(n.outputs)]


def _direction(n: OnnxNode, b: Builder, op: Lstm, d: int, bias: Expr | None) -> list[Expr]:
    x = _within(Expr(b, n[0]), n.get(4))
    inputs, recurrent = (_weights(n, b, d, *indices) for indices in ((1, 9, 8), (2, 11, 10)))
    projected = _product(x, inputs)
    if bias is not None:
        both = bias.take(0, d).reshape([2, -1])
        projected = projected + both.take(0, 0) + both.take(0, 1)
    initial = [_initial(n, b, d, index) for index in (5, 6)]
    held = [Expr(b, v) for v in recurrent if v is not None]
    if n.get(7) is not None:
        held.append(Expr(b, n[7]).take(0, d))
    return recurrence.scan_direction(op, b, d, projected, n.get(4), initial, held, _step)


def _within(x: Expr, lengths: Value | None) -> Expr:
    """Inputs after the longest sequence are not read, and have no part in the range: zeros, which every range holds."""
    if lengths is None:
        return x
    live = x.dim(0).steps(3, 0) < Expr(x.b, lengths).greatest((0,)).to(DType.I64).reshape([1, 1, 1])
    return live.where(x, x.number(0.0))


def _weights(n: OnnxNode, b: Builder, d: int, levels: int, zero: int, scale: int) -> Levels:
    """Those of one direction; parameters are one each, or one a column."""
    taken = [Expr(b, n[i]).take(0, d).value for i in (levels, zero, scale)]
    return taken[0], taken[1], taken[2]


def _initial(n: OnnxNode, b: Builder, d: int, index: int) -> Expr:
    if n.get(index) is not None:
        return Expr(b, n[index]).take(0, d)
    shape = vector(b, [dim_of(b, n[0], 1), dim_of(b, n[2], 1)])
    return Expr(b, b.scalar(0.0, n[0])).broadcast(Expr(b, shape))


def _product(x: Expr, weights: Levels) -> Expr:
    levels, scale, zero = x.b.add_all(DynamicQuantize(), x.value)
    return real_product(x.b, (levels, zero, scale), weights)


def _step(op: Lstm, d: int, x: Expr, states: list[Expr], held: list[Expr]) -> list[Expr]:
    h, c = states
    levels, zero, scale, *more = held
    product = _product(h, (levels.value, zero.value, scale.value))
    return recurrence.lstm_cell(op, d, x + product, c, more[0] if more and more[0].dtype.is_float else None)
