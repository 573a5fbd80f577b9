"""Elements picked by index."""

from __future__ import annotations

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.indexing import Embedding

TABLE = Table()


@TABLE.translate("embedding.default")
def embedding(n: TorchNode, b: Builder) -> Value:
    """``padding_idx`` is for training alone."""
    return b(Embedding(), n.value("weight"), n.value("indices"))
