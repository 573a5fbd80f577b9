"""Small modules through the ``litert`` backend and its runner."""

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import interlingua
from interlingua.ir.dtypes import DType
from interlingua.ir.types import Shape, Tensor
from interlingua.runtimes.litert import LiteRtRunner
from support.emission import module_of


def computed(
    build: Callable[..., Any], *arrays: Any, results: int = 1, shapes: Mapping[int, Shape] | None = None
) -> Any:
    """What LiteRT makes of ``build(b, *inputs)`` on arrays; ``shapes`` by input where extents are open."""
    given = {f"x{i}": np.asarray(a) for i, a in enumerate(arrays)}
    open_ = shapes or {}
    types = {name: Tensor(DType.of(a), open_.get(i, a.shape)) for i, (name, a) in enumerate(given.items())}
    names = tuple(f"y{i}" for i in range(results))
    module = module_of(build, types, names)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "m.tflite"
        interlingua.convert(module, to="litert", output=path, verify=False)
        (outcome,) = LiteRtRunner(path).run([given])
    assert outcome.outputs is not None, outcome.error
    found = tuple(outcome.outputs[n] for n in names)
    return found if results > 1 else found[0]
