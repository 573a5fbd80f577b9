"""ONNX's suites of whole models: their data, and the ``light`` models with weights drawn anew.

The weights of a light model are one constant each: a network that mixes up its channels computes the same with them.
Here they are drawn as trained ones are scaled, so that activations neither vanish nor overflow.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

KINDS = ("simple", "pytorch-converted", "pytorch-operator")


@dataclass(frozen=True, slots=True)
class SuiteCase:
    """One model with its sets of inputs and outputs; ``rtol`` and ``atol`` are the suite's own."""

    name: str
    model: onnx.ModelProto
    data_sets: list[tuple[list[Any], list[Any]]]
    rtol: float
    atol: float


def data_folder() -> Path:
    """Where the installed package keeps its suites."""
    import onnx.backend.test

    return Path(onnx.backend.test.__file__).parent / "data"


def suite_names(kind: str) -> list[str]:
    """The cases of a suite."""
    return sorted(p.parent.name for p in (data_folder() / kind).glob("*/model.onnx"))


def suite_case(kind: str, name: str) -> SuiteCase:
    """One case, from its folder."""
    folder = data_folder() / kind / name
    model = onnx.load(folder / "model.onnx")
    said = folder / "data.json"
    limits = json.loads(said.read_text()) if said.is_file() else {}
    sets = [_data(model.graph, each) for each in sorted(folder.glob("test_data_set_*"))]
    return SuiteCase(name, model, sets, limits.get("rtol", 1e-3), limits.get("atol", 1e-7))


def _data(graph: Any, folder: Path) -> tuple[list[Any], list[Any]]:
    return (
        [_value(folder / f"input_{i}.pb", info) for i, info in enumerate(fed(graph))],
        [_value(folder / f"output_{i}.pb", info) for i, info in enumerate(graph.output)],
    )


def fed(graph: Any) -> list[Any]:
    """The inputs that a caller has to give."""
    weights = {i.name for i in graph.initializer}
    return [i for i in graph.input if i.name not in weights]


def _value(path: Path, info: Any) -> Any:
    kind = info.type.WhichOneof("value")
    proto, read = {
        "sequence_type": (onnx.SequenceProto, numpy_helper.to_list),
        "optional_type": (onnx.OptionalProto, numpy_helper.to_optional),
    }.get(kind, (onnx.TensorProto, numpy_helper.to_array))
    return read(proto.FromString(path.read_bytes()))


@cache
def light_names() -> tuple[str, ...]:
    """The light models."""
    return tuple(sorted(p.stem.removeprefix("light_") for p in (data_folder() / "light").glob("*.onnx")))


def light(name: str) -> onnx.ModelProto:
    """A light model with other weights, which are no inputs any more."""
    model = onnx.load(data_folder() / "light" / f"light_{name}.onnx")
    graph = model.graph
    given = {i.name: i for i in graph.initializer}
    shapes = dict(_filled(graph, given))
    shapes |= {n: tuple(i.dims) for n, i in given.items() if i.data_type == onnx.TensorProto.FLOAT}
    roles = _roles(graph)
    drawn = {n: numpy_helper.from_array(_draw(n, shape, *roles.get(n, ("", 0))), n) for n, shape in shapes.items()}
    nodes = [n for n in graph.node if n.op_type != "ConstantOfShape"]
    read = {name for node in nodes for name in node.input}
    kept = [drawn.get(n, i) for n, i in ({**given, **drawn}).items() if n in read]
    inputs, model.ir_version = fed(graph), 4  # before 4, weights are inputs
    for field, values in ((graph.node, nodes), (graph.initializer, kept), (graph.input, inputs)):
        del field[:]
        field.extend(values)
    for node in nodes:
        if node.op_type == "Softmax":  # one class of a thousand takes all: what went into it says more
            graph.output.append(onnx.helper.make_tensor_value_info(node.input[0], onnx.TensorProto.FLOAT, None))
    return model


def _filled(graph: Any, given: dict[str, Any]) -> Iterator[tuple[str, tuple[int, ...]]]:
    for node in graph.node:
        if node.op_type == "ConstantOfShape":
            yield node.output[0], tuple(numpy_helper.to_array(given[node.input[0]]).tolist())


def _roles(graph: Any) -> dict[str, tuple[str, int]]:
    """What reads each weight, and as which operand; through the nodes that only reshape it."""
    names = {n.output[0]: n.input[0] for n in graph.node if n.op_type == "Unsqueeze"}
    found: dict[str, tuple[str, int]] = {}
    for node in graph.node:
        for index, name in enumerate(node.input):
            found.setdefault(names.get(name, name), (node.op_type, index))
            if node.op_type != "Unsqueeze":
                found[names.get(name, name)] = (node.op_type, index)
    return found


def _draw(name: str, shape: tuple[int, ...], op: str, index: int) -> np.ndarray[Any, Any]:
    """Values such as training leaves in a weight that ``op`` reads as operand ``index``."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    if (op, index) in (("BatchNormalization", 1), ("BatchNormalization", 4)) or op == "Mul":
        return rng.uniform(0.5, 1.5, shape).astype(np.float32)
    if index == 1 and op in ("Conv", "Gemm"):
        return (rng.standard_normal(shape, np.float32) * np.sqrt(2 / prod(shape[1:]))).astype(np.float32)
    return (rng.standard_normal(shape, np.float32) * 0.1).astype(np.float32)
