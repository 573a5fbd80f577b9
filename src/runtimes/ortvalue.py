"""Values across the border of ONNX Runtime: its Python binding takes and gives NumPy's own dtypes alone.

Tensors of bfloat16, float8, int4 … cross as raw memory, as ``OrtValue``. Sequences and strings beside them are made and
read by models of one node: the binding has no other way.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

FOREIGN = re.compile(r"tensor\((bfloat16|float[48]\w+|u?int[24])\)")
"""Types, as the runtime spells them, with elements that NumPy lacks."""

OPSET, IR_VERSION = 20, 10
"""What the models of one node are written in: any that the runtime reads does."""


def run(session: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of ``session`` by name; values as the IR's interpreter takes and gives them."""
    outputs = session.get_outputs()
    types = {port.name: port.type for port in session.get_inputs()}
    if any(FOREIGN.search(port.type) for port in outputs):
        feeds = {name: _held(value, types.get(name, "")) for name, value in inputs.items()}
        found = [_read(value) for value in session.run_with_ort_values(None, feeds)]
    else:
        found = session.run(None, {name: _fed(value, types.get(name, "")) for name, value in inputs.items()})
    return {port.name: value for port, value in zip(outputs, found, strict=True)}


def _fed(value: Any, type_name: str) -> Any:
    """What ``run`` of a session takes: arrays and lists where it can, no NumPy scalars."""
    if FOREIGN.search(type_name) and value is not None:
        return _held(value, type_name)
    return np.asarray(value) if isinstance(value, np.generic) else value


def _held(value: Any, type_name: str) -> Any:
    """The value as an ``OrtValue``."""
    import onnxruntime as ort
    from onnx import numpy_helper

    if isinstance(value, list | tuple):
        if not value:
            return _made("SequenceEmpty", dtype=_code(type_name))
        return _made("SequenceConstruct", *[_held(each, type_name) for each in value])
    if value is None:
        raise ValueError("the Python binding of ONNX Runtime makes no absent optional as an OrtValue")
    array = np.array(value, order="C", copy=True)
    if array.dtype.kind in "OUST":
        return _made("Constant", value=numpy_helper.from_array(array.astype(object)))
    if array.dtype.type.__module__ == "numpy":
        return ort.OrtValue.ortvalue_from_numpy(array)
    proto = numpy_helper.from_array(array)
    carrier = np.zeros(array.shape, f"u{array.dtype.itemsize}")  # large enough, also where elements are packed
    carrier.reshape(-1).view(np.uint8)[: len(proto.raw_data)] = np.frombuffer(proto.raw_data, np.uint8)
    return ort.OrtValue.ortvalue_from_numpy_with_onnx_type(carrier, proto.data_type)


def _read(value: Any) -> Any:
    """An ``OrtValue`` as arrays, lists and ``None``."""
    import onnx

    if not value.has_value():
        return None
    if value.is_tensor_sequence():
        return _elements(value)
    if not FOREIGN.search(value.data_type()):
        return value.numpy()
    data = ctypes.string_at(value.data_ptr(), value.tensor_size_in_bytes())
    proto = onnx.TensorProto(data_type=value.element_type(), dims=value.shape(), raw_data=data)
    return onnx.numpy_helper.to_array(proto)


def _elements(value: Any) -> list[Any]:
    """The elements of a sequence, asked for one by one."""
    type_name = value.data_type()
    (length,) = _session("SequenceLength", (type_name,), "tensor(int64)", {}).run(None, {"x0": value})
    at = _session("SequenceAt", (type_name, "tensor(int64)"), type_name.removeprefix("seq(").removesuffix(")"), {})
    return [run(at, {"x0": value, "x1": np.int64(i)})["y"] for i in range(int(length))]


def _made(op: str, *operands: Any, **attributes: Any) -> Any:
    """The result of one node, as an ``OrtValue``."""
    session = _session(op, tuple(each.data_type() for each in operands), None, attributes)
    (made,) = session.run_with_ort_values(None, {f"x{i}": each for i, each in enumerate(operands)})
    return made


def _session(op: str, types: tuple[str, ...], made: str | None, attributes: dict[str, Any]) -> Any:
    """A session of one node; the type of its result is inferred where ``made`` does not say it."""
    import onnx
    import onnxruntime as ort

    names = [f"x{i}" for i in range(len(types))]
    node = onnx.helper.make_node(op, names, ["y"], **attributes)
    ports = [onnx.helper.make_value_info(n, _proto(t)) for n, t in zip(names, types, strict=True)]
    result = onnx.ValueInfoProto(name="y") if made is None else onnx.helper.make_value_info("y", _proto(made))
    graph = onnx.helper.make_graph([node], op, ports, [result])
    opsets = [onnx.helper.make_opsetid("", OPSET)]
    model = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    options = ort.SessionOptions()
    options.log_severity_level = 4
    data = onnx.shape_inference.infer_shapes(model).SerializeToString()
    return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def _code(type_name: str) -> int:
    """The number of the element type inside ``tensor(float)``, ``seq(tensor(int64))`` …; ``TensorProto`` names them
    alike, in capitals."""
    import onnx

    found = re.search(r"tensor\((\w+)\)", type_name)
    return int(onnx.TensorProto.DataType.Value(found[1].upper() if found else "FLOAT"))


def _proto(type_name: str) -> Any:
    """A type as ONNX Runtime spells it, as a ``TypeProto``."""
    from onnx import helper

    outer, _, inner = type_name.partition("(")
    inner = inner.removesuffix(")")
    if outer == "seq":
        return helper.make_sequence_type_proto(_proto(inner))
    if outer == "optional":
        return helper.make_optional_type_proto(_proto(inner))
    return helper.make_tensor_type_proto(_code(type_name), None)
