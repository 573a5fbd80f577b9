"""Changing the names of a model's interface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from interlingua.errors import UsageError
from interlingua.ir.graph import Module, Port


def rename(module: Module, inputs: Sequence[str] | None, outputs: Sequence[str] | None) -> Module:
    """Give the inputs and outputs new names, in place, in interface order.

    Raises:
        UsageError: too few or too many names, or one twice.
    """
    module.inputs = _renamed(module.inputs, inputs, "input")
    module.outputs = _renamed(module.outputs, outputs, "output")
    for value, port in zip(module.main.inputs, module.inputs, strict=True):
        value.name = port.name
    module.main.output_names = module.output_names
    return module


def _renamed(ports: list[Port], names: Sequence[str] | None, kind: str) -> list[Port]:
    if names is None:
        return ports
    if len(names) != len(ports) or len(set(names)) != len(names):
        raise UsageError(
            f"{len(names)} {kind} name(s) given, {len(ports)} different ones needed",
            hint=f"now they are {[p.name for p in ports]}",
        )
    return [replace(port, name=name) for port, name in zip(ports, names, strict=True)]
