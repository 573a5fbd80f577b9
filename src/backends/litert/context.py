"""What a lowering to LiteRT works with: tensors of a subgraph, and functions that add operators.

A lowering says what is to be computed. In which dtypes and ranks LiteRT computes it, and which version of the op that
takes, is looked up here, for every operator.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from interlingua.backends.litert.constants import Constants
from interlingua.backends.litert.graph import Edge, Operator, Subgraph
from interlingua.backends.litert.kernels import Kernel, NoKernel, empty, kernels
from interlingua.backends.litert.ranks import pointwise_groups, transposed, untransposed
from interlingua.backends.litert.target import LiteRtTarget
from interlingua.backends.litert.versions import Use, version_of
from interlingua.backends.lowering import Lowerings
from interlingua.backends.names import Names
from interlingua.ir.dims import DimLike, product
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Node, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Shape, Tensor, broadcast

INT32 = np.iinfo(np.int32)


class Context(Constants):
    """Emits into one subgraph. ``node`` is the IR node that is being lowered."""

    def __init__(
        self, lowerings: Lowerings, target: LiteRtTarget, graph: Subgraph, outer: Context | None = None
    ) -> None:
        super().__init__(None if outer is None else outer.constants)
        self.lowerings = lowerings
        self.target = target
        self.graph = graph
        self.names = Names()
        self.edges: dict[Value, Edge] = {}
        self.node: Node
        self.read: set[Edge] = set()
        """What an operator reads, or more than one value is."""

    def lower(self, node: Node, operands: Sequence[Edge | None]) -> tuple[Edge, ...]:
        """Emit ``node``; the tensors of its results.

        Raises:
            NoKernel: no row of the table lowers it; says why.
        """
        if empty(node):
            return tuple(self.constant(np.zeros(r.tensor.static_shape or (0,)), r.tensor.dtype) for r in node.results)
        outer = getattr(self, "node", None)
        self.node = node
        reasons = []
        regions = dict(zip(node.op.regions, node.regions, strict=True))
        for row in self.lowerings.rows.get(type(node.op), ()):
            before = len(self.graph.operators)
            reason = row.refusal(node, self.target)
            try:
                found = None if reason else row.lower(node.op, self, *operands, **regions)
                if reason is None:
                    made = found if isinstance(found, tuple | list) else (found,)
                    made = tuple(self._due(v, e) for v, e in zip(node.results, made, strict=False))
                    if outer is not None:
                        self.node = outer
                    return made
            except NoKernel as error:
                reason = str(error)
                del self.graph.operators[before:]
            reasons.append(reason)
        raise NoKernel("; ".join(dict.fromkeys(r for r in reasons if r)) or "no lowering")

    def _due(self, value: Value, edge: Edge) -> Edge:
        """The tensor in the element type and with the extents that the IR gives ``value``."""
        type_ = value.tensor
        edge = self.cast(edge, type_.dtype)
        if edge.producer is None or edge in self.read:
            self.read.add(edge)  # another value's, too: nothing is to be put into it
        elif type_.shape is not None and len(type_.shape) == edge.rank:
            edge.shape = type_.shape
        return edge

    def edge(self, value: Value) -> Edge:
        """The tensor of a value."""
        if value.node is not None and isinstance(value.node.op, Constant):
            return self.weight(value.node.op.weight, value.name)
        return self.edges[value]

    def given(self) -> list[Edge]:
        """The inputs of the graph that the node is in: their extents are known wherever nothing nearer tells."""
        graph = self.node.graph
        found = [] if graph is None else [self.edges[v] for v in graph.inputs if v in self.edges]
        return [e if (before := untransposed(e)) is None else before[0] for e in found]

    def type(self, index: int) -> Tensor:
        """The type of an operand of the node."""
        return self.node.operand(index).tensor

    @property
    def result(self) -> Tensor:
        """The type of the only result of the node."""
        return self.node.result.tensor

    # --- operators

    def emit(
        self,
        op: str,
        *inputs: Edge | None,
        shape: Shape | None = None,
        dtype: DType | None = None,
        use: dict[str, Any] | None = None,
        **options: Any,
    ) -> Edge:
        """Add an operator; gives its result.

        Where LiteRT has no kernel for the dtypes, it is computed in wider ones, between casts; where it has none for
        the rank of an elementwise op, on operands whose axes are merged.

        Args:
            op: a builtin op, as the schema spells it.
            inputs: operands; ``None`` for one that is absent.
            shape: of the result; without it the op is elementwise, and its operands broadcast.
            dtype: of the result, where the operands do not say it.
            use: what the version to declare depends on beside types, rank and options.
            options: by the schema's names.

        Raises:
            NoKernel: there are no wider dtypes that it computes in and that lose nothing, or none for the rank.
        """
        (made,) = self.emit_all(op, *inputs, shapes=None if shape is None else [shape], dtype=dtype, use=use, **options)
        return made

    def emit_all(
        self,
        op: str,
        *inputs: Edge | None,
        shapes: Sequence[Shape] | None,
        dtype: DType | None = None,
        use: dict[str, Any] | None = None,
        **options: Any,
    ) -> tuple[Edge, ...]:
        """As :meth:`emit`, of an op with a result for each of ``shapes``."""
        kernel = kernels().kernel(op)
        results = [None if dtype is None else dtype.value]
        bound = kernel.form.bind(op, [None if e is None else e.dtype.value for e in inputs], results)
        types = kernels().chosen(op, bound)
        given = [None if e is None else self._as(e, kernel.form.input(i), types) for i, e in enumerate(inputs)]
        if shapes is None:
            return (self._pointwise(op, kernel, types, bound, given, use, options),)
        rank = max((e.rank for e in given if e is not None), default=0)
        allowed = kernel.ranks(types, broadcast=len({e.shape for e in given if e is not None}) > 1)
        if rank not in allowed and op not in UNRANKED:
            raise NoKernel(f"LiteRT {kernels().runtime} has no {op} of rank {rank}")
        made = self._add(op, kernel, types, given, shapes, rank, use, options)
        return tuple(self._back(e, kernel.form.output(i), bound) for i, e in enumerate(made))

    def _pointwise(
        self, op: str, kernel: Kernel, types: dict[str, str], bound: dict[str, str], given: list[Edge | None],
        use: dict[str, Any] | None, options: dict[str, Any],
    ) -> Edge:  # fmt: skip
        present = [e for e in given if e is not None]
        shape = broadcast(*(Tensor(e.dtype, e.shape) for e in present))
        differ = any(e.shape != shape for e in present)
        if len(shape) in kernel.ranks(types, differ):
            (made,) = self._add(op, kernel, types, given, [shape], len(shape), use, options)
            return self._back(made, kernel.form.output(0), bound)
        if differ and len(shape) in kernel.ranks(types, False):
            wide = [None if e is None else self.broadcast_to(e, shape) for e in given]
            (made,) = self._add(op, kernel, types, wide, [shape], len(shape), use, options)
            return self._back(made, kernel.form.output(0), bound)
        groups = pointwise_groups([e.shape for e in present], len(shape))
        if len(groups) not in kernel.ranks(types, differ):
            raise NoKernel(f"LiteRT {kernels().runtime} has no {op} of rank {len(shape)}")
        narrow = [None if e is None else self.merged(e, groups, len(shape)) for e in given]
        merged = tuple(product(tuple(shape[a] for a in g)) for g in groups)
        (made,) = self._add(op, kernel, types, narrow, [merged], len(groups), use, options)
        return self._back(self.reshape(made, shape, *present), kernel.form.output(0), bound)

    def _add(
        self, op: str, kernel: Kernel, types: dict[str, str], given: Sequence[Edge | None], shapes: Sequence[Shape],
        rank: int, use: dict[str, Any] | None, options: dict[str, Any],
    ) -> list[Edge]:  # fmt: skip
        results = [types.get(n, n) for n in (kernel.form.output(i) for i in range(len(shapes)))]
        operands = list(given)
        while operands and operands[-1] is None:
            operands.pop()
        differ = len({e.shape for e in operands if e is not None}) > 1
        read = ["" if e is None else e.dtype.value for e in operands]
        version = version_of(op, Use(read, results, rank, differ, {**options, **(use or {})}))
        return self.add(op, version, operands, [DType(t) for t in results], shapes, options)

    def add(
        self, op: str, version: int, operands: Sequence[Edge | None], dtypes: Sequence[DType], shapes: Sequence[Shape],
        options: dict[str, Any],
    ) -> list[Edge]:  # fmt: skip
        """Add an operator as it stands, no kernel looked up."""
        hint = next((r.name for r in self.node.results), "") if hasattr(self, "node") else ""
        operator = Operator(op, version, list(operands), [], options)
        for dtype, shape in zip(dtypes, shapes, strict=True):
            name = self.names.fresh(f"{hint}.{op.lower()}" if hint else op.lower())
            operator.outputs.append(Edge(name, dtype, tuple(shape), producer=operator))
        self.read.update(e for e in operands if e is not None)
        self.graph.operators.append(operator)
        return operator.outputs

    def _as(self, edge: Edge, formal: str, types: dict[str, str]) -> Edge:
        due = DType(types.get(formal, formal))
        return self.index(edge) if due is DType.I32 and formal not in types else self._bridged(edge, due)

    def _back(self, edge: Edge, formal: str, bound: dict[str, str]) -> Edge:
        return self._bridged(edge, DType(bound.get(formal, formal)))

    def _bridged(self, edge: Edge, to: DType) -> Edge:
        """Between the dtype of a node and that of its kernel: floats are integers to those that only move bits."""
        between = {edge.dtype.is_float, to.is_float} == {True, False} and DType.BOOL not in (edge.dtype, to)
        return self.bitcast(edge, to) if between else self.cast(edge, to)

    def own(self, op: str, x: Edge) -> Edge:
        """An elementwise op by LiteRT's own kernel, not XNNPACK's: that takes no more than six axes."""
        if x.rank > XNNPACK_RANK:
            return self.emit(op, x)
        many = self.reshape(x, (*(1,) * (XNNPACK_RANK + 1 - x.rank), *x.shape), x)
        return self.reshape(self.emit(op, many), x.shape, x)

    # --- dtypes

    def cast(self, x: Edge, to: DType) -> Edge:
        """The tensor in another dtype, as the IR casts. A constant is cast when it is written."""
        if x.dtype is to:
            return x
        if x.weight is not None and not to.needs_ml_dtypes:
            return self.widened(x) if (x.dtype, to) == (DType.F16, DType.F32) else self.converted(x, to)
        rows = kernels().kernel("CAST").rows
        if (x.dtype.value, to.value) not in rows:
            if x.dtype.is_integer and to.is_integer and DType.U64 in (x.dtype, to):
                signed = self.bitcast(x, DType.I64) if x.dtype is DType.U64 else self.cast(x, DType.I64)
                return self.bitcast(signed, to) if to is DType.U64 else self.cast(signed, to)
            raise NoKernel(f"LiteRT {kernels().runtime} has no CAST from {x.dtype} to {to}")
        use = Use([x.dtype.value], [to.value], x.rank, False, {})
        options = {"in_data_type": x.dtype, "out_data_type": to}
        (made,) = self.add("CAST", version_of("CAST", use), [x], [to], [x.shape], options)
        return made

    def bitcast(self, x: Edge, to: DType) -> Edge:
        """The same bits in another dtype of as many."""
        if x.dtype is to:
            return x
        if x.weight is not None and not to.needs_ml_dtypes:
            return self.computed(x, to, x.weight.shape, lambda array: array.view(to.numpy), ("bitcast", to))
        if (x.dtype.value, to.value) not in kernels().kernel("BITCAST").rows:
            raise NoKernel(f"LiteRT {kernels().runtime} has no BITCAST from {x.dtype} to {to}")
        return self.add("BITCAST", 1, [x], [to], [x.shape], {})[0]

    def index(self, x: Edge) -> Edge:
        """Sizes, positions and axes in int32, which is what most kernels read; what is beyond is the end."""
        if x.dtype is DType.I32:
            return x
        if x.weight is not None:
            return self.constant(np.clip(x.weight.view(), INT32.min, INT32.max), DType.I32)
        if x.dtype is DType.I64:
            low, high = (self.constant(int(v), DType.I64) for v in (INT32.min, INT32.max))
            x = self.emit("MINIMUM", self.emit("MAXIMUM", x, low), high)
        return self.cast(x, DType.I32)

    # --- shapes

    def reshape(self, x: Edge, shape: Shape, *sources: Edge) -> Edge:
        """``x`` in another shape. Extents that are open are read from ``x`` and ``sources`` where one alone cannot be
        left to the kernel."""
        shape = tuple(shape)
        if shape == x.shape:
            return x
        if x.weight is not None and all(isinstance(d, int) for d in shape):
            static = tuple(d for d in shape if isinstance(d, int))
            return self.computed(x, x.dtype, static, lambda array: array, ("reshape", static))
        return self.emit("RESHAPE", x, self.sizes(shape, x, *sources, rest=True), shape=shape)

    def sizes(self, shape: Shape, *sources: Edge, rest: bool = False) -> Edge:
        """A vector of the extents: a constant where they are known; with ``rest``, one that is open may be −1."""
        open_ = [d for d in shape if not isinstance(d, int)]
        if not open_ or (rest and len(open_) == 1 and 0 not in shape):
            return self.constant([d if isinstance(d, int) else -1 for d in shape])
        from interlingua.backends.litert.extents import extent

        parts = [self.constant([d]) if isinstance(d, int) else extent(self, d, sources) for d in shape]
        return self.emit("CONCATENATION", *parts, shape=(len(parts),), axis=0)

    def shape_of(self, x: Edge, dtype: DType = DType.I32) -> Edge:
        """The extents of ``x`` as a vector."""
        if all(isinstance(d, int) for d in x.shape):
            return self.constant([d for d in x.shape if isinstance(d, int)], dtype)
        return self.emit("SHAPE", x, shape=(x.rank,), dtype=dtype, out_type=dtype)

    def merged(self, x: Edge, groups: Sequence[Sequence[int]], rank: int) -> Edge:
        """``x``, of ``rank`` axes or fewer (which are then the last ones), with the axes of each group as one."""
        full: tuple[DimLike, ...] = (*(1,) * (rank - x.rank), *x.shape)
        return self.reshape(x, tuple(product(tuple(full[a] for a in group)) for group in groups), x)

    def broadcast_to(self, x: Edge, shape: Shape, *sources: Edge) -> Edge:
        """``x`` repeated to ``shape``."""
        if x.shape == tuple(shape):
            return x
        return self.emit("BROADCAST_TO", x, self.sizes(shape, x, *sources), shape=shape)

    def transpose(self, x: Edge, perm: Sequence[int]) -> Edge:
        """``x`` with axis ``k`` of the result being axis ``perm[k]``; a constant is transposed when it is written."""
        perm = tuple(perm)
        if perm == tuple(range(len(perm))):
            return x
        if x.weight is not None:
            static = tuple(x.weight.shape[p] for p in perm)
            return self.computed(x, x.dtype, static, lambda array: array.transpose(perm), ("transpose", perm))
        before = untransposed(x)
        if before is not None:
            return self.transpose(before[0], [before[1][p] for p in perm])
        return transposed(self, x, perm)

    def copy(self, x: Edge) -> Edge:
        """Another tensor of the same contents."""
        rows = kernels().kernel("CAST").rows
        if (x.dtype.value,) * 2 in rows:
            options = {"in_data_type": x.dtype, "out_data_type": x.dtype}
            use = Use([x.dtype.value], [x.dtype.value], x.rank, False, {})
            return self.add("CAST", version_of("CAST", use), [x], [x.dtype], [x.shape], options)[0]
        return self.emit("RESHAPE", x, self.shape_of(x), shape=x.shape)

    # --- regions

    def region(self, graph: Graph, name: str) -> Subgraph:
        """``graph`` as a subgraph with the same inputs and outputs."""
        from interlingua.backends.litert.emitter import emit_region

        return emit_region(graph, name, self)

    def inner(self, name: str) -> Context:
        """A context of another subgraph, for what a lowering puts together by hand around a region."""
        made = Context(self.lowerings, self.target, Subgraph(name), self)
        made.node = self.node
        return made

    def inline(self, graph: Graph, operands: Sequence[Edge]) -> tuple[Edge, ...]:
        """The nodes of ``graph`` put here; the tensors of its outputs. What goes in may be read elsewhere, too."""
        from interlingua.backends.litert.emitter import emit_nodes

        self.read.update(operands)
        self.edges.update(zip(graph.inputs, operands, strict=True))
        emit_nodes(graph, self)
        return tuple(self.edge(v) for v in graph.outputs)


XNNPACK_RANK = 6
"""Axes that XNNPACK's kernels take at most."""
UNRANKED = frozenset({"RESHAPE", "FILL"})
"""Ops to which it does not matter how many axes there are."""
