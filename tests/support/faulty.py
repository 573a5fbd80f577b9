"""A small model, and makers of one fault each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import onnx
from onnx import TensorProto, helper

from interlingua.backends.base import Target
from interlingua.backends.onnx.backend import OnnxBackend
from interlingua.frontends.onnx.frontend import OnnxFrontend
from interlingua.frontends.onnx.importer import Importer
from interlingua.frontends.onnx.table import Table
from interlingua.frontends.onnx.translations import table as translations
from interlingua.ir.builder import Builder
from interlingua.ir.clone import clone_module
from interlingua.ir.graph import Module, Node
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.weights import ArrayWeight
from interlingua.passes.base import Contract, Pass
from support.models import info, model


def branched(opset: int = 17) -> onnx.ModelProto:
    """A convolution, then one of two branches, then a dense layer: ``x[n, 3, 8, 6], flag -> y[n, 5]``."""
    rng = np.random.default_rng(0)
    then = helper.make_graph(
        [
            helper.make_node("Relu", ["c"], ["t1"], name="then/Relu"),
            helper.make_node("Sub", ["t1", "half"], ["t2"], name="then/Sub"),
        ],
        "then",
        [],
        [helper.make_tensor_value_info("t2", TensorProto.FLOAT, None)],
        [onnx.numpy_helper.from_array(np.float32(0.5), "half")],
    )
    orelse = helper.make_graph(
        [helper.make_node("Tanh", ["c"], ["e1"], name="else/Tanh")],
        "else",
        [],
        [helper.make_tensor_value_info("e1", TensorProto.FLOAT, None)],
    )
    nodes = [
        helper.make_node("Conv", ["x", "k"], ["c"], name="stem/Conv", pads=[1, 1, 1, 1]),
        helper.make_node("If", ["flag"], ["b"], name="choice", then_branch=then, else_branch=orelse),
        helper.make_node("Identity", ["b"], ["i"], name="same"),
        helper.make_node("GlobalAveragePool", ["i"], ["g"], name="pool"),
        helper.make_node("Flatten", ["g"], ["f"], name="flat"),
        helper.make_node("MatMul", ["f", "w"], ["m"], name="head/MatMul"),
        helper.make_node("Add", ["m", "bias"], ["a"], name="head/Add"),
        helper.make_node("Relu", ["a"], ["r"], name="head/Relu"),
        helper.make_node("LayerNormalization", ["r", "s"], ["y"], name="head/Norm", axis=-1),
    ]
    weights = {"k": (4, 3, 3, 3), "w": (4, 5), "bias": (5,), "s": (5,)}
    arrays = {n: rng.standard_normal(shape).astype(np.float32) for n, shape in weights.items()}
    inputs = [info("x", ["n", 3, 8, 6]), info("flag", [], TensorProto.BOOL)]
    return model(nodes, inputs, [info("y", ["n", 5])], arrays, opset)


def inputs(flag: bool = True) -> dict[str, Any]:
    x = np.random.default_rng(1).standard_normal((2, 3, 8, 6)).astype(np.float32)
    return {"x": x, "flag": np.array(flag)}


class Mistranslating(OnnxFrontend):
    """Translates one node by ``wrong(n, b, what it should be)``."""

    def __init__(self, name: str, wrong: Callable[[Any, Builder, Any], Any]) -> None:
        self.node, self.wrong = name, wrong

    def importer(self, source: Any, shapes: Any, observe: Any) -> Any:
        return Importer(source, _Table(self), shapes, observe)


class _Table(Table):
    def __init__(self, frontend: Mistranslating) -> None:
        super().__init__()
        self.rows, self.frontend = translations().rows, frontend

    def find(self, domain: str, op: str, version: int) -> Any:
        true = super().find(domain, op, version)

        def translate(n: Any, b: Builder) -> Any:
            found = true(n, b)
            return self.frontend.wrong(n, b, found) if b.origin.name == self.frontend.node else found

        return translate


class Misreading(OnnxFrontend):
    """Reads one weight wrongly."""

    def __init__(self, name: str, change: Callable[[Any], Any]) -> None:
        self.weight, self.change = name, change

    def importer(self, source: Any, shapes: Any, observe: Any) -> Any:
        frontend = self

        class Wrong(Importer):
            def _weight(self, name: str, tensor: Any) -> Any:
                true = super()._weight(name, tensor)
                return ArrayWeight(frontend.change(true.view())) if name == frontend.weight else true

        return Wrong(source, translations(), shapes, observe)


@dataclass(frozen=True, slots=True)
class Rewriting(Pass):
    """Changes every node of an op by ``change(node, rewriter)``."""

    op: str
    change: Callable[[Node, Rewriter], None]
    name: ClassVar[str] = "rewriting"
    contract: ClassVar[Contract] = "rounding"

    def run(self, module: Module, rewriter: Rewriter) -> int:
        nodes = [n for n in module.walk() if n.op.name == self.op]
        for node in nodes:
            self.change(node, rewriter)
        return len(nodes)


@dataclass(frozen=True, slots=True)
class Exact(Rewriting):
    """The same, and promises every bit."""

    name: ClassVar[str] = "exact"
    contract: ClassVar[Contract] = "exact"


class Emitting(OnnxBackend):
    """Emits every module after ``change(module)``."""

    def __init__(self, change: Callable[[Module], None]) -> None:
        self.change = change

    def emit(self, module: Module, path: Path, target: Target) -> None:
        copy = clone_module(module)
        self.change(copy)
        super().emit(copy, path, target)


def builder(node: Node, rewriter: Rewriter | None = None) -> Builder:
    """Builds before ``node``."""
    assert node.graph is not None
    return Builder(node.graph, before=node, rewriter=rewriter)


@dataclass(frozen=True, slots=True)
class Approximate(Rewriting):
    """The same, and is meant to change results."""

    name: ClassVar[str] = "rough"
    contract: ClassVar[Contract] = "approximate"
