"""Where values of several ways meet: branches of an If, what goes into a trip of a Loop or Scan and comes out of it.

ONNX gives such a value one type, and takes a value where an optional of it is due. The IR takes nothing for anything
else: what meets gets the type that covers all, and a value becomes an optional where that is the type.
"""

from __future__ import annotations

from collections.abc import Sequence

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Graph, Value
from interlingua.ir.ops.sequence import OptionalGet, OptionalWrap
from interlingua.ir.types import Optional, Tensor, Type, join


def common(a: Type, b: Type) -> Type:
    """The most precise type that both can be brought to; nothing is said of elements.

    Raises:
        ConstraintError: they are of different dtypes or kinds.
    """
    if isinstance(a, Optional) or isinstance(b, Optional):
        return Optional(common(_held(a), _held(b)))
    return join(a, b)


def _held(type_: Type) -> Type:
    return type_.element if isinstance(type_, Optional) else type_


def widest(type_: Type) -> Type:
    """The type without what is known of its elements: those of one trip are not those of the next."""
    return type_.with_elements(None) if isinstance(type_, Tensor) else type_


def brought(b: Builder, value: Value, type_: Type) -> Value:
    """``value``, made an optional, or taken out of one, as ``type_`` says."""
    if isinstance(type_, Optional) and not isinstance(value.type, Optional):
        return b(OptionalWrap(), value)
    if isinstance(value.type, Optional) and not isinstance(type_, Optional):
        return b(OptionalGet(), value)
    return value


def bring_outputs(b: Builder, region: Graph, first: int, types: Sequence[Type]) -> None:
    """Bring the outputs of ``region`` from ``first`` on to ``types``."""
    end = Builder(region, rewriter=b.rewriter, symbols=b.symbols)
    end.origin, end.scope = b.origin, b.scope
    outputs = list(region.outputs)
    for i, type_ in enumerate(types, first):
        outputs[i] = brought(end, outputs[i], type_)
    if outputs != list(region.outputs):
        b.rewriter.set_outputs(region, outputs, region.output_names)
