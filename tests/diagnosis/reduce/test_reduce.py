"""From a module that fails to the smallest one that fails in the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pytest

import interlingua
from interlingua.diagnosis.observe import Observation, PassSubject
from interlingua.diagnosis.reduce.reducer import Reduction, describe, reduce
from interlingua.errors import UsageError
from interlingua.ir.builder import Builder
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.extract import port_of
from interlingua.ir.graph import Graph, Module, Node
from interlingua.ir.interpret import Interpreter
from interlingua.ir.ops.activation import Elu, LeakyRelu, Relu
from interlingua.ir.ops.binary import Add, Mul, Sub
from interlingua.ir.ops.control import If, While
from interlingua.ir.ops.math import Sigmoid
from interlingua.ir.ops.norm import LayerNorm
from interlingua.ir.ops.sequence import SequenceAt, SequenceConstruct
from interlingua.ir.ops.shape import Reshape, Transpose
from interlingua.ir.ops.softmax import Softmax
from interlingua.ir.ops.source import Constant
from interlingua.ir.ops.unary import Neg, Tanh
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import Tensor
from interlingua.ir.verify import verify_module
from interlingua.passes.base import Pass
from interlingua.report import Verdict

SHAPE = (5, 8, 11)


@dataclass(frozen=True, slots=True)
class Wrong(Pass):
    """Puts another op in the place of every node of which ``when`` holds, or raises where there is none."""

    name: ClassVar[str] = "wrong"
    when: Callable[[Node], bool] = field(default=lambda node: False)
    make: Callable[[Builder, Node], Any] | None = None

    def run(self, module: Module, rewriter: Rewriter) -> int:
        done = 0
        for node in module.walk():
            if node.graph is not None and self.when(node):
                if self.make is None:
                    raise KeyError(node.op.name)
                made = self.make(Builder(node.graph, before=node, rewriter=rewriter), node)
                rewriter.replace_node(node, [made])
                done += 1
        return done


def wrong(
    op: type, make: Callable[[Builder, Node], Any] | None, when: Callable[[Any], bool] = lambda op: True
) -> PassSubject:
    return PassSubject((Wrong(lambda n: isinstance(n.op, op) and when(n.op), make),))


def slope(b: Builder, node: Node) -> Any:
    return b.add(LeakyRelu(alpha=0.02), node.operand(0))


def leaky() -> PassSubject:
    """Takes every slope of 0.01 for 0.02."""
    return wrong(LeakyRelu, slope, lambda op: op.alpha == 0.01)


def chain(
    length: int, middle: Callable[[Builder, Any], Any], shape: tuple[Any, ...] = SHAPE
) -> tuple[Module, dict[str, Any]]:
    """A residual chain with something in its middle."""
    b = Builder(_graph())
    rng = np.random.default_rng(0)
    x = v = b.input(Tensor(DType.F32, shape), "x")
    for i in range(length):
        if i == length // 2:
            v = b.add(Add(), v, middle(b, v))
        w = b.constant(rng.standard_normal(SHAPE[-1]).astype(np.float32))
        v = b.add(Add(), v, b.add(Tanh() if i % 2 else Sigmoid(), b.add(Mul(), v, w)))
    b.outputs([b.add(Neg(), v), b.add(Relu(), x)], ["y", "aside"])
    return _module(b), {"x": rng.standard_normal(SHAPE).astype(np.float32)}


def _graph() -> Any:
    return Graph("main")


def _module(b: Builder) -> Module:
    graph = b.graph
    inputs = [port_of(v.name, v.type) for v in graph.inputs]
    outputs = [port_of(n, v.type) for n, v in zip(graph.output_names, graph.outputs, strict=True)]
    return Module({"main": graph}, inputs, outputs)


def left(found: Reduction) -> list[str]:
    return [n.op.name for n in found.module.walk() if not isinstance(n.op, Constant)]


def check(found: Reduction, subject: Any) -> None:
    """What is promised of any result: it verifies, runs, and fails."""
    verify_module(found.module)
    Interpreter(found.module).run(found.inputs)
    seen = subject.observe(found.module, found.inputs)
    assert seen.verdict is found.observation.verdict
    assert not found.flaky
    assert not found.exhausted


def test_one_wrong_node_is_all_that_is_left() -> None:
    module, inputs = chain(30, lambda b, v: b.add(LeakyRelu(), v))
    before = str(module)
    found = reduce(module, subject=leaky(), inputs=inputs)
    check(found, leaky())
    assert left(found) == ["nn.leaky_relu"]
    assert found.nodes == (94, 1)
    assert found.observations < 60
    assert str(module) == before
    assert "94 nodes → 1" in describe(found)


def test_dims_become_small_and_stay_distinct() -> None:
    module, inputs = chain(6, lambda b, v: b.add(LeakyRelu(), v))
    found = reduce(module, subject=leaky(), inputs=inputs)
    shape = found.module.main.inputs[0].tensor.static_shape
    assert shape is not None
    assert len(set(shape)) == 3
    assert max(shape) <= 4


def test_values_become_plain() -> None:
    module, inputs = chain(6, lambda b, v: b.add(LeakyRelu(), v))
    found = reduce(module, subject=leaky(), inputs=inputs)
    (array,) = found.inputs.values()
    assert array.tolist() == (-np.ones(array.shape)).tolist()


def test_neighbours_that_are_wrong_together_stay_together() -> None:
    def fused(node: Node) -> bool:
        inner = node.operand(0).node if isinstance(node.op, Relu) else None
        return inner is not None and isinstance(inner.op, Neg)

    def make(b: Builder, node: Node) -> Any:
        inner = node.operand(0).node
        assert inner is not None
        return b.add(Neg(), b.add(Relu(), inner.operand(0)))

    subject = PassSubject((Wrong(fused, make),))
    module, inputs = chain(30, lambda b, v: b.add(Relu(), b.add(Neg(), v)))
    found = reduce(module, subject=subject, inputs=inputs)
    check(found, subject)
    assert left(found) == ["core.neg", "nn.relu"]


def far_apart(node: Node) -> bool:
    """An elu somewhere above a softmax."""
    if not isinstance(node.op, Softmax):
        return False
    rim, seen = [node], set()
    while rim:
        at = rim.pop()
        above = [o.node for o in at.operands if o is not None and o.node is not None and o.node not in seen]
        seen.update(above)
        rim += above
    return any(isinstance(n.op, Elu) for n in seen)


def test_nodes_far_apart_keep_what_joins_them() -> None:
    def middle(b: Builder, v: Any) -> Any:
        v = b.add(Elu(), v)
        for _ in range(6):
            v = b.add(Transpose((0, 2, 1)), b.add(Neg(), v))
        return b.add(Softmax(), v)

    subject = PassSubject((Wrong(far_apart, None),))
    module, inputs = chain(20, middle)
    found = reduce(module, subject=subject, inputs=inputs)
    check(found, subject)
    assert left(found) == ["nn.elu", "nn.softmax"]
    assert found.observation.verdict is Verdict.CRASH


def test_a_constant_that_the_fault_needs_is_kept_as_one() -> None:
    """What is computed from constants has to be constant still when its computation is gone."""

    def constant(node: Node) -> bool:
        return isinstance(node.op, Sub) and _computed(node.operand(1))

    module, inputs = chain(10, lambda b, v: b.add(Sub(), v, b.add(Neg(), b.add(Neg(), b.constant(np.float32(3))))))
    subject = PassSubject((Wrong(constant, lambda b, node: b.add(Add(), *node.operands)),))
    found = reduce(module, subject=subject, inputs=inputs)
    check(found, subject)
    assert left(found) == ["core.sub"]
    assert len(found.inputs) == 1


def _computed(value: Any) -> bool:
    """Whether it hangs on no input."""
    return value.node is not None and all(o is None or _computed(o) for o in value.node.operands)


def test_a_crash_needs_no_outputs() -> None:
    subject = wrong(LeakyRelu, None)
    module, inputs = chain(30, lambda b, v: b.add(LeakyRelu(), v))
    found = reduce(module, subject=subject, inputs=inputs)
    check(found, subject)
    assert left(found) == ["nn.leaky_relu"]
    assert found.observation.verdict is Verdict.CRASH


def test_inside_a_branch() -> None:
    def middle(b: Builder, v: Any) -> Any:
        regions = []
        for op in (LeakyRelu(), Neg()):
            inner = b.region()
            a = inner.input(v.type, "a")
            regions.append(inner.outputs([inner.add(Tanh(), inner.add(op, inner.add(Neg(), a)))], ["r"]))
        return b.add(If(), b.constant(True), v, regions=regions)

    module, inputs = chain(10, middle)
    found = reduce(module, subject=leaky(), inputs=inputs)
    check(found, leaky())
    assert left(found) == ["nn.leaky_relu"]


def test_inside_a_loop() -> None:
    def middle(b: Builder, v: Any) -> Any:
        body = b.region()
        body.input(Tensor(DType.I64, ()), "i")
        c, a = body.input(Tensor(DType.BOOL, ()), "c"), body.input(v.type, "a")
        body.outputs([c, body.add(LeakyRelu(), body.add(Neg(), a))], ["c", "r"])
        return b.add(While(carried=1, stacked=0), b.constant(2), None, v, regions=[body.graph])

    module, inputs = chain(10, middle)
    found = reduce(module, subject=leaky(), inputs=inputs)
    check(found, leaky())
    assert left(found) == ["nn.leaky_relu"]


def test_a_loop_that_the_fault_needs_stays() -> None:
    def middle(b: Builder, v: Any) -> Any:
        body = b.region()
        body.input(Tensor(DType.I64, ()), "i")
        c, a = body.input(Tensor(DType.BOOL, ()), "c"), body.input(v.type, "a")
        body.outputs([c, body.add(Tanh(), body.add(Sigmoid(), body.add(Neg(), a)))], ["c", "r"])
        return b.add(While(carried=1, stacked=0), b.constant(2), None, v, regions=[body.graph])

    module, inputs = chain(10, middle)
    subject = wrong(While, None)
    found = reduce(module, subject=subject, inputs=inputs)
    check(found, subject)
    assert left(found) == ["core.while"]


def test_through_sequences() -> None:
    def middle(b: Builder, v: Any) -> Any:
        sequence = b.add(SequenceConstruct(), v, b.add(LeakyRelu(), v))
        return b.add(Reshape(), b.add(SequenceAt(), sequence, b.constant(1)), b.constant(list(SHAPE)))

    module, inputs = chain(10, middle)
    found = reduce(module, subject=leaky(), inputs=inputs)
    check(found, leaky())
    assert left(found) == ["nn.leaky_relu"]


def test_sizes_that_only_the_run_knows_are_fixed() -> None:
    module, inputs = chain(10, lambda b, v: b.add(LeakyRelu(), v), (symbol("n"), 8, 11))
    found = reduce(module, subject=leaky(), inputs=inputs)
    assert all(v.tensor.static_shape is not None for v in found.module.main.inputs)


def test_sizes_stay_open_where_the_fault_needs_them_to() -> None:
    def dynamic(node: Node) -> bool:
        return isinstance(node.op, LeakyRelu) and node.result.tensor.static_shape is None

    subject = PassSubject((Wrong(dynamic, slope),))
    module, inputs = chain(10, lambda b, v: b.add(LeakyRelu(), v), (symbol("n"), 8, 11))
    found = reduce(module, subject=subject, inputs=inputs)
    check(found, subject)
    assert left(found) == ["nn.leaky_relu"]
    assert found.module.main.inputs[0].tensor.static_shape is None


def test_attributes_operands_and_dtypes_become_plain() -> None:
    b = Builder(_graph())
    x = b.input(Tensor(DType.F64, (4, 6)), "x")
    scale, bias = b.constant(np.full(6, 1.5)), b.constant(np.full(6, 0.5))
    b.outputs([b.add(LayerNorm(axis=1, epsilon=1e-2), x, scale, bias)], ["y"])
    subject = wrong(LayerNorm, lambda b, node: b.add(Neg(), node.operand(0)))
    found = reduce(_module(b), subject=subject, inputs={"x": np.arange(24.0).reshape(4, 6)})
    (node,) = [n for n in found.module.main.nodes if not isinstance(n.op, Constant)]
    assert node.op == LayerNorm()
    assert [o for o in node.operands if o is not None] == found.module.main.inputs
    assert found.module.main.inputs[0].tensor.dtype is DType.F32


def test_another_failure_on_the_way_is_none() -> None:
    """A crash hides behind the node that is wrong: only what failed first counts."""

    class Both:
        name = "both"
        wrong = leaky()

        def observe(self, module: Module, inputs: Mapping[str, Any]) -> Observation:
            if len(module.main) == 1:
                return Observation(Verdict.CRASH, "run", "too small")
            return self.wrong.observe(module, inputs)

    module, inputs = chain(10, lambda b, v: b.add(LeakyRelu(), v))
    found = reduce(module, subject=Both(), inputs=inputs)
    assert found.observation.verdict is Verdict.MISMATCH
    assert len(found.module.main) == 2


def test_the_budget_holds_and_the_best_is_kept() -> None:
    module, inputs = chain(30, lambda b, v: b.add(LeakyRelu(), v))
    found = reduce(module, subject=leaky(), inputs=inputs, observations=6)
    assert found.exhausted
    assert found.observations <= 6 + 2
    assert found.nodes[1] < found.nodes[0]
    assert leaky().observe(found.module, found.inputs).verdict is Verdict.MISMATCH
    late = reduce(module, subject=leaky(), inputs=inputs, seconds=0.0)
    assert late.exhausted
    assert late.nodes == (94, 94)
    assert "budget" in describe(late)


def test_chance_is_told() -> None:
    class Flaky:
        name = "flaky"
        count = 0

        def observe(self, module: Module, inputs: Mapping[str, Any]) -> Observation:
            self.count += 1
            return Observation(Verdict.CRASH if self.count % 3 else Verdict.VERIFIED, "run", "now and then")

    module, inputs = chain(4, lambda b, v: b.add(LeakyRelu(), v))
    found = reduce(module, subject=Flaky(), inputs=inputs)
    assert found.flaky
    assert "chance" in describe(found)


def test_the_same_again_gives_the_same() -> None:
    module, inputs = chain(20, lambda b, v: b.add(LeakyRelu(), v))
    first, second = (reduce(module, subject=leaky(), inputs=inputs) for _ in range(2))
    assert str(first.module) == str(second.module)
    assert first.steps == second.steps
    assert first.observations == second.observations


def test_inputs_are_generated() -> None:
    module, _ = chain(6, lambda b, v: b.add(LeakyRelu(), v), (symbol("n"), 8, 11))
    assert left(reduce(module, subject=leaky())) == ["nn.leaky_relu"]


def test_what_does_not_fail_is_refused() -> None:
    module, inputs = chain(4, lambda b, v: b.add(Neg(), v))
    with pytest.raises(UsageError, match="does not fail in wrong: VERIFIED"):
        reduce(module, subject=leaky(), inputs=inputs)


def test_what_is_declared_unsupported_is_no_failure() -> None:
    class Refusing:
        name = "refusing"

        def observe(self, module: Module, inputs: Mapping[str, Any]) -> Observation:
            return Observation(Verdict.UNSUPPORTED, "legalize", "not this")

    module, inputs = chain(2, lambda b, v: v)
    with pytest.raises(UsageError) as error:
        reduce(module, subject=Refusing(), inputs=inputs)
    assert "interlingua check" in str(error.value.hint)


def test_a_subject_and_a_backend_are_one_too_many() -> None:
    module, inputs = chain(2, lambda b, v: v)
    with pytest.raises(UsageError, match="both a subject and a backend"):
        reduce(module, subject=leaky(), to="onnx", inputs=inputs)


def test_the_public_door_reduces_what_fails_in_a_backend() -> None:
    """The backend itself is right, so nothing fails: that is said."""
    module, _ = chain(2, lambda b, v: v)
    with pytest.raises(UsageError, match="does not fail in numpy"):
        interlingua.reduce(module, to="numpy")
