"""Sequences of values, and optional values, as far as ONNX has them.

Elements of one sequence share a dtype, not a shape: what is known of an element's shape holds for all of
them, so a symbolic dim says nothing once an element is taken out. These ops are primitive: no backend without
sequences runs them.
"""

from __future__ import annotations

from typing import Any, TypeVar

from interlingua.ir.dims import UNKNOWN, same
from interlingua.ir.draw import Draw, Held, Sample
from interlingua.ir.dtypes import DType
from interlingua.ir.kernels import sequence as kernels
from interlingua.ir.op import Op, op
from interlingua.ir.ops.common import axis_in, elements_from
from interlingua.ir.ops.indexing import one_element
from interlingua.ir.types import Optional, Sequence, Tensor, Type, join

T = TypeVar("T", bound=Type)


def expect(op: Op, kind: type[T], value: Type) -> T:
    """The operand's type, which must be of a kind.

    Raises:
        ConstraintError: it is not.
    """
    op.require(isinstance(value, kind), f"C1. the operand is a {kind.__name__.lower()}", value)
    assert isinstance(value, kind)
    return value


def anonymous(type_: Type) -> Type:
    """The type with no symbol in it: of elements whose symbols differ from one to the next."""
    if not isinstance(type_, Tensor) or type_.shape is None:
        return type_
    return type_.with_shape([d if isinstance(d, int) else UNKNOWN for d in type_.shape])


@op("sequence.construct")
class SequenceConstruct(Op):
    """The operands as a sequence.  C1. One operand at least, all of one dtype."""

    kernel = kernels.sequence_construct

    def infer(self, *xs: Type) -> Sequence:
        self.require(xs, "C1. one operand at least")
        element = xs[0]
        for x in xs[1:]:
            element = join(element, x)
        return Sequence(element)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        dtype = draw.dtype(DType)
        return Sample(cls(), tuple(draw.array(draw.shape(), dtype) for _ in range(draw.integer(1, 3))))


@op("sequence.empty")
class SequenceEmpty(Op):
    """A sequence of no tensors of ``dtype``."""

    dtype: DType
    kernel = kernels.sequence_empty

    def infer(self) -> Sequence:
        return Sequence(Tensor(self.dtype, None))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        return Sample(cls(draw.dtype(DType)), ())


@op("sequence.insert")
class SequenceInsert(Op):
    """The sequence with ``x`` put in before ``position``, or at the end where there is none.

    C1. ``sequence`` is a sequence of the dtype of ``x``.  C2. ``position`` is one int32 or int64 in [-length,
    length].
    """

    kernel = kernels.sequence_insert

    def infer(self, sequence: Type, x: Type, position: Tensor | None = None) -> Sequence:
        if position is not None:
            one_element(self, position, "C2. position")
        return Sequence(join(expect(self, Sequence, sequence).element, x))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        xs = _elements(draw, 0)
        x = draw.array(draw.shape(), DType.of(xs[0]) if xs else DType.F32)
        position = _position(draw, len(xs), len(xs) + 1) if draw.boolean() else None
        return Sample(cls(), (xs, x, position), draw.some((2,)))


@op("sequence.erase")
class SequenceErase(Op):
    """The sequence without the element at ``position``, or without its last one where there is none.

    C1. ``sequence`` is a sequence.  C2. ``position`` is one int32 or int64 in [-length, length).
    """

    kernel = kernels.sequence_erase

    def infer(self, sequence: Type, position: Tensor | None = None) -> Sequence:
        if position is not None:
            one_element(self, position, "C2. position")
        return expect(self, Sequence, sequence)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        xs = _elements(draw, 1)
        return Sample(cls(), (xs, _position(draw, len(xs), len(xs)) if draw.boolean() else None), draw.some((1,)))


@op("sequence.at")
class SequenceAt(Op):
    """The element at ``position``.

    C1. ``sequence`` is a sequence.  C2. ``position`` is one int32 or int64 in [-length, length).
    """

    kernel = kernels.sequence_at

    def infer(self, sequence: Type, position: Tensor) -> Type:
        one_element(self, position, "C2. position")
        return anonymous(expect(self, Sequence, sequence).element)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        xs = _elements(draw, 1)
        return Sample(cls(), (xs, _position(draw, len(xs), len(xs))), draw.some((1,)))


@op("sequence.length")
class SequenceLength(Op):
    """The number of elements, an int64.  C1. ``sequence`` is a sequence."""

    kernel = kernels.sequence_length

    def infer(self, sequence: Type) -> Tensor:
        expect(self, Sequence, sequence)
        return Tensor(DType.I64, ())

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        return Sample(cls(), (_elements(draw, 0),))


@op("sequence.concat")
class SequenceConcat(Op):
    """The elements one after the other along ``axis``, or side by side along a new axis there (``new_axis``).

    C1. ``sequence`` is a sequence of tensors.  C2. ``axis`` is in [-r, r) for the rank r of the result.
    An empty sequence is undefined.
    """

    axis: int
    new_axis: bool = False
    kernel = kernels.sequence_concat

    def infer(self, sequence: Type) -> Tensor:
        element = expect(self, Tensor, anonymous(expect(self, Sequence, sequence).element))
        if element.shape is None:
            return element
        dims = list(element.dims)
        axis = axis_in(self, self.axis, len(dims) + self.new_axis)
        dims[axis : axis + (not self.new_axis)] = [UNKNOWN]
        return element.with_shape(dims)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        new, dtype = draw.boolean(), draw.dtype(DType)
        shape = list(draw.shape(int(not new)))
        axis, xs = draw.axis(len(shape) + new), []
        for _ in range(draw.integer(1, 3)):
            if not new:
                shape[axis] = draw.integer(0, 4)
            xs.append(draw.array(shape, dtype))
        return Sample(cls(axis, new), (xs,))


@op("sequence.split")
class SequenceSplit(Op):
    """Pieces of ``x`` along ``axis``: of the listed ``sizes``; or, of a scalar, of so many elements each but
    the last, which has what is left; or, without ``sizes``, of one element each, the axis dropped unless
    ``keepdims``.

    C1. ``axis`` is in [-rank, rank).  C2. ``sizes`` is an integer scalar or vector that adds up to the dim.
    """

    axis: int = 0
    keepdims: bool = True
    kernel = kernels.sequence_split

    def infer(self, x: Tensor, sizes: Tensor | None = None) -> Sequence:
        axis = axis_in(self, self.axis, x.rank)
        self.require(sizes is None or sizes.dtype.is_integer, "C2. sizes is an integer scalar or vector", x)
        dims = list(x.dims)
        if sizes is not None:
            scalar = sizes.shape == ()
            self.require(sizes.shape is None or sizes.rank <= 1, "C2. sizes is an integer scalar or vector", sizes)
            elements_from(self, sizes, int(scalar), "C2. sizes are not negative, one alone is positive")
            total = sum(sizes.known() or ()) if not scalar and sizes.known() is not None else None
            fits = total is None or same(dims[axis], total) is not False
            self.require(fits, "C2. sizes add up to the dim", x, total)
            dims[axis] = UNKNOWN
        else:
            dims[axis : axis + 1] = [1] if self.keepdims else []
        return Sequence(x.with_shape(dims))

    def unranked(self, x: Tensor, sizes: Tensor | None = None) -> Sequence:
        return Sequence(x.with_shape(None))

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        shape, sizes = list(draw.shape(1)), None
        axis = draw.axis(len(shape))
        if draw.boolean():
            sizes = draw.integers([draw.integer(0, 3) for _ in range(draw.integer(1, 3))])
            shape[axis] = int(sizes.sum())
        elif draw.boolean():
            sizes = draw.integers([draw.integer(1, 4)]).reshape(())
        x = draw.array(shape, draw.dtype(DType))
        return Sample(cls(axis, draw.boolean()), (x, sizes), draw.some((1,)))


@op("optional.wrap")
class OptionalWrap(Op):
    """An optional that holds ``x``."""

    kernel = kernels.optional_wrap

    def infer(self, x: Type) -> Optional:
        return Optional(x)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        return Sample(cls(), (_elements(draw, 0) if draw.boolean() else draw.array(draw.shape(), draw.dtype(DType)),))


@op("optional.empty")
class OptionalEmpty(Op):
    """An optional that holds nothing, where a tensor of ``dtype`` (``sequence``: a sequence of them) could be."""

    dtype: DType
    sequence: bool = False
    kernel = kernels.optional_empty

    def infer(self) -> Optional:
        tensor = Tensor(self.dtype, None)
        return Optional(Sequence(tensor) if self.sequence else tensor)

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        return Sample(cls(draw.dtype(DType), draw.boolean()), ())


@op("optional.has_element")
class OptionalHasElement(Op):
    """Whether the optional holds something: a bool scalar.  C1. ``x`` is an optional."""

    kernel = kernels.optional_has_element

    def infer(self, x: Type) -> Tensor:
        expect(self, Optional, x)
        return Tensor(DType.BOOL, ())

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        held = draw.choice((draw.array(draw.shape(), draw.dtype(DType)), _elements(draw, 0), None))
        return Sample(cls(), (Held(held),))


@op("optional.get")
class OptionalGet(Op):
    """What the optional holds; of one that holds nothing, undefined.  C1. ``x`` is an optional."""

    kernel = kernels.optional_get

    def infer(self, x: Type) -> Type:
        return expect(self, Optional, x).element

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        held = _elements(draw, 0) if draw.boolean() else draw.array(draw.shape(), draw.dtype(DType))
        return Sample(cls(), (Held(held),))


def _elements(draw: Draw, least: int) -> list[Any]:
    """A sequence of tensors of one dtype and any shapes."""
    dtype = draw.dtype(DType)
    return [draw.array(draw.shape(0, 2), dtype) for _ in range(draw.integer(least, 3))]


def _position(draw: Draw, before: int, count: int) -> Any:
    """A position from ``-before`` on, below ``count``."""
    return draw.scalar(draw.integer(-before, count - 1))
