"""Bad input: each is refused with an error that says what, where and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.helper as h
import onnx.parser
import pytest

import interlingua
from interlingua.errors import InterlinguaError, InvalidModel, UnsupportedOps, UsageError

F32 = onnx.TensorProto.FLOAT


def model(text: str, *, opset: int = 17, ir_version: int = 8) -> Any:
    return onnx.parser.parse_model(f'<ir_version: {ir_version}, opset_import: ["" : {opset}, "own" : 1]>\n{text}')


def sound() -> Any:
    return model("g (float[n, 2] x) => (float[n, 2] y) { t = Neg (x) y = Abs (t) }")


def refused(source: Any, kind: type[InterlinguaError] = InvalidModel) -> InterlinguaError:
    """The error: exactly of that kind, with a place."""
    with pytest.raises(kind) as caught:
        interlingua.load(source)
    assert type(caught.value) is kind
    assert caught.value.what
    assert caught.value.where or kind is UsageError
    return caught.value


def test_the_sound_model_loads() -> None:
    assert interlingua.load(sound()).output_names == ["y"]


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(b"")
    assert "empty" in refused(path).what
    refused(b"")


def test_every_truncation() -> None:
    proto = sound()
    del proto.opset_import[1]
    data = proto.SerializeToString()
    for end in range(len(data)):
        refused(data[:end])


def test_garbage(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(b"This is no model at all.\n" * 10)
    error = refused(path)
    assert str(path) in (error.where or "")
    assert error.hint


def test_a_folder_a_missing_file_another_ending(tmp_path: Path) -> None:
    folder = tmp_path / "m.onnx"
    folder.mkdir()
    assert "folder" in refused(folder, UsageError).what
    assert "no file" in refused(tmp_path / "none.onnx", UsageError).what
    other = tmp_path / "m.tflow"
    other.write_bytes(sound().SerializeToString())
    assert ".onnx" in (refused(other, UsageError).hint or "")
    refused("a\0b.onnx", UsageError)
    refused(3.5, UsageError)


@pytest.mark.parametrize("version", [-1, 99, 1 << 40])
def test_ir_versions(version: int) -> None:
    proto = sound()
    proto.ir_version = version
    assert "IR version" in refused(proto).what


def test_without_an_ir_version_or_a_graph() -> None:
    proto = sound()
    proto.ClearField("ir_version")
    refused(proto)
    proto = sound()
    proto.ClearField("graph")
    refused(proto)


@pytest.mark.parametrize("version", [-1, 0, 99, 1 << 40])
def test_opsets(version: int) -> None:
    proto = sound()
    proto.opset_import[0].version = version
    error = refused(proto)
    assert "opset" in error.what
    if version == 99:
        assert "upgrade" in (error.hint or "")


def test_a_domain_in_two_versions() -> None:
    proto = sound()
    proto.opset_import.add(domain="ai.onnx", version=18)
    assert "17 and 18" in refused(proto).what
    proto = sound()
    proto.opset_import[1].version = 1 << 40
    refused(proto)


def test_an_unimported_domain() -> None:
    proto = sound()
    proto.graph.node[0].domain = "nobody"
    refused(proto)


def test_a_cycle() -> None:
    refused(model("g (float[2] x) => (float[2] y) { a = Add (x, b) b = Neg (a) y = Abs (b) }"))
    refused(model("g (float[2] x) => (float[2] y) { y = Add (x, y) }"))


def test_an_undefined_name() -> None:
    refused(model("g (float[2] x) => (float[2] y) { y = Add (x, nobody) }"))
    refused(model("g (float[2] x) => (float[2] nobody) { y = Neg (x) }"))
    inner = model(
        "g (bool c) => (float[2] y) { y = If (c) <then_branch = a () => (float[2] p) { p = Neg (nobody) },"
        " else_branch = b () => (float[2] q) { q = Neg (nobody) }> }"
    )
    refused(inner)


def test_names_that_stand_twice() -> None:
    refused(model("g (float[2] x) => (float[2] y) { y = Neg (x) y = Abs (x) }"))
    refused(model("g (float[2] x) => (float[2] y) { x = Neg (x) y = Abs (x) }"))
    for field in ("input", "output"):
        proto = sound()
        getattr(proto.graph, field).append(getattr(proto.graph, field)[0])
        assert "twice" in refused(proto).what
    proto = sound()
    weight = onnx.numpy_helper.from_array(np.zeros(2, np.float32), "w")
    proto.graph.initializer.extend([weight, weight])
    assert "twice" in refused(proto).what
    proto = sound()
    proto.graph.initializer.append(onnx.numpy_helper.from_array(np.zeros(2, np.float32), "y"))
    refused(proto)


def test_an_empty_graph() -> None:
    proto = sound()
    del proto.graph.node[:], proto.graph.input[:], proto.graph.output[:]
    module = interlingua.load(proto)
    assert len(module.main) == 0
    proto = sound()
    del proto.graph.node[:]
    refused(proto)


@pytest.mark.parametrize(
    "dims", [[1 << 62], [1 << 62, 1 << 62, 1 << 62], [-3], [3], [2, 1 << 40, 0], [1 << 62, 1 << 62, 0], [0]]
)
@pytest.mark.parametrize("raw", [True, False])
def test_weights_whose_dims_and_data_disagree(dims: list[int], raw: bool) -> None:
    proto = model("g (float[2] x) => (float[2] y) { y = Add (x, w) }")
    data = {"raw_data": b"\0" * 8} if raw else {"float_data": [0.0, 0.0]}
    proto.graph.initializer.add(name="w", data_type=F32, dims=dims, **data)
    refused(proto)


def test_no_array_can_have_the_shape_of_an_empty_weight() -> None:
    proto = model("g (float[2] x) => (float[2] y) { y = Add (x, w) }")
    proto.graph.initializer.add(name="w", data_type=F32, dims=[1 << 62, 1 << 62, 0])
    assert "dimension" in refused(proto).what


@pytest.mark.parametrize("dtype", [0, 27, 99, 8])
def test_weights_of_no_dtype(dtype: int) -> None:
    proto = model("g (float[2] x) => (float[2] y) { y = Add (x, w) }")
    proto.graph.initializer.add(name="w", data_type=dtype, dims=[2], raw_data=b"\0" * 8)
    refused(proto)


def test_dims_of_inputs() -> None:
    proto = sound()
    proto.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 1 << 62
    assert "cannot be" in refused(proto).what
    proto.graph.input[0].type.tensor_type.shape.dim[1].dim_value = -5
    assert interlingua.load(proto).main.inputs[0].tensor.static_shape is None


@pytest.mark.parametrize(
    "text",
    [
        "g () => (float[n] y) <int64[3] s = {4611686018427387904, 4611686018427387904, 4}> { y = ConstantOfShape (s) }",
        "g (float[1] x) => (float[n] y) <int64[2] s = {4611686018427387904, 4611686018427387904}> {y = Expand (x, s)}",
        "g (float[1] x) => (float[n] y) <int64[1] s = {9223372036854775807}> { y = Tile (x, s) }",
        "g () => (int64[n] y) <int64 a = {0}, int64 b = {9223372036854775807}, int64 c = {1}> { y = Range (a, b, c) }",
        "g (float[1] x) => (float[n] y) <int64[2] s = {4611686018427387904, 4611686018427387904}> { y = Pad (x, s) }",
        "g (int64[1] x) => (float[n] y) <int64[1] s = {4611686018427387904}, float[2] v = {0, 1}> {y=OneHot (x, s, v)}",
    ],
)
def test_operands_that_claim_a_huge_result_allocate_nothing(text: str) -> None:
    """The type says it, and only the run would need it."""
    proto = model(text)
    try:
        interlingua.optimize(interlingua.load(proto))
    except InterlinguaError as error:
        assert error.where


@pytest.mark.parametrize(
    ("name", "value"), [("axis", 1.5), ("axis", "one"), ("axis", [1]), ("axis", 7), ("nonsense", 1)]
)
def test_attributes_of_the_wrong_kind_or_value(name: str, value: Any) -> None:
    proto = model("g (float[2, 2] x) => (float[2, 2] y) { y = Softmax (x) }")
    proto.graph.node[0].attribute.append(h.make_attribute(name, value))
    refused(proto)


def test_an_attribute_whose_kind_belies_its_value() -> None:
    proto = model("g (float[2, 2] x) => (float[2, 2] y) { y = Softmax <axis = 1> (x) }")
    proto.graph.node[0].attribute[0].type = onnx.AttributeProto.STRING
    refused(proto)
    damaged = proto.SerializeToString().replace(b"\xa0\x01\x03", b"\xa0\x01\x4d")
    refused(damaged)


LOST = {
    "TENSORS": lambda a: a.tensors.add(name="t", data_type=1, dims=[0]),
    "SPARSE_TENSOR": lambda a: a.sparse_tensor.values.CopyFrom(
        onnx.numpy_helper.from_array(np.zeros(1, np.float32), "s")
    ),
    "SPARSE_TENSORS": lambda a: a.sparse_tensors.add(dims=[1]),
    "TYPE_PROTO": lambda a: a.tp.tensor_type.SetInParent(),
    "TYPE_PROTOS": lambda a: a.type_protos.add(),
    "GRAPHS": lambda a: a.graphs.add(name="g"),
}


@pytest.mark.parametrize("kind", LOST)
def test_no_attribute_is_lost_in_silence(kind: str) -> None:
    """onnx-graphsurgeon leaves these kinds out."""
    proto = model("g (float[2] x) => (float[2] y) { t = own.Op (x) y = Neg (t) }")
    attribute = proto.graph.node[0].attribute.add(name="odd", type=onnx.AttributeProto.AttributeType.Value(kind))
    LOST[kind](attribute)
    with pytest.raises(InterlinguaError):
        interlingua.load(proto)


def test_a_reference_to_an_attribute_outside_of_functions() -> None:
    proto = model("g (float[2, 2] x) => (float[2, 2] y) { y = Softmax <axis = 1> (x) }")
    attribute = proto.graph.node[0].attribute[0]
    attribute.ClearField("i")
    attribute.ref_attr_name = "other"
    refused(proto)


def functions(*bodies: str) -> Any:
    text = '<ir_version: 8, opset_import: ["" : 17, "own" : 1]> g (float[2] x) => (float[2] y) { y = own.f0 (x) }'
    return onnx.parser.parse_model(
        text + "".join(f'\n<domain: "own", opset_import: ["" : 17, "own" : 1]> {b}' for b in bodies)
    )


def test_functions_that_call_themselves() -> None:
    assert "calls itself" in refused(functions("f0 (a) => (b) { b = own.f0 (a) }")).what
    assert (
        "calls itself"
        in refused(functions("f0 (a) => (b) { b = own.f1 (a) }", "f1 (a) => (b) { b = own.f0 (a) }")).what
    )


def test_functions_that_expand_without_measure() -> None:
    doubling = [f"f{i} (a) => (b) {{ t = own.f{i + 1} (a) b = own.f{i + 1} (t) }}" for i in range(60)]
    error = refused(functions(*doubling, "f60 (a) => (b) { b = Neg (a) }"))
    assert str(1 << 60) in error.what


def test_a_function_that_is_defined_twice() -> None:
    refused(functions("f0 (a) => (b) { b = Neg (a) }", "f0 (a) => (b) { b = Abs (a) }"))


def test_functions_are_inlined() -> None:
    module = interlingua.load(functions("f0 (a) => (b) { b = own.f1 (a) }", "f1 (a) => (b) { b = Neg (a) }"))
    assert [n.op.name for n in module.walk()] == ["core.neg"]


def nested(depth: int) -> Any:
    """An If in an If in an If …, each built in its place: a copy would hit the limit that is to be tested."""
    inputs = [h.make_tensor_value_info("x", F32, [2]), h.make_tensor_value_info("c", onnx.TensorProto.BOOL, [])]
    proto = onnx.ModelProto(ir_version=8, opset_import=[h.make_opsetid("", 17)])
    proto.graph.input.extend(inputs)
    graph = proto.graph
    for level in range(depth):
        graph.name = f"level{level}"
        graph.output.append(h.make_tensor_value_info(f"r{level}", F32, [2]))
        node = graph.node.add(op_type="If", input=["c"], output=[f"r{level}"])
        other = node.attribute.add(name="else_branch", type=onnx.AttributeProto.GRAPH).g
        other.name = f"other{level}"
        other.node.add(op_type="Abs", input=["x"], output=[f"e{level}"])
        other.output.append(h.make_tensor_value_info(f"e{level}", F32, [2]))
        graph = node.attribute.add(name="then_branch", type=onnx.AttributeProto.GRAPH).g
    graph.name = "innermost"
    graph.node.add(op_type="Neg", input=["x"], output=["r"])
    graph.output.append(h.make_tensor_value_info("r", F32, [2]))
    return proto


def test_deep_nesting_loads() -> None:
    module = interlingua.load(nested(28))
    assert sum(1 for _ in module.walk()) == 28 * 2 + 1


@pytest.mark.parametrize("depth", [33, 90, 1000])
def test_nesting_beyond_what_protobuf_reads(depth: int) -> None:
    assert "graphs" in refused(nested(depth)).what


def _field(number: int, payload: bytes) -> bytes:
    """One length-delimited protobuf field."""
    head, size = bytes([number << 3 | 2]), len(payload)
    while size >= 0x80:
        head, size = head + bytes([size & 0x7F | 0x80]), size >> 7
    return head + bytes([size]) + payload


def test_a_file_that_nests_a_thousand_deep() -> None:
    graph = b""
    for _ in range(1000):
        attribute = _field(1, b"g") + _field(6, graph) + b"\xa0\x01\x05"
        graph = _field(1, _field(5, attribute) + _field(4, b"If"))
    assert "nests" in refused(b"\x08\x08" + _field(7, graph)).what


def test_loops_that_nest_do_not_multiply_the_work() -> None:
    """A loop's body is read again until its types settle: ten of them, one in the other, are read 2^10 times."""
    inner = "h0 = Concat <axis = 0> (v0, v0)"
    text = inner.replace("h0", "o0")
    for level in range(10):
        text = (
            f"o{level + 1} = Loop (n, , v{level + 1}) "
            f"<body = b{level} (int64 i{level}, bool c{level}, float[*] v{level}) "
            f"=> (bool d{level}, float[*] o{level}) {{ d{level} = Identity (c{level}) {text} }}>"
        )
    text = text.replace("float[*]", "float[?]")
    proto = model(f"g (float[2] x, int64 n) => (float[?] y) {{ v10 = Neg (x) {text} y = Neg (o10) }}")
    try:
        interlingua.load(proto)
    except UnsupportedOps as error:
        assert "nest" in str(error)


POWERS = " ".join(f"s{i + 1} = Mul (s{i}, s{i})" for i in range(60))
NESTS = " ".join(f"m{i} = Div (s{i}, three) s{i + 1} = Max (m{i}, s{i})" for i in range(60))
SUMS = " ".join(f"t{i} = Mul (s{i}, s{i}) s{i + 1} = Add (t{i}, other)" for i in range(60))


@pytest.mark.parametrize("steps", [POWERS, NESTS, SUMS], ids=["powers", "nests", "sums"])
def test_shapes_whose_terms_would_explode(steps: str) -> None:
    """Sixty steps would need 2^60 terms, digits or copies of a dim: what is too large becomes an unknown."""
    head = "g (float[a] x, float[b] z) => (float[?] y) <int64[1] three = {3}>"
    module = interlingua.load(model(f"{head} {{ s0 = Shape (x) other = Shape (z) {steps} y = ConstantOfShape (s60) }}"))
    assert len(str(module)) < 100_000
    x, z = np.zeros(1, np.float32), np.zeros(0, np.float32)
    assert interlingua.evaluate(module, [x, z])["y"].shape == (1,)


@pytest.mark.parametrize(
    "text",
    [
        "y = Reshape (x, s)",
        "y = ConstantOfShape (s)",
        "y = Unsqueeze (x, s)",
        "y = Expand (x, s)",
        "t = Concat <axis = 0> (s, one) y = Tile (x, t)",
        "t = ReduceSum (x, s) y = Neg (t)",
    ],
)
def test_ranks_that_no_tensor_has(text: str) -> None:
    proto = model(f"g (int64[1099511627776] s, float[2] x) => (float y) <int64[1] one = {{1}}> {{ {text} }}")
    with pytest.raises(InterlinguaError):
        interlingua.load(proto)


def test_a_split_into_more_parts_than_it_names() -> None:
    proto = model("g (float[4] x) => (float[n] y) { y = Split (x) }", opset=18)
    proto.graph.node[0].attribute.append(h.make_attribute("num_outputs", 1 << 40))
    refused(proto)


def test_a_setting_that_is_no_text() -> None:
    proto = model('g (float[2, 2] x) => (float[2, 2] y) { y = Pad <mode = "edge"> (x, p) }')
    proto.graph.initializer.append(onnx.numpy_helper.from_array(np.zeros(4, np.int64), "p"))
    proto.graph.node[0].attribute[0].s = b"\xff"
    error = refused(proto)
    assert error.what == "attribute mode is no UTF-8"
    assert "y" in str(error.where)
