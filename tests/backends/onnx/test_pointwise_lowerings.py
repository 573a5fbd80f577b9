"""Lowerings that are more than a change of name, run by ONNX Runtime at the opsets where they differ."""

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from interlingua.backends.legality import legalize
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.interpret import Interpreter
from interlingua.ir.ops.activation import Clip, Relu
from interlingua.ir.ops.binary import Add, Atan2, Max, Pow
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.logic import Lt, Not, Select, ShiftLeft, ShiftRight
from interlingua.ir.ops.math import Mod
from interlingua.ir.ops.quant import Dequantize, Quantize
from interlingua.ir.ops.random import RandomUniform
from interlingua.ir.ops.unary import IsInf, Neg, Sign
from interlingua.ir.types import Tensor
from interlingua.plugins import plugins

REAL = [np.nan, np.inf, -np.inf, -0.0, 0.0, 1.0, -1.0, 0.5, -2.5, 100.0]
SIGNED = [-128, -8, -1, 0, 1, 7, 127]


def module_of(op, arrays):
    graph = Graph("main")
    b = Builder(graph)
    module = Module({"main": graph})
    values = []
    for i, array in enumerate(arrays):
        values.append(b.input(Tensor(DType.of(array), array.shape), f"x{i}"))
        module.inputs.append(Port(f"x{i}", array.shape))
    result = b(op, *values)
    b.outputs([result], ["y"])
    module.outputs = [Port("y", tuple(d if isinstance(d, int) else None for d in result.tensor.dims))]
    return module


def emitted(op, arrays, opset, path):
    backend = plugins().backend("onnx")
    module = module_of(op, arrays)
    target = backend.target(module, opset=opset)
    legalize(module, backend.lowerings, target, subject="onnx")
    backend.emit(module, path, target)
    onnx.checker.check_model(str(path), full_check=True)
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {f"x{i}": a for i, a in enumerate(arrays)})[0]


def reals(dtype=np.float32):
    return np.array(REAL, dtype)


def small(dtype=np.int8):
    return np.array(SIGNED if np.dtype(dtype).kind == "i" else [0, 1, 5, 200], dtype)


CASES = [
    (Add(), (small()[:, None], small())),
    (Max(), (small(np.int16)[:, None], small(np.int16))),
    (Max(), (reals()[:, None], reals())),
    (Pow(), (np.array([2, 3], np.uint8), np.array([3, 2], np.uint8))),
    (Mod(), (np.array([-7, 7, -7], np.int32), np.array([2, -2, -2], np.int32))),
    (Mod(), (np.array([-7.5, 7.5, -0.0], np.float32), np.array([2, -2, -2], np.float32))),
    (Neg(), (small(np.uint8),)),
    (Sign(), (reals(np.float16),)),
    (IsInf(detect_positive=False), (reals(np.float16),)),
    (Not(), (small(),)),
    (Not(), (small(np.uint16),)),
    (ShiftLeft(), (small()[:, None], np.array([0, 3, 7], np.int8))),
    (ShiftRight(), (small()[:, None], np.array([0, 3, 7], np.int8))),
    (Lt(), (np.array([[True], [False]]), np.array([True, False]))),
    (Select(), (np.array([True, False]), np.array([True, True]), np.array([False, False]))),
    (
        Select(),
        (np.array([True, False]), np.array([2**64 - 1, 0], np.uint64), np.array([0, 2**63], np.uint64)),
    ),
    (Relu(), (reals(),)),
    (Clip(), (reals(), np.float32(-1), np.float32(1))),
    (Clip(), (reals(), np.float32(-1))),
    (Cast(DType.I8, saturate=True), (reals(),)),
    (Cast(DType.U32, saturate=True), (reals(),)),
    (Cast(DType.U8, saturate=True), (small(np.int16),)),
    (Quantize(dtype=DType.I8, axis=0), (reals()[5:7], np.array([0.1, 0.3], np.float32))),
    (Quantize(dtype=DType.I16), (reals()[5:], np.float32(0.01))),
    (
        Dequantize(axis=1, block=2),
        (np.arange(6, dtype=np.int8).reshape(2, 3), np.full((2, 2), 0.5, np.float32)),
    ),
]


@pytest.mark.parametrize("opset", [13, 20, 21])
@pytest.mark.parametrize(
    "op, arrays", CASES, ids=lambda v: repr(v) if not isinstance(v, tuple) else v[0].dtype.name
)
def test_the_artifact_computes_the_reference(op, arrays, opset, tmp_path):
    arrays = tuple(np.asarray(a) for a in arrays)
    (want,) = Interpreter(module_of(op, arrays)).run(list(arrays)).values()
    got = emitted(op, arrays, opset, tmp_path / "m.onnx")
    assert got.dtype == want.dtype
    np.testing.assert_array_equal(got, want)


def test_atan2_in_every_octant(tmp_path):
    v = reals()
    (want,) = Interpreter(module_of(Atan2(), (v[:, None], v))).run([v[:, None], v]).values()
    got = emitted(Atan2(), (v[:, None], v), 17, tmp_path / "m.onnx")
    np.testing.assert_allclose(got, want, rtol=4 * np.finfo(np.float32).eps)
    finite = ~np.isnan(want)
    np.testing.assert_array_equal(np.signbit(got)[finite], np.signbit(want)[finite])


def test_a_shape_of_the_run_reaches_the_random_source(tmp_path):
    shape = np.array([2, 3], np.int64)
    got = emitted(RandomUniform(low=5.0, high=6.0, dtype=DType.F16), (shape,), 17, tmp_path / "m.onnx")
    assert got.shape == (2, 3)
    assert got.dtype == np.float16
    assert ((got >= 5) & (got <= 6)).all()
