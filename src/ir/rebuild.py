"""Modules made anew with something changed: every type is inferred again from what the change brings.

Where a change does not fit (a smaller input that a reshape cannot take, an attribute outside of its range) the type
rules say so, and there is no module: whoever tries changes needs to know nothing of any op.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from interlingua.errors import ConstraintError
from interlingua.ir.builder import Builder, symbols_of
from interlingua.ir.dtypes import DType
from interlingua.ir.extract import port_of, unique
from interlingua.ir.graph import Graph, Module, Node, Port, Value
from interlingua.ir.op import Op
from interlingua.ir.ops.control import Call, If, Scan, While, drop_axis
from interlingua.ir.ops.indexing import Gather
from interlingua.ir.ops.shape import Reshape
from interlingua.ir.types import Tensor, Type
from interlingua.ir.weights import Weight


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be different, in terms of the module as it is.

    Attributes:
        types: new types of inputs of ``main``.
        ops: other ops for nodes.
        values: what stands in for a value: an earlier one of its graph, or a constant.
        absent: optional operands to be left out.
        inline: nodes with regions, and the region that takes their place; a loop becomes its first trip.
        inputs: values, in order, that become inputs.
        outputs: values of ``main`` that become the outputs; those of the module where it is ``None``.
    """

    types: Mapping[Value, Type] = field(default_factory=dict[Value, Type])
    ops: Mapping[Node, Op] = field(default_factory=dict[Node, Op])
    values: Mapping[Value, Value | Weight] = field(default_factory=dict["Value", "Value | Weight"])
    absent: frozenset[tuple[Node, int]] = frozenset()
    inline: Mapping[Node, int] = field(default_factory=dict[Node, int])
    inputs: Sequence[Value] = ()
    outputs: Sequence[Value] | None = None


def rebuild(module: Module, change: Change) -> Module:
    """``module``, which stays as it is, with the change; what nobody needs any more is gone, inputs included.

    Raises:
        ConstraintError: the change does not fit.
    """
    return _Rebuilder(module, change).module()


class _Rebuilder:
    def __init__(self, module: Module, change: Change) -> None:
        self.old = module
        self.change = change
        self.b = Builder(Graph("main"), symbols=symbols_of(module))
        self.needed: set[Node] = set()
        self.absent = set(change.absent)

    def module(self) -> Module:
        main = self.old.main
        wanted = main.outputs if self.change.outputs is None else tuple(self.change.outputs)
        used = self._mark(main, [self._source(v) for v in wanted])
        made: dict[Value, Value] = {}
        ports = self._inputs(made, used)
        self._nodes(self.b, main.nodes, made)
        values = [self._value(self.b, made, v) for v in wanted]
        same = self.change.outputs is None
        fed = [port.name for port in ports]
        names = unique([*fed, *(self.old.output_names if same else [v.name for v in wanted])])[len(fed) :]
        self.b.outputs(values, names)
        ends = [port_of(n, v.type) for n, v in zip(names, values, strict=True)]
        return Module({"main": self.b.graph}, ports, ends, dict(self.old.metadata))

    def _inputs(self, made: dict[Value, Value], used: set[Value]) -> list[Port]:
        declared = dict(zip(self.old.main.inputs, self.old.inputs, strict=True))
        values = [v for v in self.old.main.inputs if v in used]
        values += [v for v in self.change.inputs if v in used and v not in values]
        names = unique([declared[v].name if v in declared else v.name for v in values])
        ports = []
        for value, name in zip(values, names, strict=True):
            type_ = self.change.types.get(value, value.type)
            made[value] = self.b.rewriter.add_input(self.b.graph, type_, name)
            port = declared.get(value)
            kept = port is not None and type_ == value.type
            ports.append(replace(port, name=name) if kept and port is not None else port_of(name, type_))
        return ports

    def _source(self, value: Value) -> Value | Weight:
        """What stands in for a value, in the end."""
        found: Value | Weight = value
        while isinstance(found, Value) and found in self.change.values:
            found = self.change.values[found]
        return found

    def _mark(self, graph: Graph, ends: Iterable[Value | Weight]) -> set[Value]:
        """Note the nodes of a graph that its ends need; gives every value that is read."""
        used = {e for e in ends if isinstance(e, Value)}
        for node in graph.reversed_nodes:
            if not any(r in used and r not in self.change.inputs for r in node.results):
                continue
            self.needed.add(node)
            self._mark_regions(node)
            sources = (self._source(o) for i, o in enumerate(node.operands) if o is not None and self._read(node, i))
            used.update(s for s in sources if isinstance(s, Value))
        return used

    def _mark_regions(self, node: Node) -> None:
        """Note the nodes that the regions need, and the operands that one which is inlined does without."""
        which = self.change.inline.get(node)
        for number, region in enumerate(node.regions):
            if which is None or which == number:
                used = self._mark(region, [self._source(v) for v in region.outputs])
                if which == number:
                    skipped, offset = _TAKEN[type(node.op)]
                    taken = {i + offset for i, v in enumerate(region.inputs) if v in used}
                    idle = (i for i in range(len(node.operands)) if i < skipped or i not in taken)
                    self.absent.update((node, i) for i in idle)

    def _read(self, node: Node, index: int) -> bool:
        return (node, index) not in self.absent

    def _value(self, b: Builder, made: dict[Value, Value], value: Value) -> Value:
        source = self._source(value)
        if isinstance(source, Weight):
            if value not in made:
                made[value] = b.weight(source, value.name)
            return made[value]
        return made[source]

    def _nodes(self, b: Builder, nodes: Iterable[Node], made: dict[Value, Value]) -> None:
        for node in nodes:
            if node not in self.needed:
                continue
            with b.at(node.origin, node.scope):
                operands = [
                    None if o is None or not self._read(node, i) else self._value(b, made, o)
                    for i, o in enumerate(node.operands)
                ]
                results = self._results(b, node, operands)
            for old, new in zip(node.results, results, strict=True):
                made.setdefault(old, new)  # one that became an input stays so

    def _results(self, b: Builder, node: Node, operands: list[Value | None]) -> Sequence[Value]:
        if node in self.change.inline:
            return self._inlined(b, node, operands)
        op = self.change.ops.get(node, node.op)
        types = [None if o is None else o.type for o in operands]
        regions = [self._region(b, node, k, types) for k in range(len(node.regions))]
        names = [r.name for r in node.results]
        return b.add_all(op, *operands, regions=regions, names=names)

    def _region(self, b: Builder, node: Node, which: int, operands: Sequence[Type | None]) -> Graph:
        old = node.regions[which]
        inner = b.region(old.name)
        given = _INPUTS[type(node.op)](node.op, [v.type for v in old.inputs], operands)
        made = {v: inner.input(t, v.name) for v, t in zip(old.inputs, given, strict=True)}
        self._nodes(inner, old.nodes, made)
        return inner.outputs([self._value(inner, made, v) for v in old.outputs], old.output_names)

    def _inlined(self, b: Builder, node: Node, operands: list[Value | None]) -> Sequence[Value]:
        """The nodes of one region in place of the node that carries it."""
        region = node.regions[self.change.inline[node]]
        given = _ARGUMENTS[type(node.op)](node.op, b, operands)
        made = {v: g for v, g in zip(region.inputs, given, strict=True) if g is not None}
        self._nodes(b, region.nodes, made)
        found = [self._value(b, made, v) for v in region.outputs]
        return _FOUND[type(node.op)](node.op, b, found)


def _operands(op: Op, old: list[Type], operands: Sequence[Type | None]) -> list[Type]:
    """The last inputs of a region are of the types of the last operands; those before stay."""
    count = {If: 1, Call: 0, While: 2}[type(op)]
    given = [t for t in operands[count:] if t is not None]
    return [*old[: len(old) - len(given)], *given]


def _slices(op: Op, old: list[Type], operands: Sequence[Type | None]) -> list[Type]:
    assert isinstance(op, Scan)
    types = [t for t in operands if t is not None]
    ends = op.states + op.scanned
    cut = [drop_axis(t, a) for t, a in zip(types[op.states : ends], op.axes, strict=True) if isinstance(t, Tensor)]
    return [*types[: op.states], *cut, *types[ends:]]


_INPUTS: dict[type[Op], Callable[[Op, list[Type], Sequence[Type | None]], list[Type]]] = {
    If: _operands,
    Call: _operands,
    While: _operands,
    Scan: _slices,
}
"""The types that the inputs of a region have, given those of the operands."""


def _first_trip(op: Op, b: Builder, operands: list[Value | None]) -> list[Value | None]:
    return [b.constant(0), b.constant(True), *operands[2:]]


def _first_slices(op: Op, b: Builder, operands: list[Value | None]) -> list[Value | None]:
    assert isinstance(op, Scan)
    given = list(operands)
    for k, axis in enumerate(op.axes, start=op.states):
        whole = given[k]
        if whole is not None:
            given[k] = b.add(Gather(axis=axis), whole, b.constant(-1 if op.reverse[k - op.states] else 0))
    return given


_TAKEN: dict[type[Op], tuple[int, int]] = {If: (1, 1), Call: (0, 0), While: (2, 0), Scan: (0, 0)}
"""How many operands no region takes, and how far the others stand behind the region's inputs."""
_ARGUMENTS: dict[type[Op], Callable[[Op, Builder, list[Value | None]], list[Value | None]]] = {
    If: lambda op, b, operands: operands[1:],
    Call: lambda op, b, operands: operands,
    While: _first_trip,
    Scan: _first_slices,
}
"""What goes into the region that takes the place of its node."""


def _stacked(b: Builder, value: Value, axis: int) -> Value:
    shape = value.tensor.static_shape
    if shape is None:
        raise ConstraintError("a stack of one trip needs a known shape")
    at = axis % (len(shape) + 1)
    return b.add(Reshape(), value, b.constant([*shape[:at], 1, *shape[at:]], DType.I64))


def _of_trip(op: Op, b: Builder, found: list[Value]) -> list[Value]:
    assert isinstance(op, While)
    ends = 1 + op.carried
    return [*found[1:ends], *(_stacked(b, v, 0) for v in found[ends:])]


def _of_step(op: Op, b: Builder, found: list[Value]) -> list[Value]:
    assert isinstance(op, Scan)
    return [
        *found[: op.states],
        *(_stacked(b, v, axis) for v, axis in zip(found[op.states :], op.out_axes, strict=True)),
    ]


_FOUND: dict[type[Op], Callable[[Op, Builder, list[Value]], list[Value]]] = {
    If: lambda op, b, found: found,
    Call: lambda op, b, found: found,
    While: _of_trip,
    Scan: _of_step,
}
"""What the results of the node become, given those of the region."""
