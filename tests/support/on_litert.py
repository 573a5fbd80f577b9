"""One op in LiteRT: converted, and run in both sets of kernels."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import interlingua
from interlingua.ir.graph import Port
from interlingua.ir.op import Op
from interlingua.runtimes.litert import open_model
from support.single import graph_of

KERNELS = ("xnnpack", "builtin")


def in_litert(op: Op, *arrays: Any, constants: tuple[int, ...] = (), **options: Any) -> list[list[Any]]:
    """The results of the op on arrays, by each set of kernels. Operands at ``constants`` are constants."""
    given = {f"x{i}": np.asarray(a) for i, a in enumerate(arrays) if a is not None and i not in constants}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.tflite"
        module = graph_of(op, *arrays, constants=constants, **options)
        module.inputs = [Port(name, None) for name in given]
        module.outputs = [Port(f"y{i}", None) for i in range(len(module.main.outputs))]
        interlingua.convert(module, to="litert", output=path, verify=False)
        runs = [open_model(str(path), kernels, None)(given) for kernels in KERNELS]  # type: ignore[arg-type]
    return [[np.asarray(found[f"y{i}"]) for i in range(len(found))] for found in runs]
