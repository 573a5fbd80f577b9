"""Resampling."""

from __future__ import annotations

from typing import Any

from interlingua.backends.lowering import Condition, Lowerings
from interlingua.backends.torch.context import Context
from interlingua.backends.torch.functional import resize as functional
from interlingua.backends.torch.lowerings.detours import COMPUTED, SINGLE, rows
from interlingua.ir.dtypes import FLOATS, DType
from interlingua.ir.graph import Node
from interlingua.ir.ops.resize import Resize

TABLE = Lowerings()

MODES = {1: "linear", 2: "bilinear", 3: "trilinear"}


def _spatial(node: Node) -> bool:
    op, rank = node.op, node.operand(0).tensor.rank
    assert isinstance(op, Resize)
    return 3 <= rank <= 5 and tuple(a % rank for a in op.axes) == tuple(range(2, rank))


def _doubled(node: Node, _: Any) -> bool:
    """Each element comes a power of two of times: no rounding of coordinates can go another way."""
    op = node.op
    assert isinstance(op, Resize)
    ways = {"asymmetric": ("floor",), "half_pixel": ("round_prefer_floor", "round_prefer_ceil")}
    powers = op.factors is not None and all(f in (1.0, 2.0, 4.0, 8.0) for f in op.factors)
    return _spatial(node) and op.mode == "nearest" and powers and op.nearest in ways.get(op.coordinates, ())


def _interpolated(node: Node, _: Any) -> bool:
    """PyTorch's coordinates are those of half pixels, or of aligned corners, at the ratio of the extents."""
    op = node.op
    assert isinstance(op, Resize)
    plain = not (op.antialias or op.exclude_outside) and op.keep_aspect == "stretch"
    exact = op.factors is not None and all(f in (1.0, 2.0, 4.0, 8.0) for f in op.factors)
    sized = len(node.operands) > 1 and node.operands[1] is not None
    known = op.coordinates in ("half_pixel", "align_corners") and (sized or exact)
    return _spatial(node) and op.mode == "linear" and plain and known and 0 not in node.operand(0).tensor.dims


def _target(op: Resize, ctx: Context) -> str:
    if op.factors is not None:
        whole = tuple(int(f) for f in op.factors)
        return f"scale_factor={whole[0] if len(set(whole)) == 1 else whole}"
    return f"size={ctx.ints(1)}"


@rows(
    TABLE, Resize, native=FLOATS, at=(0,),
    when=[Condition("it does not repeat elements a power of two of times along spatial axes", _doubled)],
)
def nearest(op: Resize, ctx: Context, x: str, *rest: str) -> str:
    return f'F.interpolate({x}, {_target(op, ctx)}, mode="nearest")'


@rows(
    TABLE, Resize, native=FLOATS - SINGLE.dtypes.keys(), at=(0,),
    when=[Condition("its coordinates are none that PyTorch interpolates at", _interpolated)],
)
def linear(op: Resize, ctx: Context, x: str, *rest: str) -> str:
    corners = "True" if op.coordinates == "align_corners" else "False"
    mode = MODES[ctx.type(0).rank - 2]
    return f'F.interpolate({x}, {_target(op, ctx)}, mode="{mode}", align_corners={corners})'


@rows(TABLE, Resize, native=COMPUTED | {DType.U16, DType.U32, DType.U64}, at=(0,))
def resize(op: Resize, ctx: Context, x: str, sizes: str = "None", scales: str = "None", roi: str = "None") -> str:
    names = ("mode", "coordinates", "nearest", "cubic_coeff", "exclude_outside", "extrapolation", "antialias")
    attributes = {name: getattr(op, name) for name in (*names, "keep_aspect")}
    given = {}
    if sizes != "None":
        given["sizes"] = f"list({ctx.ints(1)})" if ctx.elements(1) is None else f"[{', '.join(ctx.elements(1) or ())}]"
    if scales != "None":
        given["scales"] = f"{scales}.tolist()"
    if roi != "None" and op.coordinates == "tf_crop_and_resize":
        given["roi"] = f"{roi}.tolist()"
    if op.factors is not None:
        attributes["scales"] = op.factors
    return ctx.call(functional.resize, [x], {"dims": op.axes, **attributes}, given)
