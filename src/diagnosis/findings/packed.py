"""Modules as plain data, to travel between processes: a graph is a web of references that pickle would follow too
deep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from interlingua.ir.dialect import OpSet
from interlingua.ir.graph import Module
from interlingua.ir.ops.source import Constant
from interlingua.ir.text.parser import parse_module
from interlingua.ir.text.printer import Printer
from interlingua.ir.weights import ArrayWeight
from interlingua.plugins import plugins


@dataclass(frozen=True, slots=True)
class Packed:
    """A module as its text form and the arrays that it names.

    Attributes:
        nodes: how many there are, constants left out.
    """

    text: str
    arrays: Mapping[str, np.ndarray[Any, Any]]
    nodes: int

    def module(self) -> Module:
        """The module, made anew."""
        weights = {name: ArrayWeight(array) for name, array in self.arrays.items()}
        return parse_module(self.text, OpSet(plugins().dialects.values()), weights)

    @property
    def size(self) -> tuple[int, int]:
        """To compare examples by: nodes, then text and bytes of weights."""
        return self.nodes, len(self.text) + sum(a.nbytes for a in self.arrays.values())


def pack(module: Module) -> Packed:
    """``module`` as plain data."""
    printer = Printer(module)
    text = "\n".join(printer.lines()) + "\n"
    arrays = {name: np.array(weight.view()) for name, weight in printer.weights.items()}
    return Packed(text, arrays, count_nodes(module))


def count_nodes(module: Module) -> int:
    """How many nodes there are, those of regions included, constants left out."""
    return sum(not isinstance(node.op, Constant) for node in module.walk())
