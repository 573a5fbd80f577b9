"""One ONNX node as a translation sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

from interlingua.errors import InterlinguaError, InvalidModel
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor, Type
from interlingua.ir.weights import Weight


class Unsupported(Exception):
    """A translation declines a node; the importer reports all of them together."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


_PLAIN = (int, float, str, tuple)


def _plain(value: Any) -> Any:
    return value.view() if isinstance(value, Weight) else value


class OnnxNode:
    """Operands, attributes and outputs of one node of version ``version``.

    ``n[0]`` is an operand that must be there, ``n.get(2)`` one that may be absent.
    """

    def __init__(
        self,
        op: str,
        version: int,
        operands: Sequence[Value | None],
        attributes: dict[str, Any],
        outputs: Sequence[str],
        *,
        translate_graph: Callable[[str, Builder, Sequence[Type]], tuple[Graph, list[Value]]] | None = None,
    ) -> None:
        self.op = op
        self.version = version
        self.operands = list(operands)
        self.attributes = attributes
        self.outputs = list(outputs)
        self._translate_graph = translate_graph

    def __getitem__(self, index: int) -> Value:
        value = self.get(index)
        if value is None:
            raise InvalidModel(f"{self.op} lacks its input {index}", hint="the model is not valid ONNX")
        return value

    def get(self, index: int) -> Value | None:
        """The operand, or ``None`` where it is left out."""
        return self.operands[index] if index < len(self.operands) else None

    def __len__(self) -> int:
        return len(self.operands)

    def tensor(self, index: int) -> Tensor:
        """The type of an operand that must be there, and be a tensor."""
        type_ = self[index].type
        if not isinstance(type_, Tensor):
            raise InvalidModel(f"input {index} of {self.op} is a {type_}, not a tensor")
        return type_

    def rank(self, index: int) -> int:
        """The rank of an operand; where it is unknown, the node is unsupported."""
        type_ = self.tensor(index)
        if type_.shape is None:
            self.unsupported(f"input {index} has no known rank")
        return type_.rank

    def attr(self, name: str, default: Any = None) -> Any:
        """An attribute: int, float, str, NumPy array, tuple of these, or ``default`` where it is left out."""
        value = self.attributes.get(name)
        if value is None:
            return default
        return value if isinstance(value, _PLAIN) else _plain(value)

    def weight(self, name: str) -> Weight | None:
        """An attribute that is a tensor, dense or sparse, as the handle of it; ``None`` where it is left out."""
        value = self.attributes.get(name)
        return value if isinstance(value, Weight) else None

    def required(self, name: str) -> Any:
        """An attribute that must be there."""
        value = self.attributes.get(name)
        if value is None:
            raise InvalidModel(f"{self.op} lacks its attribute {name}", hint="the model is not valid ONNX")
        return _plain(value)

    def wants(self, output: int) -> bool:
        """Whether the node names its output ``output``."""
        return output < len(self.outputs) and bool(self.outputs[output])

    def constant(self, index: int) -> np.ndarray[Any, Any] | None:
        """The value of an operand where it is known now: a constant, or integers that shapes determine."""
        value = self.get(index)
        if value is None:
            return None
        if value.node is not None and isinstance(value.node.op, Constant):
            return value.node.op.weight.view()
        type_ = value.type
        if isinstance(type_, Tensor) and type_.elements is not None and type_.known() is not None:
            return type_.elements.astype(type_.dtype.numpy)
        return None

    def ints(self, index: int) -> tuple[int, ...] | None:
        """An integer operand that must be known now, flat; ``None`` where it is left out."""
        if self.get(index) is None:
            return None
        array = self.constant(index)
        if array is None:
            self.unsupported(f"input {index} must be constant")
        return tuple(int(v) for v in array.ravel())

    def given(self, *operands: Value | None, **attributes: Any) -> OnnxNode:
        """The node on other operands, with some attributes replaced: what one translation hands to another."""
        changed = self.attributes | attributes
        return OnnxNode(self.op, self.version, operands, changed, self.outputs, translate_graph=self._translate_graph)

    def dtype(self, name: str, default: DType | None = None) -> DType:
        """An attribute that holds an ONNX element type."""
        from interlingua.formats.onnx import dtype_of

        code = self.attributes.get(name)
        if code is None:
            if default is None:
                raise InvalidModel(f"{self.op} lacks its attribute {name}")
            return default
        return dtype_of(int(code))

    def region(self, name: str, b: Builder, inputs: Sequence[Type] = ()) -> tuple[Graph, list[Value]]:
        """Translate the graph attribute ``name``.

        Its formal inputs get the types ``inputs``. What it takes from outside becomes further inputs of the region; the
        values for these are given as the second result.
        """
        if self._translate_graph is None:
            raise InterlinguaError(f"{self.op} carries graphs, but no importer is at hand")
        return self._translate_graph(name, b, inputs)

    def unsupported(self, reason: str) -> NoReturn:
        """Decline the node."""
        raise Unsupported(reason)
