"""ONNX models without leave to compute less exactly: what a reference is run as.

``accuracy_level`` of ``com.microsoft`` lets ONNX Runtime quantize a float operand to 8 bits on the way. Its optimiser
writes that wherever it makes a product with a dequantized weight into one node.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PERMISSION = "accuracy_level"


def withdrawn(path: Path) -> bytes | None:
    """The model without the permission, its external data left where it is; ``None`` where it gives none."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data.find(PERMISSION.encode()) < 0:
            return None
    import onnx

    model = onnx.load(path, load_external_data=False)
    for node in _nodes(model.graph):
        kept = [a for a in node.attribute if a.name != PERMISSION]
        del node.attribute[:]
        node.attribute.extend(kept)
    found: bytes = model.SerializeToString()
    return found


def _nodes(graph: Any) -> Iterator[Any]:
    for node in graph.node:
        if node.domain == "com.microsoft":
            yield node
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                yield from _nodes(inner)
