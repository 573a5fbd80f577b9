"""Products of matrices.

Semantics: ``tensorflow/lite/kernels/{fully_connected,batch_matmul,embedding_lookup}.cc``. FULLY_CONNECTED takes its
input as rows of the filter's depth, whatever its shape, and gives rows, or the input's own leading axes
(``keep_num_dims``).
"""

from __future__ import annotations

from interlingua.errors import InvalidModel
from interlingua.frontends.litert.accumulate import Places, biased, contraction
from interlingua.frontends.litert.levels import checked, quantized, real_of
from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.table import OWN, Table
from interlingua.ir.builder import Builder
from interlingua.ir.dims import same
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.contraction import MatMul
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.shape import Reshape, Transpose

TABLE = Table()


@TABLE.translate("FULLY_CONNECTED", quantized=OWN)
def fully_connected(n: LiteRtNode, b: Builder) -> Value:
    if n.choice("weights_format", "FullyConnectedOptionsWeightsFormat") != "DEFAULT":
        n.unsupported("shuffled weights are not read")
    if n.rank(1) != 2:
        raise InvalidModel(f"the filter of FULLY_CONNECTED is {n[1].type}")
    depth = n.tensor(1).dims[1]
    if not isinstance(depth, int):
        n.unsupported("the depth of its filter is unknown")
    keep = bool(n.required("keep_num_dims"))
    if keep and (not n.tensor(0).dims or same(n.tensor(0).dims[-1], depth) is False):
        raise InvalidModel(f"FULLY_CONNECTED of {n[0].type} by a filter of depth {depth} keeps its axes")

    def sums(x: Value, w: Value, bias: Value | None) -> Value:
        rows = x
        if not keep and (x.tensor.rank != 2 or x.tensor.dims[1] != depth):
            rows = b(Reshape(), x, b.constant([-1, depth]))
        return biased(b, b(MatMul(), rows, b(Transpose(perm=(1, 0)), w)), bias)

    return contraction(n, b, Places(0, 1, 2, 0), sums)


@TABLE.translate("BATCH_MATMUL", quantized=OWN)
def batch_matmul(n: LiteRtNode, b: Builder) -> Value:
    """The last two axes of an operand are swapped where the options say ``adj``."""

    def sums(x: Value, y: Value, bias: Value | None) -> Value:
        left = _swapped(b, x) if n.required("adj_x") else x
        right = _swapped(b, y) if n.required("adj_y") else y
        return b(MatMul(), left, right)

    if n.rank(0) < 2 or n.rank(1) < 2:
        raise InvalidModel(f"BATCH_MATMUL of {n[0].type} and {n[1].type}")
    return contraction(n, b, Places(0, 1, 2, -1), sums)


def _swapped(b: Builder, x: Value) -> Value:
    rank = x.tensor.rank
    return b(Transpose(perm=(*range(rank - 2), rank - 1, rank - 2)), x)


@TABLE.translate("EMBEDDING_LOOKUP", quantized=OWN)
def embedding_lookup(n: LiteRtNode, b: Builder) -> Value:
    """Rows of a table; those of a quantized one come out real where the output is."""
    info, ids, table = n.infos[1], n[0], n[1]
    if table.tensor.dtype is DType.U4:
        n.unsupported("the kernel takes its u4 for whole bytes and reads beyond the table")
    rows = b(Gather(axis=0), table, ids)
    if info is None or not quantized(info) or not n.dtype(0).is_float:
        return rows
    if len(checked(info).scales) > 1:
        return b(Gather(axis=0), real_of(b, table, info), ids)
    return real_of(b, rows, info)
