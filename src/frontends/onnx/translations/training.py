"""Losses and optimizer steps, composed of core ops."""

from __future__ import annotations

from collections.abc import Callable

from interlingua.frontends.onnx.elementwise import as_dtype
from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.binary import Add, Div, Mul, Pow, Sub
from interlingua.ir.ops.indexing import Gather, GatherAlong
from interlingua.ir.ops.layout import ExpandDims, Squeeze
from interlingua.ir.ops.logic import Eq, Lt, Select
from interlingua.ir.ops.reduction import Mean, ReduceSum
from interlingua.ir.ops.shape import BroadcastTo
from interlingua.ir.ops.softmax import LogSoftmax
from interlingua.ir.ops.source import ShapeOf
from interlingua.ir.ops.unary import Neg, Sqrt

TABLE = Table()
TRAINING = "ai.onnx.preview.training"


@TABLE.translate("NegativeLogLikelihoodLoss", 12, 13, 22)
def nll_loss(n: OnnxNode, b: Builder) -> Value:
    return _nll(n, b, n[0])


@TABLE.translate("SoftmaxCrossEntropyLoss", 12, 13)
def softmax_cross_entropy(n: OnnxNode, b: Builder) -> tuple[Value, Value]:
    log_prob = b(LogSoftmax(axis=1), n[0])
    return _nll(n, b, log_prob), log_prob


def _nll(n: OnnxNode, b: Builder, log_prob: Value) -> Value:
    """The weighted mean, the sum or each of the losses; an ignored label counts in no sum."""
    labels, classes = n[1], n.get(2)
    ignored = (
        None if n.attr("ignore_index") is None else b(Eq(), labels, b.scalar(n.attr("ignore_index"), labels))
    )
    if ignored is not None:  # an ignored label may lie outside the classes
        labels = b(Select(), ignored, b.scalar(0, labels), labels)
    picked = b(GatherAlong(axis=1), log_prob, b(ExpandDims(axes=(1,)), labels))
    loss = b(Neg(), b(Squeeze(axes=(1,)), picked))
    weights = None if classes is None else b(Gather(axis=0), classes, labels)
    if weights is not None:
        loss = b(Mul(), loss, weights)
    if ignored is not None:
        zero = b.scalar(0, loss)
        weights = b(Select(), ignored, zero, b.scalar(1, loss) if weights is None else weights)
        loss = b(Select(), ignored, zero, loss)
    return _reduced(n, b, loss, weights)


def _reduced(n: OnnxNode, b: Builder, loss: Value, weights: Value | None) -> Value:
    reduction = n.attr("reduction", "mean")
    if reduction == "none":
        return loss
    axes = tuple(range(loss.tensor.rank))
    if reduction == "mean" and weights is None:
        return b(Mean(axes=axes), loss)
    total = b(ReduceSum(axes=axes), loss)
    if reduction == "sum" or weights is None:
        return total
    return b(Div(), total, b(ReduceSum(axes=axes), b(BroadcastTo(), weights, b(ShapeOf(), loss))))


def _grouped(n: OnnxNode, size: int, step: Callable[..., tuple[Value, ...]]) -> list[Value]:
    """Apply ``step`` to each tensor being trained.

    After rate and count come the tensors, then the gradients, then each kind of state; so are the results.
    """
    count = (len(n) - 2) // size
    rows = [step(*(n[2 + kind * count + i] for kind in range(size))) for i in range(count)]
    return [value for column in zip(*rows, strict=True) for value in column]


def _scaled(b: Builder, x: Value, factor: float) -> Value:
    return b(Mul(), x, b.scalar(factor, x))


def _regularized(n: OnnxNode, b: Builder, x: Value, g: Value) -> Value:
    return b(Add(), _scaled(b, x, n.attr("norm_coefficient", 0.0)), g)


@TABLE.translate("Adagrad", 1, domain=TRAINING)
def adagrad(n: OnnxNode, b: Builder) -> list[Value]:
    def step(x: Value, g: Value, h: Value) -> tuple[Value, ...]:
        rate = as_dtype(b, n[0], x.tensor.dtype)
        decay = _scaled(b, as_dtype(b, n[1], x.tensor.dtype), n.attr("decay_factor", 0.0))
        rate = b(Div(), rate, b(Add(), b.scalar(1, x), decay))
        gradient = _regularized(n, b, x, g)
        state = b(Add(), h, b(Mul(), gradient, gradient))
        size = b(Add(), b(Sqrt(), state), b.scalar(n.attr("epsilon", 1e-6), x))
        return b(Sub(), x, b(Div(), b(Mul(), rate, gradient), size)), state

    return _grouped(n, 3, step)


@TABLE.translate("Adam", 1, domain=TRAINING)
def adam(n: OnnxNode, b: Builder) -> list[Value]:
    alpha, beta = n.attr("alpha", 0.9), n.attr("beta", 0.999)

    def blend(old: Value, new: Value, factor: float) -> Value:
        return b(Add(), _scaled(b, old, factor), _scaled(b, new, 1.0 - factor))

    def step(x: Value, g: Value, v: Value, h: Value) -> tuple[Value, ...]:
        gradient = _regularized(n, b, x, g)
        velocity = blend(v, gradient, alpha)
        state = blend(h, b(Mul(), gradient, gradient), beta)
        size = b(Add(), b(Sqrt(), state), b.scalar(n.attr("epsilon", 1e-6), x))
        rate = _adam_rate(n, b, x.tensor.dtype, alpha, beta)
        moved = b(Sub(), x, b(Div(), b(Mul(), rate, velocity), size))
        return _scaled(b, moved, 1.0 - n.attr("norm_coefficient_post", 0.0)), velocity, state

    return _grouped(n, 4, step)


def _adam_rate(n: OnnxNode, b: Builder, dtype: DType, alpha: float, beta: float) -> Value:
    """The rate with the bias of the averages taken out, but at count 0."""
    rate, count = as_dtype(b, n[0], dtype), as_dtype(b, n[1], dtype)
    one = b.scalar(1, rate)
    gap_beta = b(Sub(), one, b(Pow(), b.scalar(beta, rate), count))
    gap_alpha = b(Sub(), one, b(Pow(), b.scalar(alpha, rate), count))
    adjusted = b(Div(), b(Mul(), rate, b(Sqrt(), gap_beta)), gap_alpha)
    return b(Select(), b(Lt(), b.scalar(0, count), count), adjusted, rate)


@TABLE.translate("Momentum", 1, domain=TRAINING)
def momentum(n: OnnxNode, b: Builder) -> list[Value]:
    alpha, nesterov = n.required("alpha"), n.required("mode") == "nesterov"

    def step(x: Value, g: Value, v: Value) -> tuple[Value, ...]:
        dtype = x.tensor.dtype
        gradient = _regularized(n, b, x, g)
        started = b(Lt(), b.scalar(0, n[1]), n[1])
        beta = b(Select(), started, b.scalar(n.required("beta"), dtype), b.scalar(1, dtype))
        velocity = b(Add(), _scaled(b, v, alpha), b(Mul(), beta, gradient))
        direction = b(Add(), gradient, _scaled(b, velocity, alpha)) if nesterov else velocity
        return b(Sub(), x, b(Mul(), as_dtype(b, n[0], dtype), direction)), velocity

    return _grouped(n, 3, step)
