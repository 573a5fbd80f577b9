"""DFT, STFT, MelWeightMatrix, windows."""

from __future__ import annotations

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table, Translation
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.signal import BlackmanWindow, Dft, HammingWindow, HannWindow, MelWeights, Stft, Window

TABLE = Table()

WINDOWS: dict[str, type[Window]] = {
    "HannWindow": HannWindow,
    "HammingWindow": HammingWindow,
    "BlackmanWindow": BlackmanWindow,
}


@TABLE.translate("DFT", 17, 20)
def dft(n: OnnxNode, b: Builder) -> Value:
    axis = n.attr("axis", 1) if n.version < 20 else (n.ints(2) or (-2,))[0]
    return b(Dft(axis, bool(n.attr("inverse", 0)), bool(n.attr("onesided", 0))), n[0], n.get(1))


@TABLE.translate("STFT", 17)
def stft(n: OnnxNode, b: Builder) -> Value:
    return b(Stft(onesided=bool(n.attr("onesided", 1))), n[0], n[1], n.get(2), n.get(3))


@TABLE.translate("MelWeightMatrix", 17)
def mel_weights(n: OnnxNode, b: Builder) -> Value:
    return b(MelWeights(dtype=n.dtype("output_datatype", DType.F32)), *(n[i] for i in range(5)))


def _window(cls: type[Window]) -> Translation:
    def translate(n: OnnxNode, b: Builder) -> Value:
        op = cls(periodic=bool(n.attr("periodic", 1)), dtype=n.dtype("output_datatype", DType.F32))
        return b(op, n[0])

    return translate


for _name, _cls in WINDOWS.items():
    TABLE.translate(_name, 17)(_window(_cls))
