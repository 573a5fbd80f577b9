"""What is planted, and what is real: a block that a fault is about, and who has the fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from reduction_models import OP, PLANE, Block, Drawn, pointwise_conv, scale_shift

from interlingua.backends.lowering import Condition, Lowerings, Row
from interlingua.backends.onnx.backend import OnnxBackend
from interlingua.diagnosis.observe import BackendSubject, PassSubject, Subject
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module, Node, Value
from interlingua.ir.rewriter import Rewriter
from interlingua.passes.base import Pass
from interlingua.runtimes.workers import WarmWorker

Mutation = Callable[..., tuple[Any, tuple[Any, ...]]]
"""``(op, *operands)`` → another op, other operands."""


class IncautiousBackend(OnnxBackend):
    """Keeps clear of no known bug of the runtime."""

    def target(self, module: Module, **options: Any) -> Any:
        return replace(super().target(module, **options), cautious=False)  # type: ignore[call-arg]


class PlantedBackend(OnnxBackend):
    """Lowers one op otherwise where a condition holds: mutated, or as the ONNX op of a name."""

    def __init__(self, op: str, when: Callable[[Node], bool], mutate: Mutation | str) -> None:
        self.op, self.when, self.mutate = OP[op], when, mutate

    @property
    def lowerings(self) -> Lowerings:
        from interlingua.backends.onnx.context import OnnxLowerings
        from interlingua.backends.onnx.lowerings import lowerings

        right = lowerings()
        planted = OnnxLowerings()
        planted.rows = dict(right.rows)
        condition = Condition("nothing is planted", lambda node, _: self.when(node))
        rows = [Row(self.op, self._wrong(row), (condition, *row.conditions)) for row in right.rows[self.op]]
        planted.rows[self.op] = [*rows, *right.rows[self.op]]
        return planted

    def _wrong(self, row: Row) -> Callable[..., Any]:
        def lower(op: Any, ctx: Any, *operands: Any, **regions: Any) -> Any:
            if isinstance(self.mutate, str):
                return ctx.emit(self.mutate, *operands)
            other, given = self.mutate(op, *operands)
            return row.lower(other, ctx, *given, **regions)

        return lower


def changed(**attributes: Any) -> Mutation:
    """Attributes changed; a callable is given what is there."""

    def mutate(op: Any, *operands: Any) -> tuple[Any, tuple[Any, ...]]:
        now = {k: v(getattr(op, k)) if callable(v) else v for k, v in attributes.items()}
        return replace(op, **now), operands

    return mutate


def swapped(op: Any, a: Any, b: Any) -> tuple[Any, tuple[Any, ...]]:
    return op, (b, a)


def broken(op: Any, *operands: Any) -> tuple[Any, tuple[Any, ...]]:
    raise IndexError(f"list index out of range in the lowering of {op.name}")


@dataclass(frozen=True, slots=True)
class WrongFusion(Pass):
    """Rewrites nodes that ``find`` matches into what ``make`` gives, which is not the same."""

    name: ClassVar[str] = "wrong-fusion"
    find: Callable[[Node], Value | None] = lambda _: None
    make: Callable[[Builder, Node, Value], Value] = lambda b, n, v: v

    def run(self, module: Module, rewriter: Rewriter) -> int:
        done = 0
        for node in module.main.nodes:
            source = self.find(node)
            if source is not None:
                b = Builder(module.main, before=node, rewriter=rewriter)
                rewriter.replace_node(node, [self.make(b, node, source)])
                done += 1
        return done


def above(node: Node | None, name: str, index: int = 0) -> Node | None:
    """The node of operand ``index``, if it is of this op."""
    value = node.operands[index] if node is not None and node.op.name not in ("core.constant",) else None
    found = value.node if value is not None else None
    return found if found is not None and found.op.name == name else None


def is_scalar(node: Node, index: int) -> bool:
    return node.operand(index).tensor.shape == ()


def is_row(node: Node, index: int) -> bool:
    return node.operand(index).tensor.rank == 1


def relu_of_neg(node: Node) -> Value | None:
    inner = above(node, "core.neg") if node.op.name == "nn.relu" else None
    return None if inner is None else inner.operand(0)


def neg_of_relu(b: Builder, node: Node, x: Value) -> Value:
    return b.add(OP["core.neg"](), b.add(OP["nn.relu"](), x))


def shift_then_scale(node: Node) -> Value | None:
    inner = above(node, "core.add") if node.op.name == "core.mul" and is_row(node, 1) else None
    return inner.operand(0) if inner is not None and is_row(inner, 1) else None


def scale_then_shift(b: Builder, node: Node, x: Value) -> Value:
    inner = above(node, "core.add")
    assert inner is not None
    return b.add(OP["core.add"](), b.add(OP["core.mul"](), x, node.operand(1)), inner.operand(1))


def residual_swish(node: Node) -> Value | None:
    product = above(node, "core.mul") if node.op.name == "core.sub" else None
    gate = above(product, "math.sigmoid")
    same = product is not None and gate is not None and gate.operand(0) is product.operand(1) is node.operand(1)
    return node.operand(1) if same else None


def swish(b: Builder, node: Node, x: Value) -> Value:
    return node.operand(0)


def raised(b: Builder, node: Node, x: Value) -> Value:
    raise KeyError(node.op.name)


@dataclass(frozen=True)
class Plan:
    """One row: the block that the fault is about, and who has the fault."""

    name: str
    special: Block
    subject: Callable[[WarmWorker], Subject]
    dtype: DType = DType.F32
    real: bool = False


def lowering(name: str, special: Block, op: str, when: Callable[[Node], bool], mutate: Mutation | str) -> Plan:
    return Plan(name, special, lambda w: BackendSubject(PlantedBackend(op, when, mutate), workers=w))


def fusion(name: str, special: Block, find: Any, make: Any, *, run: bool = False) -> Plan:
    passes = (WrongFusion(find, make),)
    if run:
        return Plan(name, special, lambda w: BackendSubject(OnnxBackend(), passes, workers=w))
    return Plan(name, special, lambda w: PassSubject(passes))


def runtime(name: str, special: Block, dtype: DType = DType.F32) -> Plan:
    return Plan(name, special, lambda w: BackendSubject(IncautiousBackend(), workers=w), dtype, real=True)


def relu_clip(d: Drawn, x: Value) -> Value:
    return d.add("nn.clip", d.add("nn.relu", x), d.scalar(-1.0), d.scalar(0.5))


def padded_pool(d: Drawn, x: Value) -> Value:
    y = d.add("core.sub", d.add("core.tanh", x), d.scalar(1.5))
    y = d.add("core.pad", y, d.ints(0, 0, 1, 1, 0, 0, 1, 1), d.scalar(0.0))
    return d.add("core.max_pool", y, window=(3, 3), **PLANE, pads=(0, 0, 0, 0))


def overflowing_division(d: Drawn, x: Value) -> Value:
    """An odd number of elements: the rest that fills no vector register is what dies."""
    part = d.add("core.slice", x, d.ints(0, 0), d.ints(1, 5), axes=(0, 1))
    y = d.add("core.cast", d.add("core.floor", part), to=DType.I32)
    negative = d.add("core.min", d.add("core.sign", y), d.b.constant(np.int32(-1)))
    least = d.add("core.min", y, d.b.constant(np.int32(np.iinfo(np.int32).min)))
    found = d.add("core.cast", d.add("core.div", least, negative), to=d.dtype)
    return d.add("core.mul", x, d.add("core.reduce_max", found, axes=(1,), keepdims=True))


def in_branch(d: Drawn, x: Value) -> Value:
    """An elu of rank 4 in one branch of a condition, among others of its kind."""
    branches = []
    for special in (True, False):
        inner = Drawn(int(d.rng.integers(1000)), d.dtype)
        v = inner.b.input(x.type, "v")
        y = scale_shift(inner, pointwise_conv(inner, v))
        y = inner.add("nn.elu", y) if special else y
        branches.append(inner.b.outputs([scale_shift(inner, y)], ["r"]))
    size = d.add("core.reduce_sum", d.add("core.mul", x, x), axes=(0, 1, 2, 3))
    condition = d.add("core.lt", d.scalar(0.0), size)
    return d.b.add_all(OP["core.if"](), condition, x, regions=branches)[0]


def one(name: str, **attributes: Any) -> Block:
    return lambda d, x: d.add(name, x, **attributes)


def rank_4(node: Node) -> bool:
    return node.operand(0).tensor.rank == 4


PLANS: tuple[Plan, ...] = (
    lowering("elu: alpha 1.05 for 1 in rank 4", one("nn.elu"), "nn.elu", rank_4, changed(alpha=1.05)),
    lowering(
        "softmax: axis 2 for axis 1", one("nn.softmax", axis=1), "nn.softmax", lambda n: n.op.axis == 1, changed(axis=2)
    ),
    lowering(
        "avg_pool: padding counted where windows are 5 wide",
        one("core.avg_pool", window=(3, 5), **PLANE, pads=(1, 2, 1, 2)),
        "core.avg_pool", lambda n: n.op.window[1] == 5, changed(count_include_pad=True),
    ),
    lowering(
        "conv: asymmetric pads the wrong way round",
        lambda d, x: d.add("core.conv", x, d.normal(6, 6, 2, 2, scale=0.2), **PLANE, pads=(0, 0, 1, 1)),
        "core.conv", lambda n: n.op.pads[0] != n.op.pads[2], changed(pads=lambda p: (*p[2:], *p[:2])),
    ),
    lowering(
        "instance_norm: eps 1.5 times too large",
        lambda d, x: d.add("nn.instance_norm", d.add("core.tanh", x), d.normal(6), d.normal(6), epsilon=1e-2),
        "nn.instance_norm", lambda n: True, changed(epsilon=1.5e-2),
    ),
    lowering(
        "sub: operands swapped where the first is a scalar", lambda d, x: d.add("core.sub", d.scalar(1.0), x),
        "core.sub", lambda n: is_scalar(n, 0), swapped,
    ),
    fusion("relu(neg x) → neg(relu x)", lambda d, x: d.add("nn.relu", d.add("core.neg", x)), relu_of_neg, neg_of_relu),
    fusion(
        "(x + a)·b → x·b + a", lambda d, x: d.add("core.mul", d.add("core.add", x, d.normal(13)), d.normal(13)),
        shift_then_scale, scale_then_shift, run=True,
    ),
    fusion(
        "σ(x)·x − x → σ(x)·x",
        lambda d, x: d.add("core.sub", d.add("core.mul", d.add("math.sigmoid", x), x), x),
        residual_swish, swish, run=True,
    ),
    lowering(
        "crash: the lowering of a concat of three",
        lambda d, x: d.add("core.slice", d.add("core.concat", x, x, x, axis=1), d.ints(2), d.ints(8), axes=(1,)),
        "core.concat", lambda n: len(n.operands) == 3, broken,
    ),
    fusion("crash: a pass", lambda d, x: d.add("nn.relu", d.add("core.neg", x)), relu_of_neg, raised),
    lowering(
        "refused: a transpose emitted with a permutation that is none",
        lambda d, x: d.add("core.transpose", d.add("core.transpose", x, perm=(1, 2, 3, 0)), perm=(3, 0, 1, 2)),
        "core.transpose", lambda n: n.op.perm == (1, 2, 3, 0), changed(perm=(1, 1, 3, 0)),
    ),
    lowering("in a branch: elu", in_branch, "nn.elu", rank_4, changed(alpha=1.05)),
    runtime("Relu → Clip in float64", relu_clip, DType.F64),
    runtime("Pad(0) → MaxPool", padded_pool),
    lowering(
        "crash of the process: INT_MIN / −1 left to the runtime", overflowing_division,
        "core.div", lambda n: n.result.tensor.dtype is DType.I32, "Div",
    ),
)  # fmt: skip
