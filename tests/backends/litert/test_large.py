"""Weights behind the FlatBuffer, found by position: as a file of more than 2 GiB has them, and as a small one can."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import interlingua
from interlingua.backends.litert import writer
from interlingua.backends.litert.backend import LiteRtBackend
from interlingua.backends.litert.target import LiteRtTarget
from interlingua.formats.litert import schema
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.binary import Add, Max
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.convolution import Conv
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.logic import And
from interlingua.ir.types import Tensor
from interlingua.ir.weights import MappedWeight
from interlingua.runtimes.litert import RESOLVERS, LiteRtRunner
from interlingua.stages import prepare
from support.derived import check_derived
from support.emission import module_of

F32, I64, U8, BOOL = DType.F32, DType.I64, DType.U8, DType.BOOL
RNG = np.random.default_rng(4)


def written(module: Any, path: Path) -> None:
    backend = LiteRtBackend()
    prepare(module, backend, (), [LiteRtTarget()])
    backend.emit(module, path, LiteRtTarget())


def of_each_kind() -> Any:
    """Weights of a product, of a convolution and of a look-up, and constants of one byte."""
    matrix, table = RNG.standard_normal((8, 5), np.float32), RNG.standard_normal((300, 4), np.float32)
    filters, bias = RNG.standard_normal((3, 2, 3, 3), np.float32), RNG.standard_normal(3, np.float32)

    def build(b: Any, x: Any, image: Any, rows: Any, levels: Any, flags: Any) -> Any:
        product = b(Add(), b(MatMul(), x, b.constant(matrix)), b.constant(np.ones(5, np.float32)))
        convolved = b(Conv((1, 1), (0,) * 4, (1, 1)), image, b.constant(filters), b.constant(bias))
        found = b(Gather(axis=0), b.constant(table), rows)
        least, both = b(Max(), levels, b.constant(np.uint8(7))), b(And(), flags, b.constant(np.array(True)))
        return product, convolved, found, least, both

    types = {
        "x": Tensor(F32, (2, 8)), "image": Tensor(F32, (1, 2, 5, 5)), "rows": Tensor(I64, (2,)),
        "levels": Tensor(U8, (3,)), "flags": Tensor(BOOL, (2,)),
    }  # fmt: skip
    return module_of(build, types, ("product", "convolved", "found", "least", "both"))


FED = {
    "x": RNG.standard_normal((2, 8), np.float32),
    "image": RNG.standard_normal((1, 2, 5, 5), np.float32),
    "rows": np.array([299, 3]),
    "levels": np.array([1, 200, 7], np.uint8),
    "flags": np.array([True, False]),
}


def run(path: Path, fed: dict[str, Any], kernels: Any = "xnnpack") -> dict[str, Any]:
    (outcome,) = LiteRtRunner(path, kernels=kernels).run([fed])
    assert outcome.outputs is not None, outcome.error
    return dict(outcome.outputs)


@pytest.mark.parametrize("kernels", RESOLVERS)
def test_the_same_numbers_as_from_vectors(kernels: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module, inside, behind = of_each_kind(), tmp_path / "inside.tflite", tmp_path / "behind.tflite"
    written(module, inside)
    monkeypatch.setattr(writer.write, "__kwdefaults__", {"limit": 8})
    written(module, behind)
    buffers = schema().ModelT.InitFromObj(schema().Model.GetRootAsModel(behind.read_bytes(), 0)).buffers
    assert all(buffer.data is None for buffer in buffers)
    assert sum(buffer.offset > 1 for buffer in buffers) >= 7
    wanted = run(inside, FED, kernels)
    for name, value in run(behind, FED, kernels).items():
        np.testing.assert_array_equal(value, wanted[name])
    check_derived(interlingua.load(behind), FED, wanted)


ROWS, COLUMNS = 275_000, 1_000
PLACES = (0, 1, ROWS // 2, ROWS - 2, ROWS - 1)
MEMORY = 1 << 26
"""Bytes that writing and reading 2.2 GB may take beside maps of files."""


def table(path: Path, seed: int) -> MappedWeight:
    """1.1 GB of zeros but for some rows."""
    shape = (ROWS, COLUMNS)
    array = np.memmap(path, np.float32, "w+", shape=shape)
    for place in PLACES:
        array[place] = np.random.default_rng([seed, place]).standard_normal(COLUMNS, np.float32)
    array.flush()
    return MappedWeight(path, 0, F32, shape)


def traced(function: Callable[[], Any]) -> Any:
    """What it gives, in little memory."""
    tracemalloc.start()
    try:
        found = function()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MEMORY
    return found


@pytest.mark.nightly
def test_a_file_of_more_than_2_gib(tmp_path: Path) -> None:
    first, second = table(tmp_path / "first", 1), table(tmp_path / "second", 2)

    def build(b: Any, rows: Any) -> Any:
        own, other = (b(Gather(axis=0), b.weight(w), rows) for w in (first, second))
        return own, b(Add(), own, other)

    path = tmp_path / "large.tflite"
    module = module_of(build, {"rows": Tensor(I64, (len(PLACES),))}, ("own", "both"))
    traced(lambda: written(module, path))
    assert path.stat().st_size > 1 << 31
    fed = {"rows": np.array(PLACES[::-1])}
    rows = [first.view()[fed["rows"]], second.view()[fed["rows"]]]
    wanted = {"own": rows[0], "both": rows[0] + rows[1]}
    assert all(np.abs(value).min() > 0 for value in rows)
    for kernels in RESOLVERS:
        for name, value in run(path, fed, kernels).items():
            np.testing.assert_array_equal(value, wanted[name])
    for name, value in traced(lambda: interlingua.evaluate(interlingua.load(path), fed)).items():
        np.testing.assert_array_equal(value, wanted[name])
