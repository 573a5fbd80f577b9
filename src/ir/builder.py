"""Building graphs: types are inferred, names kept, origins attached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import is_
from typing import Any

import numpy as np

from interlingua.errors import ConstraintError
from interlingua.ir.dims import Dim, symbol
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import NO_ORIGIN, Graph, Module, Node, Origin, Value
from interlingua.ir.infer import infer_types
from interlingua.ir.op import Op, arity
from interlingua.ir.ops.source import Constant
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.substitution import named
from interlingua.ir.types import MAX_ELEMENTS, Optional, Tensor, Type
from interlingua.ir.types import Sequence as SequenceType
from interlingua.ir.weights import ArrayWeight, Weight


class Symbols:
    """Fresh names for dims that only the run knows: ``u0``, ``u1`` …, unlike any name already taken."""

    def __init__(self, taken: set[str] | None = None, most: int | None = None) -> None:
        """``most``: what no extent of the source can be beyond."""
        self._taken = set() if taken is None else taken
        self.most = most
        self._next = 0
        self._found: dict[tuple[Op, tuple[Value | Op | None, ...]], tuple[Type, ...]] = {}
        self._constants: dict[Weight, tuple[Constant, Type]] = {}

    def fresh(self, hint: str = "u") -> Dim:
        """A symbol of a new name."""
        while f"{hint}{self._next}" in self._taken:
            self._next += 1
        name = f"{hint}{self._next}"
        self._taken.add(name)
        return symbol(name, hi=self.most)

    def name(self, type_: Type) -> Type:
        """``type_`` with a fresh symbol for every unknown dim."""
        if isinstance(type_, Tensor):
            for dim in type_.shape or ():
                if isinstance(dim, Dim) and dim.unknown:
                    break
            else:
                return type_
            dims = tuple(named(d, self.fresh) for d in type_.dims)
            return Tensor(type_.dtype, dims, type_.elements)
        if isinstance(type_, SequenceType):
            return SequenceType(self.name(type_.element))
        return Optional(self.name(type_.element))

    def constant(self, weight: Weight) -> tuple[Constant, Type]:
        """The op of a weight and its type; made once where the weight is small, since many nodes may share it."""
        found = self._constants.get(weight)
        if found is None:
            op = Constant(weight)
            found = op, op.infer()
            if weight.size <= MAX_ELEMENTS:
                self._constants[weight] = found
        return found

    def results(self, op: Op, operands: Sequence[Value | None], types: Sequence[Type]) -> Sequence[Type]:
        """The types of a node's results, named: what is unknown is the same for the same op on the same operands."""
        known = [self.name(t) for t in types]
        if all(map(is_, known, types)) or op.effects or op.regions:
            return known
        return self._found.setdefault((op, tuple(_identity(v) for v in operands)), tuple(known))


def _identity(value: Value | None) -> Value | Op | None:
    """What a value is: for a constant, its op."""
    node = None if value is None else value.node
    return node.op if node is not None and isinstance(node.op, Constant) else value


class Builder:
    """Adds nodes to a graph, at its end or before a node.

    ``origin`` and ``scope`` go onto every node added. ``b(op, x, y)`` is ``b.add(op, x, y)``.
    """

    def __init__(
        self,
        graph: Graph,
        *,
        before: Node | None = None,
        rewriter: Rewriter | None = None,
        symbols: Symbols | None = None,
    ) -> None:
        self.graph = graph
        self.before = before
        self.rewriter = rewriter if rewriter is not None else Rewriter()
        self.symbols = symbols if symbols is not None else Symbols()
        self.origin = NO_ORIGIN
        self.scope = ""

    def add(self, op: Op, *operands: Value | None, regions: Sequence[Graph] = (), name: str = "") -> Value:
        """Add a node with one result and give that."""
        results = self.add_all(op, *operands, regions=regions, names=(name,))
        if len(results) != 1:
            raise ConstraintError(f"{op.name} has {len(results)} results; use add_all")
        return results[0]

    __call__ = add

    def add_all(
        self, op: Op, *operands: Value | None, regions: Sequence[Graph] = (), names: Sequence[str] = ()
    ) -> tuple[Value, ...]:
        """Add a node and give its results.

        Raises:
            ConstraintError: the operands do not fit the op.
        """
        if operands and operands[-1] is None:
            least, _ = arity(type(op))
            while len(operands) > least and operands[-1] is None:
                operands = operands[:-1]
        types = infer_types(op, [None if o is None else o.type for o in operands], [r.signature for r in regions])
        return self._put(op, operands, self.symbols.results(op, operands, types), regions, names)

    def _put(
        self,
        op: Op,
        operands: Sequence[Value | None],
        types: Sequence[Type],
        regions: Sequence[Graph],
        names: Sequence[str],
    ) -> tuple[Value, ...]:
        node = self.rewriter.create(op, operands, types, regions, names)
        node.origin = self.origin
        node.scope = self.scope
        self.rewriter.insert(node, self.graph, self.before)
        return node.results

    def weight(self, weight: Weight, name: str = "") -> Value:
        """A constant from a weight handle."""
        op, type_ = self.symbols.constant(weight)
        return self._put(op, (), (type_,), (), (name,))[0]

    def constant(self, value: Any, dtype: DType | None = None, name: str = "") -> Value:
        """A constant from anything that NumPy takes; Python integers are int64 unless ``dtype`` says otherwise."""
        array = np.asarray(value, dtype=None if dtype is None else dtype.numpy)
        return self.weight(ArrayWeight(array), name)

    def scalar(self, value: Any, like: Value | DType) -> Value:
        """A rank-0 constant of the dtype of ``like``."""
        return self.constant(value, like if isinstance(like, DType) else like.tensor.dtype)

    def region(self, name: str = "") -> Builder:
        """A builder of a new graph, for a region of a node still to be added; it shares symbols and origin."""
        inner = Builder(Graph(name), rewriter=self.rewriter, symbols=self.symbols)
        inner.origin, inner.scope = self.origin, self.scope
        return inner

    def input(self, type_: Type, name: str = "") -> Value:
        """A new input of the graph."""
        return self.rewriter.add_input(self.graph, self.symbols.name(type_), name)

    def outputs(self, values: Sequence[Value], names: Sequence[str] = ()) -> Graph:
        """Set the outputs of the graph and give it."""
        self.rewriter.set_outputs(self.graph, values, names)
        return self.graph

    @contextmanager
    def at(self, origin: Origin, scope: str = "") -> Iterator[None]:
        """Nodes added inside come from ``origin``, in ``scope``."""
        before = self.origin, self.scope
        self.origin, self.scope = origin, scope
        try:
            yield
        finally:
            self.origin, self.scope = before


def symbols_of(module: Module) -> Symbols:
    """A source of fresh symbols that clash with none in ``module``."""
    taken: set[str] = set()
    for function in module.functions.values():
        values = [*function.inputs, *(r for node in function.walk() for r in node.results)]
        for value in values:
            if isinstance(value.type, Tensor) and value.type.shape is not None:
                taken.update(s.name for d in value.type.shape if isinstance(d, Dim) for s in d.symbols)
    return Symbols(taken)
