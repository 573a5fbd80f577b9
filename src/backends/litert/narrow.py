"""Weights that were given in float16, or as levels, are stored so: a DEQUANTIZE widens them before the first run.

That is how LiteRT has them: XNNPACK unpacks such weights when it packs them for its kernels, and LiteRT's own kernel of
DEQUANTIZE keeps what it made of a constant.
"""

from __future__ import annotations

from dataclasses import replace

from interlingua.backends.litert.graph import Edge, Operator, Subgraph
from interlingua.backends.litert.versions import Use, version_of
from interlingua.ir.dtypes import DType

OP = "DEQUANTIZE"


def store_narrow(graph: Subgraph) -> None:
    """Do it in a subgraph and in those that it runs. An operator of nothing but constants keeps them: XNNPACK fails
    where there is nothing to run."""
    wide: dict[Edge, Edge] = {}
    for operator in graph.operators:
        for inner in operator.inner:
            store_narrow(inner)
        if any(e is not None and e.weight is None for e in operator.inputs):
            operator.inputs = [e if e is None or e.narrow is None else _widened(e, wide) for e in operator.inputs]
    graph.operators[:0] = [e.producer for e in wide.values() if e.producer is not None]


def _widened(constant: Edge, wide: dict[Edge, Edge]) -> Edge:
    if constant not in wide:
        assert constant.narrow is not None
        stored = replace(constant.narrow, name=f"{constant.name}.{constant.narrow.dtype.value}")
        types = [stored.dtype.value], [DType.F32.value]
        use = {"per_channel": stored.levels is not None and len(stored.levels.scales) > 1}
        operator = Operator(OP, version_of(OP, Use(*types, constant.rank, False, use)), [stored], [])
        wide[constant] = Edge(constant.name, DType.F32, constant.shape, producer=operator)
        operator.outputs.append(wide[constant])
    return wide[constant]
