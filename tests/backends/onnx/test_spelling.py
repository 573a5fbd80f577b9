"""A model is spelled in other ways, and computes the same."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from interlingua.backends.legality import legalize
from interlingua.backends.onnx.spelling import _same
from interlingua.diagnosis.observe import BackendSubject
from interlingua.ir.builder import Builder
from interlingua.ir.draw import RandomDraw
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.ops.binary import Add
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.convolution import Conv
from interlingua.ir.ops.pooling import MaxPool
from interlingua.ir.ops.shape import Reshape
from interlingua.ir.ops.softmax import Softmax
from interlingua.ir.types import Tensor
from interlingua.plugins import plugins
from interlingua.report import Verdict
from interlingua.runtimes.workers import WarmWorker

SEEDS = range(24)
INPUT = np.random.default_rng(0).standard_normal((1, 2, 6, 6)).astype(np.float32)


def network() -> Module:
    """A convolution, a pooling and a layer, in which every rule has something to do."""
    r = np.random.default_rng(1)
    b = Builder(Graph("main"))
    made = Module({"main": b.graph})
    x = b.input(Tensor(DType.F32, (1, 2, 6, 6)), "x")
    w = b.constant(r.standard_normal((3, 2, 3, 3)).astype(np.float32))
    plain: dict[str, Any] = {"groups": 1, "layout": "channels_first"}
    y = b.add(Conv(strides=(1, 1), pads=(1, 1, 1, 1), dilations=(1, 1), **plain), x, w)
    y = b.add(
        MaxPool(
            window=(2, 2), strides=(2, 2), pads=(0, 0, 0, 0), dilations=(1, 1), ceil_mode=False, layout="channels_first"
        ),
        y,
    )
    y = b.add(Reshape(), y, b.constant(np.array([3, 9])))
    y = b.add(MatMul(), y, b.constant(r.standard_normal((9, 4)).astype(np.float32)))
    y = b.add(Add(), y, b.constant(r.standard_normal(4).astype(np.float32)))
    b.outputs([b.add(Softmax(-1), y)], ["y"])
    made.inputs, made.outputs = [Port("x", (1, 2, 6, 6))], [Port("y", (3, 4))]
    return made


def test_every_spelling_computes_the_same() -> None:
    backend, module = plugins().backend("onnx"), network()
    with WarmWorker() as workers:
        for seed in SEEDS:
            target = backend.draw_target(module, RandomDraw(seed))
            seen = BackendSubject(backend, target=target, workers=workers).observe(module, {"x": INPUT})
            assert seen.verdict is Verdict.VERIFIED, (target, seen.stage, seen.message)


def test_spellings_are_many_and_repeat(tmp_path: Path) -> None:
    backend = plugins().backend("onnx")
    found: Counter[str] = Counter()
    bytes_of: dict[int, bytes] = {}
    for seed in (*SEEDS, *SEEDS):
        module, path = network(), tmp_path / "m.onnx"
        target = backend.draw_target(module, RandomDraw(seed))
        legalize(module, backend.lowerings, target, subject="onnx")
        backend.emit(module, path, target)
        onnx.checker.check_model(str(path))
        assert bytes_of.setdefault(seed, path.read_bytes()) == path.read_bytes()
        nodes = onnx.load(path).graph.node
        found.update({n.op_type for n in nodes})
        found.update(a.s.decode() for n in nodes for a in n.attribute if a.name == "auto_pad")
    assert {"Gemm", "MatMul", "Constant", "Identity", "VALID", "SAME_UPPER", "SAME_LOWER", "NOTSET"} <= set(found)


PADS: list[Any] = [
    (6, 3, 1, 1, (1, 1)),
    (6, 2, 1, 1, (0, 1)),
    (6, 3, 2, 1, (0, 1)),
    (7, 3, 2, 1, (1, 1)),
    (6, 3, 1, 2, (2, 2)),
    (5, 1, 3, 1, (0, 0)),
    (None, 3, 1, 1, (1, 1)),
    (None, 3, 2, 1, None),
]


@pytest.mark.parametrize(("size", "window", "stride", "dilation", "upper"), PADS)
def test_pads_that_same_comes_to(size: Any, window: int, stride: int, dilation: int, upper: Any) -> None:
    """ONNX: the output has ceil(size / stride) elements; of an odd number of pads, the larger half is at the end."""
    assert _same(size, window, stride, dilation, "SAME_UPPER") == upper
    assert _same(size, window, stride, dilation, "SAME_LOWER") == (None if upper is None else upper[::-1])


def test_the_plain_way_is_taken_unless_asked() -> None:
    backend = plugins().backend("onnx")
    target: Any = backend.target(network())
    assert target.spelling is None and target.cautious
    wild: Any = backend.draw_target(network(), RandomDraw(3), cautious=False)
    assert not wild.cautious
