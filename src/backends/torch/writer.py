"""Parts of a graph as modules: what each holds, and its ``forward``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from interlingua.backends.source.names import Names, identifier
from interlingua.backends.torch.constants import is_fixed, is_view, parameter_of
from interlingua.backends.torch.context import WIDTH, Context, Program, attributes_in, names_in
from interlingua.backends.torch.holder import Holder, reserved
from interlingua.backends.torch.layer import Kept, Layer, Match
from interlingua.backends.torch.layers import match, plain
from interlingua.backends.torch.rows import folded
from interlingua.backends.torch.sizes import Sizes
from interlingua.backends.torch.structure import Part, Path, parts_of
from interlingua.ir.graph import Graph, Node, Value
from interlingua.ir.ops.source import Constant
from interlingua.ir.types import Tensor, Type
from interlingua.ir.weights import Weight, trains

Member: TypeAlias = "Layer | Written"


@dataclass(slots=True)
class Written:
    """A module: its parameters and body of ``forward``, and what it holds.

    Attributes:
        members: modules inside it, by their paths.
        held: tensors of its own, by the names of their attributes.
        sequences: lists of modules that are called as one.
        names: of everything in ``body`` that has another name in another module of the same kind.
    """

    scope: Path
    formal: list[str]
    gives: str
    body: list[str]
    members: dict[Path, Member]
    held: dict[str, Weight]
    sequences: set[Path]
    names: list[str] = field(default_factory=list)

    def same(self, other: object) -> bool:
        """Whether it is the same module with the same parameters."""
        if not isinstance(other, Written):
            return False
        mine, others = ((w.formal, w.gives, w.body, list(w.members), list(w.held), w.sequences) for w in (self, other))
        weights = all(other.held[name] is w for name, w in self.held.items()) if mine == others else False
        return weights and all(other.members[path].same(m) for path, m in self.members.items())


def annotation(type_: Type) -> str:
    """The type as an annotation."""
    return "Tensor" if isinstance(type_, Tensor) else "list[Tensor]"


class Writer:
    """Writes the modules of one graph."""

    def __init__(self, program: Program, graph: Graph, needed: Collection[Node]) -> None:
        self.program = program
        self.graph = graph
        self.needed = needed
        self.kept = Kept(program.buffers, needed)
        self.inputs = {value: value.name for value in graph.inputs}

    def parts(self) -> Part:
        """The graph by its scopes."""
        return parts_of(self.graph, self.needed, self._flat)

    def results_of(self, part: Part) -> list[Value]:
        """What is used outside the part."""
        inside = set(part.nodes)
        return [r for n in part.nodes for r in n.results if any(u not in inside for u, _ in self.kept.uses(r))]

    def _flat(self, part: Part, inner: bool) -> bool:
        """Whether a part makes no module: a step without parameters; or a layer with more around it, where the layer
        has the part's own name."""
        if inner:
            return False
        if len(part.nodes) == 1 and not any(_trained(o) for o in part.nodes[0].operands):
            return not (part.path[-1].isdecimal() and plain(part.nodes[0]) is not None)
        if self.layer(part) is not None:
            return False
        names = [m.name for n in part.nodes if (m := match(n, part.nodes, self.kept)) is not None]
        return ".".join(part.scope) in (name.rpartition(".")[0] for name in names)

    def layer(self, part: Part) -> Match | None:
        """The layer that is all of the part."""
        if any(isinstance(item, Part) for item in part.items):
            return None
        for node in part.nodes:
            found = match(node, part.nodes, self.kept)
            if found is None and len(part.nodes) == 1 and part.path[-1].isdecimal():
                found = plain(node)
            if found is not None:
                return found if set(part.nodes) == set(found.nodes) and self._ends(part, found) else None
        return None

    def _ends(self, part: Part, found: Match) -> bool:
        return set(self.results_of(part)) <= set(found.results)

    def module(self, part: Part, caller: Context | None) -> tuple[Written, list[str], list[Value]]:
        """A part as a module, what its caller passes to it, and its results."""
        module = Draft(self, part, caller)
        module.steps()
        results = self.results_of(part)
        expressions = [module.context.expression(v) for v in results]
        end = f"return {', '.join(expressions)}"
        written = module.finished(end)
        types = [annotation(v.type) for v in results]
        written.gives = types[0] if len(types) == 1 else f"tuple[{', '.join(types)}]"
        return written, module.arguments(written), results


def _trained(value: Value | None) -> bool:
    weight = None if value is None else parameter_of(value)
    return weight is not None and trains(weight)


def all_steps(graph: Graph) -> set[Node]:
    """Nodes that a statement can be written for: all but constants, and views of them, which are written where they are
    used."""
    return {n for n in graph.nodes if not isinstance(n.op, Constant) and not is_view(n)}


def needed_steps(program: Program, graph: Graph) -> set[Node]:
    """The steps that are left where what is known of shapes stands for what computes them."""
    names = Names(program.reserved)
    context = Context(program, Holder(Names(reserved()), program.buffers), names)
    for value in graph.inputs:
        context.take(value, names.fresh(value.name, "x"))
    outputs = context.steps(graph)
    live = context.live(", ".join(outputs))
    return {s.node for s in live if s.node is not None} & all_steps(graph)


def taken_by(part: Part, needed: Collection[Node]) -> list[Value]:
    """What comes from outside the part, constants aside, in the order in which it is used."""
    inside, found = set(part.nodes), dict[Value, None]()
    for node in part.nodes:
        for operand in node.operands:
            if operand is None or operand.node in inside or is_fixed(operand):
                continue
            if operand.node is None or operand.node in needed:
                found[operand] = None
    return list(found)


class Draft:
    """One module that is being written."""

    def __init__(self, writer: Writer, part: Part, caller: Context | None) -> None:
        self.writer, self.part, self.caller = writer, part, caller
        self.attributes = Names(reserved())
        self.names = Names(writer.program.reserved)
        self.members: dict[Path, Member] = {}
        self.holder = Holder(self.attributes, writer.program.buffers, ".".join(part.scope))
        sizes = Sizes(self.names, caller=None if caller is None else caller.sizes)
        self.context = Context(writer.program, self.holder, self.names, sizes)
        self.passed: dict[str, str] = {}
        self.types: dict[str, str] = {}
        self._words: dict[str, str] = {}
        self._versions: dict[Path, list[Path]] = {}
        self._inside: set[Path] = set()
        for item in part.items:
            if isinstance(item, Part):
                self._word(item.path[0])
        if caller is not None:
            self._take(caller)

    def _take(self, caller: Context) -> None:
        numbered = any(word.isdecimal() for word in self.part.scope)
        for index, value in enumerate(taken_by(self.part, self.writer.needed)):
            hint = "x" if numbered and not index else self.writer.inputs.get(value, "x")
            name = self.names.fresh(hint, "x")
            self.passed[name], self.types[name] = caller.expression(value), annotation(value.type)
            self.context.take(value, name)

    def steps(self) -> None:
        """A statement for everything in the part, in order."""
        nodes = [item for item in self.part.items if isinstance(item, Node)]
        inside, done = set(nodes), set[Node]()
        for item in self.part.items:
            if isinstance(item, Part):
                self._inner(item)
            elif item not in done:
                found = match(item, inside, self.writer.kept)
                if found is None:
                    self.context.step(item)
                else:
                    done.update(found.nodes)
                    self._layer(found, self._named(found))

    def finished(self, end: str, head: Sequence[str] = ()) -> Written:
        """The module, with ``head`` before everything and ``end`` as its last statement; what it does not use is left
        out."""
        statements = self.context.live(end)
        called = {s.call[0] for s in statements if s.call is not None}
        members = {path: member for path, member in self.members.items() if path in called}
        statements, end, sequences = folded(statements, end, self.names, members)
        body = [*head, *self.context.text(statements, end, WIDTH - 8)]
        self.holder.keep(attributes_in(body))
        used = names_in(body)
        given = {**self.types, **dict.fromkeys(self.context.sizes.passed, "int")}
        formal = [f"{name}: {type_}" for name, type_ in given.items() if name in used]
        held = dict(self.holder.held)
        return Written(self.part.scope, formal, "", body, members, held, sequences, list(self.names.given))

    def arguments(self, written: Written) -> list[str]:
        """What the caller passes, for each of the parameters."""
        given = {**self.passed, **self.context.sizes.passed}
        return [given[text.partition(":")[0]] for text in written.formal]

    def _inner(self, part: Part) -> None:
        path = self._path(part.path)
        layer = self.writer.layer(part)
        if layer is not None:
            self._layer(layer, path)
            return
        written, arguments, results = self.writer.module(part, self.context)
        self.context.calls(self._member(path, written), arguments, results, _hint(path))

    def _layer(self, found: Match, path: Path) -> None:
        text = found.given.format(*map(self.context.expression, found.operands))
        place = self._member(path, found.layer)
        if len(found.results) == 1 and not found.states:
            self.context.calls(place, [text], found.results, _hint(path))
        else:
            self.context.recurs(place, text, found.results, found.states, _hint(path))

    def _member(self, path: Path, made: Member) -> Path:
        """Where the module is held: where it is already, or at ``path``, or beside what is there."""
        for known in self._versions.get(path, ()):
            if self.members[known].same(made):
                return known
        place = path
        if path in self._inside or any(path[:end] in self.members for end in range(1, len(path) + 1)):
            place = (self.attributes.fresh(_hint(path), "module"),)
        self._versions.setdefault(path, []).append(place)
        self.members[place] = made
        self._inside.update(place[:end] for end in range(1, len(place)))
        return place

    def _path(self, path: Path) -> Path:
        return (self._word(path[0]), *(identifier(w) if not w.isdecimal() else w for w in path[1:]))

    def _word(self, word: str) -> str:
        if word.isdecimal():
            word = f"layer{word}"
        if word not in self._words:
            self._words[word] = self.attributes.fresh(word, "module")
        return self._words[word]

    def _named(self, found: Match) -> Path:
        """Where a layer among the steps is held: its parameter's name says it, or its kind."""
        stem, dot, _ = found.name.rpartition(".")
        words = tuple(filter(None, stem.split("."))) if dot else ()
        scope = self.part.scope
        if words[: len(scope)] == scope and len(words) > len(scope):
            return self._path(words[len(scope) :])
        kind = found.layer.kind.removeprefix("nn.").rstrip("123d").lower()
        last = next((w for w in words[-1:] if not w.isdecimal()), kind)
        return (self.attributes.fresh(last, kind),)


def _hint(path: Path) -> str:
    return next((word.lower() for word in reversed(path) if not word.isdecimal()), "x")
