"""Models written as older opsets would have had them: the same computation, so the same expected outputs.

An attribute that an older schema lacks is left out where it says what that version always did. An operand that used to
be an attribute becomes one. What an older version cannot say, or says otherwise, gives :class:`Inexpressible`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, helper, numpy_helper

REDUCTIONS = {
    op: {1: "axes"}
    for op in (
        *("ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean"),
        *("ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"),
    )
}
ATTRIBUTES_ONCE: dict[str, dict[int, str]] = {
    **REDUCTIONS,
    "Clip": {1: "min", 2: "max"},
    "Dropout": {1: "ratio"},
    "Pad": {1: "pads", 2: "value"},
    "Reshape": {1: "shape"},
    "Slice": {1: "starts", 2: "ends", 3: "axes"},
    "Split": {1: "split"},
    "Squeeze": {1: "axes"},
    "TopK": {1: "k"},
    "Unsqueeze": {1: "axes"},
    "Upsample": {1: "scales"},
}
"""Operands that were attributes, by their index, in the versions whose schemas have these attributes."""
RENAMED = {("Pad", 1, "pads"): "paddings"}
ALWAYS: dict[tuple[str, str], Any] = {
    ("RoiAlign", "coordinate_transformation_mode"): b"output_half_pixel",
    ("Resize", "coordinate_transformation_mode"): b"asymmetric",
    ("Resize", "nearest_mode"): b"floor",
    ("DFT", "axis"): -2,
}
"""What a version did that lacks the attribute, where that is not the attribute's default now."""
ADDED: dict[tuple[str, int], dict[str, Any]] = {
    ("BatchNormalization", 1): {"is_test": 1, "consumed_inputs": [0, 0, 0, 1, 1]},
    ("BatchNormalization", 6): {"is_test": 1},
    ("Dropout", 1): {"is_test": 1},
    ("Dropout", 6): {"is_test": 1},
}
"""What older versions did by an attribute alone."""
FLATTENED = ("Softmax", "LogSoftmax", "Hardmax")
"""Up to opset 12 over all axes from ``axis`` on."""
BROADCASTING = ("Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Equal", "Greater", "Less")
SINGLE_SHAPE = ("Max", "Min", "Sum", "Mean")
"""Without broadcasting up to opset 7."""
RESPELLED = {("GridSample", 16): {b"linear": "bilinear", b"cubic": "bicubic"}}
"""Values of attributes that had other names."""
MEANT_OTHERWISE = {
    ("GroupNormalization", 18),  # a scale and a bias for each group
    ("Scan", 8),  # a batch axis, and lengths
}
EMPTY_ONCE = {("Resize", 11)}
"""Versions that leave an operand out by giving an empty one."""


NOTHING = "nothing"


class Inexpressible(Exception):
    """The older opset cannot say it, or said something else by it."""


def version_of(op: str, opset: int) -> Any:
    """The schema of an op in an opset.

    Raises:
        Inexpressible: there is none.
    """
    found = _schema(op, opset)
    if found is None:
        raise Inexpressible(f"{op} is not in opset {opset}")
    return found


@cache
def _schema(op: str, opset: int) -> Any:
    try:
        return onnx.defs.get_schema(op, max_inclusive_version=opset, domain="")
    except onnx.defs.SchemaError:
        return None


def versions(model: onnx.ModelProto) -> set[tuple[str, int]]:
    """Every op of the default domain in a model, with its version."""
    opset = next(o.version for o in model.opset_import if o.domain == "")
    return {(node.op_type, version_of(node.op_type, opset).since_version) for node in nodes(model.graph)}


def nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    """The nodes of a graph and of those inside it, of the default domain."""
    for node in graph.node:
        if node.domain == "":
            yield node
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from nodes(attribute.g)


def restamp(model: onnx.ModelProto, opset: int, inputs: Mapping[str, Any]) -> tuple[onnx.ModelProto, set[str]]:
    """The model in an older opset, and the inputs that have become attributes; these need their values.

    Raises:
        Inexpressible: why not.
    """
    found = onnx.ModelProto()
    found.CopyFrom(model)
    stamp = next((o for o in found.opset_import if o.domain == ""), None)
    if stamp is None or found.functions:
        raise Inexpressible("not of the default domain")
    known = {**inputs, **{t.name: numpy_helper.to_array(t) for t in found.graph.initializer}}
    types = {i.name: i.type for i in found.graph.input}
    used: set[str] = set()
    for node in nodes(found.graph):
        _rewrite(node, version_of(node.op_type, stamp.version), version_of(node.op_type, opset), known, types, used)
    if any(NOTHING in node.input for node in nodes(found.graph)):
        found.graph.initializer.append(numpy_helper.from_array(np.zeros(0, np.float32), NOTHING))
    stamp.version = opset
    found.ir_version = min(found.ir_version, 10)
    still = {name for node in nodes(found.graph) for name in node.input} | {o.name for o in found.graph.output}
    gone = {name for name in used if name not in still}
    kept = [i for i in found.graph.input if i.name not in gone]
    del found.graph.input[:]
    found.graph.input.extend(kept)
    return found, gone


def _rewrite(
    node: onnx.NodeProto, new: Any, old: Any, known: Mapping[str, Any], types: Mapping[str, Any], used: set[str]
) -> None:
    if new.since_version == old.since_version:
        return
    if old.deprecated or MEANT_OTHERWISE & {(node.op_type, s.since_version) for s in (new, old)}:
        raise Inexpressible(f"{node.op_type} {old.since_version} means something else")
    once = _once(node, old)
    _types(node, old, types, once)
    _operands(node, old, known, used, once)
    _attributes(node, new, old)
    if (node.op_type, old.since_version) in EMPTY_ONCE:
        node.input[:] = [name or NOTHING for name in node.input]
    if node.op_type in FLATTENED and old.since_version < 13:
        axis, known_type = _value(node, "axis"), types.get(node.input[0])
        if axis != -1 and (known_type is None or axis != len(known_type.tensor_type.shape.dim) - 1):
            raise Inexpressible("it flattened")
    if old.since_version < 8:
        _broadcast(node, old, types)


def _operands(
    node: onnx.NodeProto, old: Any, known: Mapping[str, Any], used: set[str], once: Mapping[int, str]
) -> None:
    for index, name in once.items():
        if index >= len(node.input) or not node.input[index]:
            continue
        value = known.get(node.input[index])
        if value is None:
            raise Inexpressible(f"operand {index} of {node.op_type} is not known")
        used.add(node.input[index])
        kind = int(old.attributes[name].type.value)
        listed = np.asarray(value).ravel().tolist()
        if not listed:
            raise Inexpressible(f"operand {index} of {node.op_type} is empty")
        if kind in (AttributeProto.FLOAT, AttributeProto.FLOATS):
            listed = [float(v) for v in listed]
        scalar = kind in (AttributeProto.INT, AttributeProto.FLOAT)
        node.attribute.append(helper.make_attribute(name, listed[0] if scalar else listed, attr_type=kind))
    left = [name for i, name in enumerate(node.input) if i not in once]
    while left and not left[-1]:
        left.pop()
    if not old.min_input <= len(left) <= old.max_input:
        raise Inexpressible(f"{node.op_type} {old.since_version} takes other operands")
    node.input[:] = left
    if len(node.output) > old.max_output:
        raise Inexpressible(f"{node.op_type} {old.since_version} has fewer outputs")


def _once(node: onnx.NodeProto, old: Any) -> dict[int, str]:
    """The operands that are attributes in ``old``: the names of these."""
    table = ATTRIBUTES_ONCE.get(node.op_type, {})
    named = {i: RENAMED.get((node.op_type, old.since_version, a), a) for i, a in table.items()}
    return {i: a for i, a in named.items() if a in old.attributes}


def _attributes(node: onnx.NodeProto, new: Any, old: Any) -> None:
    kept = []
    for attribute in node.attribute:
        if attribute.name in old.attributes:
            if node.op_type == "Cast" and old.since_version == 1:
                attribute = helper.make_attribute("to", TensorProto.DataType.Name(attribute.i))
            elif old.attributes[attribute.name].type == onnx.defs.OpSchema.AttrType.FLOAT:
                attribute = helper.make_attribute(attribute.name, float(helper.get_attribute_value(attribute)))
            kept.append(attribute)
        elif helper.get_attribute_value(attribute) != _always(node, new, attribute.name):
            raise Inexpressible(f"{node.op_type} {old.since_version} has no {attribute.name}")
    names = {a.name for a in node.attribute}
    for name, declared in new.attributes.items():
        if name in names or declared.default_value.type == AttributeProto.UNDEFINED:
            continue
        default = helper.get_attribute_value(declared.default_value)
        if name in old.attributes:
            kept.append(helper.make_attribute(name, default))
        elif default != _always(node, new, name):
            raise Inexpressible(f"{node.op_type} {old.since_version} does not do the default of {name}")
    del node.attribute[:]
    node.attribute.extend(kept)
    respelled = RESPELLED.get((node.op_type, old.since_version), {})
    for attribute in node.attribute:
        if attribute.s in respelled:
            attribute.s = respelled[attribute.s].encode()
    for name, value in ADDED.get((node.op_type, old.since_version), {}).items():
        node.attribute.append(helper.make_attribute(name, value))
    lacking = [n for n, a in old.attributes.items() if a.required and n not in {a.name for a in node.attribute}]
    if lacking:
        raise Inexpressible(f"{node.op_type} {old.since_version} needs {lacking}")


def _always(node: onnx.NodeProto, new: Any, name: str) -> Any:
    declared = new.attributes[name].default_value
    default = None if declared.type == AttributeProto.UNDEFINED else helper.get_attribute_value(declared)
    return ALWAYS.get((node.op_type, name), default)


def _value(node: onnx.NodeProto, name: str) -> Any:
    return next(helper.get_attribute_value(a) for a in node.attribute if a.name == name)


def _types(node: onnx.NodeProto, old: Any, types: Mapping[str, Any], once: Mapping[int, str]) -> None:
    """Element types that came later."""
    allowed = {c.type_param_str: set(c.allowed_type_strs) for c in old.type_constraints}
    for index, name in enumerate(node.input):
        if index in once or name not in types or types[name].WhichOneof("value") != "tensor_type":
            continue
        formal = old.inputs[min(index, len(old.inputs) - 1)]
        element = TensorProto.DataType.Name(types[name].tensor_type.elem_type).lower()
        spelled = f"tensor({element})"
        if spelled not in allowed.get(formal.type_str, {formal.type_str}):
            raise Inexpressible(f"{node.op_type} {old.since_version} takes no {spelled}")


def _broadcast(node: onnx.NodeProto, old: Any, types: Mapping[str, Any]) -> None:
    shapes = [
        tuple(d.dim_value for d in types[name].tensor_type.shape.dim) if name in types else None for name in node.input
    ]
    if node.op_type in SINGLE_SHAPE and len(set(shapes)) > 1:
        raise Inexpressible(f"{node.op_type} {old.since_version} did not broadcast")
    if node.op_type in BROADCASTING and old.since_version < 7:
        x, y = shapes
        if x is None or y is None or x[len(x) - len(y) :] != y:
            raise Inexpressible(f"{node.op_type} {old.since_version} did not broadcast so")
        if x != y:
            node.attribute.append(helper.make_attribute("broadcast", 1))
    if node.op_type == "PRelu" and old.since_version < 7 and shapes[1] not in (shapes[0], (1,)):
        raise Inexpressible("its slopes ran along the channels")
    if node.op_type == "Gemm" and old.since_version < 7:
        node.attribute.append(helper.make_attribute("broadcast", 1))
