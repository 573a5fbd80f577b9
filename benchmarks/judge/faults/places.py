"""The right elements in the wrong places: gates, slices, indices, parts, operands forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from benchmarks.judge.faults.base import Fault, Wrong, attribute, dropped, exchanged, operand, result, variants

from interlingua.ir.dtypes import DType
from interlingua.ir.ops.expression import Expr
from interlingua.ir.ops.indexing import TopK
from interlingua.ir.ops.shape import Pad, Reverse

END = 2**31 - 1


def roll(x: Expr, axis: int = -1, by: int = 1) -> Expr:
    """Elements one place further, the last one first; a tensor without axes stays."""
    return x if x.rank == 0 else x.slice(axis, -by, END).concat(x.slice(axis, 0, -by), axis=axis)


def reverse(x: Expr, *axes: int) -> Expr:
    """Backwards."""
    return x.apply(Reverse(axes=axes)) if x.rank else x


def forgotten() -> Iterator[Fault]:
    """Optional operands left out."""
    rows: tuple[tuple[str, str, int], ...] = (
        ("bias", "core.conv core.conv_transpose nn.gemm nn.layer_norm nn.instance_norm nn.group_norm", 2),
        ("scale", "nn.layer_norm nn.rms_norm nn.instance_norm nn.group_norm", 1),
        ("bias", "nn.deform_conv rnn.rnn rnn.gru rnn.lstm", 3),
        ("mask", "nn.deform_conv", 4),
        ("lengths", "rnn.rnn rnn.gru rnn.lstm", 4),
        ("initial state", "rnn.rnn rnn.gru rnn.lstm", 5),
        ("cell state", "rnn.lstm", 6),
        ("peepholes", "rnn.lstm", 7),
        ("mask", "nn.attention", 3),
        ("lengths", "nn.attention", 4),
        ("offset", "nn.attention", 5),
        ("zero point", "quant.quantize quant.dequantize quant.matmul_integer quant.conv_integer", 2),
        ("value", "core.pad", 2),
        ("steps", "core.slice", 3),
        ("diagonal", "math.trilu", 1),
        ("starts", "nn.tensor_scatter", 2),
        ("roi", "vision.resize", 3),
    )
    for what, ops, index in rows:
        yield from variants("operand forgotten", ops, what, dropped(index))


def gates(order: Sequence[int], *operands: int) -> Wrong:
    """The gates of recurrent weights in another order."""

    def wrong(b: Any, op: Any, given: Any) -> Any:
        values = list(given)
        for index in operands:
            if index < len(values) and values[index] is not None:
                values[index] = _regated(Expr(b, values[index]), order, op.gates * (2 if index == 3 else 1)).value
        return b.add_all(op, *values)

    return wrong


def _regated(x: Expr, order: Sequence[int], count: int) -> Expr:
    size = x.value.tensor.dims[1]
    assert isinstance(size, int)
    whole = [*order, *(i + len(order) for i in order)][:count]
    places = np.arange(size).reshape(count, -1)[whole].ravel()
    return x.gather(x.constant(places), 1)


def recurrences() -> Iterator[Fault]:
    """Gates and directions."""
    kind = "swapped gates"
    orders: dict[str, dict[str, tuple[int, ...]]] = {
        "rnn.lstm": {"i f o c": (0, 2, 1, 3), "i f c o": (0, 2, 3, 1), "o i f c": (1, 0, 2, 3)},
        "rnn.gru": {"r z h": (1, 0, 2), "z h r": (0, 2, 1)},
    }
    for name, found in orders.items():
        for label, order in found.items():
            yield Fault(kind, name, f"read as {label}", gates(order, 1, 2, 3))
            yield Fault(kind, name, f"recurrent weights read as {label}", gates(order, 2))
            yield Fault(kind, name, f"bias read as {label}", gates(order, 3))
    for name in ("rnn.rnn", "rnn.gru", "rnn.lstm"):
        yield Fault("recurrence", name, "directions exchanged", operand(1, lambda w: reverse(w, 0)))
        yield Fault("recurrence", name, "time backwards", operand(0, lambda x: reverse(x, 0)))
        yield Fault("off by one", name, "initial state of the next example", operand(5, lambda h: roll(h, 1)))
    yield Fault("attention", "nn.attention", "queries and keys exchanged", exchanged(0, 1))
    yield Fault("attention", "nn.attention", "keys of the next head", operand(1, lambda k: roll(k, 1)))
    yield Fault("attention", "nn.attention", "causal off by one", operand(5, lambda o: o + 1.0))
    yield Fault("attention", "nn.attention", "lengths off by one", operand(4, lambda n: n - 1.0))
    yield Fault(
        "mask inverted", "nn.attention", "mask inverted", operand(3, lambda m: ~m if m.dtype is DType.BOOL else -m)
    )
    yield Fault("attention", "nn.rotary", "turned the other way", operand(2, lambda s: -s))
    yield Fault("attention", "nn.rotary", "cosine and sine exchanged", exchanged(1, 2))


def places() -> Iterator[Fault]:
    """Indices and slices off by one, operands and pieces in another order."""
    kind = "off by one"
    yield from variants(kind, "core.slice", "start and stop", _moved_slice)
    yield from variants(
        kind, "core.gather core.gather_along nn.embedding core.gather_nd", "index", operand(1, _next_index)
    )
    yield from variants(kind, "core.scatter_nd core.scatter_along", "index", operand(1, _next_index))
    yield from variants(kind, "nn.one_hot", "index", operand(0, lambda i: i + 1.0))
    yield from variants(kind, "nn.reverse_sequence", "lengths", operand(1, lambda n: (n - 1.0).max(0.0)))
    yield from variants(
        kind, "core.cumsum core.top_k core.argmax core.conv core.max_pool vision.resize", "result moved", result(roll)
    )
    yield from variants(kind, "core.iota signal.stft", "first of the result", result(lambda y: roll(y, 0)))
    yield from variants(kind, "nn.tensor_scatter", "starts one less", operand(2, lambda s: (s - 1.0).max(0.0)))
    yield Fault(kind, "nn.compress", "condition", operand(1, lambda c: roll(c, 0)))
    kind = "order of parts"
    yield from variants(
        kind, "core.concat nn.stack", "backwards", lambda b, op, xs: b.add_all(op, *xs[::-1]) if len(xs) > 1 else None
    )
    yield Fault(kind, "nn.split", "backwards", lambda b, op, xs: _same_types(b.add_all(op, *xs)[::-1]))
    yield from variants(
        kind, "nn.depth_to_space nn.space_to_depth", "rows for columns", result(lambda y: y.transpose(0, 1, 3, 2))
    )
    kind = "negative indices"
    yield from variants(
        kind, "core.gather core.gather_along nn.embedding core.scatter_along", "taken for 0", operand(1, _not_negative)
    )
    yield Fault(kind, "nn.one_hot", "taken for 0", operand(0, _not_negative))
    kind = "ties"
    yield Fault(kind, "core.top_k", "the last of equals", _last_of_equals)
    yield Fault("scatter", "core.scatter_nd", "updates backwards", operand(2, lambda u: reverse(u, 0)))
    yield Fault("scatter", "core.scatter_along", "updates backwards", operand(2, lambda u: reverse(u, 0)))
    for name in ("core.max_pool", "core.avg_pool"):
        yield Fault("wrong pad", name, "zeros for nothing", _padded_with_zeros)
    yield Fault("wrong pad", "core.pad", "begins and ends swapped", operand(1, _halves_swapped))
    yield Fault("wrong pad", "core.pad", "edge for reflect", attribute(mode=lambda m: "edge" if m == "reflect" else m))
    yield Fault("wrong pad", "core.pad", "reflect for wrap", attribute(mode=lambda m: "reflect" if m == "wrap" else m))


def _moved_slice(b: Any, op: Any, operands: Any) -> Any:
    if not op.axes:
        return None
    starts, stops = (Expr(b, v) + 1.0 for v in operands[1:3])
    return b.add_all(op, operands[0], starts.value, stops.value, *operands[3:])


def _next_index(index: Expr) -> Expr:
    """One less, from either end: always within bounds where it was not the first."""
    return (index < 0.0).where((index + 1.0).min(-1.0), (index - 1.0).max(0.0))


def _not_negative(index: Expr) -> Expr:
    return index.max(0.0)


def _same_types(results: Any) -> Any:
    return results if len({str(r.type) for r in results}) == 1 and len(results) > 1 else None


def _last_of_equals(b: Any, op: Any, operands: Any) -> Any:
    x, axis = Expr(b, operands[0]), op.axis
    size = x.value.tensor.dims[axis]
    best, index = b.add_all(TopK(axis, op.largest, op.sorted), reverse(x, axis).value, *operands[1:])
    found = Expr(b, index)
    return best, (found.number(float(size) - 1) - found).value


def _padded_with_zeros(b: Any, op: Any, operands: Any) -> Any:
    if not any(op.pads) or op.layout != "channels_first":
        return None
    x, n = Expr(b, operands[0]), len(op.strides)
    amounts = x.constant([0, 0, *op.pads[:n], 0, 0, *op.pads[n:]])
    return b.add_all(replace(op, pads=(0,) * (2 * n)), x.apply(Pad(), amounts).value)


def _halves_swapped(amounts: Expr) -> Expr:
    half = (amounts.value.tensor.dims or (0,))[0]
    assert isinstance(half, int)
    return amounts.slice(0, half // 2, END).concat(amounts.slice(0, 0, half // 2))


def place_faults() -> Iterator[Fault]:
    """All of them."""
    for family in (forgotten, recurrences, places):
        yield from family()
