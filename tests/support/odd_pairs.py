"""Pairs that cannot simply be compared: what ``interlingua.compare`` is to say of each."""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import onnx
from onnx import TensorProto, helper

import interlingua
from interlingua.errors import InterlinguaError
from support.models import info, model

F, D, I32, I64 = TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT32, TensorProto.INT64


@dataclass(frozen=True)
class Odd:
    """One pair.

    ``make`` is given an empty folder, and gives both sides and options; ``outcome`` is a verdict or the name of an
    error; ``says`` is in the message.
    """

    name: str
    make: Callable[[Path], tuple[Any, Any, dict[str, Any]]]
    outcome: str
    says: str


def single(op: str, *, dims=(2, 3), dtype: int = F, x="x", y="y", **attributes):
    """A model of one node."""
    node = helper.make_node(op, [x], [y], **attributes)
    return model([node], [info(x, list(dims), dtype)], [info(y, list(dims), dtype)])


def written(folder: Path, proto: onnx.ModelProto, name: str = "a.onnx") -> Path:
    path = folder / name
    path.write_bytes(proto.SerializeToString())
    return path


def two_inputs(first=("x", F), second=("k", I64)) -> onnx.ModelProto:
    """A sum of inputs of two dtypes."""
    nodes = [helper.make_node("Cast", [second[0]], ["f"], to=first[1]), helper.make_node("Add", [first[0], "f"], ["y"])]
    return model(nodes, [info(first[0], [2], first[1]), info(second[0], [2], second[1])], [info("y", [2], first[1])])


def nan() -> onnx.ModelProto:
    """Nothing but NaN: the root of minus a square less one."""
    nodes = [helper.make_node("Mul", ["x", "x"], ["s"]), helper.make_node("Neg", ["s"], ["n"])]
    nodes += [helper.make_node("Sub", ["n", "one"], ["m"]), helper.make_node("Sqrt", ["m"], ["y"])]
    return model(nodes, [info("x", [2, 3])], [info("y", [2, 3])], {"one": np.ones((), np.float32)})


def noisy(*, beside: bool = False) -> onnx.ModelProto:
    """Noise on the input; ``beside`` gives an output without it as well."""
    nodes = [helper.make_node("RandomNormalLike", ["x"], ["r"]), helper.make_node("Add", ["x", "r"], ["y"])]
    outputs = [info("y", [2, 3])]
    if beside:
        nodes.append(helper.make_node("Relu", ["x"], ["z"]))
        outputs.append(info("z", [2, 3]))
    return model(nodes, [info("x", [2, 3])], outputs)


def image(dims: list[Any], *, transposed: bool) -> onnx.ModelProto:
    """Relu of an image, channels first inside; ``transposed`` takes and gives channels last."""
    if not transposed:
        return model([helper.make_node("Relu", ["x"], ["y"])], [info("x", dims)], [info("y", dims)])
    last = [dims[0], *dims[2:], dims[1]]
    nodes = [
        helper.make_node("Transpose", ["x"], ["c"], perm=[0, 3, 1, 2]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("Transpose", ["r"], ["y"], perm=[0, 2, 3, 1]),
    ]
    return model(nodes, [info("x", last)], [info("y", last)])


def program(folder: Path, body: str) -> Path:
    """An artifact of the numpy backend whose program has ``body`` put at its head."""
    path = interlingua.convert(single("Relu"), to="numpy", verify=False).save(folder / "a.numpy")
    text = (path / "model.py").read_text()
    head = "from __future__ import annotations\n"
    assert head in text
    (path / "model.py").write_text(text.replace(head, f"{head}{body}\n", 1))
    return path


def relu(x: Any) -> Any:
    return np.maximum(x, 0)


def raising(x: Any) -> Any:
    raise ValueError("not today")


def leaving(x: Any) -> Any:
    sys.exit(3)


def hanging(x: Any) -> Any:
    time.sleep(30)


def changing(x: Any) -> Any:
    x[x < 0] = 0
    return x


def random(x: Any) -> Any:
    return x + np.random.default_rng().standard_normal(x.shape).astype(x.dtype)


def counting() -> Callable[[Any], Any]:
    count = itertools.count()
    return lambda x: x + x.dtype.type(next(count))


def broken(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


RELU = single("Relu")
HALF = len(RELU.SerializeToString()) // 2
NO_GRAPH = helper.make_model(
    helper.make_graph(
        [helper.make_node("Odd", ["x"], ["y"], domain="odd")], "g", [info("x", [2, 3])], [info("y", [2, 3])]
    ),
    opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("odd", 1)],
    ir_version=8,
)


INTERFACES = [
    Odd("an input more", lambda _: (RELU, two_inputs(), {}), "MISMATCH", "have no counterpart"),
    Odd("another rank", lambda _: (RELU, single("Relu", dims=(2, 3, 4)), {}), "MISMATCH", "x: f32[2, 3, 4]"),
    Odd("another size", lambda _: (RELU, single("Relu", dims=(2, 4)), {}), "MISMATCH", "interfaces differ"),
    Odd("an output more", lambda _: (RELU, lambda x: (x, x), {}), "MISMATCH", "no counterpart"),
    Odd("outputs in another shape", lambda _: (RELU, lambda x: relu(x).T, {}), "MISMATCH", "interfaces differ"),
    Odd("swapped inputs", lambda _: (two_inputs(("a", F), ("b", I64)), two_inputs(("c", F), ("d", I64)), {}),
        "VERIFIED", "by position"),
    Odd("names that say otherwise", lambda _: (two_inputs(), two_inputs(("k", F), ("x", I64)), {}),
        "MISMATCH", "x: f32[2] is i64"),
    Odd("a map that says it", lambda _: (two_inputs(), two_inputs(("k", F), ("x", I64)), {"map": {"x": "k", "k": "x"}}),
        "VERIFIED", ""),
    Odd("a map of nothing", lambda _: (RELU, RELU, {"map": {"z": "x"}}), "UsageError", "'z'"),
    Odd("a map to nothing", lambda _: (RELU, RELU, {"map": {"x": "z"}}), "UsageError", "'z'"),
    Odd("int32 for int64 inputs", lambda _: (two_inputs(), two_inputs(("x", F), ("k", I32)), {}),
        "MISMATCH", "k: i64[2] is i32"),
    Odd("float64 for float32 outputs", lambda _: (RELU, lambda x: relu(x).astype(np.float64), {}),
        "MISMATCH", "is f64"),
    Odd("channels last", lambda _: (image([1, 3, 5, 7], transposed=False), image([1, 3, 5, 7], transposed=True), {}),
        "VERIFIED", "transposed by [0, 2, 3, 1]"),
    Odd("channels last, as said", lambda _: (image([1, 3, "h", "w"], transposed=False),
                                             image([1, 3, "h", "w"], transposed=True),
                                             {"layout": {"x": (0, 2, 3, 1), "y": (0, 2, 3, 1)}}), "VERIFIED", ""),
    Odd("a layout that is none", lambda _: (RELU, RELU, {"layout": {"x": (0, 0)}}), "UsageError", "no permutation"),
    Odd("a size that one fixes", lambda _: (single("Relu", dims=("n", 3)), RELU, {}), "VERIFIED", "n=2"),
    Odd("outputs that are none", lambda _: (RELU, RELU, {"outputs": ["z"]}), "UsageError", "z"),
    Odd("one output of two", lambda _: (noisy(beside=True), noisy(beside=True), {"outputs": ["z"]}),
        "VERIFIED", "left out"),
]  # fmt: skip
VALUES = [
    Odd("NaN everywhere", lambda _: (nan(), nan(), {}), "UNVERIFIED", "finite"),
    Odd("NaN in one", lambda _: (RELU, lambda x: np.full_like(x, np.nan), {}), "MISMATCH", "nan"),
    Odd("random ops", lambda _: (noisy(), noisy(), {}), "UNVERIFIED", "random"),
    Odd("random ops beside others", lambda _: (noisy(beside=True), noisy(beside=True), {}), "UNVERIFIED", "['y']"),
    Odd("a random function", lambda _: (RELU, random, {}), "UNVERIFIED", "asked again"),
    Odd("a function that counts", lambda _: (RELU, counting(), {}), "UNVERIFIED", "asked again"),
    Odd("empty outputs", lambda _: (single("Relu", dims=(0, 3)), single("Relu", dims=(0, 3)), {}),
        "UNVERIFIED", "finite"),
    Odd("an empty batch", lambda _: (single("Relu", dims=("n", 3)), relu, {"examples": [np.zeros((1, 0, 3), "f")]}),
        "UNVERIFIED", "finite"),
    Odd("equal bits without a graph", lambda _: (relu, lambda x: relu(x), {"examples": [[np.ones(3, "f")]]}),
        "VERIFIED", ""),
    Odd("other bits without a graph", lambda _: (relu, lambda x: relu(x) * np.float32(1.001),
                                                 {"examples": [[np.ones((2, 3), "f")]]}), "UNVERIFIED", "SQNR"),
    Odd("the same with a reference", lambda _: (relu, lambda x: relu(x) * np.float32(1.001),
                                                {"examples": [[np.ones((2, 3), "f")]], "reference": RELU}),
        "MISMATCH", "outputs differ"),
    Odd("a reference of another interface", lambda _: (relu, changing, {"examples": [[np.ones((2, 3), "f")]],
                                                                        "reference": two_inputs()}),
        "UsageError", "the inputs of relu are"),
    Odd("a reference without a graph", lambda _: (relu, relu, {"reference": relu}), "UsageError", "no graph"),
]  # fmt: skip
FUNCTIONS = [
    Odd("it raises", lambda _: (RELU, raising, {}), "CRASH", "not today"),
    Odd("the first raises", lambda _: (raising, RELU, {}), "CRASH", "not today"),
    Odd("both raise", lambda _: (raising, raising, {"examples": [[np.ones(3)]]}), "UNVERIFIED", "not today"),
    Odd("it leaves", lambda _: (RELU, leaving, {}), "CRASH", "SystemExit"),
    Odd("it hangs", lambda _: (RELU, hanging, {"timeout": 2.0}), "TIMEOUT", "longer than 2 s"),
    Odd("it takes two", lambda _: (RELU, lambda a, b: a, {}), "CRASH", "TypeError"),
    Odd("it takes none", lambda _: (RELU, lambda: 1, {}), "CRASH", "TypeError"),
    Odd("it gives nothing", lambda _: (RELU, lambda x: None, {}), "CRASH", "NoneType"),
    Odd("it gives an object", lambda _: (RELU, lambda x: object(), {}), "CRASH", "no array"),
    Odd("it gives a number", lambda _: (RELU, lambda x: 1.0, {}), "MISMATCH", "f64[]"),
    Odd("it changes its input", lambda _: (RELU, changing, {}), "VERIFIED", "changes in place: ['x']"),
    Odd("no examples for two functions", lambda _: (relu, relu, {}), "UsageError", "neither"),
    Odd("an example of other names", lambda _: (RELU, RELU, {"examples": [{"z": np.ones((2, 3), "f")}]}),
        "UsageError", "'z'"),
    Odd("an example of another dtype", lambda _: (RELU, RELU, {"examples": [{"x": np.ones((2, 3))}]}),
        "UNVERIFIED", "rejects"),
    Odd("examples that are one", lambda _: (RELU, RELU, {"examples": {"x": np.ones((2, 3))}}), "UsageError", "a list"),
    Odd("nothing that runs", lambda _: (RELU, 3, {}), "UsageError", "nothing runs a int"),
]  # fmt: skip
FILES = [
    Odd("no file", lambda f: (RELU, f / "none.onnx", {}), "UsageError", "no file"),
    Odd("an unknown ending", lambda f: (RELU, broken(f, "a.odd", b"x"), {}), "UsageError", "nothing runs .odd"),
    Odd("half an .onnx", lambda f: (RELU, broken(f, "a.onnx", RELU.SerializeToString()[:HALF]), {}),
        "InvalidModel", "not an ONNX file"),
    Odd("an empty .onnx", lambda f: (RELU, broken(f, "a.onnx", b""), {}), "InvalidModel", "empty"),
    Odd("a .tflite that is none", lambda f: (RELU, broken(f, "a.tflite", b"no model at all"), {}),
        "InvalidModel", "no TFL3"),
    Odd("a .tflite of zeros", lambda f: (RELU, broken(f, "a.tflite", b"\x1c\0\0\0TFL3" + bytes(100)), {}),
        "InvalidModel", "vtable"),
    Odd("an empty .tflite", lambda f: (RELU, broken(f, "a.tflite", b""), {}), "InvalidModel", "empty"),
    Odd("a folder that is no artifact", lambda f: (RELU, _folder(f), {}), "InvalidModel", "no artifact"),
    Odd("an op that nobody knows", lambda f: (RELU, written(f, NO_GRAPH), {}), "CRASH", "refused"),
    Odd("a process that dies", lambda f: (RELU, program(f, "import os; os.abort()"), {}), "CRASH", "SIGABRT"),
    Odd("a process that hangs", lambda f: (RELU, program(f, "import time; time.sleep(60)"), {"timeout": 2.0}),
        "TIMEOUT", "longer than 2 s"),
    Odd("a program that is sound", lambda f: (RELU, program(f, ""), {}), "VERIFIED", ""),
]  # fmt: skip


def _folder(folder: Path) -> Path:
    path = folder / "b.numpy"
    path.mkdir()
    return path


@contextmanager
def without(package: str, folder: Path) -> Iterator[None]:
    """Workers that start inside cannot import ``package``."""
    home = folder / "hidden"
    home.mkdir()
    (home / f"{package}.py").write_text(f"raise ModuleNotFoundError('No module named {package}', name='{package}')")
    with patch.dict("os.environ", {"PYTHONPATH": str(home)}):
        yield


MISSING = [("a.onnx", "onnxruntime", "install onnxruntime"), ("a.tflite", "ai_edge_litert", "install ai-edge-litert")]
"""A file, the package that its runtime is in, and what the report is to say where that is not there."""

ODD = {"interfaces": INTERFACES, "values": VALUES, "functions": FUNCTIONS, "files": FILES}


def tell(pair: Odd, folder: Path) -> tuple[str, str]:
    """The verdict or the error, and all that is said of it."""
    a, b, options = pair.make(folder)
    try:
        report = interlingua.compare(a, b, **options)
    except InterlinguaError as error:
        return type(error).__name__, str(error)
    return report.verdict.value, str(report)


def tell_missing(name: str, package: str, folder: Path) -> tuple[str, str]:
    """What is said of a file whose runtime is not there."""
    path = folder / name
    interlingua.convert(RELU.SerializeToString(), to="onnx" if name.endswith(".onnx") else "litert", output=path)
    with without(package, folder):
        report = interlingua.compare(path, relu)
    return report.verdict.value, str(report)

