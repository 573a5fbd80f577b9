"""Clones share ops, types and weights, and nothing that changes."""

from interlingua.ir.clone import clone_module
from interlingua.ir.graph import Port
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.verify import verify_module
from support.text import CONTROL, MLP, parse


def test_a_clone_prints_alike_and_verifies() -> None:
    for text in (MLP, CONTROL):
        copy = clone_module(parse(text))
        verify_module(copy)
        assert str(copy) == text


def test_changes_of_the_clone_stay_in_the_clone() -> None:
    module = parse(CONTROL)
    copy = clone_module(module)
    branch = next(copy.main.nodes)
    Rewriter().replace_node(branch, [copy.main.inputs[1]])
    copy.metadata["k"] = "v"
    copy.inputs.append(Port("new", None))
    copy.main.output_names[0] = "renamed"
    assert str(module) == CONTROL
    verify_module(module)


def test_ops_types_and_weights_are_shared() -> None:
    module = parse(MLP)
    copy = clone_module(module)
    for a, b in zip(module.walk(), copy.walk(), strict=True):
        assert a is not b
        assert a.op is b.op
        assert a.result.type is b.result.type
        assert (a.origin, a.scope) == (b.origin, b.scope)
