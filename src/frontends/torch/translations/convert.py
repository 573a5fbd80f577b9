"""Changes of the element type."""

from __future__ import annotations

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value

TABLE = Table()


@TABLE.translate(
    "to.dtype", "to.dtype_layout", "to.device", "to.other", "_to_copy.default", "type_as.default",
    "prims::convert_element_type.default",
)  # fmt: skip
def to(n: TorchNode, b: Builder) -> Value:
    return n.value("a" if "a" in n.arguments else "self", n.dtype)
