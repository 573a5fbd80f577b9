from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper

import interlingua
from interlingua.equivalence.generate import Generator
from interlingua.errors import UsageError
from interlingua.ir.dialects import builtin_ops
from interlingua.ir.text.parser import parse_module
from support.models import info, mlp, model


def test_each_symbolic_dim_is_drawn_at_several_sizes():
    sizes = [case.sizes["batch"] for case in next(Generator(interlingua.load(mlp())).batches())]
    assert {1, 2, 3, 5} <= set(sizes)


def test_the_same_seed_draws_the_same_values():
    module = interlingua.load(mlp())
    first, again, other = (next(Generator(module, seed).batches())[0].inputs["x"] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_static_interface_is_one_case_a_round():
    fixed = model([helper.make_node("Relu", ["x"], ["y"])], [info("x", [2, 3])], [info("y", [2, 3])])
    generator = Generator(interlingua.load(fixed))
    assert [[c.inputs["x"].shape for c in batch] for batch in generator.batches()] == [[(2, 3)]]


def test_constants_that_the_model_compares_with_are_tried():
    nodes = [
        helper.make_node("Equal", ["rate", "c"], ["e"]),
        helper.make_node("Cast", ["e"], ["y"], to=TensorProto.FLOAT),
    ]
    integer = TensorProto.INT64
    compared = model(nodes, [info("rate", [], integer)], [info("y", [])], {"c": np.array(16000)})
    drawn = [int(c.inputs["rate"]) for c in next(Generator(interlingua.load(compared)).batches())]
    assert 16000 in drawn
    assert any(d != 16000 for d in drawn)


THREE = model([helper.make_node("Relu", ["x"], ["y"])], [info("x", ["b", "h", "w"])], [info("y", ["b", "h", "w"])])


def test_dims_that_may_have_to_equal_the_batch_are_tried_as_small_as_it():
    cases = [c.sizes for batch in Generator(interlingua.load(THREE)).batches() for c in batch]
    assert any(s["b"] == s["h"] < s["w"] for s in cases)
    assert any(s["b"] == s["w"] < s["h"] for s in cases)


def test_sizes_that_were_accepted_are_mixed():
    accepted = [{"b": 1, "h": 32, "w": 32}, {"b": 1, "h": 64, "w": 64}]
    mixed = Generator(interlingua.load(THREE)).mixed(accepted)
    assert any(c.sizes["h"] != c.sizes["w"] for c in mixed)
    assert all(c.sizes["h"] in (32, 64) for c in mixed)


def test_an_input_without_rank_needs_examples():
    text = """
    interlingua 1
    input "x" [*]
    output "y" [*]
    func @main(%x: f32[*]) {
      %y = core.neg(%x) : f32[*]
      return %y as "y"
    }"""
    with pytest.raises(UsageError, match="example inputs"):
        Generator(parse_module(text, builtin_ops()))
