"""Fourier transforms, windows, mel filters."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, since
from interlingua.backends.onnx.context import Context
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.signal import BlackmanWindow, Dft, HammingWindow, HannWindow, MelWeights, Stft, Window

TABLE = Lowerings()


def _scalar(ctx: Context, index: int, x: Any) -> Any:
    if x is None or ctx.type(index).shape == ():
        return x
    return ctx.emit("Reshape", x, ctx.constant([], DType.I64))


def _in_double(ctx: Context, x: Any) -> Any:
    """ONNX Runtime transforms lengths that are no power of two by chirps whose angles grow with the square of the
    length, rounded to the dtype of the signal: in float32 500 points are off by 5e-4 of the norm, 40,000 by 5e-2."""
    return None if x is None else ctx.cast(x, DType.F64)


def _full_inverse(node: Node, _: Any) -> bool:
    op = node.op
    assert isinstance(op, Dft)
    return not (op.inverse and op.onesided)


@TABLE.lower(Dft, when=[since(17), Condition("older versions disagree on the onesided inverse", _full_inverse)])
def dft(op: Dft, ctx: Context, x: Any, length: Any = None) -> Any:
    length, x = _scalar(ctx, 1, length), _in_double(ctx, x)
    attributes: dict[str, Any] = {"inverse": op.inverse, "onesided": op.onesided}
    if ctx.opset < 20:
        return ctx.emit("DFT", x, length, axis=op.axis % ctx.type(0).rank, **attributes)
    return ctx.emit("DFT", x, length, ctx.constant(op.axis), **attributes)


def _frames(node: Node, _: Any) -> bool:
    """Whether a frame's length is given, and is none that is known to be longer than the signal."""
    given = [v for v in node.operands[2:] if v is not None]
    size = node.operand(0).tensor.dims[1]
    lengths = [v.tensor.dims[0] if v.tensor.rank else (v.tensor.known() or (None,))[0] for v in given]
    return bool(given) and not any(isinstance(n, int) and isinstance(size, int) and n > size for n in lengths)


@TABLE.lower(Stft, when=[Condition("no frame fits into the signal", _frames)])
def stft(op: Stft, ctx: Context, signal: Any, step: Any, window: Any = None, length: Any = None) -> Any:
    step, length = _scalar(ctx, 1, step), None if length is None else _scalar(ctx, 3, length)
    return ctx.emit("STFT", _in_double(ctx, signal), step, _in_double(ctx, window), length, onesided=op.onesided)


NAMES: dict[type[Window], str] = {
    HannWindow: "HannWindow",
    HammingWindow: "HammingWindow",
    BlackmanWindow: "BlackmanWindow",
}


IN_FLOAT = Condition(
    "ONNX Runtime has the coefficients in float32", lambda node, _: node.op.attributes()["dtype"] is not DType.F64
)
SOME = Condition("the window may be empty", lambda node, _: _some(node))


def _some(node: Node) -> bool:
    known = node.operand(0).tensor.known()
    return known is None or known[0] >= 1


@TABLE.lower(HannWindow, HammingWindow, BlackmanWindow, when=[IN_FLOAT, SOME])
def window(op: Window, ctx: Context, size: Any) -> Any:
    name, code = NAMES[type(op)], ctx.code(op.dtype)
    return ctx.emit(name, _scalar(ctx, 0, size), periodic=op.periodic, output_datatype=code)


@TABLE.lower(MelWeights, when=[since(17)])
def mel_weights(op: MelWeights, ctx: Context, *operands: Any) -> Any:
    scalars = [_scalar(ctx, i, x) for i, x in enumerate(operands)]
    return ctx.emit("MelWeightMatrix", *scalars, output_datatype=ctx.code(op.dtype))
