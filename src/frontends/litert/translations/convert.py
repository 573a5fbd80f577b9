"""Between element types.

Semantics: ``tensorflow/lite/kernels/cast.cc`` (a C++ cast: floats truncate towards zero).
"""

from __future__ import annotations

from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.convert import Cast

TABLE = Table()


@TABLE.translate("CAST")
def cast(n: LiteRtNode, b: Builder) -> Value:
    return b(Cast(to=n.dtype(0)), n[0])
