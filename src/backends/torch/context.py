"""What a lowering to PyTorch works with: Python expressions over tensors, and the function that they become part of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from interlingua.backends.lowering import Lowerings, Row
from interlingua.backends.source.names import Names
from interlingua.backends.source.sources import Sources, told
from interlingua.backends.source.stacks import dim_text, dim_texts
from interlingua.backends.source.text import comment, wrapped
from interlingua.backends.torch import literals
from interlingua.backends.torch.holder import Holder
from interlingua.backends.torch.sizes import Sizes
from interlingua.errors import UsageError
from interlingua.ir.dims import Dim
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Node, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor
from interlingua.ir.weights import Weight

WIDTH = 120
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_ATTRIBUTE = re.compile(r"\bself\.([A-Za-z_]\w*)")


def names_in(lines: Iterable[str]) -> set[str]:
    """Identifiers that the source refers to, but for attributes. A word in a string counts as one."""
    return {name for line in lines for name in _NAME.findall(line)}


def attributes_in(lines: Iterable[str]) -> set[str]:
    """Attributes of ``self`` that the source refers to."""
    return {name for line in lines for name in _ATTRIBUTE.findall(line)}


@dataclass(slots=True)
class Program:
    """The package that is being written."""

    lowerings: Lowerings
    target: Any
    reserved: frozenset[str]
    functional: Sources = field(default_factory=Sources)
    """Functions of ours that it calls, which go along as source."""


@dataclass(slots=True)
class Statement:
    """A step of a function: the names that it binds, its lines, and whether it is one that must be done."""

    targets: tuple[str, ...]
    lines: list[str]
    remarks: list[str]
    kept: bool = False


class Context:
    """Writes the body of one function. ``node`` is the IR node that is being lowered.

    A lowering gives an expression: a tensor where the node has one result, else a tuple of them. What an operand is
    known to be, as Python's own numbers, is asked for here; steps whose results nothing refers to are not written.
    """

    def __init__(self, program: Program, holder: Holder, names: Names, outer: Context | None = None) -> None:
        self.program = program
        self.node: Node
        self._holder = holder
        self._names = names
        self._sizes: Sizes = Sizes(names, None if outer is None else outer._sizes)
        self._expressions: dict[Value, str] = {}
        self._statements: list[Statement] = []
        self._before: list[str] = []
        self._scope = ""
        self._location = ""

    # What a lowering asks

    def type(self, index: int) -> Tensor:
        """The type of the operand at ``index``."""
        return self.node.operand(index).tensor

    def result(self, index: int = 0) -> Tensor:
        """The type of the result at ``index``."""
        return self.node.results[index].tensor

    def weight(self, index: int) -> Weight | None:
        """The operand at ``index``, where it is a constant."""
        value = self.node.operands[index] if index < len(self.node.operands) else None
        return None if value is None else _weight(value)

    def known(self, index: int) -> list[int] | None:
        """The elements of the operand at ``index``, flat, where every one is a known integer."""
        weight = self.weight(index)
        if weight is not None and (weight.dtype.is_integer or weight.dtype is DType.BOOL):
            found: list[int] = weight.view().ravel().tolist()
            return found
        return self.type(index).known()

    def ints(self, index: int) -> str:
        """The operand at ``index``, a vector of integers, as a tuple or a list of Python integers."""
        elements = self.elements(index)
        if elements is None:
            return f"{self._operand(index)}.tolist()"
        return f"({', '.join(elements)}{',' if len(elements) == 1 else ''})"

    def spread(self, index: int) -> str:
        """As :meth:`ints`, as the arguments of a call: ``2, -1``, or ``*shape.tolist()``."""
        elements = self.elements(index)
        return f"*{self._operand(index)}.tolist()" if elements is None else ", ".join(elements)

    def integer(self, index: int) -> str:
        """The operand at ``index``, an integer of one element, as a Python integer; a sum is in brackets."""
        elements = self.elements(index)
        if elements is None:
            return f"{self._operand(index)}.item()"
        (text,) = elements
        return f"({text})" if " " in text else text

    def scalar(self, index: int) -> str:
        """The operand at ``index``, as a Python number where that does the same in arithmetic with a tensor: it is a
        constant of one element, and another operand has a rank that is no smaller and is none."""
        weight = self.weight(index)
        shapes = [o.tensor.shape for o in self.node.operands if o is not None and not _number(o)]
        fits = weight is not None and any(s is not None and len(s) >= len(weight.shape) for s in shapes)
        text = literals.number(weight) if weight is not None and fits else None
        return self._operand(index) if text is None else text

    def number(self, index: int) -> str | None:
        """The operand at ``index`` as a Python number, where it is a constant of one element; else ``None``."""
        weight = self.weight(index)
        return None if weight is None else literals.number(weight)

    def dims(self, index: int = 0) -> str:
        """The shape of the result at ``index`` as a tuple, ``None`` for what nothing tells: a dim, or the rank."""
        return dim_texts(self.node.results[index].type, self._sizes)

    def dtype(self, dtype: DType) -> str:
        """The dtype as an expression."""
        return literals.SPELLING.dtype(dtype)

    def literal(self, value: Any) -> str:
        """An attribute as a Python literal: numbers, strings, dtypes, and tuples of these."""
        return literals.SPELLING.attribute(value)

    def call(
        self,
        function: Callable[..., Any],
        operands: Sequence[str],
        attributes: Mapping[str, Any] | None = None,
        functions: Mapping[str, str] | None = None,
    ) -> str:
        """A call of a function of ours, whose source goes into the package; what it defaults to is left out.

        ``functions`` are arguments that are expressions already, as :meth:`region` and :meth:`ints` give them.
        """
        self.program.functional.add(function)
        spelt = {k: self.literal(v) for k, v in told(function, attributes or {}).items()}
        arguments = [*operands, *(f"{k}={v}" for k, v in {**spelt, **(functions or {})}.items())]
        return f"{function.__name__}({', '.join(arguments)})"

    def region(self, graph: Graph, hint: str, *, packed: bool = False) -> str:
        """``graph`` as a function inside the current one; gives its name. It gives a tensor where the graph has one
        output, else, or where it is ``packed``, a tuple."""
        name = self._names.fresh(graph.name or hint, hint)
        inner = Context(self.program, self._holder, self._names, self)
        parameters = [self._names.fresh(v.name, "x") for v in graph.inputs]
        for value, parameter in zip(graph.inputs, parameters, strict=True):
            inner.take(value, parameter)
        outputs = inner.steps(graph)
        given = outputs[0] if len(outputs) == 1 and not packed else _tuple(outputs)
        body = inner.lines(f"return {given}", WIDTH - 12)
        self._before += [*wrapped(f"def {name}({', '.join(parameters)}):", WIDTH - 8), *("    " + b for b in body)]
        return name

    # What writes a function

    def take(self, value: Value, text: str) -> None:
        """An input of the function: ``text`` stands for it."""
        self._expressions[value] = text
        self._sizes.bind(value.type, text, head=True)

    def steps(self, graph: Graph) -> list[str]:
        """A statement for every node of ``graph``, in order; gives what stands for its outputs."""
        for node in graph.nodes:
            if not isinstance(node.op, Constant):
                self._step(node)
        return [self._expression(v) for v in graph.outputs]

    def lines(self, end: str, width: int) -> list[str]:
        """The body: what binds sizes, the steps that ``end`` needs, ``end``."""
        used, kept = names_in([end]), list[Statement]()
        for statement in reversed(self._statements):
            if statement.kept or not used.isdisjoint(statement.targets):
                kept.append(statement)
                used |= names_in(statement.lines)
        body = [line for s in reversed(kept) for part in (*s.remarks, *s.lines) for line in wrapped(part, width)]
        return [*self._sizes.head(used), *body, *wrapped(end, width)]

    def _step(self, node: Node) -> None:
        self.node = node
        row = self.program.lowerings.find(node, self.program.target)
        if not isinstance(row, Row):
            problem = f"{node.op.name} is not legal: {row}"
            raise UsageError(problem, where=node.place, hint="legalize the module first")
        operands = ["None" if o is None else self._expression(o) for o in node.operands]
        text = row.lower(node.op, self, *operands, **dict(zip(node.op.regions, node.regions, strict=True)))
        hint = node.op.name.rpartition(".")[2]
        targets = tuple(self._names.fresh(v.name, hint) if v.uses else "_" for v in node.results)
        lines = [*self._before, f"{', '.join(targets)} = {text}" if targets else text]
        self._before = []
        self._statements.append(Statement(targets, lines, self._remarks(node), bool(node.op.effects)))
        for value, target in zip(node.results, targets, strict=True):
            self._expressions[value] = target
            if target != "_":
                self._sizes.bind(value.type, target)

    def _remarks(self, node: Node) -> list[str]:
        """Where a node came from, where that is another place than the last node's."""
        places = ((node.scope, self._scope), (node.origin.location, self._location))
        told = [place for place, last in places if place not in ("", last)]
        self._scope, self._location = node.scope, node.origin.location
        return [comment(" at ".join(told), WIDTH - 8)] if told else []

    def _expression(self, value: Value) -> str:
        found = self._expressions.get(value)
        if found is None:
            weight = _weight(value)
            assert weight is not None, value
            found = literals.tensor(weight) or f"self.{self._holder.attribute(weight, value.name)}"
            self._expressions[value] = found
        return found

    def _operand(self, index: int) -> str:
        return self._expression(self.node.operand(index))

    def elements(self, index: int) -> list[str] | None:
        """The elements of the operand at ``index`` as expressions of Python integers, flat, where each is known."""
        known = self.known(index)
        if known is not None:
            return [str(e) for e in known]
        elements = self.type(index).elements
        if elements is None:
            return None
        flat = np.asarray(elements, dtype=object).ravel().tolist()
        texts = [dim_text(e, self._sizes) if isinstance(e, int | Dim) else None for e in flat]
        found = [t for t in texts if t is not None]
        return found if len(found) == len(texts) else None


def _weight(value: Value) -> Weight | None:
    return value.node.op.weight if value.node is not None and isinstance(value.node.op, Constant) else None


def _number(value: Value) -> bool:
    """Whether the value is a constant of one element."""
    weight = _weight(value)
    return weight is not None and weight.size == 1


def _tuple(texts: Sequence[str]) -> str:
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"
