"""What reads, writes and finds elements by index."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings
from interlingua.backends.torch.context import Context
from interlingua.backends.torch.functional import indexing as functional
from interlingua.backends.torch.lowerings.detours import (
    BITS,
    COMPLEX,
    COMPUTED,
    EIGHTHS,
    ORDERED,
    SINGLE,
    WIDE,
    Detour,
    rows,
)
from interlingua.backends.torch.lowerings.shape import MOVED
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.indexing import Compress, Gather, GatherAlong, GatherNd, NonZero, TopK, Unique
from interlingua.ir.ops.matrix import Eye, Trilu
from interlingua.ir.ops.scatter import ScatterAlong, ScatterNd

TABLE = Lowerings()


@rows(TABLE, Gather, native=MOVED, detours=(BITS,), at=(0,))
def gather(op: Gather, ctx: Context, x: str, indices: str) -> str:
    lead = ":, " * (op.axis % ctx.type(0).rank)
    known = ctx.elements(1)
    place = known[0] if known is not None and ctx.type(1).shape == () else indices
    return f"{x}[{lead}{place}]"


@rows(TABLE, GatherNd, native=MOVED, detours=(BITS,), at=(0,))
def gather_nd(op: GatherNd, ctx: Context, x: str, indices: str) -> str:
    return ctx.call(functional.gather_nd, [x, indices], {"batch_dims": op.batch_dims})


def _from_front(ctx: Context, x: str, indices: str, axis: int) -> str:
    """Indices of which none counts from the end, in int64."""
    known = ctx.known(1)
    if known is not None and all(k >= 0 for k in known):
        return indices if ctx.type(1).dtype is DType.I64 else f"{indices}.to(torch.int64)"
    return ctx.call(functional.from_front, [indices, f"{x}.shape[{axis}]"])


@rows(TABLE, GatherAlong, native=MOVED, detours=(BITS,), at=(0,))
def gather_along(op: GatherAlong, ctx: Context, x: str, indices: str) -> str:
    return f"{x}.gather({op.axis}, {_from_front(ctx, x, indices, op.axis)})"


REDUCTIONS = {"add": "sum", "mul": "prod", "min": "amin", "max": "amax"}




def _writes(node: Node, _: Any) -> bool:
    return getattr(node.op, "reduction", None) == "none"


PLAIN = Condition("what is there is combined with", _writes)
NUMBERS = COMPUTED - {DType.F16, DType.BF16}


@rows(TABLE, ScatterAlong, native=MOVED, detours=(BITS,), at=(0,), when=[PLAIN])
def scatter_along(op: ScatterAlong, ctx: Context, x: str, indices: str, updates: str) -> str:
    return f"{x}.scatter({op.axis}, {_from_front(ctx, x, indices, op.axis)}, {updates})"


@rows(TABLE, ScatterAlong, native=NUMBERS, detours=(SINGLE, WIDE), at=(0,))
def combine_along(op: ScatterAlong, ctx: Context, x: str, indices: str, updates: str) -> str:
    places = _from_front(ctx, x, indices, op.axis)
    return f'{x}.scatter_reduce({op.axis}, {places}, {updates}, "{REDUCTIONS[op.reduction]}")'


@rows(TABLE, ScatterNd, native=MOVED, detours=(BITS,), at=(0,), when=[PLAIN])
def scatter_nd(op: ScatterNd, ctx: Context, x: str, indices: str, updates: str) -> str:
    return ctx.call(functional.scatter_nd, [x, indices, updates])


@rows(TABLE, ScatterNd, native=NUMBERS, detours=(SINGLE, WIDE), at=(0,))
def combine_nd(op: ScatterNd, ctx: Context, x: str, indices: str, updates: str) -> str:
    return ctx.call(functional.scatter_nd, [x, indices, updates], {"reduction": REDUCTIONS[op.reduction]})


@rows(TABLE, TopK, native=COMPUTED, detours=(WIDE, ORDERED), at=(0,))
def top_k(op: TopK, ctx: Context, x: str, k: str) -> str:
    return ctx.call(functional.top_k, [x, ctx.integer(1)], {"dim": op.axis, "largest": op.largest})


@rows(TABLE, NonZero, native=COMPUTED | COMPLEX | {DType.BOOL}, detours=(EIGHTHS, BITS), at=(0,))
def non_zero(op: NonZero, ctx: Context, x: str) -> str:
    return f"{x}.nonzero().T"


VALUES = Detour({d: wide for d, wide in EIGHTHS.dtypes.items() if d is not DType.F8E8M0})


@rows(TABLE, Unique, native=COMPUTED | {DType.BOOL}, detours=(WIDE, VALUES, ORDERED), at=(0,))
def unique(op: Unique, ctx: Context, x: str) -> str:
    return ctx.call(functional.unique, [x], {"dim": op.axis, "ascending": op.sorted})


@rows(TABLE, Compress, native=MOVED, detours=(BITS,), at=(0,))
def compress(op: Compress, ctx: Context, x: str, condition: str) -> str:
    lead = "" if op.axis is None else ":, " * (op.axis % ctx.type(0).rank)
    return f"{x}{'.flatten()' if op.axis is None else ''}[{lead}{condition}.nonzero().squeeze(1)]"


@rows(TABLE, Trilu, native=MOVED, detours=(BITS,), at=(0,))
def trilu(op: Trilu, ctx: Context, x: str, k: str = "None") -> str:
    diagonal = "" if k == "None" else ctx.integer(1)
    return f"{x}.{'triu' if op.upper else 'tril'}({'' if diagonal == '0' else diagonal})"


def _diagonal(node: Node, _: Any) -> bool:
    return getattr(node.op, "k", None) == 0


@rows(TABLE, Eye, native=COMPUTED | {DType.BOOL}, when=[Condition("it is not the main diagonal", _diagonal)])
def eye(op: Eye, ctx: Context, rows_: str, columns: str) -> str:
    return f"torch.eye({ctx.integer(0)}, {ctx.integer(1)}, dtype={ctx.dtype(op.dtype)})"
