"""What each tool makes of each model: files to count nodes of and to time."""

from __future__ import annotations

import atexit
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import onnx
from benchmarks.common import MODELS, fetch, peers_python

from support.suites import data_folder, light

PEERS = ("onnxsim", "onnxslim", "onnxoptimizer", "onnxscript")
TOOLS = ("ours", *PEERS)
LIGHT = ("light_densenet121", "light_resnet50")
REDRAWN = " with weights"
"""Behind the name of a light model: its weights drawn, as a trained model has them. As it is, they are nodes that fill
tensors with one number, and whoever folds those makes a file of a hundred megabytes out of one of some kilobytes."""
ALL = (*MODELS, *LIGHT, *(name + REDRAWN for name in LIGHT))
PATIENCE = 600.0
SCRIPT = Path(__file__).parent.parent / "onnx" / "tools.py"


def source(name: str) -> Path:
    """The file of a real model, or of a light one out of the onnx package."""
    if name in MODELS:
        return fetch(name)
    return _redrawn(name.removesuffix(REDRAWN)) if name.endswith(REDRAWN) else data_folder() / "light" / f"{name}.onnx"


@cache
def _redrawn(name: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="benchmark-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / f"{name}.onnx"
    onnx.save(light(name.removeprefix("light_")), path)
    return path


def written(tool: str, path: Path, target: Path, job: str = "once") -> dict[str, float] | None:
    """Let a tool write ``target``; its figures, or ``None`` where it fails or leaves what is no model."""
    python = sys.executable if tool == "ours" else peers_python()
    command = [str(python), str(SCRIPT), job, tool, str(path), str(target)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=tool == "ours")
    except subprocess.TimeoutExpired:
        return None
    found = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 and done.stdout else {}
    return found if found and target.is_file() else None


def nodes(model: onnx.ModelProto) -> int:
    """Nodes that are no constants, those of sub-graphs and of local functions included."""
    return sum(1 for n in _nodes([model.graph, *model.functions]) if n.op_type != "Constant")


def _nodes(graphs: list[Any]) -> Iterator[onnx.NodeProto]:
    for graph in graphs:
        for node in graph.node:
            yield node
            yield from _nodes([g for a in node.attribute for g in ([a.g] if a.HasField("g") else a.graphs)])


def interface(model: onnx.ModelProto) -> tuple[list[Any], list[Any]]:
    """Inputs that a caller has to give, and outputs: names, element types, and dims as declared.

    A dim without a name that is negative is open, as converters write it.
    """
    weights = {i.name for i in model.graph.initializer}
    given = [i for i in model.graph.input if i.name not in weights]
    return [_port(i) for i in given], [_port(o) for o in model.graph.output]


def _port(value: onnx.ValueInfoProto) -> tuple[str, int, list[Any] | None]:
    type_ = value.type.tensor_type
    if not type_.HasField("shape"):
        return value.name, type_.elem_type, None
    return value.name, type_.elem_type, [_dim(d) for d in type_.shape.dim]


def _dim(dim: Any) -> Any:
    if dim.HasField("dim_param"):
        return dim.dim_param
    return dim.dim_value if dim.HasField("dim_value") and dim.dim_value >= 0 else None
