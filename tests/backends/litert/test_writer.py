"""The file itself: names, open extents, one buffer for equal constants, the same bytes again, weights by position."""

import numpy as np
import pytest

from interlingua.backends.litert import writer
from interlingua.backends.litert.backend import LiteRtBackend
from interlingua.backends.litert.emitter import emit
from interlingua.backends.litert.target import LiteRtTarget
from interlingua.errors import UnsupportedOps
from interlingua.formats.litert import schema
from interlingua.ir.dims import symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.ops.activation import Relu
from interlingua.ir.ops.binary import Add, Mul
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.shape import Transpose
from interlingua.ir.types import Tensor
from interlingua.ir.weights import LazyWeight
from interlingua.runtimes.litert import LiteRtRunner
from interlingua.stages import prepare
from support.emission import module_of

F = DType.F32


def written(module, path):
    backend = LiteRtBackend()
    prepare(module, backend, (), [LiteRtTarget()])
    backend.emit(module, path, LiteRtTarget())
    return schema().ModelT.InitFromObj(schema().Model.GetRootAsModel(path.read_bytes(), 0))


def run(path, **inputs):
    (outcome,) = LiteRtRunner(path).run([inputs])
    assert outcome.outputs is not None, outcome.error
    return outcome.outputs


def ops_of(model, graph=0):
    names = {v: k for k, v in vars(schema().BuiltinOperator).items() if not k.startswith("_")}
    codes = [names[c.builtinCode] for c in model.operatorCodes]
    return [codes[o.opcodeIndex] for o in model.subgraphs[graph].operators]


def linear(rows=2):
    weights = np.arange(12, dtype=np.float32).reshape(3, 4)

    def build(b, x):
        return b(Relu(), b(Add(), b(MatMul(), x, b.constant(weights)), b.constant(np.ones(4, np.float32))))

    return module_of(build, {"x": Tensor(F, (rows, 3))})


def test_names_are_those_of_the_model(tmp_path):
    module = module_of(
        lambda b, p, q: (b(Add(), p, q), b(Mul(), p, q)), {"p": Tensor(F, (2,)), "q": Tensor(F, (2,))}, ("s", "t")
    )
    model = written(module, tmp_path / "m.tflite")
    (signature,) = model.signatureDefs
    tensors = model.subgraphs[0].tensors
    assert signature.signatureKey == b"serving_default"
    for maps, names in ((signature.inputs, [b"p", b"q"]), (signature.outputs, [b"s", b"t"])):
        assert [m.name for m in maps] == names
        assert [tensors[m.tensorIndex].name for m in maps] == names


def test_open_extents_are_resized(tmp_path):
    module = linear(symbol("rows"))
    model = written(module, tmp_path / "m.tflite")
    graph = model.subgraphs[0]
    given = graph.tensors[graph.inputs[0]]
    assert list(given.shape) == [1, 3]
    assert list(given.shapeSignature) == [-1, 3]
    for rows in (1, 5):
        x = np.full((rows, 3), 2, np.float32)
        assert run(tmp_path / "m.tflite", x=x)["y"].shape == (rows, 4)


def test_bias_and_activation_are_those_of_the_product(tmp_path):
    model = written(linear(), tmp_path / "m.tflite")
    assert ops_of(model) == ["FULLY_CONNECTED"]
    options = model.subgraphs[0].operators[0].builtinOptions
    assert options.fusedActivationFunction == schema().ActivationFunctionType.RELU


def test_an_activation_stays_apart_where_its_operand_is_read(tmp_path):
    def build(b, x):
        y = b(Add(), x, x)
        return b(Relu(), y), b(Mul(), y, y)

    model = written(module_of(build, {"x": Tensor(F, (2,))}, ("p", "q")), tmp_path / "m.tflite")
    assert sorted(ops_of(model)) == ["ADD", "MUL", "RELU"]
    found = run(tmp_path / "m.tflite", x=np.array([-1, 2], np.float32))
    assert found["p"].tolist() == [0, 4]
    assert found["q"].tolist() == [4, 16]


def test_equal_constants_are_one_buffer(tmp_path):
    def build(b, x):
        return b(Add(), b(Mul(), x, b.constant(np.full(300, 2, np.float32))), b.constant(np.full(300, 2, np.float32)))

    model = written(module_of(build, {"x": Tensor(F, (300,))}), tmp_path / "m.tflite")
    held = [b for b in model.buffers if b.data is not None and len(b.data) == 1200]
    assert len(held) == 1


def test_the_same_model_gives_the_same_bytes(tmp_path):
    first, second = tmp_path / "a.tflite", tmp_path / "b.tflite"
    written(linear(), first)
    written(linear(), second)
    assert first.read_bytes() == second.read_bytes()


def test_weights_begin_where_kernels_want_them(tmp_path):
    path = tmp_path / "m.tflite"
    model = schema().Model.GetRootAsModel((written(linear(), path), path.read_bytes())[1], 0)
    starts = [model.Buffers(i)._tab for i in range(model.BuffersLength()) if model.Buffers(i).DataLength()]
    positions = [t.Vector(t.Offset(4)) for t in starts]
    assert positions
    assert all(p % writer.ALIGN == 0 for p in positions)


def test_weights_beyond_what_a_flatbuffer_holds_are_found_by_position(tmp_path, monkeypatch):
    module, path = linear(), tmp_path / "m.tflite"
    expected = run_of(linear(), tmp_path / "small.tflite")
    monkeypatch.setattr(writer.write, "__kwdefaults__", {"limit": 8})
    model = written(module, path)
    by_position = [b for b in model.buffers if b.offset > 1]
    assert by_position
    assert all(b.data is None for b in by_position)
    data = path.read_bytes()
    weights = next(b for b in by_position if b.size == 48)
    assert np.frombuffer(data[weights.offset : weights.offset + 48], np.float32).reshape(
        4, 3
    ).T.ravel().tolist() == list(range(12))
    assert run(path, x=np.ones((2, 3), np.float32))["y"].tolist() == expected.tolist()


def run_of(module, path):
    written(module, path)
    return run(path, x=np.ones((2, 3), np.float32))["y"]


def test_outputs_are_tensors_of_their_own(tmp_path):
    def build(b, x):
        y = b(Add(), x, x)
        return x, y, y, b.constant(np.float32(3))

    model = written(module_of(build, {"x": Tensor(F, (2,))}, ("a", "b", "c", "d")), tmp_path / "m.tflite")
    graph = model.subgraphs[0]
    assert len({*graph.inputs, *graph.outputs}) == 5
    found = run(tmp_path / "m.tflite", x=np.array([1, 2], np.float32))
    assert {k: v.tolist() for k, v in found.items()} == {"a": [1, 2], "b": [2, 4], "c": [2, 4], "d": 3}


def test_an_input_that_nothing_reads_is_kept(tmp_path):
    module = module_of(lambda b, x, y: b(Relu(), x), {"x": Tensor(F, (2,)), "unread": Tensor(DType.I64, (1,))})
    written(module, tmp_path / "m.tflite")
    found = run(tmp_path / "m.tflite", x=np.array([-1, 2], np.float32), unread=np.array([1]))
    assert found["y"].tolist() == [0, 2]


def test_a_default_is_refused():
    module = module_of(lambda b, x: b(Relu(), x), {"x": Tensor(F, (2,))}, defaults={"x": np.zeros(2, np.float32)})
    with pytest.raises(UnsupportedOps, match="interface") as raised:
        prepare(module, LiteRtBackend(), (), [LiteRtTarget()])
    assert "left out" in raised.value.refusals[0].reason


def test_large_weights_are_transposed_when_they_are_written(tmp_path):
    looked = []

    def compute():
        looked.append(True)
        return np.arange(100 * 90, dtype=np.float32).reshape(100, 90)

    def build(b, x):
        return b(MatMul(), x, b.weight(LazyWeight(F, (100, 90), compute)))

    module = module_of(build, {"x": Tensor(F, (1, 100))})
    prepare(module, LiteRtBackend(), (), [LiteRtTarget()])
    assert not looked
    emit(module, tmp_path / "m.tflite", LiteRtTarget(), LiteRtBackend().lowerings)
    x = np.zeros((1, 100), np.float32)
    x[0, 3] = 1
    assert run(tmp_path / "m.tflite", x=x)["y"].ravel().tolist() == list(range(270, 360))


def test_more_axes_than_the_kernel_takes(tmp_path):
    perm = (0, 2, 1, 3, 4, 5, 6, 7, 8)
    module = module_of(lambda b, x: b(Transpose(perm), x), {"x": Tensor(F, (2,) * 9)})
    model = written(module, tmp_path / "m.tflite")
    assert ops_of(model) == ["RESHAPE", "TRANSPOSE", "RESHAPE"]
    x = np.arange(512, dtype=np.float32).reshape((2,) * 9)
    assert (run(tmp_path / "m.tflite", x=x)["y"] == x.transpose(perm)).all()
