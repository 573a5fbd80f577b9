"""Graphs: lists of nodes that are safe to edit while walked, exact uses, places for messages."""

import pytest

from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Node, Origin
from interlingua.ir.ops.unary import Neg
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import Sequence, Tensor
from support.text import CONTROL, MLP, parse

F32 = Tensor(DType.F32, (2,))


@pytest.fixture
def chain() -> Graph:
    """Six unused negations of one input."""
    b = Builder(Graph("g"))
    x = b.input(F32, "x")
    for index in range(6):
        b.add(Neg(), x, name=f"n{index}")
    return b.graph


def names(nodes: object) -> list[str]:
    return [n.result.name for n in nodes]  # type: ignore[attr-defined]


def test_nodes_run_both_ways(chain: Graph) -> None:
    assert names(chain.nodes) == [f"n{i}" for i in range(6)]
    assert names(chain.reversed_nodes) == [f"n{i}" for i in range(5, -1, -1)]
    assert len(chain) == 6


@pytest.mark.parametrize("erased", [("n0",), ("n2",), ("n2", "n3"), ("n2", "n3", "n4", "n5"), ("n3",), ("n5",)])
@pytest.mark.parametrize("direction", ["nodes", "reversed_nodes"])
def test_nodes_may_be_erased_while_walked(chain: Graph, erased: tuple[str, ...], direction: str) -> None:
    by_name = {n.result.name: n for n in chain.nodes}
    seen = []
    for node in getattr(chain, direction):
        seen.append(node.result.name)
        if node.result.name == "n2":
            for name in erased:
                Rewriter().erase(by_name[name])
    order = range(6) if direction == "nodes" else range(5, -1, -1)
    before = [f"n{i}" for i in order]
    assert seen == [n for n in before if n not in erased or before.index(n) <= before.index("n2")]
    assert names(chain.nodes) == [f"n{i}" for i in range(6) if f"n{i}" not in erased]


def test_what_is_inserted_after_the_current_node_is_walked(chain: Graph) -> None:
    seen = []
    for node in chain.nodes:
        seen.append(node.result.name)
        if node.result.name == "n5":
            Builder(chain).add(Neg(), chain.inputs[0], name="late")
    assert seen[-1] == "late"


def test_walk_enters_regions_after_their_node() -> None:
    module = parse(CONTROL)
    ops = [n.op.name for n in module.walk()]
    assert ops == ["core.if", "core.neg", "core.constant", "core.top_k"]


def test_walk_does_not_enter_what_was_erased() -> None:
    module = parse(CONTROL)
    seen = []
    for node in module.walk():
        seen.append(node.op.name)
        if node.regions:
            Rewriter().replace_node(node, [module.main.inputs[1]])
    assert seen == ["core.if"]


def test_uses_are_exact() -> None:
    module = parse(MLP)
    w, h, y = module.main.nodes
    assert module.main.inputs[0].uses == ((h, 0),)
    assert w.result.uses == ((h, 1),)
    assert y.result.uses == ((module.main, 0),)


def test_a_place_names_origin_and_scope() -> None:
    node = list(parse(MLP).main.nodes)[1]
    assert node.place == "fc (MatMul) at model.py:3 in head"
    assert str(Origin(op="Relu")) == "Relu"
    assert list(parse(MLP).main.nodes)[2].place == "%y"


def test_absent_operands_and_other_types_are_told_apart() -> None:
    node = Node(Neg(), (None,), ())
    with pytest.raises(IndexError, match=r"operand 0 of core\.neg is absent"):
        node.operand(0)
    b = Builder(Graph())
    with pytest.raises(TypeError, match="not a tensor"):
        _ = b.input(Sequence(F32), "s").tensor
