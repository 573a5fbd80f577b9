"""Resampling by the kernels of LiteRT, where they take the very coordinates; all else is taken apart.

``tensorflow/lite/kernels/internal/reference/resize_{nearest_neighbor,bilinear}.h``: both compute coordinates in float32
with ``in / out`` for the scale (aligned corners: ``(in - 1) / (out - 1)``), and clamp places to the input.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from interlingua.backends.litert.context import Context
from interlingua.backends.litert.graph import Edge
from interlingua.backends.litert.lowerings.windows import channels_last, last
from interlingua.backends.lowering import Condition, Lowerings, dtypes, filled, rank
from interlingua.ir.dims import DimLike, same
from interlingua.ir.dtypes import FLOATS
from interlingua.ir.graph import Node
from interlingua.ir.ops.convolution import Layout
from interlingua.ir.ops.resize import Resize
from interlingua.ir.types import Shape

TABLE = Lowerings()

FACTORS = range(1, 17)
"""Integer factors by which extents grow. Places are nearest at half a pixel: by 16 that is 1/32 from a tie."""
FAR = 1 << 16
"""Below this a coordinate in float32 is nearer to the exact one than such a tie is, whatever the factor."""
HALF = {"half_pixel", "pytorch_half_pixel", "half_pixel_symmetric"}
"""Where extents grow by whole factors these are one."""


def _op(node: Node) -> Resize:
    assert isinstance(node.op, Resize)
    return node.op


def _turned(node: Node) -> list[int]:
    """The places, among the axes of the op, of those along which something changes. The others keep their elements, as
    they do in ONNX Runtime's kernel, which does not interpolate along them."""
    before, after = node.operand(0).tensor.dims, node.result.tensor.dims
    kept = [same(before[a], after[a]) is True and _scale(node, i) in (None, 1) for i, a in enumerate(_op(node).axes)]
    return [i for i, stays in enumerate(kept) if not stays]


def _scale(node: Node, place: int) -> float | None:
    """What the op multiplies an extent by, where it says that itself: the extents tell it after rounding alone."""
    factors = _op(node).factors
    return None if factors is None else factors[place]


def _layout(node: Node) -> Layout | None:
    """The layout in which the axes are those of a plane."""
    axes = {_op(node).axes[i] % 4 for i in _turned(node)}
    return "channels_last" if axes <= {1, 2} else "channels_first" if axes <= {2, 3} else None


def _extents(node: Node) -> list[tuple[DimLike, DimLike]]:
    """Before and after, of each axis that changes."""
    before, after = node.operand(0).tensor.dims, node.result.tensor.dims
    return [(before[_op(node).axes[i]], after[_op(node).axes[i]]) for i in _turned(node)]


def _factor(before: DimLike, after: DimLike) -> int | None:
    """The whole number of times that an extent grows."""
    return next((f for f in FACTORS if same(before * f, after) is True), None)


def _whole(node: Node, _: Any) -> bool:
    pairs = _extents(node)
    factors = [_factor(*pair) for pair in pairs]
    said = [_scale(node, i) for i in _turned(node)]
    near = all(isinstance(out, int) and out < FAR for _, out in pairs)
    agree = all(own in (None, f) for own, f in zip(said, factors, strict=True))
    return agree and all(f is not None and (near or f & (f - 1) == 0) for f in factors)


def _places(node: Node, _: Any) -> bool:
    """Whether the places are those at half a pixel, whole factors given."""
    op = _op(node)
    if op.coordinates in HALF:
        return op.nearest.startswith("round")
    return op.coordinates == "asymmetric" and op.nearest == "floor"


PLANE = [
    rank(4),
    filled(),
    Condition("the axes are those of no plane", lambda node, _: _layout(node) is not None),
    Condition("sizes are bent to the aspect", lambda node, _: _op(node).keep_aspect == "stretch"),
]


def _resized(ctx: Context, op: Resize, kernel: str, x: Edge, sizes: Edge | None, **options: Any) -> Edge:
    layout = _layout(ctx.node)
    assert layout is not None
    due: Shape = last(ctx.result.dims, layout)
    known = all(isinstance(d, int) for d in due[1:3])
    read = None if known or sizes is None else _read(ctx, op, sizes, (1, 2) if layout == "channels_last" else (2, 3))

    def emit(x: Edge) -> Edge:
        return ctx.emit(kernel, x, ctx.sizes(due[1:3], x) if read is None else read, shape=due, **options)

    return channels_last(ctx, layout, 2, x, emit)


def _read(ctx: Context, op: Resize, sizes: Edge, plane: tuple[int, int]) -> Edge | None:
    """The sizes of a plane as the run gives them; ``None`` where they are not all given."""
    places = {a % 4: i for i, a in enumerate(op.axes)}
    if not places.keys() >= set(plane):
        return None
    picked = [places[axis] for axis in plane]
    return ctx.emit("GATHER", ctx.index(sizes), ctx.constant(picked), shape=(2,), axis=0, batch_dims=0)


@TABLE.lower(
    Resize,
    when=[
        Condition("it is not nearest", lambda node, _: _op(node).mode == "nearest"),
        *PLANE,
        Condition("extents do not grow by whole factors", _whole),
        Condition("places are rounded otherwise than LiteRT does", _places),
    ],
)
def nearest(op: Resize, ctx: Context, x: Edge, sizes: Edge | None = None, *_: Edge | None) -> Edge:
    return _resized(ctx, op, "RESIZE_NEAREST_NEIGHBOR", x, sizes, half_pixel_centers=True, align_corners=False)


def _plain(node: Node, _: Any) -> bool:
    op = _op(node)
    return not op.antialias and not op.exclude_outside and op.coordinates in COORDINATES


def _scaled(node: Node, _: Any) -> bool:
    """Whether the scale is that of the extents: of sizes it always is, of factors where these are known."""
    op, pairs = _op(node), _extents(node)
    if len(node.operands) > 2 and node.operands[2] is not None:
        return False
    if op.coordinates == "pytorch_half_pixel" and any(same(after, 1) is not False for _, after in pairs):
        return False
    factors = [_scale(node, i) for i in _turned(node)]
    return all(
        f is None or (isinstance(a, int) and isinstance(b, int) and a * Fraction(f) == b)
        for f, (a, b) in zip(factors, pairs, strict=True)
    )


COORDINATES = {
    "half_pixel": {"half_pixel_centers": True, "align_corners": False},
    "pytorch_half_pixel": {"half_pixel_centers": True, "align_corners": False},
    "align_corners": {"half_pixel_centers": False, "align_corners": True},
    "asymmetric": {"half_pixel_centers": False, "align_corners": False},
}
"""Options of the kernel."""


@TABLE.lower(
    Resize,
    when=[
        Condition("it is not linear", lambda node, _: _op(node).mode == "linear"),
        *PLANE,
        dtypes(FLOATS, 0),
        Condition("its weights are none of LiteRT's", _plain),
        Condition("the scale is not that of the extents", _scaled),
    ],
)
def linear(op: Resize, ctx: Context, x: Edge, sizes: Edge | None = None, *_: Edge | None) -> Edge:
    return _resized(ctx, op, "RESIZE_BILINEAR", x, sizes, **COORDINATES[op.coordinates])
