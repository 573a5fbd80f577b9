"""Operators that move elements and keep them: views, slices, joins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from interlingua.frontends.torch.node import TorchNode
from interlingua.frontends.torch.table import Table
from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Value
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.layout import ExpandDims, Split, Squeeze, Stack, Tile
from interlingua.ir.ops.shape import BroadcastTo, Concat, Reverse, Slice, Transpose
from interlingua.ir.ops.shaping import dim_of, dims_of, product_of, reshaped, vector

TABLE = Table()
END = (1 << 63) - 1


@TABLE.translate("view.default", "reshape.default", "_unsafe_view.default", "_reshape_alias.default")
def view(n: TorchNode, b: Builder) -> Value:
    """One extent may be −1; 0 is an extent like any other."""
    return reshaped(b, n.value("self"), n.parts("size" if "size" in n.arguments else "shape"))


@TABLE.translate("view_as.default", "reshape_as.default")
def view_as(n: TorchNode, b: Builder) -> Value:
    other = n.value("other")
    return reshaped(b, n.value("self"), dims_of(b, other, *range(other.tensor.rank)))


@TABLE.translate("flatten.using_ints")
def flatten(n: TorchNode, b: Builder) -> Value:
    """The axes from ``start_dim`` to ``end_dim`` as one; a scalar becomes a vector."""
    x = n.value("self")
    rank = x.tensor.rank
    if rank == 0:
        return b(ExpandDims(axes=(0,)), x)
    start, end = n.axis("start_dim", rank), n.axis("end_dim", rank)
    dims = dims_of(b, x, *range(rank))
    return reshaped(b, x, [*dims[:start], product_of(b, dims[start : end + 1]), *dims[end + 1 :]])


@TABLE.translate("unflatten.int")
def unflatten(n: TorchNode, b: Builder) -> Value:
    x = n.value("self")
    axis, dims = n.axis("dim", x.tensor.rank), dims_of(b, x, *range(x.tensor.rank))
    sizes = n.parts("sizes")
    if -1 in sizes:
        known = product_of(b, [s for s in sizes if s != -1])
        size = dims[axis]
        if isinstance(known, int) and isinstance(size, int):
            sizes = [size // known if s == -1 else s for s in sizes]
        elif any(not isinstance(d, int) for i, d in enumerate(dims) if i != axis):
            n.unsupported("an extent of -1 beside extents that only the run knows")
    return reshaped(b, x, [*dims[:axis], *sizes, *dims[axis + 1 :]])


@TABLE.translate("permute.default")
def permute(n: TorchNode, b: Builder) -> Value:
    x = n.value("self")
    return b(Transpose(perm=tuple(d % x.tensor.rank for d in n.ints("dims"))), x) if x.tensor.rank else x


@TABLE.translate("transpose.int", "swapaxes.default", "swapdims.default")
def transpose(n: TorchNode, b: Builder) -> Value:
    x = n.value("self")
    first, second = (name for name in n.arguments if name != "self")
    perm = list(range(x.tensor.rank))
    p, q = n.axis(first, len(perm)), n.axis(second, len(perm))
    if not perm:
        return x
    perm[p], perm[q] = perm[q], perm[p]
    return b(Transpose(perm=tuple(perm)), x)


@TABLE.translate("t.default", "numpy_T.default", "mT.default", "matrix_H.default", "adjoint.default")
def transposed(n: TorchNode, b: Builder) -> Value:
    """``T`` turns all axes round, the others the last two."""
    x = n.value("self")
    perm = list(range(x.tensor.rank))
    if n.op.startswith(("t.", "numpy_T")):
        perm.reverse()
    else:
        perm[-2:] = perm[:-3:-1]
    return b(Transpose(perm=tuple(perm)), x) if len(perm) > 1 else x


@TABLE.translate("unsqueeze.default")
def unsqueeze(n: TorchNode, b: Builder) -> Value:
    x = n.value("self")
    return b(ExpandDims(axes=(n.axis("dim", x.tensor.rank + 1),)), x)


@TABLE.translate("squeeze.default", "squeeze.dim", "squeeze.dims")
def squeeze(n: TorchNode, b: Builder) -> Value:
    """Axes of size 1 go, of those that are named; one of another size stays. What size it has PyTorch knows."""
    x = n.value("self")
    rank = x.tensor.rank
    named = [d % rank for d in n.ints("dim")] if "dim" in n.arguments and rank else range(rank)
    sizes = n.fakes["self"].shape
    axes = tuple(a for a in named if isinstance(sizes[a], int) and sizes[a] == 1)
    return b(Squeeze(axes=axes), x) if axes else x


@TABLE.translate("expand.default", "broadcast_to.default")
def expand(n: TorchNode, b: Builder) -> Value:
    """Sizes line up with the last axes; −1 keeps one."""
    x = n.value("self")
    sizes = n.parts("size")
    new = len(sizes) - x.tensor.rank
    kept = [dim_of(b, x, i - new) if isinstance(s, int) and s == -1 else s for i, s in enumerate(sizes)]
    return b(BroadcastTo(), x, vector(b, kept))


@TABLE.translate("expand_as.default")
def expand_as(n: TorchNode, b: Builder) -> Value:
    other = n.value("other")
    return b(BroadcastTo(), n.value("self"), vector(b, dims_of(b, other, *range(other.tensor.rank))))


@TABLE.translate("repeat.default", "tile.default")
def repeat(n: TorchNode, b: Builder) -> Value:
    """Copies along each axis; with more repeats than axes, new ones come in front (for ``tile`` the other way too)."""
    x = n.value("self")
    repeats = n.parts("repeats" if "repeats" in n.arguments else "dims")
    repeats = [*[1] * (x.tensor.rank - len(repeats)), *repeats]
    new = len(repeats) - x.tensor.rank
    x = b(ExpandDims(axes=tuple(range(new))), x) if new else x
    return b(Tile(), x, vector(b, repeats)) if repeats else x


@TABLE.translate("cat.default", "concat.default", "concatenate.default")
def cat(n: TorchNode, b: Builder) -> Value:
    """Element types are promoted; a vector without elements counts as nothing, whatever the rank of the others."""
    values = [n.as_value(v, n.dtype) for v in n["tensors"]]
    kept = [v for v in values if not (v.tensor.dims == (0,) and n.fake_rank != 1)]
    return kept[0] if len(kept) == 1 else b(Concat(axis=n.axis("dim", n.fake_rank)), *kept)


@TABLE.translate("stack.default")
def stack(n: TorchNode, b: Builder) -> Value:
    return b(Stack(axis=n.axis("dim", n.fake_rank)), *(n.as_value(v, n.dtype) for v in n["tensors"]))


@TABLE.translate("slice.Tensor")
def slice_(n: TorchNode, b: Builder) -> Value:
    """As Python slices: negative bounds count from the end, and all are cut to the extent."""
    x = n.value("self")
    start = 0 if n["start"] is None else n["start"]
    end = END if n["end"] is None else n["end"]
    step = n.static("step")
    if isinstance(start, int) and start == 0 and isinstance(end, int) and end == END and step == 1:
        return x
    axis = n.axis("dim", x.tensor.rank)
    bounds = [vector(b, [n.part(p)]) for p in (start, end, step)]
    return b(Slice(axes=(axis,)), x, *(bounds if step != 1 else bounds[:2]))


@TABLE.translate("select.int")
def select(n: TorchNode, b: Builder) -> Value:
    x = n.value("self")
    return b(Gather(axis=n.axis("dim", x.tensor.rank)), x, n.scalar(n["index"]))


@TABLE.translate("narrow.default")
def narrow(n: TorchNode, b: Builder) -> Value:
    x = n.value("self")
    axis = n.axis("dim", x.tensor.rank)
    start, length = n["start"], n["length"]
    if isinstance(start, int) and isinstance(length, int):
        size = x.tensor.dims[axis]
        if start < 0 and not isinstance(size, int):
            n.unsupported("a negative start along an extent that only the run knows")
        first = start + size if start < 0 and isinstance(size, int) else start
        return b(Slice(axes=(axis,)), x, b.constant([first]), b.constant([first + length]))
    from interlingua.ir.ops.binary import Add

    begin, end = n.scalar(start), b(Add(), n.scalar(start), n.scalar(length))
    return b(Slice(axes=(axis,)), x, vector(b, [n.part(begin)]), vector(b, [n.part(end)]))


@TABLE.translate("split.Tensor", "split.default", "split.sizes", "split_with_sizes.default", "chunk.default",
                 "tensor_split.sections", "unsafe_chunk.default", "unsafe_split.Tensor")  # fmt: skip
def split(n: TorchNode, b: Builder) -> Sequence[Value]:
    """Parts as long as PyTorch made them."""
    x = n.value("self")
    axis = n.axis("dim", x.tensor.rank)
    lengths: list[Any] = [part.shape[axis] for part in n.fake]
    if not all(isinstance(s, int) for s in lengths):
        if "split_sizes" not in n.arguments and "split_size" not in n.arguments:
            n.unsupported("how long its parts are is known at the run only")
        sizes = n["split_sizes"] if "split_sizes" in n.arguments else n["split_size"]
        if not isinstance(sizes, list | tuple) or len(sizes) != len(lengths):
            n.unsupported("how long its parts are is known at the run only")
        return b.add_all(Split(axis=axis, parts=len(sizes)), x, vector(b, [n.part(s) for s in sizes]))
    if len(lengths) == 1:
        return [x]
    return b.add_all(Split(axis=axis, parts=len(lengths)), x, b.constant(lengths, DType.I64))


@TABLE.translate("unbind.int")
def unbind(n: TorchNode, b: Builder) -> Sequence[Value]:
    x = n.value("self")
    axis = n.axis("dim", x.tensor.rank)
    return [b(Gather(axis=axis), x, b.constant(i, DType.I64)) for i in range(len(n.fake))]


@TABLE.translate("flip.default")
def flip(n: TorchNode, b: Builder) -> Value:
    x = n.value("self")
    axes = tuple(sorted(d % x.tensor.rank for d in n.ints("dims"))) if x.tensor.rank else ()
    return b(Reverse(axes=axes), x) if axes else x
