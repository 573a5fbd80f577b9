"""Ops of a source that the IR has no semantics for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from interlingua.errors import Refusal, UnsupportedOps
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module
from interlingua.ir.op import Op, op
from interlingua.ir.types import Tensor, Type
from interlingua.ir.weights import Weight

_UNKNOWN = "nothing here knows what it computes"


@op("opaque.op")
class Opaque(Op):
    """Version ``version`` of op ``callee`` of ``domain``, as its source wrote it: nothing here knows what it computes.

    C1. ``results`` are types in the text form, or "" for a result that nobody named.
    ``settings`` are the source's attributes as a JSON object; a tensor is ``{"tensor": i}``, the ``i``-th of
    ``tensors``.  The types are the source's word. There is no reference: what evaluates or decomposes refuses the op by
    its own name, and so does every backend that does not claim it. It may do anything, so it is never folded or merged.
    """

    domain: str
    callee: str
    version: int
    results: tuple[str, ...]
    settings: str = "{}"
    tensors: tuple[Weight, ...] = ()
    effects = frozenset({"opaque"})

    @property
    def label(self) -> str:
        return f"{self.domain}:{self.callee}"

    def reference(self, *arrays: object, **regions: object) -> object:
        raise UnsupportedOps([Refusal(self.label, _UNKNOWN, "")], subject="the reference")

    def infer(self, *operands: Type | None) -> tuple[Type, ...]:
        return tuple(_type(text) if text else Tensor(DType.F32, None) for text in self.results)


@lru_cache(maxsize=1024)
def _type(text: str) -> Type:
    from interlingua.ir.text.types import read_type

    return read_type(text)


def opaque_refusals(module: Module) -> list[Refusal]:
    """Every opaque node of ``module``, as what nothing here can compute."""
    nodes = (node for node in module.walk() if isinstance(node.op, Opaque))
    return [Refusal(node.op.label, _UNKNOWN, node.place) for node in nodes]


def refuse_opaque(module: Module, *, subject: str) -> None:
    """Refuse to compute what is opaque.

    Raises:
        UnsupportedOps: all opaque nodes.
    """
    refusals = opaque_refusals(module)
    if refusals:
        raise UnsupportedOps(refusals, subject=subject)


def labels(refusals: Iterable[Refusal]) -> str:
    """The ops that are refused, each once."""
    return ", ".join(dict.fromkeys(refusal.op for refusal in refusals))
