"""The table of these ops. Their domain stays at version 1 while ops get new attributes: one that nobody here has seen
is refused, not read past."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache, wraps
from pathlib import Path

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Key, Table, Translation
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value

DOMAIN = "com.microsoft"


@cache
def known_attributes() -> dict[str, list[str]]:
    """The attributes of each op, as ``scripts/collect_contrib.py`` found them in ONNX Runtime's schemas."""
    found: dict[str, list[str]] = json.loads(Path(__file__).with_name("attributes.json").read_text())
    return found


class ContribTable(Table):
    """Translations of the domain, each of which refuses attributes that are not known."""

    def __init__(self) -> None:
        super().__init__(DOMAIN)

    def add(self, key: Key, function: Translation) -> None:
        super().add(key, _guarded(function) if key[0] == DOMAIN else function)


def _guarded(function: Translation) -> Translation:
    @wraps(function)
    def translate(n: OnnxNode, b: Builder) -> Value | Sequence[Value | None]:
        unknown = sorted(set(n.attributes) - set(known_attributes()[n.op]))
        if unknown:
            n.unsupported(f"nothing is known of its attribute {unknown[0]}")
        return function(n, b)

    return translate
