"""Modules out of samples, and sources of samples."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from interlingua.ir.builder import Builder
from interlingua.ir.dims import symbol
from interlingua.ir.draw import Draw, Held, Sample
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Module, Port
from interlingua.ir.types import Optional, Sequence, Tensor, Type


class HypothesisDraw(Draw):
    """Answers from Hypothesis."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data

    def integer(self, lo: int, hi: int) -> int:
        return self.data.draw(st.integers(lo, hi))


def type_of(value: Any, symbolic: bool) -> Type:
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
    inputs, operands = [], []
    for index, value in enumerate(sample.operands):
        if value is None:
            operands.append(None)
        elif index in sample.known:
            operands.append(b.constant(value))
        else:
            type_ = type_of(value, symbolic)
            operands.append(b.input(type_, f"x{index}"))
            module.inputs.append(Port(f"x{index}", _dims(type_)))
            inputs.append(value.value if isinstance(value, Held) else value)
    results = b.add_all(sample.op, *operands)
    names = [f"y{i}" for i in range(len(results))]
    b.outputs(results, names)
    module.outputs = [Port(n, _dims(r.type)) for n, r in zip(names, results, strict=True)]
    return module, inputs


def _dims(type_: Type) -> tuple[int | None, ...] | None:
    if not isinstance(type_, Tensor) or type_.shape is None:
        return None
    return tuple(d if isinstance(d, int) else None for d in type_.shape)
