"""What a lowering to NumPy works with: Python expressions, and the program that they become part of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from interlingua.backends.lowering import Lowerings, Row
from interlingua.backends.numpy import literals
from interlingua.backends.numpy.constants import Constants
from interlingua.backends.source.names import Names
from interlingua.backends.source.sources import Sources, told
from interlingua.backends.source.stacks import bound_by, dim_texts, needs_stack
from interlingua.backends.source.text import comment, fill
from interlingua.errors import UsageError
from interlingua.ir.graph import NO_ORIGIN, Graph, Node, Origin, Value
from interlingua.ir.ops.source import Constant

WIDTH = 110
HELD = 8
"""So many results that nothing needs any more are freed at a time: not a line after each statement."""


@dataclass(slots=True)
class Program:
    """The program that is being written."""

    lowerings: Lowerings
    target: Any
    names: Names
    constants: Constants
    sources: Sources
    symbols: frozenset[str]
    """Dims that empty stacks are made of: a value that tells one is not freed."""
    lines: list[str] = field(default_factory=list)


class Context:
    """Writes the function of one graph. ``node`` is the IR node that is being lowered.

    A lowering gives an expression: an array where the node has one result, else a tuple of them.
    """

    def __init__(self, program: Program, depth: int, bindings: dict[str, str]) -> None:
        self.program = program
        self.depth = depth
        self.node: Node
        self._bindings = bindings
        self._expressions: dict[Value, str] = {}
        self._uses: dict[Value, int] = {}
        self._kept: set[Value] = set()
        self._dead: list[str] = []
        self._target = ""
        self._scope = ""
        self._origin: Origin = NO_ORIGIN

    @property
    def width(self) -> int:
        """Characters that a line may have."""
        return WIDTH - 4 * self.depth

    def line(self, text: str) -> None:
        """Add a statement; the lines inside it go along."""
        self.program.lines.extend("    " * self.depth + part for part in text.split("\n"))

    def gap(self) -> None:
        """An empty line, unless there is one, or a function or a comment has just begun."""
        last = self.program.lines[-1]
        if last and not last.endswith((":", '"""')) and not last.lstrip().startswith("#"):
            self.program.lines.append("")

    def call(
        self,
        kernel: Callable[..., Any],
        operands: Sequence[str],
        attributes: Mapping[str, Any],
        functions: Mapping[str, str] | None = None,
    ) -> str:
        """A call of ``kernel``, whose source goes into the program; what it defaults to is left out."""
        self.program.sources.add(kernel)
        spelt = {k: literals.SPELLING.attribute(v) for k, v in told(kernel, attributes).items()}
        named = {**spelt, **(functions or {})}
        packed = str(kernel.__annotations__["return"]).startswith("tuple")
        tail = "[0]" if packed and len(self.node.results) == 1 else ""
        return self._fit(kernel.__name__, [*operands, *(f"{k}={v}" for k, v in named.items())], tail)

    def _fit(self, name: str, arguments: Sequence[str], tail: str) -> str:
        text = f"{name}({', '.join(arguments)}){tail}"
        if len(self._target) + len(text) <= self.width:
            return text
        return "\n".join([f"{name}(", *fill(arguments, self.width), f"){tail}"])

    def region(self, graph: Graph, hint: str) -> str:
        """``graph`` as a function inside the current one; gives its name."""
        name = self.program.names.fresh(graph.name or hint, hint)
        inner = Context(self.program, self.depth + 1, dict(self._bindings))
        parameters = [self.program.names.fresh(v.name, "x") for v in graph.inputs]
        self.gap()
        self.line(f"def {name}({', '.join(parameters)}):")
        inner.write(graph, parameters)
        self.gap()
        return name

    def define(self, value: Value, text: str) -> None:
        """``text`` stands for ``value`` from here on; the dims that it tells are known."""
        self._expressions[value] = text
        if value.node is None or not isinstance(value.node.op, Constant):
            for symbol, axis in self._bindings_of(value):
                self._bindings[symbol] = f"{text}.shape[{axis}]"

    def _bindings_of(self, value: Value) -> list[tuple[str, int]]:
        return bound_by(value.type, self._bindings)

    def write(self, graph: Graph, parameters: Sequence[str]) -> None:
        """The body of the function of a region: the interpreter binds no dims to what a region takes."""
        self._expressions.update(zip(graph.inputs, parameters, strict=True))
        self.body(graph)

    def body(self, graph: Graph) -> None:
        """Every node of ``graph`` as a statement, in order, then what it returns."""
        for node in graph.nodes:
            if isinstance(node.op, Constant):
                text = self.program.constants.expression(node.op.weight, node.result.name)
                self._expressions[node.result] = text
            else:
                self._statement(node)
                self._free(node)
        outputs = ", ".join(self._expressions[v] for v in graph.outputs)
        self.line(f"return ({outputs}{',' if len(graph.outputs) == 1 else ''})")

    def _statement(self, node: Node) -> None:
        self.node = node
        self._comment(node)
        row = self.program.lowerings.find(node, self.program.target)
        if not isinstance(row, Row):
            problem = f"{node.op.name} is not legal: {row}"
            raise UsageError(problem, where=node.place, hint="legalize the module first")
        hint = node.op.name.rpartition(".")[2]
        names = [
            self.program.names.fresh(v.name, hint) if v.uses or self._tells(v) else "_" for v in node.results
        ]
        self._target = f"{', '.join(names)} = " if names else ""
        operands = ["None" if o is None else self._expressions[o] for o in node.operands]
        regions = dict(zip(node.op.regions, node.regions, strict=True))
        self.line(self._target + row.lower(node.op, self, *operands, **regions))
        for index, (value, name) in enumerate(zip(node.results, names, strict=True)):
            if name != "_":
                self._settle(index, value, name)

    def _settle(self, index: int, value: Value, name: str) -> None:
        """A stack that may be missing gets its empty form, of the dims that are known before it."""
        if needs_stack(self.node, index):
            dims = dim_texts(value.type, self._bindings)
            self.line(f"{name} = or_empty({name}, {dims}, {value.tensor.dtype.numpy.name!r})")
        if self._tells(value):
            self._kept.add(value)
        self._uses[value] = len(value.uses)
        self.define(value, name)

    def _tells(self, value: Value) -> bool:
        return any(symbol in self.program.symbols for symbol, _ in self._bindings_of(value))

    def _comment(self, node: Node) -> None:
        """Tell where a node came from, where that is another place than the last node's."""
        if node.scope != self._scope:
            self.gap()
            if node.scope and not node.origin.name.replace("/", ".").strip(".").startswith(node.scope):
                self.line(comment(node.scope, self.width))
        if node.origin not in (self._origin, NO_ORIGIN):
            self.line(comment(str(node.origin), self.width))
        self._scope, self._origin = node.scope, node.origin

    def _free(self, node: Node) -> None:
        for operand in node.operands:
            if operand in self._uses:
                self._uses[operand] -= 1
                if not self._uses[operand] and operand not in self._kept:
                    self._dead.append(self._expressions[operand])
        if len(self._dead) >= HELD:
            self.line("\n".join(["del (", *fill(self._dead, self.width), ")"]))
            self._dead.clear()
