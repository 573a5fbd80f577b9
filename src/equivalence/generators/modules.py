"""Modules out of samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from interlingua.ir.builder import Builder
from interlingua.ir.dims import symbol
from interlingua.ir.draw import Held, Sample
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port, Value
from interlingua.ir.types import Optional, Sequence, Tensor, Type


@dataclass(frozen=True, slots=True)
class Case:
    """A generated module, and inputs that its reference takes.

    Attributes:
        origin: what drew it, such as ``graph``, ``op:core.add`` or ``motif:pad-window``.
    """

    module: Module
    inputs: Mapping[str, Any]
    origin: str = "graph"


def type_of(value: Any, symbolic: bool = False) -> Type:
    """The type of an operand; with ``symbolic``, every dim but 0 and 1 is the symbol of its size."""
    if isinstance(value, Held):
        return Optional(Tensor(DType.F32, None) if value.value is None else type_of(value.value, symbolic))
    if isinstance(value, list):
        return Sequence(Tensor(DType.of(value[0]), None) if value else Tensor(DType.F32, None))
    shape = tuple(symbol(f"d{d}") if symbolic and d > 1 else d for d in np.shape(value))
    return Tensor(DType.of(value), shape)


def module_of(sample: Sample, *, symbolic: bool = False) -> tuple[Module, list[Any]]:
    """A module of one node, and its inputs. Operands that the type rule must know are constants."""
    b = Builder(Graph("main"))
    module = Module({"main": b.graph})
    inputs: list[Any] = []
    operands: list[Value | None] = []
    for index, value in enumerate(sample.operands):
        if value is None:
            operands.append(None)
        elif index in sample.known:
            operands.append(b.constant(value))
        else:
            type_ = type_of(value, symbolic)
            operands.append(b.input(type_, f"x{index}"))
            module.inputs.append(Port(f"x{index}", declared(type_)))
            inputs.append(value.value if isinstance(value, Held) else value)
    results = b.add_all(sample.op, *operands)
    names = [f"y{i}" for i in range(len(results))]
    b.outputs(results, names)
    module.outputs = [Port(n, declared(r.type)) for n, r in zip(names, results, strict=True)]
    return module, inputs


def case_of(sample: Sample, *, symbolic: bool = False) -> Case:
    """:func:`module_of` with the inputs by name."""
    module, inputs = module_of(sample, symbolic=symbolic)
    return Case(module, dict(zip(module.input_names, inputs, strict=True)), f"op:{sample.op.name}")


def declared(type_: Type) -> tuple[int | None, ...] | None:
    """The dims that a port declares for a value of this type."""
    if not isinstance(type_, Tensor) or type_.shape is None:
        return None
    return tuple(d if isinstance(d, int) else None for d in type_.shape)
