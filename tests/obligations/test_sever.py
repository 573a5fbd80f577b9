"""Pieces know nothing of each other, and of what happens to the graph that they were cut from."""

from __future__ import annotations

import numpy as np
import pytest

from interlingua import load
from interlingua.ir.builder import Builder
from interlingua.ir.dialects import builtin_ops
from interlingua.ir.graph import Graph, Module
from interlingua.ir.interpret import Interpreter
from interlingua.ir.ops.source import Constant
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import Tensor
from interlingua.ir.verify import verify_module
from interlingua.obligations.capture import record
from interlingua.obligations.sever import Severed, Unreachable, flattened, givable, outer_values
from support.faulty import branched, inputs
from support.text import body, parse

OPS = builtin_ops()


@pytest.fixture
def module():
    return load(branched())


def computed(module):
    return [n for n in flattened(module) if not isinstance(n.op, Constant)]


def test_every_piece_gives_what_the_whole_gives(module):
    given = record(module, inputs())
    severed = Severed()
    wanted = [r for n in computed(module) for r in n.results if r in given]
    severed.add(wanted, givable(given))
    pieces = severed.module()
    verify_module(pieces)
    outputs = Interpreter(pieces).run({name: given[value] for name, value in severed.feeds.items()})
    assert len(outputs) == len(wanted) >= 10
    for name, value in severed.wanted.items():
        np.testing.assert_array_equal(outputs[name], given[value])


def test_a_change_of_what_one_piece_is_given_reaches_no_other(module):
    given = record(module, inputs())
    severed = Severed()
    severed.add([r for n in computed(module) for r in n.results if r in given], givable(given))
    pieces, feeds = severed.module(), {name: given[value] for name, value in severed.feeds.items()}
    before = Interpreter(pieces).run(feeds)
    conv = next(n for n in computed(module) if n.op.name == "core.conv").result
    changed = {name: array * 2 if severed.feeds[name] is conv else array for name, array in feeds.items()}
    after = Interpreter(pieces).run(changed)
    differing = {severed.wanted[n] for n in before if not np.array_equal(before[n], after[n])}
    assert differing
    users = {user for user, _ in conv.uses}
    inside = {v for v, o in outer_values(module).items() if o is conv}
    assert all(value.node in users or inside & set(value.node.operands) for value in differing)


def test_what_is_not_given_is_computed_within_the_piece(module):
    given = record(module, inputs())
    severed = Severed()
    (name,) = severed.add([module.main.outputs[0]], givable(v for v in given if v in module.main.inputs))
    assert {v.name for v in severed.feeds.values()} == {"x", "flag"}
    outputs = Interpreter(severed.module()).run({n: given[v] for n, v in severed.feeds.items()})
    np.testing.assert_array_equal(outputs[name], given[module.main.outputs[0]])


def test_pieces_stay_as_they_were_cut(module):
    given = record(module, inputs())
    relu = next(n for n in module.main.nodes if n.op.name == "nn.relu")
    severed = Severed()
    (name,) = severed.add([relu.result], givable(given))
    Rewriter().replace(relu.result, relu.operand(0))
    outputs = Interpreter(severed.module()).run({n: given[v] for n, v in severed.feeds.items()})
    np.testing.assert_array_equal(outputs[name], given[relu.result])


def test_a_value_that_nobody_has_is_unreachable(module):
    sub = next(n for n in module.walk() if n.op.name == "core.sub")
    with pytest.raises(Unreachable):
        Severed().add([sub.result], set())


def test_what_hangs_on_random_numbers_is_known():
    from interlingua.ir.dtypes import DType

    graph = Graph("main")
    b = Builder(graph)
    x = b.input(Tensor(DType.F32, (3,)), "x")
    noise = b(OPS["core.random_normal"](dtype=DType.F32), b.constant([3]))
    total = b(OPS["core.add"](), x, noise)
    b.outputs([total], ["y"])
    severed = Severed()
    names = severed.add([noise, total], {x})
    assert severed.random == set(names)
    assert isinstance(severed.module(), Module)
    again = Severed()
    (name,) = again.add([total], {x, noise})
    assert name not in again.random


def test_inputs_of_branches_are_the_values_outside(module):
    outer = outer_values(module)
    assert {v.name for v in outer.values()} == {"c"}


def test_a_circle_is_told() -> None:
    module = parse(body("%a = core.neg(%x) : f32[n]\n%y = core.abs(%a) : f32[n]"))
    a, y = module.main.nodes
    Rewriter().set_operand(a, 0, y.result)
    with pytest.raises(Unreachable, match="needs itself"):
        Severed().add([y.result], set())
