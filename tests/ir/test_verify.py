"""One broken invariant a test: the verifier names the place."""

from collections.abc import Callable

import pytest

from interlingua.errors import VerifierError
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port, Value
from interlingua.ir.types import Tensor
from interlingua.ir.verify import verify_module
from support.text import CONTROL, MLP, parse


def use_before_definition(m: Module) -> None:
    w, h, _ = m.main.nodes
    w._prev, w._next, h._prev, h._next = h, h._next, None, w
    m.main._first = h
    assert w._next is not None
    w._next._prev = w


def forgotten_use(m: Module) -> None:
    m.main.inputs[0]._uses.clear()


def invented_use(m: Module) -> None:
    m.main.inputs[0]._uses[(list(m.main.nodes)[2], 0)] = None


def invented_output(m: Module) -> None:
    m.main.inputs[0]._uses[(m.main, 7)] = None


def forgotten_output(m: Module) -> None:
    m.main.outputs[0]._uses.clear()


def foreign_input(m: Module) -> None:
    m.main.inputs[0].owner = Graph("elsewhere")


def foreign_node(m: Module) -> None:
    list(m.main.nodes)[1]._graph = None


def foreign_result(m: Module) -> None:
    list(m.main.nodes)[1].results[0].index = 3


def wrong_type(m: Module) -> None:
    list(m.main.nodes)[1].results[0]._type = Tensor(DType.F32, (9, 9))


def wrong_dtype(m: Module) -> None:
    list(m.main.nodes)[2].results[0]._type = Tensor(DType.F64, m.main.outputs[0].tensor.shape)


def broken_rule(m: Module) -> None:
    m.main.inputs[0]._type = Tensor(DType.F32, (5, 5))


def lost_result(m: Module) -> None:
    y = list(m.main.nodes)[2]
    y.results = (*y.results, Value(y, 1, y.result.type, "extra"))


def missing_port(m: Module) -> None:
    m.inputs.clear()


def double_port(m: Module) -> None:
    m.inputs.append(m.inputs[0])
    m.main.inputs.append(Value(m.main, 1, m.main.inputs[0].type, "x2"))


def missing_name(m: Module) -> None:
    m.main.output_names.clear()


def undefined_output(m: Module) -> None:
    stranger = Value(Graph(), 0, m.main.inputs[0].type, "stranger")
    m.main._outputs[0] = stranger


def no_main(m: Module) -> None:
    m.functions["helper"] = m.functions.pop("main")


def wrong_count(m: Module) -> None:
    m.main.length = 9


def uncounted(m: Module) -> None:
    m.main.length = 2


def lost_tail(m: Module) -> None:
    m.main._last = None


def one_way_link(m: Module) -> None:
    list(m.main.nodes)[2]._prev = None


@pytest.mark.parametrize(
    ("damage", "message", "place"),
    [
        (
            use_before_definition,
            "operand 1 (%w) is not defined before its use",
            "fc (MatMul) at model.py:3 in head",
        ),
        (forgotten_use, "the use of operand 0 is not recorded", "fc (MatMul)"),
        (invented_use, "%x has a use that is none", "main"),
        (invented_output, "%x has a use that is none", "main"),
        (forgotten_output, "the use of output 0 is not recorded", "main"),
        (foreign_input, "an input does not know its graph", "%x"),
        (foreign_node, "a node does not know its graph", "fc (MatMul)"),
        (foreign_result, "a result does not know its node", "fc (MatMul)"),
        (wrong_type, "%h is declared f32[9, 9] but is f32[batch, 2]", "fc (MatMul)"),
        (wrong_dtype, "%y is declared f64[batch, 2] but is f32[batch, 2]", "%y"),
        (broken_rule, "core.matmul", "fc (MatMul)"),
        (lost_result, "nn.softmax has 1 results", "%y"),
        (missing_port, "0 input(s) declared, main has 1", None),
        (double_port, "two inputs share a name", None),
        (missing_name, "outputs and their names differ in number", "main"),
        (undefined_output, "output 0 is not defined in the graph", "main"),
        (no_main, "there is no function main", None),
        (wrong_count, "3 node(s), counted as 9", "main"),
        (one_way_link, "linked one way only", "%y"),
        (lost_tail, "the last node is another", "main"),
        (uncounted, "more nodes than the 2 counted", "main"),
    ],
)
def test_a_broken_invariant_is_named_with_its_place(
    damage: Callable[[Module], None], message: str, place: str | None
) -> None:
    module = parse(MLP)
    damage(module)
    with pytest.raises(VerifierError) as caught:
        verify_module(module)
    assert message in caught.value.what
    assert place is None or (caught.value.where or "").startswith(place)


def test_regions_capture_nothing() -> None:
    module = parse(CONTROL)
    branch = next(module.main.nodes)
    inner = next(branch.regions[0].nodes)
    outer = module.main.inputs[1]
    del inner.operand(0)._uses[(inner, 0)]
    inner._operands = (outer,)
    outer._uses[(inner, 0)] = None
    with pytest.raises(VerifierError, match=r"operand 0 \(%x\) is not defined before its use") as caught:
        verify_module(module)
    assert caught.value.where == "%b"


def test_regions_know_their_node() -> None:
    module = parse(CONTROL)
    next(module.main.nodes).regions[1].parent = None
    with pytest.raises(VerifierError, match="a region does not know its node"):
        verify_module(module)


def test_types_may_be_left_out() -> None:
    module = parse(MLP)
    wrong_type(module)
    verify_module(module, types=False)


def test_a_port_needs_no_dims() -> None:
    module = parse(MLP)
    module.inputs = [Port("x", None)]
    verify_module(module)
