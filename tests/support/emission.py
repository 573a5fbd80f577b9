"""Small modules for the tests of backends."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.types import Tensor
from interlingua.ir.weights import ArrayWeight


def module_of(
    build: Callable[..., Any],
    inputs: Mapping[str, Tensor],
    outputs: tuple[str, ...] = ("y",),
    defaults: Mapping[str, Any] | None = None,
) -> Module:
    """The module that ``build(b, *inputs)`` makes."""
    b = Builder(Graph("main"))
    found = build(b, *[b.input(type_, name) for name, type_ in inputs.items()])
    graph = b.outputs(found if isinstance(found, tuple) else (found,), outputs)
    module = Module({"main": graph})
    held = {name: ArrayWeight(np.asarray(value)) for name, value in (defaults or {}).items()}
    module.inputs = [Port(name, None, held.get(name)) for name in inputs]
    module.outputs = [Port(name, None) for name in outputs]
    return module
