"""Subgraphs that are chosen, repeated or called.

Semantics: ``tensorflow/lite/kernels/{if,while,call}.cc``. A subgraph sees nothing but its inputs.
"""

from __future__ import annotations

from collections.abc import Sequence

from interlingua.errors import ConstraintError, InvalidModel
from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import OWN, Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Value
from interlingua.ir.ops.control import If, While
from interlingua.ir.ops.shape import Reshape
from interlingua.ir.types import Tensor, Type, join

TABLE = Table()


def _scalar(b: Builder, x: Value) -> Value:
    return x if x.tensor.shape == () else b(Reshape(), x, b.constant([], DType.I64))


@TABLE.translate("IF", quantized=OWN)
def if_(n: LiteRtNode, b: Builder) -> Sequence[Value]:
    """A condition that is known now leaves one branch, in place."""
    then, orelse = int(n.required("then_subgraph_index")), int(n.required("else_subgraph_index"))
    known, given = n.constant(0), n.all[1:]
    if known is not None and known.size == 1:
        return n.subgraph(then if bool(known.reshape(())) else orelse, b, given)
    regions = [n.region(index, b, [v.type for v in given]) for index in (then, orelse)]
    return b.add_all(If(), _scalar(b, n[0]), *given, regions=regions)


@TABLE.translate("WHILE", quantized=OWN)
def while_(n: LiteRtNode, b: Builder) -> Sequence[Value]:
    """The condition is computed before the first trip and at the end of each."""
    condition, body = int(n.required("cond_subgraph_index")), int(n.required("body_subgraph_index"))
    initial = n.all
    first = _condition(n, b, condition, initial)
    types: list[Type] = [_open(v.type) for v in initial]
    while True:
        graph = _body(n, b, (condition, body), types)
        given = graph.signature.outputs[1:]
        if len(given) != len(types):
            raise InvalidModel(f"the body of WHILE gives {len(given)} values, not {len(types)}")
        wider = [_joined(n, before, after) for before, after in zip(types, given, strict=True)]
        if wider == types:
            return b.add_all(While(len(types), 0), None, first, *initial, regions=(graph,))
        types = wider


def _open(type_: Type) -> Type:
    """The type without what is known of its elements: those of one trip are not those of the next."""
    return type_.with_elements(None) if isinstance(type_, Tensor) else type_


def _condition(n: LiteRtNode, b: Builder, index: int, values: Sequence[Value]) -> Value:
    found = n.subgraph(index, b, values)
    if len(found) != 1 or found[0].tensor.dtype is not DType.BOOL:
        raise InvalidModel("the condition of WHILE is no boolean")
    return _scalar(b, found[0])


def _body(n: LiteRtNode, b: Builder, indices: tuple[int, int], types: Sequence[Type]) -> Graph:
    """A trip and the condition of the next; the index of the trip and the condition of this one go unused."""
    inner = b.region(f"subgraph{indices[1]}")
    inner.input(Tensor(DType.I64, ()))
    inner.input(Tensor(DType.BOOL, ()))
    after = n.subgraph(indices[1], inner, [inner.input(t) for t in types])
    if len(after) != len(types):
        raise InvalidModel(f"the body of WHILE gives {len(after)} values, not {len(types)}")
    return inner.outputs([_condition(n, inner, indices[0], after), *after])


def _joined(n: LiteRtNode, before: Type, after: Type) -> Type:
    try:
        return join(before, _open(after))
    except ConstraintError:
        n.unsupported(f"a carried value goes in as {before} and comes out as {after}")


@TABLE.translate("CALL", quantized=OWN)
def call(n: LiteRtNode, b: Builder) -> Sequence[Value]:
    return n.subgraph(int(n.required("subgraph")), b, n.all)


@TABLE.translate("STABLEHLO_COMPOSITE", quantized=OWN)
def composite(n: LiteRtNode, b: Builder) -> Sequence[Value]:
    """The ops that it stands for, which the file brings along."""
    return n.subgraph(int(n.required("decomposition_subgraph_index")), b, n.all)
