"""The rewriter keeps every invariant, whatever the order of edits."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Node, Port, Value
from interlingua.ir.ops.binary import Add
from interlingua.ir.ops.layout import Split
from interlingua.ir.ops.unary import Neg
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import Tensor
from interlingua.ir.verify import verify_module
from support.text import CONTROL, MLP, parse

F32 = Tensor(DType.F32, (2,))


class Log:
    def __init__(self) -> None:
        self.events: list[tuple[str, object]] = []

    def inserted(self, node: Node) -> None:
        assert node.graph is not None
        self.events.append(("inserted", node))

    def erased(self, node: Node) -> None:
        assert node.graph is None
        self.events.append(("erased", node))

    def replaced(self, old: Value, new: Value) -> None:
        assert not old.uses
        self.events.append(("replaced", (old, new)))


def fresh_module() -> Module:
    b = Builder(Graph("main"))
    x, y = b.input(F32, "x"), b.input(F32, "y")
    b.outputs([b(Add(), x, y)], ["z"])
    return Module({"main": b.graph}, [Port("x", None), Port("y", None)], [Port("z", None)])


def position(graph: Graph, owner: Node | None) -> int:
    return -1 if owner is None else list(graph.nodes).index(owner)


EDITS = ("add", "replace", "operand", "erase", "output", "move", "replace_node", "refine")


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(EDITS), *(st.integers(0, 1000),) * 3), max_size=25))
def test_any_edits_leave_a_module_that_verifies(edits: list[tuple[str, int, int, int]]) -> None:
    module = fresh_module()
    graph, log = module.main, Log()
    rewriter, first = Rewriter([log]), list(graph.nodes)
    for kind, i, j, k in edits:
        nodes = list(graph.nodes)
        values = [*graph.inputs, *(n.result for n in nodes)]
        node = nodes[i % len(nodes)] if nodes else None
        earlier = values[: 2 + (0 if node is None else position(graph, node))]
        source = earlier[j % len(earlier)]
        if kind == "add":
            b = Builder(graph, before=node, rewriter=rewriter)
            b.add(Add() if k % 2 else Neg(), *([source, earlier[k % len(earlier)]] if k % 2 else [source]))
        elif kind == "output":
            rewriter.set_outputs(graph, [values[i % len(values)]], ["z"])
        elif node is None:
            continue
        elif kind == "replace":
            rewriter.replace(node.result, source)
        elif kind == "replace_node":
            rewriter.replace_node(node, [source])
        elif kind == "operand":
            rewriter.set_operand(node, k % len(node.operands), source)
        elif kind == "erase" and not node.result.uses:
            rewriter.erase(node)
        elif kind == "move":
            used = [position(graph, u) for u, _ in node.result.uses if isinstance(u, Node)]
            if not any(position(graph, o.node) >= i % len(nodes) for o in node.operands if o is not None):
                target = nodes[min(used)] if used else None
                rewriter.move_before(node, graph, target)
        elif kind == "refine":
            rewriter.refine(node.result, Tensor(DType.F32, (2,)))
        verify_module(module)
    live = set(first)
    for event, subject in log.events:
        if event == "inserted":
            live.add(subject)
        elif event == "erased":
            live.remove(subject)
    assert live == set(graph.nodes)
    assert len(graph) == len(live)


def test_replacing_keeps_the_name_and_moves_all_uses() -> None:
    module = parse(MLP)
    _, h, y = module.main.nodes
    b = Builder(module.main, before=y)
    new = b(Neg(), h.result)
    Rewriter().replace_node(y, [new])
    assert new.name == "y"
    assert module.main.outputs == (new,)
    assert not y.result.uses
    assert y.graph is None
    verify_module(module)


def test_listeners_hear_of_each_change_once() -> None:
    module, log = fresh_module(), Log()
    (node,) = module.main.nodes
    Rewriter([log]).replace_node(node, [module.main.inputs[0]])
    assert [event for event, _ in log.events] == ["replaced", "erased"]


def test_what_is_used_cannot_be_erased() -> None:
    module = fresh_module()
    with pytest.raises(ValueError, match="in use"):
        Rewriter().erase(next(module.main.nodes))
    verify_module(module)


def test_a_node_is_inserted_once_and_where_its_neighbour_is() -> None:
    module, other = fresh_module(), fresh_module()
    (node,) = module.main.nodes
    with pytest.raises(ValueError, match="in a graph already"):
        Rewriter().insert(node, module.main)
    loose = Rewriter().create(Neg(), [module.main.inputs[0]], [F32])
    with pytest.raises(ValueError, match="is not in"):
        Rewriter().insert(loose, other.main, node)
    assert len(module.main) == len(other.main) == 1


def test_an_operand_may_become_absent_and_come_back() -> None:
    module = fresh_module()
    (node,) = module.main.nodes
    x = module.main.inputs[0]
    Rewriter().set_operand(node, 0, None)
    assert node.operands[0] is None
    assert not x.uses
    Rewriter().set_operand(node, 0, x)
    verify_module(module)


def test_one_value_may_be_used_many_times() -> None:
    module = fresh_module()
    (node,) = module.main.nodes
    x = module.main.inputs[0]
    Rewriter().set_operand(node, 1, x)
    assert x.uses == ((node, 0), (node, 1))
    Rewriter().set_outputs(module.main, [x, x], ["a", "b"])
    assert x.uses[2:] == ((module.main, 0), (module.main, 1))


def test_operands_results_and_inputs_of_regions_are_dropped_when_unused() -> None:
    module = parse(CONTROL)
    (node,) = module.main.nodes
    then, orelse = node.regions
    rewriter = Rewriter()
    (inside,) = then.inputs
    with pytest.raises(ValueError, match="in use"):
        rewriter.drop_input(then, 0)
    with pytest.raises(ValueError, match="in use"):
        rewriter.drop_result(node, 0)
    b = Builder(then, before=next(then.nodes), rewriter=rewriter)
    rewriter.replace(inside, b.constant([1, 2], DType.F32))
    rewriter.drop_input(then, 0)
    assert then.inputs == []
    c, x = module.main.inputs
    rewriter.set_operands(node, [c, x, x])
    assert (c.uses, x.uses) == (((node, 0),), ((node, 1), (node, 2)))
    rewriter.set_operands(node, [c])
    assert x.uses == ()
    split = Builder(orelse, before=None, rewriter=rewriter).add_all(Split(0, 2), orelse.inputs[0])
    owner = split[0].node
    assert owner is not None
    rewriter.drop_result(owner, 0)
    assert owner.results == (split[1],)
    assert split[1].index == 0


def test_the_nodes_after_one() -> None:
    first, *others = list(parse(MLP).main.nodes)
    assert first.graph is not None
    assert list(first.graph.nodes_after(first)) == others
