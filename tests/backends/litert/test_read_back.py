"""What the backend writes, the frontend reads: every op, and what it says of shapes."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

import interlingua
import interlingua.backends.litert
from interlingua.backends.litert.backend import LiteRtBackend
from interlingua.backends.litert.kernels import kernels
from interlingua.frontends.litert.schema import names
from interlingua.frontends.litert.translations import declined, table
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.shape import BroadcastTo, Concat, Reshape, Slice
from interlingua.ir.ops.source import ShapeOf
from interlingua.ir.types import Tensor
from interlingua.stages import prepare
from support.emission import module_of
from support.litert_models import Model

F32, I32 = DType.F32, DType.I32


def written_ops():
    """Every text in the source of the backend that is the name of a builtin op, and those of its table of kernels."""
    known = set(names("BuiltinOperator").values())
    folder = Path(interlingua.backends.litert.__file__).parent
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in folder.rglob("*.py")]
    texts = {n.value for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Constant) and n.value in known}
    return sorted(texts | set(kernels().ops))


def test_every_op_that_is_written_has_a_translation():
    ops = written_ops()
    assert len(ops) > 90
    assert [op for op in ops if op not in table().rows or op in declined.REASONS] == []


def read_back(build, inputs, folder):
    module = module_of(build, inputs)
    path, backend = folder / "m.tflite", LiteRtBackend()
    target = backend.target(module)
    prepare(module, backend, (), [target])
    backend.emit(module, path, target)
    return interlingua.load(path)


@pytest.mark.parametrize(("op", "first"), [("RESHAPE", True), ("BROADCAST_TO", True), ("FILL", False)])
def test_a_shape_of_open_length_has_the_declared_rank(op, first):
    model = Model()
    graph = model.subgraph()
    x, shape = graph.input("x", (4,) if first else ()), graph.input("shape", (1,), I32, signature=(-1,))
    graph.outputs.append(graph.tensor("y", (1, 1), signature=(-1, -1)))
    graph.op(op, (x, shape) if first else (shape, x), graph.outputs)
    module = interlingua.load(model.pack())
    assert module.main.outputs[0].tensor.rank == 2
    fed = {"x": np.zeros((4,) if first else (), np.float32), "shape": np.int32([1, 4])}
    assert interlingua.evaluate(module, fed)["y"].shape == (1, 4)


def test_extents_that_pass_through_int32_are_the_same(tmp_path):
    def build(b, x):
        rows = b(Slice(axes=(0,)), b(ShapeOf(), x), b.constant([0]), b.constant([1]))
        return b(BroadcastTo(), b(Reshape(), x, b.constant([-1, 1, 1])), b(Concat(axis=0), rows, b.constant([2]), rows))

    module = read_back(build, {"x": Tensor(F32, (symbol("n"),))}, tmp_path)
    (x,), (y,) = module.main.inputs, module.main.outputs
    assert y.tensor.dims == (*x.tensor.dims, 2, *x.tensor.dims)
