"""Infer types anew: what passes have found out reaches the values that depend on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from interlingua.errors import ConstraintError
from interlingua.ir.dims import DimLike, is_unknown
from interlingua.ir.graph import Graph, Module, Node, Value
from interlingua.ir.infer import infer_types
from interlingua.ir.ops.control import If
from interlingua.ir.ops.source import Constant
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import Tensor, Type, compatible
from interlingua.passes.base import Pass


@dataclass(frozen=True, slots=True)
class RefineTypes(Pass):
    """Exact: changes types alone. A dim becomes an integer where the type rules say so, an unknown rank or element a
    known one; the types of inputs stay as they are."""

    name: ClassVar[str] = "refine-types"

    def run(self, module: Module, rewriter: Rewriter) -> int:
        return sum(_refine(function, rewriter) for function in module.functions.values())


def _refine(graph: Graph, rewriter: Rewriter) -> int:
    changed = 0
    for node in graph.nodes:
        if isinstance(node.op, If):
            for region in node.regions:
                for inside, outside in zip(region.inputs, node.operands[1:], strict=True):
                    changed += outside is not None and _settle(inside, outside.type, rewriter)
        changed += sum(_refine(region, rewriter) for region in node.regions)
        if not isinstance(node.op, Constant):
            found = _inferred(node)
            changed += sum(_settle(v, t, rewriter) for v, t in zip(node.results, found, strict=False))
    return changed


def _inferred(node: Node) -> tuple[Type, ...]:
    try:
        types = [None if o is None else o.type for o in node.operands]
        return infer_types(node.op, types, [r.signature for r in node.regions])
    except ConstraintError:
        return ()  # in a branch that no run takes


def _settle(value: Value, found: Type, rewriter: Rewriter) -> bool:
    """Give a value what is known better; whether anything was."""
    old = value.type
    if not isinstance(old, Tensor) or not isinstance(found, Tensor) or not compatible(old, found):
        return False
    new = Tensor(old.dtype, _dims(old, found), _elements(old.elements, found.elements))
    if new == old and _known(new.elements) <= _known(old.elements):
        return False
    rewriter.refine(value, new)
    return True


def _dims(old: Tensor, found: Tensor) -> tuple[DimLike, ...] | None:
    if old.shape is None or found.shape is None:
        known = found.shape is not None and not any(is_unknown(d) for d in found.shape)
        return found.shape if known else old.shape
    return tuple(q if isinstance(q, int) else p for p, q in zip(old.shape, found.shape, strict=True))


def _elements(old: Any, found: Any) -> Any:
    return found if _known(found) > _known(old) else old


def _known(elements: Any) -> int:
    return -1 if elements is None else sum(e is not None for e in elements.ravel().tolist())
