"""Einsum that is a product of matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from interlingua.ir.builder import Builder
from interlingua.ir.graph import Value
from interlingua.ir.ops.contraction import Einsum, Labels, MatMul
from interlingua.ir.ops.shape import Transpose
from interlingua.passes.rewrite.pattern import Match, OpPattern, Var
from interlingua.passes.rewrite.rule import Rule, RulePass, rule


@dataclass(frozen=True, slots=True)
class _Roles:
    """What the labels of two operands do: batches, rows, what is summed over, columns."""

    x: Labels
    y: Labels
    output: Labels

    @property
    def summed(self) -> Labels:
        return tuple(label for label in self.x if label in self.y and label not in self.output)

    @property
    def batch(self) -> Labels:
        return tuple(label for label in self.x if label in self.y and label in self.output)

    @property
    def rows(self) -> Labels:
        return tuple(label for label in self.x if label not in self.y)

    @property
    def columns(self) -> Labels:
        return tuple(label for label in self.y if label not in self.x)

    @property
    def plain(self) -> bool:
        """Whether it sums over one label, has rows and columns, takes no diagonal and sums nothing of one operand."""
        once = all(len(set(labels)) == len(labels) for labels in (self.x, self.y))
        kept = set(self.rows) | set(self.columns) <= set(self.output)
        return once and kept and len(self.summed) == 1 and bool(self.rows) and bool(self.columns)


def _arranged(b: Builder, x: Value, labels: Sequence[str], wanted: Sequence[str]) -> Value:
    return x if labels == wanted else b(Transpose(perm=tuple(labels.index(label) for label in wanted)), x)


def _batched(b: Builder, x: Value, y: Value, r: _Roles) -> Value | None:
    """One label of rows and one of columns."""
    if len(r.rows) != 1 or len(r.columns) != 1:
        return None
    left = _arranged(b, x, r.x, (*r.batch, *r.rows, *r.summed))
    right = _arranged(b, y, r.y, (*r.batch, *r.summed, *r.columns))
    return _arranged(b, b(MatMul(), left, right), (*r.batch, *r.rows, *r.columns), r.output)


def _by_a_matrix(b: Builder, x: Value, y: Value, r: _Roles) -> Value | None:
    """All of ``x`` by one matrix, on the right; what ``x`` has before its last axis are rows."""
    if r.x != (*r.rows, *r.summed) or len(r.y) != 2 or r.output != (*r.rows, *r.columns):
        return None
    return b(MatMul(), x, _arranged(b, y, r.y, (*r.summed, *r.columns)))


def _of_a_matrix(b: Builder, x: Value, y: Value, r: _Roles) -> Value | None:
    """One matrix by all of ``y``, whose last axes it is multiplied with."""
    if r.y != (*r.columns[:-1], *r.summed, *r.columns[-1:]) or len(r.x) != 2:
        return None
    if r.output != (*r.columns[:-1], *r.rows, *r.columns[-1:]):
        return None
    return b(MatMul(), _arranged(b, x, r.x, (*r.rows, *r.summed)), y)


@rule(OpPattern(Einsum, Var("x"), Var("y"), name="einsum"), contract="rounding")
def einsum_as_matmul(m: Match, b: Builder) -> Value | None:
    """``Σₖ x[…, i, k] · y[…, k, j]`` is a matmul, of transposes where the axes stand otherwise.

    Two operands that share one label which the result does not have; each label once an operand, none summed over in
    one operand alone. Labels on one side are one, unless they stand as matmul broadcasts them: nothing is reshaped.
    """
    x, y = m["x"], m["y"]
    (first, second), output = m.op("einsum").terms([x.tensor.rank, y.tensor.rank])
    there, back = _Roles(first, second, output), _Roles(second, first, output)
    if not there.plain:
        return None
    for left, right, roles in ((x, y, there), (y, x, back)):
        found = _by_a_matrix(b, left, right, roles) or _of_a_matrix(b, left, right, roles)
        if found is not None:
            return found
    in_order = output.index(there.rows[-1]) < output.index(there.columns[-1])
    return _batched(b, x, y, there) if in_order else _batched(b, y, x, back)


@dataclass(frozen=True, slots=True)
class Einsums(RulePass):
    """Rounding."""

    name: ClassVar[str] = "reduce-einsum"
    rules: ClassVar[tuple[Rule, ...]] = (einsum_as_matmul,)
