"""Custom ops, TensorFlow's among them (Flex), kept as they are: :class:`~interlingua.ir.ops.opaque.Opaque`.

What they give is of the type that the file declares, its open dims unknown; their options are bytes that only the op
itself can read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from interlingua.formats.litert import dtype_of
from interlingua.frontends.litert.flatbuffer import File
from interlingua.frontends.litert.node import LiteRtNode
from interlingua.frontends.litert.reader import Operator
from interlingua.ir.builder import Builder
from interlingua.ir.dims import UNKNOWN
from interlingua.ir.graph import Value
from interlingua.ir.ops.opaque import Opaque
from interlingua.ir.text.printer import format_type
from interlingua.ir.types import Tensor
from interlingua.ir.weights import ArrayWeight, Weight

DOMAIN = "litert"
NO_TRANSLATION = "no translation"


def label_of(operator: Operator) -> str:
    """An op in messages."""
    return f"{DOMAIN}:{operator.custom}" if operator.op == "CUSTOM" else operator.op


def keep(n: LiteRtNode, b: Builder, file: File) -> Sequence[Value]:
    """The operator as it is."""
    results = []
    for info in n.results:
        dims = () if info is None else tuple(UNKNOWN if d < 0 else d for d in info.shape)
        results.append("" if info is None else format_type(Tensor(dtype_of(info.code), dims)))
    tensors: list[Weight] = []
    settings = {}
    where = n.operator.custom_options
    if where is not None:
        tensors.append(ArrayWeight(np.frombuffer(bytes(file.span(*where)), np.uint8)))
        settings["custom_options"] = {"tensor": 0}
    op = Opaque(DOMAIN, n.operator.custom, n.operator.version, tuple(results), json.dumps(settings), tuple(tensors))
    return b.add_all(op, *n.operands)
