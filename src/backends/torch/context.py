"""What a lowering to PyTorch works with: Python expressions over tensors, and the function that they become part of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import numpy as np

from interlingua.backends.lowering import Lowerings, Row
from interlingua.backends.source.names import Names
from interlingua.backends.source.sources import Sources, told
from interlingua.backends.source.stacks import dim_text, dim_texts
from interlingua.backends.source.text import comment, indented, spaced, wrapped
from interlingua.backends.torch import literals
from interlingua.backends.torch.constants import is_view, weight_of
from interlingua.backends.torch.holder import Holder
from interlingua.backends.torch.sizes import Sizes
from interlingua.backends.torch.structure import Path
from interlingua.errors import UsageError
from interlingua.ir.dims import Dim
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Graph, Node, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor
from interlingua.ir.weights import Weight, trains

WIDTH = 120
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_ATTRIBUTE = re.compile(r"\bself\.([A-Za-z_]\w*)")


def names_in(lines: Iterable[str]) -> set[str]:
    """Identifiers that the source refers to, but for attributes. A word in a string counts as one."""
    return {name for line in lines for name in _NAME.findall(line)}


def attributes_in(lines: Iterable[str]) -> set[str]:
    """Attributes of ``self`` that the source refers to."""
    return {name for line in lines for name in _ATTRIBUTE.findall(line)}


MISSING = "not_at_hand"
"""Stands for a value that nothing in the function gives: most are shapes, which are written as sizes."""


class NotAtHand(Exception):
    """A function refers to a value that nothing in it gives."""


@dataclass(slots=True)
class Program:
    """The package that is being written."""

    lowerings: Lowerings
    target: Any
    reserved: frozenset[str]
    buffers: frozenset[int] = frozenset()
    """Identities of the weights that are not trained, whatever their type."""
    functional: Sources = field(default_factory=Sources)
    """Functions of ours that it calls, which go along as source."""

    def trains(self, weight: Weight) -> bool:
        """Whether a constant is a parameter."""
        return trains(weight) and id(weight) not in self.buffers


@dataclass(slots=True)
class Statement:
    """A step of a function: the names that it binds, its lines, and whether it is one that must be done.

    Attributes:
        call: the module that it calls, and with which arguments, where it does nothing else.
    """

    targets: tuple[str, ...]
    lines: list[str]
    remarks: list[str] = field(default_factory=list)
    kept: bool = False
    call: tuple[Path, tuple[str, ...]] | None = None
    node: Node | None = None


class Context:
    """Writes the body of one function. ``node`` is the IR node that is being lowered.

    A lowering gives an expression: a tensor where the node has one result, else a tuple of them. What an operand is
    known to be, as Python's own numbers, is asked for here; steps whose results nothing refers to are not written.
    """

    def __init__(self, program: Program, holder: Holder, names: Names, sizes: Sizes | None = None) -> None:
        self.program = program
        self.node: Node
        self.names = names
        self.sizes = Sizes(names) if sizes is None else sizes
        self.statements: list[Statement] = []
        self._holder = holder
        self._expressions: dict[Value, str] = {}
        self._before: list[str] = []
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
        return None if value is None else weight_of(value)

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
        return dim_texts(self.node.results[index].type, self.sizes)

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
        name = self.names.fresh(graph.name or hint, hint)
        inner = Context(self.program, self._holder, self.names, Sizes(self.names, outer=self.sizes))
        parameters = [self.names.fresh(v.name, "x") for v in graph.inputs]
        for value, parameter in zip(graph.inputs, parameters, strict=True):
            inner.take(value, parameter)
        outputs = inner.steps(graph)
        given = outputs[0] if len(outputs) == 1 and not packed else _tuple(outputs)
        body = inner.lines(f"return {given}", WIDTH - 12)
        self._before += ["", f"def {name}({', '.join(parameters)}):", *indented(body, 1), ""]
        return name

    # What writes a function

    def recurs(
        self, path: Path, argument: str, results: Sequence[Value], states: Sequence[str], hint: str
    ) -> None:
        """A statement that calls the recurrent layer at ``path``, which gives its outputs and its states."""
        targets = [self.names.fresh(hint, "x"), *(self.names.fresh(state) for state in states)]
        behind = targets[1] if len(states) == 1 else f"({', '.join(targets[1:])})"
        text = f"{targets[0]}, {behind} = {reference(path)}({argument})"
        self.statements.append(Statement(tuple(targets), [text], call=(path, (argument,))))
        for value, target in zip(results, targets, strict=True):
            self.define(value, target)

    def take(self, value: Value, text: str) -> None:
        """An input of the function: ``text`` stands for it."""
        self._expressions[value] = text
        self.sizes.bind(value.type, text, head=True)

    def define(self, value: Value, text: str) -> None:
        """What a statement gives: ``text`` stands for it from here on."""
        self._expressions[value] = text
        self.sizes.bind(value.type, text)

    def steps(self, graph: Graph) -> list[str]:
        """A statement for every node of ``graph``, in order; gives what stands for its outputs."""
        for node in graph.nodes:
            if not isinstance(node.op, Constant) and not is_view(node):
                self.step(node)
        return [self.expression(v) for v in graph.outputs]

    def calls(self, path: Path, arguments: Sequence[str], results: Sequence[Value], hint: str) -> None:
        """A statement that calls the module at ``path``."""
        targets = tuple(self.names.fresh(hint, "x") for _ in results)
        text = f"{_targets(targets)}{reference(path)}({', '.join(arguments)})"
        self.statements.append(Statement(targets, [text], call=(path, tuple(arguments))))
        for value, target in zip(results, targets, strict=True):
            self.define(value, target)

    def lines(self, end: str, width: int) -> list[str]:
        """The body: what binds sizes, the steps that ``end`` needs, ``end``."""
        return self.text(self.live(end), end, width)

    def live(self, end: str) -> list[Statement]:
        """The steps that ``end`` needs, in order."""
        used, kept = names_in([end]), list[Statement]()
        for statement in reversed(self.statements):
            if statement.kept or not used.isdisjoint(statement.targets):
                kept.append(statement)
                used |= names_in(statement.lines)
        return kept[::-1]

    def text(self, statements: Sequence[Statement], end: str, width: int) -> list[str]:
        """The lines of a body. What the last step gives is returned at once.

        Raises:
            NotAtHand: as its name says.
        """
        last = statements[-1] if statements else None
        if last is not None and len(last.targets) == 1 and end == f"return {last.targets[0]}" and not last.remarks:
            *before, line = last.lines
            if line.startswith(f"{last.targets[0]} = "):
                end = f"return {line.removeprefix(f'{last.targets[0]} = ')}"
                statements = [*statements[:-1], Statement((), before)]
        used = names_in([end, *(line for s in statements for line in s.lines)])
        if MISSING in used:
            raise NotAtHand
        body = [line for s in statements for part in (*s.remarks, *s.lines) for line in wrapped(part, width)]
        return spaced([*self.sizes.head(used), *body, *wrapped(end, width)])

    def step(self, node: Node) -> None:
        """A statement for the node."""
        operands = ["None" if o is None else self.expression(o) for o in node.operands]
        self.node = node
        row = self.program.lowerings.find(node, self.program.target)
        if not isinstance(row, Row):
            problem = f"{node.op.name} is not legal: {row}"
            raise UsageError(problem, where=node.place, hint="legalize the module first")
        text = row.lower(node.op, self, *operands, **dict(zip(node.op.regions, node.regions, strict=True)))
        hint = node.op.name.rpartition(".")[2]
        targets = tuple(self.names.fresh(hint) if v.uses else "_" for v in node.results)
        lines = [*self._before, f"{_targets(targets)}{text}"]
        self._before = []
        self.statements.append(Statement(targets, lines, self._remarks(node), bool(node.op.effects), node=node))
        for value, target in zip(node.results, targets, strict=True):
            if target != "_":
                self.define(value, target)

    def _remarks(self, node: Node) -> list[str]:
        """The line of the source program, where that is another than the last node's."""
        location, last = _short(node.origin.location), self._location
        self._location = location
        return [] if location in ("", last) else [comment(location, WIDTH - 8)]

    def expression(self, value: Value) -> str:
        found = self._expressions.get(value)
        if found is None and value.node is not None and is_view(value.node):
            self.step(value.node)
            return self._expressions[value]
        if found is None:
            weight = weight_of(value)
            if weight is None:
                return MISSING
            found = literals.tensor(weight) or f"self.{self._holder.attribute(weight, value.name)}"
            self._expressions[value] = found
        return found

    def _operand(self, index: int) -> str:
        return self.expression(self.node.operand(index))

    def elements(self, index: int) -> list[str] | None:
        """The elements of the operand at ``index`` as expressions of Python integers, flat, where each is known."""
        known = self.known(index)
        if known is not None:
            return [str(e) for e in known]
        elements = self.type(index).elements
        if elements is None:
            return None
        flat = np.asarray(elements, dtype=object).ravel().tolist()
        texts = [dim_text(e, self.sizes) if isinstance(e, int | Dim) else None for e in flat]
        found = [t for t in texts if t is not None]
        return found if len(found) == len(texts) else None


def reference(path: Path) -> str:
    """The attribute at a path: ``self.layers[3].attn``."""
    return "self" + "".join(f"[{word}]" if word.isdecimal() else f".{word}" for word in path)


def _number(value: Value) -> bool:
    """Whether the value is a constant of one element."""
    weight = weight_of(value)
    return weight is not None and weight.size == 1


def _targets(names: Sequence[str]) -> str:
    """The left side of an assignment: in brackets where lines will have to break there."""
    told = ", ".join(names)
    return f"({told}) = " if len(told) > WIDTH // 2 else f"{told} = " if names else ""


def _tuple(texts: Sequence[str]) -> str:
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


def _short(location: str) -> str:
    """A place in a source program as a reader elsewhere knows it: the last folder, the file and the line."""
    return "/".join(PurePath(location).parts[-2:])
