"""One op, one definition.

An op is a frozen class that holds its attributes; operands live on the node. From the class are derived the
checks of its attributes, the operand list (from the signature of ``infer``), the builder, the text form,
constant folding, the interpreter and its documentation page.

::

    @op("nn.softmax")
    class Softmax(Op):
        \"\"\"Normalised exponential of ``x`` along ``axis``.  C1. ``x`` is floating point.\"\"\"

        axis: int = -1
        kernel = kernels.softmax                      # NumPy; called with the operands and the attributes

        def infer(self, x: Tensor) -> Tensor: ...
        def decompose(self, b: Builder, x: Value) -> Value: ...
"""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, cast, dataclass_transform

from interlingua.errors import ConstraintError
from interlingua.ir.dtypes import DType
from interlingua.ir.weights import Weight

if TYPE_CHECKING:
    from interlingua.ir.draw import Draw, Sample

T = TypeVar("T", bound="type[Op]")
R = TypeVar("R")


class Op:
    """Base of all ops. Subclasses are made with :func:`op`; instances are immutable and hashable."""

    name: ClassVar[str] = "?"
    kernel: ClassVar[Callable[..., Any] | None] = None
    """The reference computation: arrays in operand order (``None`` for an absent one), attributes by keyword.

    A kernel is generic in dtype, imports NumPy alone and is self-contained, because the NumPy backend hands
    its source to the user."""
    symbolic: ClassVar[bool] = False
    """Whether the kernel works on object arrays of dims as well, so that known elements pass through it."""
    effects: ClassVar[frozenset[str]] = frozenset()
    """``random``: never folded, merged or moved across another of the kind."""
    regions: ClassVar[tuple[str, ...]] = ()
    """Names of the regions that a node of this op carries, in order."""

    @property
    def label(self) -> str:
        """What the op is called where it is refused."""
        return self.name

    def infer(self, *operands: Any, **regions: Any) -> Any:
        """The result type or tuple of types. Regions come as ``Signature`` by name.

        Raises:
            ConstraintError: a numbered constraint is broken.
        """
        raise ConstraintError(f"{self.name} has no type rule")

    def unranked(self, *operands: Any) -> Any:
        """The result type where an operand has no rank: the dtype of the first, unless said otherwise."""
        return operands[0].with_shape(None)

    def reference(self, *arrays: Any, **regions: Any) -> Any:
        """The result array, or a tuple of them. Regions come as callables on arrays, by name."""
        kernel = type(self).kernel
        if kernel is None:
            raise NotImplementedError(f"{self.name} has no kernel")
        return kernel(*arrays, **self.kernel_arguments(), **regions)

    def known_elements(self, *elements: Any) -> Any:
        """What is known of the result's elements; operands are object arrays of ``int``, ``Dim`` or ``None``.

        Called for ``symbolic`` ops alone. An op whose kernel would compare elements (a ``Dim`` has no
        order, and ``None`` is no number) overrides it. Any ``TypeError`` or ``ValueError`` means that nothing
        is known.
        """
        return self.reference(*elements)

    def kernel_arguments(self) -> dict[str, Any]:
        """Keyword arguments of the kernel: the attributes, dtypes as NumPy dtypes."""
        found = self.attributes()
        for name in dtype_attributes(type(self)):
            value = found[name]
            if value is not None:
                found[name] = value.numpy
        return found

    decompose: ClassVar[Callable[..., Any] | None] = None
    """``decompose(self, b: Builder, *operands: Value) -> Value | tuple[Value, ...]``; absent for core ops."""

    @classmethod
    def sample(cls, draw: Draw) -> Sample:
        """A valid op with operands, boundary attributes included; shrinks well. The generated tests live on it."""
        raise NotImplementedError(f"{cls.name} has no sample")

    def attributes(self) -> dict[str, Any]:
        """Attributes by name, in the order of definition."""
        return {name: getattr(self, name) for name in attribute_names(type(self))}

    def require(self, condition: object, constraint: str, *subjects: Any) -> None:
        """Raise a :class:`ConstraintError` that quotes ``constraint`` unless ``condition`` holds."""
        if not condition:
            operands = ", ".join(str(s) for s in subjects)
            raise ConstraintError(f"{self.name}: {constraint}" + (f" (got {operands})" if operands else ""))

    def promoted(self) -> Op:
        """This op with every floating dtype among its attributes made float64 (complex: of float64 parts): how the
        oracle runs it."""
        wide = {"float": DType.F64, "complex": DType.C128}
        dtypes = {k: v for k, v in self.attributes().items() if isinstance(v, DType)}
        changes = {k: wide[v.kind] for k, v in dtypes.items() if v.kind in wide}
        return dataclasses.replace(self, **changes) if changes else self  # type: ignore[type-var]


@dataclass(frozen=True, slots=True)
class Operand:
    """One formal operand of an op.

    ``optional`` says whether it may be absent, ``omissible`` whether the list may end before it; ``kinds``
    are the classes of types that it takes, empty for any.
    """

    name: str
    optional: bool
    variadic: bool
    omissible: bool
    kinds: tuple[type, ...] = ()


@dataclass_transform(frozen_default=True)
def op(name: str) -> Callable[[T], T]:
    """Make a class an op called ``name`` (``dialect.op``): a frozen dataclass with checked attributes."""

    def wrap(cls: T) -> T:
        cls.name = name
        cls.__post_init__ = _check_attributes  # type: ignore[attr-defined]
        return _freeze(cls)

    return wrap


@dataclass_transform(frozen_default=True)
def _freeze(cls: T) -> T:
    return dataclass(frozen=True, repr=True)(cls)  # type: ignore[return-value]


def _per_class(compute: Callable[[type[Op]], R]) -> Callable[[type[Op]], R]:
    """Compute once a class. (A cast: type checkers hold the hash of an op's instances against its class.)"""
    return cast("Callable[[type[Op]], R]", cache(compute))


@_per_class
def attribute_names(cls: type[Op]) -> tuple[str, ...]:
    """Names of the attributes, in the order of definition."""
    return tuple(f.name for f in dataclasses.fields(cls))  # type: ignore[arg-type]


@_per_class
def attribute_types(cls: type[Op]) -> dict[str, Any]:
    """Annotations of the attributes, resolved."""
    hints = typing.get_type_hints(cls)
    return {name: hints[name] for name in attribute_names(cls)}


@_per_class
def dtype_attributes(cls: type[Op]) -> tuple[str, ...]:
    """Names of the attributes that are element types, or none."""
    return tuple(k for k, hint in attribute_types(cls).items() if DType in (hint, *typing.get_args(hint)))


@_per_class
def operands_of(cls: type[Op]) -> tuple[Operand, ...]:
    """The formal operands, read off the signature of ``infer``."""
    hints = typing.get_type_hints(cls.infer)
    found = []
    for parameter in list(inspect.signature(cls.infer).parameters.values())[1:]:
        hint = hints.get(parameter.name)
        if parameter.kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY):
            omissible = parameter.default is None
            optional = omissible or type(None) in typing.get_args(hint)
            found.append(Operand(parameter.name, optional, False, omissible, _classes(hint)))
        elif parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            found.append(Operand(parameter.name, type(None) in typing.get_args(hint), True, True, _classes(hint)))
    return tuple(found)


def _classes(hint: Any) -> tuple[type, ...]:
    """The classes that an annotation allows, ``None`` aside; none where it says nothing."""
    arms = typing.get_args(hint) or (hint,)
    return tuple(a for a in arms if a is not type(None)) if all(isinstance(a, type) for a in arms) else ()


@_per_class
def arity(cls: type[Op]) -> tuple[int, int | None]:
    """Least and greatest number of operands; no greatest for a variadic op."""
    formal = operands_of(cls)
    return sum(not o.omissible for o in formal), None if any(o.variadic for o in formal) else len(formal)


@_per_class
def formals(cls: type[Op]) -> tuple[int, int | None, tuple[Operand, ...]]:
    """The :func:`arity` and the operands."""
    return *arity(cls), operands_of(cls)


def _check_attributes(self: Op) -> None:
    for name, fits, expected in _attribute_checks(type(self)):
        value = getattr(self, name)
        if not fits(value):
            wanted = _describe(expected)
            raise ConstraintError(f"{self.name}: attribute {name} must be {wanted}, got {value!r}")


@_per_class
def _attribute_checks(cls: type[Op]) -> tuple[tuple[str, Callable[[Any], bool], Any], ...]:
    return tuple((name, _fitting(expected), expected) for name, expected in attribute_types(cls).items())


def _fitting(expected: Any) -> Callable[[Any], bool]:
    """Whether a value is of the annotation ``expected``."""
    origin, arguments = typing.get_origin(expected), typing.get_args(expected)
    if origin in (typing.Union, UnionType):
        arms = [_fitting(arm) for arm in arguments]
        return lambda value: any(fits(value) for fits in arms)
    if origin is Literal:
        return lambda value: value in arguments
    if origin is tuple:
        if arguments[1:] != (Ellipsis,):
            raise TypeError("tuple attributes are homogeneous: tuple[T, ...]")
        element = _fitting(arguments[0])
        return lambda value: type(value) is tuple and all(map(element, value))
    if expected in (None, type(None)):
        return lambda value: value is None
    if expected is float:
        return lambda value: type(value) in (float, int)
    if expected in (Weight, DType):
        return lambda value: isinstance(value, expected)
    return lambda value: type(value) is expected


def _describe(expected: Any) -> str:
    if typing.get_origin(expected) is Literal:
        return "one of " + ", ".join(repr(v) for v in typing.get_args(expected))
    return getattr(expected, "__name__", str(expected)) if not typing.get_args(expected) else str(expected)
