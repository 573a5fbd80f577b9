"""Generated graphs are valid, and as varied as the design asks."""

from collections import Counter
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import interlingua
from interlingua.equivalence.generators.graphs import draw_graph
from interlingua.ir.draw import RandomDraw
from interlingua.ir.graph import Node
from interlingua.ir.text.printer import print_module
from interlingua.ir.types import Tensor
from interlingua.ir.verify import verify_module
from support.samples import HypothesisDraw

CASES = 60


@cache
def drawn(count=CASES, nodes=(6, 14), ops=None):
    return [draw_graph(RandomDraw(seed), nodes=nodes, ops=ops) for seed in range(count)]


def own(case):
    return [n for n in case.module.main.nodes if n.op.name != "core.constant"]


def test_graphs_verify_and_compute():
    for case in drawn():
        verify_module(case.module)
        assert len(interlingua.evaluate(case.module, case.inputs)) == len(case.module.output_names)


def test_the_same_numbers_give_the_same_graph():
    first, second = (draw_graph(RandomDraw(7)) for _ in range(2))
    assert print_module(first.module) == print_module(second.module)


def test_graphs_have_as_many_nodes_as_asked_for():
    sizes = [len(own(case)) for case in drawn(20, nodes=(10, 12))]
    assert min(sizes) >= 10
    assert max(sizes) <= 12


def test_only_the_ops_asked_for_are_used():
    names = ("core.add", "core.matmul", "nn.relu")
    assert {n.op.name for case in drawn(10, ops=names) for n in own(case)} <= set(names)


def test_graphs_have_what_optimisers_err_on():
    """Several consumers, dead values, interior values as outputs, constants and inputs alike, regions, symbols, and
    more than one output; connected, not a heap of single nodes."""
    seen = Counter()
    for case in drawn():
        main = case.module.main
        for node in own(case):
            seen["regions"] += bool(node.regions)
            for result in node.results:
                users = [u for u, _ in result.uses]
                seen["nodes"] += 1
                seen["consumed"] += any(isinstance(u, Node) for u in users)
                seen["several consumers"] += len([u for u in users if isinstance(u, Node)]) > 1
                seen["dead"] += not users
                seen["interior output"] += len(users) > 1 and any(u is main for u in users)
        seen["constants"] += any(n.op.name == "core.constant" for n in main.nodes)
        seen["several inputs"] += len(main.inputs) > 1
        seen["several outputs"] += len(main.outputs) > 1
        types = [v.type for v in main.inputs]
        seen["symbols"] += any(isinstance(t, Tensor) and t.static_shape is None for t in types)
    few = ("regions", "several consumers", "dead", "interior output")
    assert {name: seen[name] for name in few if seen[name] < 5} == {}
    most = ("constants", "several inputs", "several outputs", "symbols")
    assert {name: seen[name] for name in most if seen[name] < CASES // 8} == {}
    assert seen["consumed"] > seen["nodes"] / 4


def test_graphs_are_drawn_by_hypothesis():
    sizes = []

    @settings(max_examples=10, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def check(data):
        case = draw_graph(HypothesisDraw(data), nodes=(2, 6))
        interlingua.evaluate(case.module, case.inputs)
        sizes.append(len(own(case)))

    check()
    assert max(sizes) > 1
