"""The builder: types follow, names and origins stay, unknown dims get names of their own."""

import numpy as np
import pytest

from interlingua.errors import ConstraintError
from interlingua.ir.builder import Builder, Symbols, symbols_of
from interlingua.ir.dims import UNKNOWN, symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Origin
from interlingua.ir.ops.binary import Add
from interlingua.ir.ops.indexing import NonZero
from interlingua.ir.ops.unary import Neg
from interlingua.ir.types import Optional, Sequence, Tensor
from support.text import SHAPES, parse

F32 = Tensor(DType.F32, (symbol("n"), 2))


@pytest.fixture
def b() -> Builder:
    return Builder(Graph("main"))


def test_types_follow_and_names_stay(b: Builder) -> None:
    x = b.input(F32, "x")
    y = b.add(Add(), x, x, name="y")
    assert (y.type, y.name, y.index) == (F32, "y", 0)
    assert [n.op for n in b.graph.nodes] == [Add()]


def test_a_node_that_does_not_fit_is_not_added(b: Builder) -> None:
    x = b.input(F32)
    with pytest.raises(ConstraintError):
        b(Add(), x, b.input(Tensor(DType.F32, (3,))))
    with pytest.raises(ConstraintError):
        b(Add(), x)
    assert not x.uses
    assert len(b.graph) == 0


def test_constants_have_the_dtype_that_is_said(b: Builder) -> None:
    x = b.input(F32)
    assert b.constant([1, 2]).type == Tensor(DType.I64, (2,))
    assert b.constant(1.5).tensor.dtype is DType.F64
    assert b.constant([1], DType.BF16).tensor.dtype is DType.BF16
    assert b.scalar(2, x).type == Tensor(DType.F32, ())
    assert b.scalar(2, DType.I8).tensor.known() == [2]
    assert b.constant(np.array([3, 4])).tensor.known() == [3, 4]


def test_unknown_dims_get_fresh_names(b: Builder) -> None:
    first, second = (b(NonZero(), b.input(F32)).tensor.dims[1] for _ in range(2))
    assert first != second
    assert UNKNOWN not in (first, second)
    nested = b.input(Sequence(Optional(Tensor(DType.F32, (UNKNOWN + 1, UNKNOWN)))))
    assert "?" not in str(nested.type)


def test_fresh_names_clash_with_none() -> None:
    module = parse(SHAPES.replace("f32[n,", "f32[u0,").replace("f32[n,", "f32[u0,"))
    assert str(symbols_of(module).fresh()) == "u1"
    assert str(Symbols({"u0", "u1"}).fresh()) == "u2"


def test_origin_and_scope_go_onto_nodes(b: Builder) -> None:
    x = b.input(F32)
    with b.at(Origin("a", "Neg"), "head"):
        inner = b(Neg(), x)
    outer = b(Neg(), x)
    assert inner.node is not None
    assert outer.node is not None
    assert (inner.node.origin.name, inner.node.scope) == ("a", "head")
    assert (outer.node.origin.name, outer.node.scope) == ("", "")


def test_regions_share_symbols_and_origin(b: Builder) -> None:
    with b.at(Origin("loop")):
        inner = b.region("body")
    assert inner.origin.name == "loop"
    a, c = b.symbols.fresh(), inner.symbols.fresh()
    assert a != c


def test_nodes_go_before_another(b: Builder) -> None:
    x = b.input(F32)
    last = b(Neg(), x)
    Builder(b.graph, before=last.node).add(Neg(), x, name="first")
    assert [n.result.name for n in b.graph.nodes] == ["first", ""]


def test_add_gives_one_result(b: Builder) -> None:
    from interlingua.ir.ops.indexing import TopK

    x = b.input(F32)
    with pytest.raises(ConstraintError, match="use add_all"):
        b(TopK(), x, b.constant([1]))
    assert len(b.add_all(TopK(), x, b.constant([1]))) == 2
