"""Concatenations: of one part, of concatenations, of what was one value before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.dims import same
from interlingua.ir.graph import Node, Value
from interlingua.ir.ops.layout import Split
from interlingua.ir.ops.shape import Concat, Slice
from interlingua.passes.rewrite.pattern import Match, OpPattern
from interlingua.passes.rewrite.rule import Rule, RulePass, rule
from interlingua.passes.rewrite.slicing import Cut, cuts_of, sliced
from interlingua.passes.rewrite.values import same_type, users_of

CONCAT = OpPattern(Concat, ..., name="concat")


def _parts(node: Node) -> tuple[list[Value], int]:
    return [o for o in node.operands if o is not None], node.op.attributes()["axis"] % node.result.tensor.rank


def _joined(b: Builder, axis: int, parts: list[Value], like: Value) -> Value | None:
    """The parts one after the other; one alone as it is, if it has the very type."""
    if len(parts) != 1:
        return b(Concat(axis), *parts) if parts else None
    return parts[0] if same_type(parts[0].type, like.type) else None


@rule(CONCAT)
def drop_concat(m: Match, b: Builder) -> Value | None:
    """``concat(x) = x``, and parts that are empty for certain are none."""
    parts, axis = _parts(m.root)
    kept = [p for p in parts if same(p.tensor.dims[axis], 0) is not True]
    return None if 1 < len(kept) == len(parts) else _joined(b, axis, kept, m.root.result)


@rule(CONCAT)
def merge_concats(m: Match, b: Builder) -> Value | None:
    """``concat(a, concat(b, c), d) = concat(a, b, c, d)``, along one axis; where nobody else needs the inner one."""
    parts, axis = _parts(m.root)
    found: list[Value] = []
    for part in parts:
        inner = part.node
        own = inner is not None and isinstance(inner.op, Concat) and users_of(inner) == [m.root] and _only_nodes(part)
        if inner is not None and own and _parts(inner)[1] == axis:
            found += _parts(inner)[0]
        else:
            found.append(part)
    return b(Concat(axis), *found) if len(found) > len(parts) else None


def _only_nodes(value: Value) -> bool:
    return all(isinstance(user, Node) for user, _ in value.uses)


@rule(CONCAT)
def join_split(m: Match, b: Builder) -> Value | None:
    """``concat(split(x)) = x``, all of the pieces in order along the same axis."""
    parts, axis = _parts(m.root)
    node = parts[0].node
    if node is None or not isinstance(node.op, Split) or node.op.axis % parts[0].tensor.rank != axis:
        return None
    x = node.operand(0)
    return x if parts == list(node.results) and same_type(x.type, m.root.result.type) else None


@rule(CONCAT)
def join_slices(m: Match, b: Builder) -> Value | None:
    """``concat(x[i:j], x[j:k]) = x[i:k]``: pieces of one value that follow each other along the axis."""
    parts, axis = _parts(m.root)
    runs: list[list[Value]] = []
    for part in parts:
        last, piece = _piece(runs[-1][-1], axis) if runs else None, _piece(part, axis)
        if last is not None and piece is not None and last[0] is piece[0] and last[1].stop == piece[1].start:
            runs[-1].append(part)
        else:
            runs.append([part])
    return None if len(runs) == len(parts) else _joined(b, axis, [_cut(b, r, axis) for r in runs], m.root.result)


def _cut(b: Builder, run: list[Value], axis: int) -> Value:
    """What stands for pieces that follow each other."""
    first, last = _piece(run[0], axis), _piece(run[-1], axis)
    if len(run) == 1 or first is None or last is None:
        return run[0]
    x, both = first[0], Cut(first[1].start, last[1].stop)
    return x if both == Cut(0, _size(x, axis)) else sliced(b, x, {axis: both})


def _size(x: Value, axis: int) -> int:
    size = x.tensor.dims[axis]
    return size if isinstance(size, int) else -1


def _piece(part: Value, axis: int) -> tuple[Value, Cut] | None:
    """The value, and what is taken of its axis of static size, where a part is a slice along that alone."""
    node = part.node
    cuts = cuts_of(node) if node is not None and isinstance(node.op, Slice) else None
    if node is None or cuts is None or set(cuts) != {axis}:
        return None
    x = node.operand(0)
    return (x, cuts[axis]) if cuts[axis].plain and _size(x, axis) >= 0 else None


@dataclass(frozen=True, slots=True)
class Concats(RulePass):
    """Exact."""

    name: ClassVar[str] = "merge-concats"
    rules: ClassVar[tuple[Rule, ...]] = (drop_concat, merge_concats, join_split, join_slices)
