"""Of which translated ops LiteRT has kernels: those are held against it, the others against their definition."""

from __future__ import annotations

import numpy as np

import interlingua
from interlingua.frontends.litert.translations import table
from support.litert_cases import noise
from support.litert_models import Model, registered

WITHOUT_KERNEL = {
    "CALL": "a test below says what it means",
    "CONCAT_EMBEDDINGS": "declined",
    "DELEGATE": "declined",
    **dict.fromkeys(
        [
            f"STABLEHLO_{name}"
            for name in (
                "ABS", "COMPARE", "CONCATENATE", "CONVERT", "COSINE", "DIVIDE", "EXPONENTIAL", "FLOOR", "LOG",
                "LOGISTIC", "NEGATE", "OR", "POWER", "REMAINDER", "RESHAPE", "RSQRT", "SELECT", "SLICE", "SUBTRACT",
                "TANH", "TRANSPOSE",
            )
        ],
        "test_stablehlo.py holds it against the specification",
    ),
}  # fmt: skip
"""Ops that the interpreter does not know, each with what holds its translation."""


def test_kernels_are_where_they_are_thought_to_be() -> None:
    known = {op for op in table().rows if registered(op) or registered(op, 2)}
    assert table().rows.keys() - known == WITHOUT_KERNEL.keys()


def test_a_call_is_the_subgraph_in_its_place() -> None:
    model = Model()
    graph, inner = model.subgraph(), model.subgraph()
    x, y = graph.input("x", (2, 3)), graph.input("y", (2, 3))
    graph.outputs = [graph.tensor("less", (2, 3)), graph.tensor("more", (2, 3))]
    graph.op("CALL", [y, x], graph.outputs, ("CallOptions", {"subgraph": 1}))
    a, b = inner.input("a", (2, 3)), inner.input("b", (2, 3))
    inner.outputs = [inner.tensor("s", (2, 3)), inner.tensor("t", (2, 3))]
    inner.op("SUB", [a, b], [inner.outputs[0]], ("SubOptions", {}))
    inner.op("ADD", [a, b], [inner.outputs[1]], ("AddOptions", {}))
    fed = {"x": noise(2, 3), "y": noise(2, 3)}
    found = interlingua.evaluate(interlingua.load(model.pack()), fed)
    np.testing.assert_array_equal(found["less"], fed["y"] - fed["x"])
    np.testing.assert_array_equal(found["more"], fed["y"] + fed["x"])
