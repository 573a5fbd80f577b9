"""Changes of the element type."""

from __future__ import annotations

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.convert import Bitcast

TABLE = Table()


@TABLE.translate(
    "to.dtype", "to.dtype_layout", "to.device", "to.other", "_to_copy.default", "type_as.default",
    "prims::convert_element_type.default", "_cast_Byte.default", "_cast_Char.default", "_cast_Double.default",
    "_cast_Float.default", "_cast_Half.default", "_cast_Int.default", "_cast_Long.default", "_cast_Short.default",
)  # fmt: skip
def to(n: TorchNode, b: Builder) -> Value:
    x = n.value("a" if "a" in n.arguments else "self")
    if x.tensor.dtype.kind == "complex" and n.dtype.kind != "complex":
        n.unsupported("it drops imaginary parts")
    return n.as_value(x, n.dtype)


@TABLE.translate("view.dtype", "view_copy.dtype")
def view_dtype(n: TorchNode, b: Builder) -> Value:
    """The same bits read as another element type."""
    x = n.value("self")
    if x.tensor.dtype is n.dtype:
        return x
    if x.tensor.dtype.bits != n.dtype.bits:
        n.unsupported(f"{x.tensor.dtype} as {n.dtype}, which has another width")
    return b(Bitcast(to=n.dtype), x)
