from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper

import interlingua
from interlingua.equivalence.generate import Generator
from interlingua.errors import UsageError
from interlingua.ir.builder import Builder
from interlingua.ir.dialects import builtin_ops
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.ops.unary import Neg
from interlingua.ir.text.parser import parse_module
from interlingua.ir.types import Tensor
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


PICKS = {
    "as they are": [helper.make_node("Gather", ["table", "words"], ["y"])],
    "moved": [
        helper.make_node("Cast", ["words"], ["w"], to=TensorProto.INT32),
        helper.make_node("Transpose", ["w"], ["turned"]),
        helper.make_node("Gather", ["table", "turned"], ["y"]),
    ],
    "from the smaller of two": [
        helper.make_node("Gather", ["table", "words"], ["a"]),
        helper.make_node("Gather", ["larger", "words"], ["c"]),
        helper.make_node("Add", ["a", "c"], ["y"]),
    ],
}


@pytest.mark.parametrize("name", PICKS)
def test_integers_that_pick_elements_stay_within_the_axis(name):
    tables = {"table": np.zeros((7, 2), np.float32), "larger": np.zeros((100, 2), np.float32)}
    picking = model(PICKS[name], [info("words", ["b", "n"], TensorProto.INT64)], [info("y", ["p", "q", 2])], tables)
    drawn = [c.inputs["words"] for batch in Generator(interlingua.load(picking)).batches() for c in batch]
    values = np.unique(np.concatenate([d.ravel() for d in drawn]))
    assert values.tolist() == list(range(7))


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


def ranged(lo: int, hi: int | None) -> Generator:
    """A generator for one input with a leading and another dim, both of one range."""
    module = Module({"main": Graph("main")})
    builder = Builder(module.main)
    x = builder.input(Tensor(DType.F32, (symbol("b", lo, hi), symbol("w", lo, hi))), "x")
    builder.outputs([builder(Neg(), x)], ["y"])
    module.inputs, module.outputs = [Port("x", ("b", "w"))], [Port("y", ("b", "w"))]
    return Generator(module)


@pytest.mark.parametrize(("lo", "hi"), [(4, 9), (2, None), (0, 6), (400, None), (1, 1)])
def test_sizes_stay_within_the_range_of_their_symbol(lo, hi):
    generator = ranged(lo, hi)
    proposed = [c for batch in generator.batches() for c in batch] + generator.large()
    drawn = {size for case in proposed for size in case.inputs["x"].shape}
    assert min(drawn) == max(lo, 1)
    assert hi is None or max(drawn) == hi
    assert len(drawn) >= min(5, 5 if hi is None else hi - max(lo, 1) + 1)
