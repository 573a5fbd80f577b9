"""Shapes, and what moves elements about."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings
from interlingua.backends.torch.context import Context
from interlingua.backends.torch.functional import shape as functional
from interlingua.backends.torch.lowerings.detours import BITS, COMPLEX, COMPUTED, rows
from interlingua.ir.dims import at_least, exact_quotient
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.layout import ExpandDims, Flatten, Split, Squeeze, Stack, Tile
from interlingua.ir.ops.shape import UNBOUNDED, BroadcastTo, Concat, Pad, Reshape, Reverse, Slice, Transpose
from interlingua.ir.ops.source import ShapeOf

TABLE = Lowerings()

MOVED = COMPUTED | COMPLEX | {DType.BOOL}
"""Dtypes that PyTorch has every kernel for that moves elements."""
EXACT = 2**53
"""Integers beyond are none that a number in double precision is."""


@TABLE.lower(Reshape)
def reshape(op: Reshape, ctx: Context, x: str, shape: str) -> str:
    return f"{x}.reshape({ctx.spread(1) or '()'})"


@rows(TABLE, Concat, native=MOVED, detours=(BITS,))
def concat(op: Concat, ctx: Context, *values: str) -> str:
    return values[0] if len(values) == 1 else f"torch.cat(({', '.join(values)}), dim={op.axis})"


@rows(TABLE, Stack, native=MOVED, detours=(BITS,))
def stack(op: Stack, ctx: Context, *values: str) -> str:
    return f"torch.stack(({', '.join(values)}{',' if len(values) == 1 else ''}), dim={op.axis})"


@TABLE.lower(ShapeOf)
def shape_of(op: ShapeOf, ctx: Context, x: str) -> str:
    return f"torch.tensor({x}.shape, dtype=torch.int64)"


@TABLE.lower(Transpose)
def transpose(op: Transpose, ctx: Context, x: str) -> str:
    if len(op.perm) < 2:
        return x
    return f"{x}.permute({', '.join(map(str, op.perm))})"


@TABLE.lower(BroadcastTo)
def broadcast_to(op: BroadcastTo, ctx: Context, x: str, shape: str) -> str:
    dims = ctx.dims()
    plain = "None" not in dims and " if " not in dims
    return f"{x}.expand({dims})" if plain else f"{x}.expand(torch.broadcast_shapes({x}.shape, {ctx.ints(1)}))"


def _flattens(node: Node, _: Any) -> bool:
    op = node.op
    assert isinstance(op, Flatten)
    return op.axis == 0 or (op.axis == 1 and node.operand(0).tensor.rank > 1)


@TABLE.lower(Flatten, when=[Condition("the axis is neither 0 nor 1", _flattens)])
def flatten(op: Flatten, ctx: Context, x: str) -> str:
    return f"{x}.reshape(1, -1)" if op.axis == 0 else f"{x}.flatten(1)"


@TABLE.lower(ExpandDims)
def expand_dims(op: ExpandDims, ctx: Context, x: str) -> str:
    rank = ctx.type(0).rank + len(op.axes)
    return x + "".join(f".unsqueeze({axis})" for axis in sorted(a % rank for a in op.axes))


@TABLE.lower(Squeeze)
def squeeze(op: Squeeze, ctx: Context, x: str) -> str:
    if not op.axes:
        return x
    return f"{x}.squeeze({_dims(op.axes)})"


@TABLE.lower(Tile)
def tile(op: Tile, ctx: Context, x: str, repeats: str) -> str:
    return f"{x}.tile({ctx.ints(1)})" if ctx.type(0).rank else x


def _cut(node: Node, _: Any) -> bool:
    """``Tensor.chunk`` leaves pieces out that have nothing."""
    op = node.op
    assert isinstance(op, Split)
    if len(node.operands) > 1 and node.operands[1] is not None:
        return True
    dim = node.operand(0).tensor.dims[op.axis]
    if exact_quotient(dim, op.parts) is not None:
        return at_least(dim, 1) is True
    return isinstance(dim, int) and -(-dim // op.parts) * (op.parts - 1) < dim


@TABLE.lower(Split, when=[Condition("pieces may be empty", _cut)])
def split(op: Split, ctx: Context, x: str, sizes: str = "None") -> str:
    text = f"{x}.chunk({op.parts}, dim={op.axis})"
    if sizes != "None":
        text = f"{x}.split({ctx.ints(1)}, dim={op.axis})"
    return f"{text}[0]" if op.parts == 1 else text


@rows(TABLE, Reverse, native=MOVED, detours=(BITS,))
def reverse(op: Reverse, ctx: Context, x: str) -> str:
    return f"{x}.flip({_dims(op.axes)})" if op.axes else x


@rows(TABLE, Slice, native=MOVED, detours=(BITS,), at=(0,))
def slice_(op: Slice, ctx: Context, x: str, starts: str, stops: str, steps: str = "None") -> str:
    known = [ctx.elements(1), ctx.elements(2), ["1"] * len(op.axes) if steps == "None" else ctx.elements(3)]
    if any(k is None for k in known):
        given = [ctx.ints(1), ctx.ints(2), *([] if steps == "None" else [ctx.ints(3)])]
        return ctx.call(functional.slice_along, [x, *given], {"dims": op.axes})
    cuts = {a % ctx.type(0).rank: cut for a, *cut in zip(op.axes, *(k or () for k in known), strict=True)}
    forward = {a: _range(*cut) for a, cut in cuts.items() if not cut[2].startswith("-")}
    text = x
    if any(cut != ":" for cut in forward.values()):
        last = max(a for a, cut in forward.items() if cut != ":")
        text = f"{x}[{', '.join(forward.get(i, ':') for i in range(last + 1))}]"
    back = {a: cut for a, cut in cuts.items() if a not in forward}
    whole = tuple(a for a, cut in back.items() if _whole(*cut))
    text = f"{text}.flip({_dims(whole)})" if whole else text
    rest = {a: cut for a, cut in back.items() if a not in whole}
    if rest:
        parts = [f"({', '.join(each)}{',' if len(rest) == 1 else ''})" for each in zip(*rest.values(), strict=True)]
        text = ctx.call(functional.slice_along, [text, *parts], {"dims": tuple(rest)})
    return text


def _number(text: str) -> int | None:
    return int(text) if text.lstrip("-").isdigit() else None


def _range(start: str, stop: str, step: str) -> str:
    """What goes between brackets; an end beyond all is left out."""
    last = _number(stop)
    first = "" if start == "0" else start
    ends = f"{first}:{'' if last is not None and last >= UNBOUNDED else stop}"
    return ends if step == "1" else f"{ends}:{step}"


def _whole(start: str, stop: str, step: str) -> bool:
    """Whether it is the whole axis, backwards."""
    first, last = _number(start), _number(stop)
    from_end = first is not None and (first == -1 or first >= UNBOUNDED)
    return step == "-1" and from_end and last is not None and last <= -UNBOUNDED


def _dims(axes: tuple[int, ...]) -> str:
    return str(axes[0] if len(axes) == 1 else axes)


@rows(TABLE, Pad, native=MOVED, detours=(BITS,), at=(0,))
def pad(op: Pad, ctx: Context, x: str, amounts: str, value: str = "None") -> str:
    texts, known = ctx.elements(1), ctx.known(1)
    plain = op.mode == "constant" and ctx.type(0).dtype in COMPUTED | {DType.BOOL}
    fill = "0" if value == "None" else ctx.number(2)
    if plain and texts is not None and known is not None and _shrinks_within(ctx, known) and _exact(fill):
        pairs = list(zip(texts[: len(texts) // 2], texts[len(texts) // 2 :], strict=True))
        while pairs and pairs[0] == ("0", "0"):
            pairs.pop(0)
        flat = ", ".join(each for pair in reversed(pairs) for each in pair)
        more = "" if fill in ("0", "0.0", "False") else f", value={fill}"
        return f"F.pad({x}, ({flat}){more})" if pairs else x
    if op.mode == "constant":
        return ctx.call(functional.pad_constant, [x, ctx.ints(1), *([] if value == "None" else [value])])
    return ctx.call(functional.pad_repeating, [x, ctx.ints(1)], {"mode": op.mode})


def _exact(fill: str | None) -> bool:
    """Whether ``F.pad`` fills with just this: it takes a number in double precision."""
    whole = None if fill is None else _number(fill)
    return fill is not None and (whole is None or abs(whole) <= EXACT)


def _shrinks_within(ctx: Context, amounts: list[int]) -> bool:
    """Whether what is taken away at an end is there."""
    dims = ctx.type(0).dims
    ends = zip(dims * 2, amounts, strict=True)
    return all(a >= 0 or at_least(d + a, 0) is True for d, a in ends)
