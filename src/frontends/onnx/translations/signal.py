"""DFT, STFT, MelWeightMatrix, windows."""

from __future__ import annotations

from interlingua.frontends.onnx.node import OnnxNode
from interlingua.frontends.onnx.table import Table, Translation
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.reduction import ReduceProd
from interlingua.ir.ops.scatter import ScatterAlong
from interlingua.ir.ops.shape import Slice
from interlingua.ir.ops.shaping import dim_of, vector
from interlingua.ir.ops.signal import BlackmanWindow, Dft, HammingWindow, HannWindow, MelWeights, Stft, Window

TABLE = Table()

WINDOWS: dict[str, type[Window]] = {
    "HannWindow": HannWindow,
    "HammingWindow": HammingWindow,
    "BlackmanWindow": BlackmanWindow,
}


@TABLE.translate("DFT", 17)
def dft_17(n: OnnxNode, b: Builder) -> Value:
    return b(_transform(n, n.attr("axis", 1)), n[0], n.get(1))


@TABLE.translate("DFT", 20)
def dft(n: OnnxNode, b: Builder) -> Value:
    if n.get(2) is not None and n.constant(2) is None:
        return _along_any(n, b)
    return b(_transform(n, (n.ints(2) or (-2,))[0]), n[0], n.get(1))


def _transform(n: OnnxNode, axis: int) -> Dft:
    return Dft(axis, bool(n.attr("inverse", 0)), bool(n.attr("onesided", 0)))


def _along_any(n: OnnxNode, b: Builder) -> Value:
    """Along an axis that the run names: the axes before it are made one, and those behind it."""
    x, rank, op = Expr(b, n[0]), n.rank(0), _transform(n, 1)
    last = rank - 1
    given = Expr(b, n[2]).to(DType.I64).reshape([1])
    axis = (given < 0).where(given + rank, given)
    shape, zero = x.shape(), b.constant([0])
    signal = shape.slice(0, 0, last)
    before = Expr(b, b(Slice(axes=(0,)), signal.value, zero, axis.value))
    behind = Expr(b, b(Slice(axes=(0,)), signal.value, (axis + 1).value, b.constant([rank])))
    sides = [Expr(b, b(ReduceProd(axes=(0,), keepdims=True), part.value)) for part in (before, behind)]
    folded = x.reshape(sides[0].concat(signal.gather(axis, 0), sides[1], shape.slice(0, last, rank)))
    y = Expr(b, b(op, folded.value, n.get(1)))
    if op.onesided or n.get(1) is not None:
        signal = Expr(b, b(ScatterAlong(axis=0), signal.value, axis.value, vector(b, [dim_of(b, y.value, 1)])))
    return y.reshape(signal.concat(y.shape().slice(0, 3, 4))).value


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
