"""Slices: those that take everything, those in a row, those of what was just put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Node, Value
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.layout import ExpandDims, Split, Squeeze
from interlingua.ir.ops.shape import Concat, Slice
from interlingua.passes.rewrite.pattern import Match, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule
from interlingua.passes.rewrite.slicing import Cut, composed, cuts_of, sliced, whole
from interlingua.passes.rewrite.values import users_of
from interlingua.passes.rewrite.views import is_one, viewed

X = Var("x")
SLICE = OpPattern(Slice, X, ..., name="slice")
NEAR = 64
"""How far apart, in nodes, slices may stand that become one split."""


@rule(SLICE)
def drop_slice(m: Match, b: Builder) -> Value | None:
    """``x[0:n] = x``, along each axis for which that holds for certain; what is left of the slice cuts the others."""
    node, x = m.root, m["x"]
    cuts = cuts_of(node)
    if cuts is None:
        return None
    left = {a: c for a, c in cuts.items() if not whole(c, x.tensor.dims[a], node.result.tensor.dims[a])}
    return None if len(left) == len(cuts) else sliced(b, x, left)


@rule(OpPattern(Slice, OpPattern(Slice, X, ..., name="inner"), ..., name="outer"), shared=True)
def merge_slices(m: Match, b: Builder) -> Value | None:
    """``x[a:b][c:d] = x[a+c:min(a+d, b)]``, axis by axis; with steps and negative ends where the size is known."""
    inner, outer = cuts_of(m.nodes["inner"]), cuts_of(m.nodes["outer"])
    if inner is None or outer is None:
        return None
    cuts = dict(inner)
    for axis, then in outer.items():
        both = composed(m["x"].tensor.dims[axis], inner[axis], then) if axis in inner else then
        if both is None:
            return None
        cuts[axis] = both
    return sliced(b, m["x"], cuts)


@rule(OpPattern(Slice, OpPattern(Concat, ..., name="concat"), ..., name="slice"), shared=True)
def slice_of_concat(m: Match, b: Builder) -> Value | None:
    """``concat(a, b, …)[i:j]`` along its axis is an operand, or a slice of one, where it takes from that one alone."""
    joined, cuts = m.nodes["concat"], cuts_of(m.root)
    axis = m.op("concat").axis % joined.result.tensor.rank
    cut = None if cuts is None else cuts.get(axis)
    if cuts is None or cut is None or not cut.plain:
        return None
    start = 0
    for operand in joined.operands:
        assert operand is not None
        size = operand.tensor.dims[axis]
        if not isinstance(size, int):
            return None
        if start <= cut.start < cut.stop <= start + size:
            inside = {**cuts, axis: Cut(cut.start - start, cut.stop - start)}
            return sliced(b, operand, {a: c for a, c in inside.items() if a != axis or c != Cut(0, size)})
        start += size
    return None


@rule(OpPattern(Squeeze, SLICE, name="squeeze"))
def gather_for_slice(m: Match, b: Builder) -> Value | None:
    """``squeeze(x[i:i+1]) = gather(x, i)``: one element along one axis, which is there for certain. No strings, of
    which runtimes gather only some."""
    node, x = m.nodes["slice"], m["x"]
    cuts = cuts_of(node)
    if cuts is None or len(cuts) != 1 or x.tensor.dtype is DType.STRING:
        return None
    ((axis, cut),) = cuts.items()
    if not isinstance(x.tensor.dims[axis], int) or not is_one(node.result.tensor.dims[axis]):
        return None
    gone = tuple(a % x.tensor.rank for a in m.op("squeeze").axes)
    return b(Gather(axis), x, b.constant(cut.start, DType.I64)) if gone == (axis,) else None


@rule(OpPattern(ExpandDims, OpPattern(Gather, X, Var("index"), name="gather"), name="expand"))
def slice_for_gather(m: Match, b: Builder) -> Value | None:
    """``expand_dims(gather(x, i)) = x[i:i+1]``: one element whose axis comes back, of an axis of known size."""
    axis, index = m.op("gather").axis % m["x"].tensor.rank, m.integers("index")
    size, rank = m["x"].tensor.dims[axis], m.root.result.tensor.rank
    if index is None or len(index) != 1 or m["index"].tensor.dims != () or not isinstance(size, int):
        return None
    start = index[0] + (size if index[0] < 0 else 0)
    back = tuple(a % rank for a in m.op("expand").axes)
    return sliced(b, m["x"], {axis: Cut(start, start + 1)}) if back == (axis,) and 0 <= start < size else None


@rule(OpPattern(Gather, X, Var("index"), name="gather"))
def reshape_for_gather(m: Match, b: Builder) -> Value | None:
    """``gather(x, 0) = reshape(x)`` along an axis of size 1."""
    axis = m.op("gather").axis % m["x"].tensor.rank
    inside = m.integers("index") in ([0], [-1])
    return viewed(b, m["x"], m.root.result.tensor.dims) if inside and is_one(m["x"].tensor.dims[axis]) else None


@rule(SLICE)
def split_for_slices(m: Match, b: Builder) -> Mapping[Value, Value] | None:
    """``x[0:a], x[a:b], x[b:n]`` are one split, where they take each element once."""
    x, first = m["x"], _one_cut(m.root)
    if first is None:
        return None
    axis, _ = first
    size = x.tensor.dims[axis]
    found: dict[int, tuple[Cut, Node]] = {}
    for user, _ in x.uses:
        if isinstance(user, Node) and isinstance(user.op, Slice) and user.operands[0] is x:
            other = _one_cut(user)
            if other is None or other[0] != axis or other[1].start in found:
                return None
            found[other[1].start] = other[1], user
    pieces = [found[start] for start in sorted(found)]
    ends = [0, *(cut.stop for cut, _ in pieces)]
    if len(pieces) < 2 or ends[-1] != size or any(c.start != e for (c, _), e in zip(pieces, ends, strict=False)):
        return None
    if _single(pieces) or not _all_follow(m.root, [node for _, node in pieces]):
        return None
    sizes = b.constant([cut.stop - cut.start for cut, _ in pieces], DType.I64)
    made = b.add_all(Split(axis, len(pieces)), x, sizes)
    return {node.result: part for (_, node), part in zip(pieces, made, strict=True)}


@rule(OpPattern(Slice, Var("part", lambda v: v.node is not None and isinstance(v.node.op, Split)), ...))
def slice_before_split(m: Match, b: Builder) -> Mapping[Value, Value] | None:
    """``slice(part) for part in split(x) = split(slice(x))``, where all parts are cut alike along other axes."""
    split, cuts = m["part"].node, cuts_of(m.root)
    assert split is not None and isinstance(split.op, Split)
    if not cuts or split.op.axis % m["part"].tensor.rank in cuts:
        return None
    users = [[user for user, _ in part.uses] for part in split.results]
    if not all(len(each) == 1 and _cuts_alike(each[0], cuts, split) for each in users):
        return None
    b.before = split
    parts = b.add_all(split.op, sliced(b, split.operand(0), cuts), *split.operands[1:])
    slices = [part.uses[0][0] for part in split.results]
    return {s.result: part for s, part in zip(slices, parts, strict=True) if isinstance(s, Node)}


def _cuts_alike(user: Node | Graph, cuts: Mapping[int, Cut], split: Node) -> bool:
    """Whether a user of a part is a slice with these cuts, beside the split."""
    return isinstance(user, Node) and isinstance(user.op, Slice) and user.graph is split.graph and cuts_of(user) == cuts


def _one_cut(node: Node) -> tuple[int, Cut] | None:
    """The axis of static size that a slice cuts, where it is one, and a piece of it that is not empty."""
    cuts = cuts_of(node)
    if cuts is None or len(cuts) != 1:
        return None
    ((axis, cut),) = cuts.items()
    static = isinstance(node.operand(0).tensor.dims[axis], int)
    return (axis, cut) if static and cut.plain and cut.start < cut.stop else None


def _single(pieces: list[tuple[Cut, Node]]) -> bool:
    """Whether each is one element without its axis, which is gathered."""
    users = [users_of(node) for _, node in pieces]
    squeezed = all(len(u) == 1 and isinstance(u[0].op, Squeeze) for u in users)
    return squeezed and all(cut.stop == cut.start + 1 for cut, _ in pieces)


def _all_follow(first: Node, nodes: list[Node]) -> bool:
    """Whether none of the nodes stands before ``first``, and all stand near it."""
    assert first.graph is not None
    missing = {n for n in nodes if n is not first}
    for node in islice(first.graph.nodes_after(first), NEAR):
        missing.discard(node)
        if not missing:
            return True
    return not missing


@dataclass(frozen=True, slots=True)
class Slices(RulePass):
    """Exact."""

    name: ClassVar[str] = "merge-slices"
    rules: ClassVar[tuple[Rule, ...]] = (
        drop_slice,
        merge_slices,
        slice_of_concat,
        gather_for_slice,
        slice_for_gather,
        reshape_for_gather,
        split_for_slices,
        slice_before_split,
    )
