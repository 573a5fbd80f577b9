"""Operators that PyTorch does not come with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import nn

import interlingua
from interlingua.errors import DuplicateName, UnsupportedOps, UntraceableModel
from interlingua.frontends.torch.table import Table
from interlingua.ir.ops.binary import Add
from interlingua.report import Verdict
from support.torch_eager import imported, whole


@pytest.fixture
def library() -> Iterator[torch.library.Library]:
    """Operators of a namespace, there for one test."""
    with torch.library._scoped_library("interlingua_test", "FRAGMENT") as found:
        yield found


class Calls(nn.Module):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return getattr(torch.ops.interlingua_test, self.name)(x) * 2


def test_an_operator_with_a_decomposition_needs_no_plugin(library):
    library.define("twice(Tensor x) -> Tensor")
    library.impl("twice", lambda x: x + x, "CompositeImplicitAutograd")
    imported(Calls("twice"), (whole(2, 3),))


def opaque(library: torch.library.Library) -> None:
    library.define("plus(Tensor x) -> Tensor")
    library.impl("plus", lambda x: x + x, "CPU")
    library.impl("plus", torch.empty_like, "Meta")


def test_an_operator_without_one_is_named_with_its_namespace(library):
    opaque(library)
    with pytest.raises(UnsupportedOps) as caught:
        interlingua.load(Calls("plus"), example_inputs=(whole(2, 3),))
    assert [r.op for r in caught.value.refusals] == ["interlingua_test::plus.default"]


def translations(name: str) -> Table:
    table = Table()

    @table.translate(name)
    def plus(n, b):
        return b(Add(), n.value("x"), n.value("x"))

    return table


def test_translations_may_be_given_as_an_argument(library):
    opaque(library)
    table = translations("interlingua_test::plus.default")
    conversion = interlingua.convert(Calls("plus"), to="onnx", example_inputs=(whole(2, 3),), translations=table)
    assert conversion.verdict is Verdict.VERIFIED


def test_a_translation_of_what_is_translated_already_names_both():
    with pytest.raises(DuplicateName, match=r"add\.Tensor is translated by both .*\.binary and .*custom_ops"):
        interlingua.load(Calls("plus"), example_inputs=(whole(2, 3),), translations=translations("add.Tensor"))


def test_an_operator_without_a_fake_kernel_is_told_what_it_lacks(library):
    library.define("blind(Tensor x) -> Tensor")
    library.impl("blind", lambda x: x + x, "CPU")
    with pytest.raises(UntraceableModel, match="register_fake"):
        interlingua.load(Calls("blind"), example_inputs=(whole(2, 3),))
