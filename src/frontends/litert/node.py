"""One operator of a ``.tflite`` file as a translation sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

from interlingua.errors import InvalidModel
from interlingua.formats.litert import dtype_of
from interlingua.frontends.litert.flatbuffer import Form
from interlingua.frontends.litert.reader import Operator, Quantization, TensorInfo
from interlingua.frontends.litert.schema import name_of
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Value
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.shape import Reshape
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor, Type


class Unsupported(Exception):
    """A translation declines an operator; the importer reports all of them together."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


Subgraphs = Callable[[int, Builder, Sequence[Value]], list[Value]]
"""The operators of a subgraph put in place on operands; its outputs."""


class LiteRtNode:
    """Operands, options and outputs of one operator.

    ``n[0]`` is an operand that must be there, ``n.get(2)`` one that may be absent; ``infos`` and ``results`` are the
    tensors that the file declares for operands and outputs.
    """

    def __init__(
        self,
        operator: Operator,
        operands: Sequence[Value | None],
        infos: Sequence[TensorInfo | None],
        results: Sequence[TensorInfo | None],
        subgraph: Subgraphs,
    ) -> None:
        self.operator = operator
        self.op = operator.op
        self.operands = list(operands)
        self.infos = list(infos)
        self.results = list(results)
        self.subgraph = subgraph

    def __getitem__(self, index: int) -> Value:
        value = self.get(index)
        if value is None:
            info = self.infos[index] if index < len(self.infos) else None
            if info is not None and info.variable:
                self.unsupported(f"input {index} is a state that the interpreter keeps")
            raise InvalidModel(f"{self.op} lacks its input {index}")
        return value

    def get(self, index: int) -> Value | None:
        """The operand, or ``None`` where it is left out."""
        return self.operands[index] if index < len(self.operands) else None

    def __len__(self) -> int:
        return len(self.operands)

    @property
    def all(self) -> list[Value]:
        """Every operand; none may be absent."""
        return [self[i] for i in range(len(self))]

    def option(self, name: str) -> Any:
        """A number among the options, or its default in the schema."""
        options = self._options(name)
        return None if options is None else options.scalar(name)

    def offers(self, name: str) -> bool:
        """Whether the options are there and have one of that name."""
        options = self.operator.options
        return options is not None and options.has(name)

    def choice(self, name: str, enumeration: str) -> str:
        """A member of an enumeration among the options."""
        return name_of(enumeration, int(self.required(name)))

    def required(self, name: str) -> Any:
        """An option that must be there: without any options the op means nothing."""
        found = self.option(name)
        if found is None:
            raise InvalidModel(f"{self.op} has no options")
        return found

    def listed(self, name: str, form: Form = "i32") -> tuple[Any, ...] | None:
        """A vector among the options; ``None`` where there are no options."""
        options = self._options(name)
        return None if options is None else options.vector(name, form)

    def _options(self, name: str) -> Any:
        options = self.operator.options
        if options is not None and not options.has(name):
            raise InvalidModel(f"the options of {self.op} are {self.operator.options_type}, which have no {name}")
        return options

    def tensor(self, index: int) -> Tensor:
        """The type of an operand that must be there."""
        return self[index].tensor

    def rank(self, index: int) -> int:
        """The rank of an operand; where it is unknown, the operator is unsupported."""
        type_ = self.tensor(index)
        if type_.shape is None:
            self.unsupported(f"input {index} has no known rank")
        return type_.rank

    def axis(self, name: str, index: int = 0, *, more: int = 0) -> int:
        """An option that is an axis of an operand, or of it with ``more`` axes, counted from the front."""
        return self.within(int(self.required(name)), self.rank(index) + more)

    def within(self, axis: int, rank: int) -> int:
        """An axis counted from the front."""
        if not -rank <= axis < rank:
            raise InvalidModel(f"axis {axis} of {self.op} is none of rank {rank}")
        return axis % rank

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

    def known(self, index: int) -> np.ndarray[Any, Any]:
        """An operand that must be known now."""
        self[index]
        array = self.constant(index)
        if array is None:
            self.unsupported(f"input {index} must be constant")
        return array

    def ints(self, index: int) -> tuple[int, ...]:
        """An integer operand that must be known now, flat."""
        return tuple(int(v) for v in self.known(index).ravel())

    def quantization(self, index: int) -> Quantization | None:
        """That of an operand."""
        info = self.infos[index] if index < len(self.infos) else None
        return None if info is None else info.quantization

    def result(self, index: int) -> TensorInfo:
        """What the file declares of an output."""
        found = self.results[index] if index < len(self.results) else None
        if found is None:
            raise InvalidModel(f"{self.op} lacks its output {index}")
        return found

    def dtype(self, index: int) -> DType:
        """The declared element type of an output."""
        return dtype_of(self.result(index).code)

    def shape(self, b: Builder, index: int) -> Value:
        """The shape of output 0, which an operand gives: of as many extents as the file declares of it, where how many
        there are is not known otherwise."""
        value, rank = self[index], self.result(0).rank
        if rank is None or value.tensor.shape is None or any(isinstance(d, int) for d in value.tensor.dims):
            return value
        return b(Reshape(), value, b.constant([rank]))

    def settled(self, b: Builder, value: Value, index: int = 0) -> Value:
        """A result in the declared element type of its output: indices are int64 here, and often int32 there."""
        dtype = self.dtype(index)
        return value if value.tensor.dtype is dtype else b(Cast(to=dtype), value)

    def given(self, *operands: Value | None) -> LiteRtNode:
        """The operator on other operands: what one translation hands to another."""
        return LiteRtNode(self.operator, operands, self.infos, self.results, self.subgraph)

    def region(self, index: int, b: Builder, types: Sequence[Type]) -> Graph:
        """A subgraph as a region whose inputs have the given types."""
        inner = b.region(f"subgraph{index}")
        return inner.outputs(self.subgraph(index, inner, [inner.input(t) for t in types]))

    def unsupported(self, reason: str) -> NoReturn:
        """Decline the operator."""
        raise Unsupported(reason)
