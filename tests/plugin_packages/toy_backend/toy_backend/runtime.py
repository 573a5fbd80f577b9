"""The runtime: knows nothing of Interlingua."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

DIRECT: dict[str, Callable[..., Any]] = {
    "core.add": np.add,
    "core.sub": np.subtract,
    "core.div": np.divide,
    "core.matmul": np.matmul,
    "core.exp": np.exp,
    "nn.relu": lambda x: np.maximum(x, 0),
}
REDUCTIONS = {"core.reduce_max": np.max, "core.reduce_sum": np.sum}


def open_model(path: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A function from inputs to outputs, by name."""
    model = json.loads(Path(path).read_text())
    constants = {i["out"]: np.load(f"{path}.{i['out']}.npy") for i in model["program"] if i["op"] == "constant"}

    def run(inputs: dict[str, Any]) -> dict[str, Any]:
        values = dict(constants)
        values.update({number: inputs[name] for name, number in model["inputs"].items()})
        for step in model["program"]:
            operands = [values[n] for n in step["in"]]
            if step["op"] in DIRECT:
                values[step["out"]] = DIRECT[step["op"]](*operands)
            elif step["op"] in REDUCTIONS:
                function = REDUCTIONS[step["op"]]
                values[step["out"]] = function(*operands, axis=tuple(step["axes"]), keepdims=step["keepdims"])
            elif step["op"] == "ai.onnx.ml:Scaler":
                offset, scale = (np.array(step[name], np.float32) for name in ("offset", "scale"))
                values[step["out"]] = (operands[0] - offset) * scale
        return {name: values[number] for name, number in model["outputs"].items()}

    return run
