"""Padding. PyTorch names amounts in pairs, those of the last axis first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.shape import Pad, PadMode
from interlingua.ir.ops.shaping import vector

TABLE = Table()

MODES: Mapping[str, PadMode] = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
"""The modes of ``Pad`` by PyTorch's names. What goes round is what negative amounts leave."""


def padded(n: TorchNode, b: Builder, x: Value, amounts: list[Any], mode: str, value: Any = None) -> Value:
    """``x`` with ``amounts``, as PyTorch names them, around it."""
    if mode == "circular" and any(isinstance(a, int) and a < 0 for a in amounts):
        if any(isinstance(a, Value) for a in amounts):
            n.unsupported("going round by amounts of which some are negative and some only the run knows")
        cut = padded(n, b, x, [min(a, 0) for a in amounts], "constant")
        return padded(n, b, cut, [max(a, 0) for a in amounts], mode)
    rank = x.tensor.rank
    parts = [n.part(a) for a in amounts]
    rest = [0] * (rank - len(parts) // 2)
    begins, ends = [*rest, *parts[0::2][::-1]], [*rest, *parts[1::2][::-1]]
    filling = b.scalar(0 if value is None else value, x) if mode == "constant" else None
    return b(Pad(mode=MODES[mode]), x, vector(b, [*begins, *ends]), filling)


@TABLE.translate("pad.default")
def pad(n: TorchNode, b: Builder) -> Value:
    return padded(n, b, n.value("self"), n["pad"], n.static("mode"), n.static("value"))


@TABLE.translate("constant_pad_nd.default")
def constant_pad(n: TorchNode, b: Builder) -> Value:
    return padded(n, b, n.value("self"), n["pad"], "constant", n.static("value"))


@TABLE.translate("_pad_circular.default")
def circular_pad(n: TorchNode, b: Builder) -> Value:
    return padded(n, b, n.value("self"), n["pad"], "circular")


@TABLE.translate("reflection_pad1d.default", "reflection_pad2d.default", "reflection_pad3d.default")
def reflection_pad(n: TorchNode, b: Builder) -> Value:
    return padded(n, b, n.value("self"), n["padding"], "reflect")


@TABLE.translate("replication_pad1d.default", "replication_pad2d.default", "replication_pad3d.default")
def replication_pad(n: TorchNode, b: Builder) -> Value:
    return padded(n, b, n.value("self"), n["padding"], "replicate")
