"""Padding. Amounts are pairs of (before, after) from the last axis backwards; negative ones crop."""

from __future__ import annotations

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table, Translation
from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.shape import Pad, PadMode
from interlingua.ir.ops.shaping import vector

TABLE = Table()

_MODES: dict[str, PadMode] = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}

_WHOLE: dict[str, PadMode] = {
    **{f"reflection_pad{d}d.default": "reflect" for d in (1, 2, 3)},
    **{f"replication_pad{d}d.default": "edge" for d in (1, 2, 3)},
    "_pad_circular.default": "wrap",
}


def padded(n: TorchNode, b: Builder, name: str, mode: PadMode, value: Value | None = None) -> Value:
    x = n.value("self")
    pairs, rank = n.parts(name), x.tensor.rank
    before: list[int | Value] = [0] * rank
    after: list[int | Value] = [0] * rank
    for i in range(len(pairs) // 2):
        before[rank - 1 - i], after[rank - 1 - i] = pairs[2 * i], pairs[2 * i + 1]
    return b(Pad(mode), x, vector(b, [*before, *after]), value)


@TABLE.translate("constant_pad_nd.default")
def constant_pad(n: TorchNode, b: Builder) -> Value:
    return padded(n, b, "pad", "constant", b.scalar(n.static("value"), n.value("self")))


@TABLE.translate("pad.default")
def pad(n: TorchNode, b: Builder) -> Value:
    mode = _MODES[n.static("mode")]
    if mode != "constant":
        return padded(n, b, "pad", mode)
    value = n.static("value")
    return padded(n, b, "pad", mode, b.scalar(0 if value is None else value, n.value("self")))


def _whole(mode: PadMode) -> Translation:
    return lambda n, b: padded(n, b, "pad" if "pad" in n.arguments else "padding", mode)


for _name, _mode in _WHOLE.items():
    TABLE.translate(_name)(_whole(_mode))
