"""Softmax, log-softmax and means of exponentials and sums."""

import math

import pytest

from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.math import Reciprocal
from interlingua.ir.ops.reduction import LogSumExp, ReduceMax, ReduceSum
from interlingua.ir.ops.softmax import Softmax
from interlingua.passes.fusion.mean import FuseMean
from interlingua.passes.fusion.softmax import FuseSoftmax
from support.formulas import Formula, written
from support.passes import check, operations, untouched

ROWS = "f32[n, 3, 4]"


def powers(x: Expr, axis: int = -1) -> Expr:
    return (x - x.greatest((axis,))).exp()


def dropped(x: Expr, top: bool) -> Expr:
    """A reduction over the last axis that drops it, the axis put back."""
    return x.apply((ReduceMax if top else ReduceSum)(axes=(2,), keepdims=False)).expand(2)


def back(x: Expr, like: Expr) -> Expr:
    n = like.shape().slice(0, 0, 1)
    return x.reshape(n.concat(n.constant([3, 1]))).broadcast(n.concat(n.constant([3, 4])))


FOUND: dict[str, Formula] = {
    "keras": lambda x: (e := powers(x)) / e.sum((-1,)),
    "no maximum": lambda x: (e := x.exp()) / e.sum((2,)),
    "reciprocal": lambda x: (e := powers(x)) * e.sum((-1,)).apply(Reciprocal()),
    "axes put back": lambda x: (e := (x - dropped(x, True)).exp()) / dropped(e, False),
    "jax": lambda x: (e := (x - back(x.apply(ReduceMax((2,))).max(-math.inf), x)).exp())
    / back(e.apply(ReduceSum((2,))), x),
}
LOGS: dict[str, Formula] = {
    "of softmax": lambda x: x.apply(Softmax(-1)).log(),
    "shifted": lambda x: (d := x - x.greatest((-1,))) - d.exp().sum((-1,)).log(),
    "logarithm put back": lambda x: (d := x - x.greatest((-1,))) - d.exp().apply(ReduceSum((2,))).log().expand(2),
    "less logsumexp": lambda x: x - x.apply(LogSumExp((2,), keepdims=True)),
}
MISSES: dict[str, Formula] = {
    "two axes": lambda x, z: (e := (x - x.greatest((1, 2))).exp()) / e.sum((1, 2)),
    "the sum of others": lambda x, z: powers(x) / powers(z).sum((-1,)),
    "the maximum of others": lambda x, z: (x - z.greatest((-1,))).exp() / powers(z).sum((-1,)),
    "put back along another axis": lambda x, z: (e := z.exp()) / e.apply(ReduceSum((2,))).expand(1),
    "the logarithm of another softmax": lambda x, z: (x - x.greatest((-1,))) - z.exp().sum((-1,)).log(),
    "no exponential": lambda x, z: x / x.sum((-1,)),
    "logsumexp over two axes": lambda x, z: x - x.apply(LogSumExp((1, 2), keepdims=True)),
    "exponentials with another user": lambda x, z: ((e := powers(x)) / e.sum((-1,)), e),
}


@pytest.mark.parametrize("formula", FOUND.values(), ids=FOUND)
def test_softmax(formula: Formula) -> None:
    check(FuseSoftmax(), written(formula, ROWS), [f"%y = nn.softmax(%x) {{axis = -1}} : {ROWS}"])


@pytest.mark.parametrize("formula", LOGS.values(), ids=LOGS)
def test_log_softmax(formula: Formula) -> None:
    check(FuseSoftmax(), written(formula, ROWS), [f"%y = nn.log_softmax(%x) {{axis = -1}} : {ROWS}"])


@pytest.mark.parametrize("formula", MISSES.values(), ids=MISSES)
def test_near_misses(formula: Formula) -> None:
    untouched(FuseSoftmax(), written(formula, "f32[n, 4, 4]", "f32[n, 4, 4]"))


@pytest.mark.parametrize("axes", [(1, -1), (-1, 1)], ids=["the maximum along another", "the sum along another"])
def test_what_does_not_cancel_is_left(axes: tuple[int, int]) -> None:
    text = written(lambda x: (e := powers(x, axes[0])) / e.sum((axes[1],)), ROWS)
    assert operations(FuseSoftmax(), text) == ["core.reduce_max", "core.sub", "nn.softmax"]


MEANS: dict[str, Formula] = {
    "divided": lambda x: x.sum((1, -1)) / 12,
    "times": lambda x: x.sum((1, -1)) * (1 / 12),
}


@pytest.mark.parametrize("formula", MEANS.values(), ids=MEANS)
def test_mean(formula: Formula) -> None:
    check(FuseMean(), written(formula, ROWS), ["%y = nn.mean(%x) {axes = [1, -1], keepdims = true} : f32[n, 1, 1]"])


@pytest.mark.parametrize(
    ("formula", "type_"),
    [
        (lambda x: x.sum((1, -1)) / 11, ROWS),
        (lambda x: x.sum((1, -1)) * 0.0833, ROWS),
        (lambda x: x.sum((0, 1)) / 12, ROWS),
        (lambda x: x.sum((1,)) / 0, "f32[n, 0]"),
        (lambda x: x.sum((1,)) / 4, "i64[n, 4]"),
        (lambda x: x.sum((1,)) / x.constant([[[4.0]]], x.dtype), "f32[n, 4]"),
        (lambda x: ((s := x.sum((1,))) / 4, s), "f32[n, 4]"),
    ],
    ids=["count", "fewer digits", "a dim that only the run knows", "nothing", "integers", "rank", "shared"],
)
def test_what_is_no_mean(formula: Formula, type_: str) -> None:
    untouched(FuseMean(), written(formula, type_))
