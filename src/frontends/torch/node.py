"""One call in an exported program as a translation sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from interlingua.errors import InvalidModel
from interlingua.formats.torch import dtype_of
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.convert import Cast
from interlingua.ir.ops.shape import Reshape
from interlingua.ir.ops.shaping import vector
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor


class Unsupported(Exception):
    """A translation declines a call; the importer reports all of them together."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Unfilled:
    """A tensor whose elements nobody has set: whatever memory held."""

    shape: Value


class TorchNode:
    """The arguments of one call, bound to the names in the operator's schema, defaults filled in.

    Tensors are values; symbolic integers are Python integers where they are known now, else rank-0 int64 values;
    element types are :class:`DType`; everything else is as it stands in the program.

    Attributes:
        op: the name of the overload, as tables have it.
        fake: what PyTorch says of the result: a tensor without elements (or several), a symbol.
        fakes: the same of the arguments, by name.
    """

    def __init__(
        self,
        op: str,
        arguments: Mapping[str, Any],
        fakes: Mapping[str, Any],
        fake: Any,
        builder: Builder,
        translate_graph: Callable[[Any, Sequence[Any], Builder | None, Mapping[Value, Value]], list[Any]],
    ) -> None:
        self.op = op
        self.arguments = dict(arguments)
        self.fakes = fakes
        self.fake = fake
        self.builder = builder
        self._translate_graph = translate_graph

    def __getitem__(self, name: str) -> Any:
        """An argument as it is."""
        return self.arguments[name]

    def value(self, name: str, dtype: DType | None = None) -> Value:
        """A tensor argument; a number becomes a rank-0 constant of ``dtype``, and any value is cast to it."""
        found = self.arguments[name]
        if found is None:
            raise InvalidModel(f"{self.op} lacks its argument {name}")
        return self.as_value(found, dtype)

    def as_value(self, found: Any, dtype: DType | None = None) -> Value:
        """As :meth:`value`, of something that is at hand."""
        if isinstance(found, Unfilled):
            self.unsupported("it reads elements that nobody has set: those of empty()")
        if not isinstance(found, Value):
            return self.builder.constant(found, dtype)
        return found if dtype is None else as_dtype(self.builder, found, dtype)

    def optional(self, name: str, dtype: DType | None = None) -> Value | None:
        """A tensor argument that may be absent."""
        return None if self.arguments[name] is None else self.value(name, dtype)

    def rank(self, name: str) -> int:
        """The rank of a tensor argument: PyTorch knows that of every tensor."""
        return self.value(name).tensor.rank

    def static(self, name: str) -> Any:
        """An argument that must be known now: a number, a text, ``None``."""
        found = self.arguments[name]
        if isinstance(found, Value):
            known = self.known(found)
            if known is None:
                self.unsupported(f"{name} is known at the run only")
            return known.item()
        return found

    def ints(self, name: str) -> tuple[int, ...]:
        """A list of integers that must be known now; one integer counts as a list of it."""
        found = self.arguments[name]
        parts = found if isinstance(found, list | tuple) else [found]
        if any(isinstance(p, Value) for p in parts):
            self.unsupported(f"{name} is known at the run only")
        return tuple(int(p) for p in parts)

    def spread(self, name: str, count: int) -> tuple[int, ...]:
        """As :meth:`ints`; a single integer, or a list of one, stands for ``count`` of it."""
        found = self.ints(name)
        return found * count if len(found) == 1 else found

    def axis(self, name: str, rank: int) -> int:
        """An axis counted from the front; that of a scalar is 0."""
        found = int(self.static(name))
        return found % rank if rank else 0

    def axes(self, name: str, rank: int) -> tuple[int, ...]:
        """Axes counted from the front; all of them where the argument is absent or empty."""
        found = self.arguments[name]
        if found is None or (isinstance(found, list | tuple) and not found):
            return tuple(range(rank))
        return tuple(sorted(a % rank for a in self.ints(name))) if rank else ()

    def parts(self, name: str) -> list[int | Value]:
        """A list of extents as :func:`~interlingua.ir.ops.shaping.vector` takes them: integers, and vectors of one."""
        return [self.part(p) for p in self.arguments[name]]

    def part(self, extent: Any) -> int | Value:
        """An extent as an integer, or a vector of one int64."""
        if isinstance(extent, Value):
            return self.builder(Reshape(), extent, self.builder.constant([1]))
        return int(extent)

    def vector(self, name: str) -> Value:
        """A list of extents as an int64 vector."""
        return vector(self.builder, self.parts(name))

    def scalar(self, extent: Any, dtype: DType = DType.I64) -> Value:
        """An integer, or the value of one, as a rank-0 value."""
        return self.as_value(extent, dtype)

    @property
    def dtype(self) -> DType:
        """The element type of the result, of the first where there are several."""
        fake = self.fake[0] if isinstance(self.fake, list | tuple) else self.fake
        return dtype_of(fake.dtype)

    @property
    def dtypes(self) -> list[DType]:
        """The element types of the results, where there are several."""
        return [dtype_of(fake.dtype) for fake in self.fake]

    @property
    def fake_rank(self) -> int:
        """The rank of the result."""
        return len(self.fake.shape)

    def promoted(self, *names: str) -> DType:
        """The element type that PyTorch computes in for these arguments: tensors, scalars of tensors and numbers count
        as its rules of promotion say."""
        from functools import reduce

        import torch

        found = [self.fakes[name] for name in names]
        if len(found) == 1:
            return dtype_of(found[0].dtype)
        return dtype_of(reduce(torch.result_type, found[1:], found[0])) if len(found) == 2 else _promote(found)

    def known(self, value: Value) -> np.ndarray[Any, Any] | None:
        """The elements of a value where they are known now."""
        if value.node is not None and isinstance(value.node.op, Constant):
            return value.node.op.weight.view()
        type_ = value.type
        if isinstance(type_, Tensor) and type_.elements is not None and type_.known() is not None:
            return type_.elements.astype(type_.dtype.numpy)
        return None

    def region(self, owner: Any, operands: Sequence[Any], inner: Builder, inside: Mapping[Value, Value]) -> list[Value]:
        """Translate a part of the program into ``inner``; its results.

        ``inside`` are the values that stand in there for values outside; constants are made anew.
        """
        results = self._translate_graph(owner, operands, inner, inside)
        return [r if isinstance(r, Value) else inner.constant(r) for r in results]

    def inline(self, owner: Any, operands: Sequence[Any]) -> list[Any]:
        """Translate a part of the program where the call stands; its results."""
        return self._translate_graph(owner, operands, None, {})

    def unsupported(self, reason: str) -> NoReturn:
        """Decline the call."""
        raise Unsupported(reason)


def _promote(fakes: Sequence[Any]) -> DType:
    from torch._prims_common import ELEMENTWISE_TYPE_PROMOTION_KIND, elementwise_dtypes

    kind = ELEMENTWISE_TYPE_PROMOTION_KIND.DEFAULT
    return dtype_of(elementwise_dtypes(*fakes, type_promotion_kind=kind)[1])


def as_dtype(b: Builder, x: Value, dtype: DType) -> Value:
    """``x`` cast to ``dtype`` where it is not of it already."""
    return x if x.tensor.dtype is dtype else b(Cast(to=dtype), x)
