"""The table of what PyTorch takes, and what holds of every op there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from interlingua.backends.lowering import Lowerings, Row
from interlingua.errors import Refusal
from interlingua.formats.torch import NAMES
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module, Node
from interlingua.ir.ops.source import Constant
from interlingua.ir.safetensors import NAMES as STORED
from interlingua.ir.types import Optional, Sequence, Type


def _dtypes(types: Iterable[Type]) -> Iterator[DType]:
    for type_ in types:
        while isinstance(type_, Sequence | Optional):
            type_ = type_.element
        yield type_.dtype


def _lacks(types: Iterable[Type]) -> str | None:
    """The element type that PyTorch lacks, if there is one among the types."""
    return next((str(dtype) for dtype in _dtypes(types) if dtype not in NAMES), None)


class TorchLowerings(Lowerings):
    """Refuses values of element types that PyTorch lacks, whatever the op."""

    def find(self, node: Node, target: Any) -> Row | str:
        values = [v for v in node.operands if v is not None]
        inner = (v for r in node.regions for v in (*r.inputs, *r.outputs))
        lacking = _lacks(v.type for v in (*values, *node.results, *inner))
        return super().find(node, target) if lacking is None else f"PyTorch has no {lacking}"

    def interface(self, module: Module, target: Any) -> Iterable[Refusal]:
        ports, values = [*module.inputs, *module.outputs], [*module.main.inputs, *module.main.outputs]
        for port, value in zip(ports, values, strict=True):
            lacking = _lacks([value.type])
            if lacking is not None:
                yield Refusal("interface", f"PyTorch has no {lacking}", port.name)
        weights = [n.op.weight for n in module.walk() if isinstance(n.op, Constant)]
        for weight in (*weights, *(p.default for p in module.inputs if p.default is not None)):
            if weight.dtype in NAMES and weight.dtype not in STORED and weight.shape != ():
                yield Refusal("core.constant", f"safetensors files hold no {weight.dtype}", "")
