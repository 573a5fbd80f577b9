"""Convolutions."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings, dtypes, filled
from interlingua.backends.torch.context import Context
from interlingua.backends.torch.functional import convolution as functional
from interlingua.backends.torch.lowerings.detours import SINGLE, rows
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.convolution import CONV_INTEGERS, Conv, ConvTranspose

TABLE = Lowerings()

DOUBLE = frozenset({DType.F32, DType.F64})
SMALL = frozenset({DType.I8, DType.U8, DType.I16, DType.U16})


def _planar(node: Node, _: Any) -> bool:
    op = node.op
    assert isinstance(op, Conv | ConvTranspose)
    return 1 <= len(op.strides) <= 3


PLANAR = Condition("there are more than three spatial axes", _planar)
FILLED = filled(0, first=1)


def _sums(node: Node, _: Any) -> bool:
    """Sums of products of 16 bits are exact in double precision, those of 32 bits are not."""
    return all(v.tensor.dtype in SMALL for v in (node.operand(0), node.operand(1)))


EXACT = Condition("PyTorch convolves no integers, and float64 does not hold sums of products of 32 bits", _sums)


def _moved(op: Conv | ConvTranspose, x: str) -> str:
    return x if op.layout == "channels_first" else f"{x}.movedim(-1, 1)"


def _back(op: Conv | ConvTranspose, y: str) -> str:
    return y if op.layout == "channels_first" else f"{y}.movedim(1, -1)"


def _told(options: dict[str, tuple[tuple[int, ...], int]]) -> str:
    """Arguments that are not what they default to."""
    return "".join(f", {k}={_short(v)}" for k, (v, default) in options.items() if any(e != default for e in v))


def _short(values: tuple[int, ...]) -> str:
    return str(values[0] if len(set(values)) == 1 else values)


def _pairs(before: tuple[int, ...], after: tuple[int, ...]) -> tuple[int, ...]:
    """As ``F.pad`` wants them: the last axis first."""
    return tuple(p for i in reversed(range(len(before))) for p in (before[i], after[i]))


@TABLE.lower(Conv, when=[dtypes(FLOATS), PLANAR, FILLED])
def conv(op: Conv, ctx: Context, x: str, w: str, bias: str = "None") -> str:
    return _back(op, _convolved(op, _moved(op, x), w, bias))


def _convolved(op: Conv, x: str, w: str, bias: str = "None") -> str:
    n = len(op.strides)
    before, after = op.pads[:n], op.pads[n:]
    if before != after:
        x, before = f"F.pad({x}, {_pairs(before, after)})", (0,) * n
    options = {
        "stride": (op.strides, 1),
        "padding": (before, 0),
        "dilation": (op.dilations, 1),
        "groups": ((op.groups,), 1),
    }
    return f"F.conv{n}d({x}, {w}{'' if bias == 'None' else f', {bias}'}{_told(options)})"


@TABLE.lower(Conv, when=[PLANAR, EXACT, FILLED])
def conv_integer(op: Conv, ctx: Context, x: str, w: str, bias: str = "None") -> str:
    y = _convolved(op, f"{_moved(op, x)}.to(torch.float64)", f"{w}.to(torch.float64)")
    return _whole(op, y, bias)


def _whole(op: Conv | ConvTranspose, y: str, bias: str) -> str:
    """Exact sums as int32, with the bias."""
    y = f"{y}.to(torch.int64).to(torch.int32)"
    return _back(op, y if bias == "None" else f"({y} + {_column(op, bias)})")


def _column(op: Conv | ConvTranspose, bias: str) -> str:
    return f"{bias}.reshape({', '.join(['-1', *['1'] * len(op.strides)])})"


def _attributes(op: Conv | ConvTranspose) -> dict[str, Any]:
    return {name: value for name, value in op.attributes().items() if name != "layout"}


@rows(TABLE, Conv, native=DOUBLE, detours=(SINGLE,))
def conv_any(op: Conv, ctx: Context, x: str, w: str, bias: str = "None") -> str:
    operands = [_moved(op, x), w, *([] if bias == "None" else [bias])]
    return _back(op, ctx.call(functional.convolve, operands, _attributes(op)))


@TABLE.lower(Conv, when=[dtypes(CONV_INTEGERS, 0, 1)])
def conv_any_integer(op: Conv, ctx: Context, x: str, w: str, bias: str = "None") -> str:
    operands = [f"{_moved(op, x)}.to(torch.int64)", f"{w}.to(torch.int64)", *([] if bias == "None" else [bias])]
    return _back(op, f"{ctx.call(functional.convolve, operands, _attributes(op))}.to(torch.int32)")


@rows(TABLE, ConvTranspose, native=DOUBLE, detours=(SINGLE,), when=[PLANAR, FILLED])
def conv_transpose(op: ConvTranspose, ctx: Context, x: str, w: str, bias: str = "None") -> str:
    return _back(op, _spread(op, _moved(op, x), w, bias, _direct(op)))


def _direct(op: ConvTranspose) -> bool:
    """Whether PyTorch takes the pads: no less than none, the same on both sides but for what it takes as output
    padding, which is less than a step."""
    return all(p >= 0 and 0 <= more < max(s, d) for p, more, s, d in _ends(op))


def _ends(op: ConvTranspose) -> list[tuple[int, int, int, int]]:
    n = len(op.strides)
    more = [b - e + o for b, e, o in zip(op.pads[:n], op.pads[n:], op.output_padding, strict=True)]
    return list(zip(op.pads[:n], more, op.strides, op.dilations, strict=True))


def _spread(op: ConvTranspose, x: str, w: str, bias: str, direct: bool) -> str:
    n = len(op.strides)
    options = {"stride": (op.strides, 1), "groups": ((op.groups,), 1), "dilation": (op.dilations, 1)}
    if direct:
        more = tuple(m for _, m, _, _ in _ends(op))
        options = {**options, "padding": (op.pads[:n], 0), "output_padding": (more, 0)}
        return f"F.conv_transpose{n}d({x}, {w}{'' if bias == 'None' else f', {bias}'}{_told(options)})"
    before, after = op.pads[:n], tuple(e - o for e, o in zip(op.pads[n:], op.output_padding, strict=True))
    y = f"F.conv_transpose{n}d({x}, {w}{_told(options)})"
    moved = [-p for p in _pairs(before, after)]
    grown, cut = tuple(max(p, 0) for p in moved), tuple(min(p, 0) for p in moved)
    mixed = any(p * q < 0 for p, q in zip(moved[::2], moved[1::2], strict=True))  # first there is to be enough to cut
    for pairs in (grown, cut) if mixed else (tuple(moved),):
        y = f"F.pad({y}, {pairs})"
    return y if bias == "None" else f"({y} + {_column(op, bias)})"


@TABLE.lower(ConvTranspose, when=[PLANAR, EXACT, FILLED])
def conv_transpose_integer(op: ConvTranspose, ctx: Context, x: str, w: str, bias: str = "None") -> str:
    y = _spread(op, f"{_moved(op, x)}.to(torch.float64)", f"{w}.to(torch.float64)", "None", _direct(op))
    return _whole(op, y, bias)


@rows(TABLE, ConvTranspose, native=DOUBLE, detours=(SINGLE,))
def conv_transpose_any(op: ConvTranspose, ctx: Context, x: str, w: str, bias: str = "None") -> str:
    operands = [_moved(op, x), w, *([] if bias == "None" else [bias])]
    return _back(op, ctx.call(functional.convolve_transposed, operands, _attributes(op)))


@TABLE.lower(ConvTranspose, when=[dtypes(CONV_INTEGERS, 0, 1)])
def conv_transpose_any_integer(op: ConvTranspose, ctx: Context, x: str, w: str, bias: str = "None") -> str:
    operands = [f"{_moved(op, x)}.to(torch.int64)", f"{w}.to(torch.int64)", *([] if bias == "None" else [bias])]
    return _back(op, f"{ctx.call(functional.convolve_transposed, operands, _attributes(op))}.to(torch.int32)")
