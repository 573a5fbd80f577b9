"""What the backend knows of the runtime's kernels is what the runtime has, and what it makes of it loses nothing."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import onnx
import onnxruntime
import pytest

from interlingua.backends.legality import legalize
from interlingua.backends.onnx.kernels import NoKernel, kernels
from interlingua.backends.onnx.signature import signature
from interlingua.diagnosis.observe import BackendSubject
from interlingua.errors import UnsupportedOps
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.op import Op
from interlingua.ir.ops.binary import Add, Div
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.convert import Bitcast
from interlingua.ir.ops.logic import Select
from interlingua.ir.ops.shape import Transpose
from interlingua.ir.ops.unary import Asin, Exp
from interlingua.ir.types import Tensor
from interlingua.plugins import plugins
from interlingua.report import Verdict

SCRIPT = Path(__file__).parents[3] / "scripts" / "collect_kernels.py"


def module(op: Op, *dtypes: DType, shape: tuple[int, ...] = (2, 3)) -> Module:
    """A module of one node over inputs of one shape."""
    b = Builder(Graph("main"))
    made = Module({"main": b.graph})
    values = [b.input(Tensor(d, shape), f"x{i}") for i, d in enumerate(dtypes)]
    made.inputs = [Port(f"x{i}", shape) for i in range(len(dtypes))]
    result = b.add(op, *values)
    b.outputs([result], ["y"])
    made.outputs = [Port("y", result.tensor.static_shape)]
    return made


def observe(made: Module, *inputs: Any) -> Any:
    return BackendSubject(plugins().backend("onnx")).observe(made, dict(zip(made.input_names, inputs, strict=True)))


def emitted(made: Module, folder: Path, **options: Any) -> list[str]:
    """The ops that the module is emitted as."""
    backend = plugins().backend("onnx")
    target = backend.target(made, **options)
    legalize(made, backend.lowerings, target, subject="onnx")
    backend.emit(made, folder / "model.onnx", target)
    onnx.checker.check_model(str(folder / "model.onnx"))
    return [n.op_type for n in onnx.load(folder / "model.onnx").graph.node]


def test_the_table_is_that_of_the_installed_runtime() -> None:
    """Of another version, the rows may differ: then this says so, and the script is run again."""
    if kernels().runtime != onnxruntime.__version__:
        pytest.skip(f"the table is of {kernels().runtime}, installed is {onnxruntime.__version__}")
    spec = importlib.util.spec_from_file_location("collect_kernels", SCRIPT)
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.kernels().keys() == kernels().rows.keys()
    for op, rows in script.kernels().items():
        assert [(r.first, r.last, dict(r.types)) for r in kernels().rows[op]] == rows, op


def test_a_node_without_kernel_computes_in_the_nearest_wider_dtype(tmp_path: Path) -> None:
    assert emitted(module(Exp(), DType.BF16), tmp_path) == ["Cast", "Exp", "Cast"]
    assert emitted(module(Exp(), DType.F32), tmp_path) == ["Exp"]
    assert emitted(module(Add(), DType.I8, DType.I8), tmp_path, opset=13) == ["Cast", "Cast", "Add", "Cast"]
    assert emitted(module(Add(), DType.I8, DType.I8), tmp_path, opset=14) == ["Add"]


def test_float16_stays_for_the_runtime_puts_its_own_casts(tmp_path: Path) -> None:
    assert emitted(module(Asin(), DType.F16), tmp_path) == ["Asin"]


def test_where_nothing_wider_will_do_it_is_declared_with_its_reason() -> None:
    made = module(Asin(), DType.F64)
    backend = plugins().backend("onnx")
    with pytest.raises(UnsupportedOps, match=r"no Asin of opset 7 for T: f64"):
        legalize(made, backend.lowerings, backend.target(made), subject="onnx")


@pytest.mark.parametrize("dtype", [DType.U4, DType.I4, DType.BF16, DType.F8E4M3, DType.F8E5M2])
def test_moves_keep_every_element(dtype: DType) -> None:
    codes = np.arange(12, dtype=np.uint8) if dtype.bits < 8 else np.arange(-6, 6)
    x = codes.reshape(3, 4).astype(dtype.numpy)
    backend = plugins().backend("onnx")
    made = module(Transpose((1, 0)), dtype, shape=(3, 4))
    seen = BackendSubject(backend, target=backend.target(made, opset=23)).observe(made, {"x0": x})
    assert seen.verdict is Verdict.VERIFIED, seen.message
    assert seen.outputs is not None
    assert seen.outputs["y"].astype(np.float32).tolist() == x.T.astype(np.float32).tolist()


def test_unsigned_integers_of_64_bits_are_chosen_exactly() -> None:
    """Where has no kernel for them; int64 holds the same bits."""
    big = np.array([[2**64 - 1, 2**63, 1]], np.uint64)
    b = np.zeros((1, 3), np.uint64)
    builder = Builder(Graph("main"))
    made = Module({"main": builder.graph})
    kinds = (DType.BOOL, DType.U64, DType.U64)
    values = [builder.input(Tensor(d, (1, 3)), f"x{i}") for i, d in enumerate(kinds)]
    made.inputs = [Port(f"x{i}", (1, 3)) for i in range(3)]
    builder.outputs([builder.add(Select(), *values)], ["y"])
    made.outputs = [Port("y", (1, 3))]
    seen = observe(made, np.array([[True, True, False]]), big, b)
    assert seen.verdict is Verdict.VERIFIED, seen.message
    assert seen.outputs["y"].tolist() == [[2**64 - 1, 2**63, 0]]


def test_division_of_64_unsigned_bits_does_not_go_through_signed_ones() -> None:
    div = signature("Div", 20)
    assert div is not None
    assert kernels().widened(div, {"T": "u64"}, 20, True) == {}
    with pytest.raises(NoKernel):
        mod = signature("Clip", 20)
        assert mod is not None
        kernels().widened(mod, {"T": "string"}, 20, True)


def test_small_integers_wrap_as_they_would_have(tmp_path: Path) -> None:
    made = module(MatMul(), DType.I8, DType.I8, shape=(2, 2))
    x = np.array([[100, 100], [-128, 1]], np.int8)
    seen = observe(made, x, x)
    assert seen.verdict is Verdict.VERIFIED, seen.message
    made = module(Div(), DType.U16, DType.U16, shape=(2, 2))
    values = np.array([[60000, 7], [3, 65535]], np.uint16)
    assert observe(made, values, np.full((2, 2), 7, np.uint16)).verdict is Verdict.VERIFIED


@pytest.mark.parametrize("opset", [13, 26])
def test_integers_are_read_with_another_sign(opset: int) -> None:
    """BitCast came with opset 26, and ONNX Runtime has none of bools."""
    backend = plugins().backend("onnx")
    for from_, to in ((DType.I8, DType.U8), (DType.U64, DType.I64), (DType.BOOL, DType.U8)):
        made = module(Bitcast(to), from_, shape=(1, 3))
        x = np.array([[0, 1, -1]]).astype(from_.numpy)
        seen = BackendSubject(backend, target=backend.target(made, opset=opset)).observe(made, {"x0": x})
        assert seen.verdict is Verdict.VERIFIED, seen.message


def test_floats_are_read_as_integers_since_opset_26() -> None:
    made = module(Bitcast(DType.I32), DType.F32)
    assert observe(made, np.array([[0.0, -0.0, 1.5], [np.inf, -2, 3]], np.float32)).verdict is Verdict.VERIFIED
    backend = plugins().backend("onnx")
    with pytest.raises(UnsupportedOps, match="opset 25 has no BitCast"):
        legalize(made, backend.lowerings, backend.target(made, opset=25), subject="onnx")


def test_bfloat16_goes_in_and_comes_out() -> None:
    x = np.array([[0.5, -1.0, 3.0]], ml_dtypes.bfloat16)
    made = module(Exp(), DType.BF16, shape=(1, 3))
    seen = observe(made, x)
    assert seen.verdict is Verdict.VERIFIED, seen.message
    assert seen.outputs["y"].dtype == ml_dtypes.bfloat16
