"""Classes for modules: modules that do the same are of one class, whose constructor takes the numbers that differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

from interlingua.backends.source.names import Names, identifier
from interlingua.backends.source.text import indented, printable, shortened, wrapped
from interlingua.backends.torch.context import WIDTH, reference
from interlingua.backends.torch.holder import made
from interlingua.backends.torch.layer import Layer
from interlingua.backends.torch.literals import SPELLING
from interlingua.backends.torch.structure import Path
from interlingua.backends.torch.writer import Written
from interlingua.ir.dtypes import DType
from interlingua.ir.weights import Weight

ONE_LINE = 100


@dataclass(slots=True)
class Class:
    """A class: the first module of its kind, and its constructor's parameters by the places of numbers in that."""

    name: str
    first: Written
    modules: list[Written]
    parameters: dict[int, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a constructor, and what it is there."""

    role: str
    value: Any


class Classes:
    """The classes of a module and of all that it holds.

    Args:
        root: the module.
        taken: what classes must not be called.
        told: names of classes by scope, where a source tells them.
        trains: whether a weight is a parameter.
    """

    def __init__(
        self, root: Written, taken: Iterable[str], told: dict[str, str], trains: Callable[[Weight], bool]
    ) -> None:
        self.root = root
        self._trains = trains
        self.order: list[Class] = []
        self._taken, self._told = set(taken), told
        self._class_of: dict[int, Class] = {}
        self._numbers: dict[int, list[Number]] = {}
        heights: dict[int, list[Written]] = {}
        _by_height(root, heights)
        for height in sorted(heights):
            self._classify(heights[height])

    def _classify(self, modules: Sequence[Written]) -> None:
        kinds: dict[Any, list[Written]] = {}
        for each in modules:
            kinds.setdefault(self._skeleton(each), []).append(each)
        for alike in kinds.values():
            made = Class("Model" if alike[0] is self.root else self._name(alike[0]), alike[0], alike)
            self.order.append(made)
            for each in alike:
                self._class_of[id(each)] = made
                self._numbers[id(each)] = list(self._numbers_of(each))
            self._parametrize(made)

    def _skeleton(self, module: Written) -> Any:
        """What two modules of one class have in common."""
        members = tuple(
            (path, ("layer", m.kind, m.dtype, tuple((a.role, a.named) for a in m.args)))
            if isinstance(m, Layer)
            else (path, ("class", id(self._class_of[id(m)])))
            for path, m in module.members.items()
        )
        held = tuple((name, w.dtype, len(w.shape), self._trains(w)) for name, w in module.held.items())
        return (*_canonical(module), members, held, tuple(sorted(module.sequences)), module is self.root)

    def _numbers_of(self, module: Written) -> Iterator[Number]:
        """The numbers that the constructor holds, in order."""
        for member in module.members.values():
            if isinstance(member, Layer):
                yield from (Number(a.role, a.value) for a in member.args)
            else:
                yield from (Number(role, value) for role, value in self._arguments(member).items())
        for name, weight in module.held.items():
            yield from (Number(f"{name}_size", d) for d in weight.shape)

    def _arguments(self, module: Written) -> dict[str, Any]:
        """What the constructor of the module's class is given."""
        found, numbers = self._class_of[id(module)], self._numbers[id(module)]
        given: dict[str, Any] = {}
        for place, name in found.parameters.items():
            given.setdefault(name, numbers[place].value)
        return given

    def _parametrize(self, made: Class) -> None:
        """Numbers that differ become parameters, those that differ alike the same one."""
        names, by_values = Names(("self",)), dict[Any, str]()
        rows = [self._numbers[id(each)] for each in made.modules]
        for place, column in enumerate(zip(*rows, strict=True)):
            values = tuple((type(n.value), n.value) for n in column)
            if len(set(values)) > 1:
                name = by_values.get(values)
                if name is None:
                    name = by_values[values] = names.fresh(column[0].role, "size")
                    types = dict.fromkeys(_annotated(n.value) for n in column)
                    made.types[name] = " | ".join(types)
                made.parameters[place] = name

    def _name(self, module: Written) -> str:
        scope = ".".join(module.scope)
        words = [w for w in module.scope if not w.isdecimal()]
        told = identifier(self._told.get(scope, "").rpartition(".")[2])
        name = told or _camel(words[-1:]) or "Block"
        longer = [name, *(_camel([word]) + name for word in words[-2:-1] if not told)]
        numbered = (f"{name}_{i}" if name[-1].isdecimal() else f"{name}{i}" for i in count(2))
        found = next(n for n in chain(longer, numbered) if n not in self._taken)
        self._taken.add(found)
        return found

    def text(self) -> list[str]:
        """The lines of all classes but the root's, what they are made of first."""
        lines: list[str] = []
        for each in self.order:
            if each.first is not self.root:
                more = len(each.modules) - 1
                doc = printable(".".join(each.first.scope)).translate({ord("\\"): "/", ord('"'): "'"})
                doc += f", and {more} more like it" if more else ""
                lines += [*self.render(each, doc, ["self", *each.first.formal]), "", ""]
        return lines

    def render(self, made: Class, doc: str, formal: Sequence[str], last: Sequence[str] = ()) -> list[str]:
        """The lines of a class; ``last`` are statements at the end of its constructor."""
        taken = ["self", *(f"{name}: {type_}" for name, type_ in made.types.items())]
        inside = [*self._constructor(made), *last]
        constructor = [
            *wrapped(f"    def __init__({', '.join(taken)}) -> None:", WIDTH),
            "        super().__init__()",
            *indented(inside, 2),
            "",
        ]
        return [
            f"class {made.name}(nn.Module):",
            f'    """{shortened(doc, WIDTH - 11)}."""',
            "",
            *(constructor if inside else []),
            *wrapped(f"    def forward({', '.join(formal)}) -> {made.first.gives}:", WIDTH),
            *indented(made.first.body, 2),
        ]

    @property
    def root_class(self) -> Class:
        return self._class_of[id(self.root)]

    def _constructor(self, made_class: Class) -> list[str]:
        module, place = made_class.first, 0
        tree: dict[str, Any] = {}
        for path, member in module.members.items():
            count = len(member.args) if isinstance(member, Layer) else len(self._arguments(member))
            names = {i: made_class.parameters.get(place + i) for i in range(count)}
            branch = tree
            for word in path[:-1]:
                branch = branch.setdefault(word, {})
            branch[path[-1]] = self._made(member, names)
            place += count
        lines = [line for name, what in tree.items() for line in _assigned((name,), what, module.sequences)]
        for name, weight in module.held.items():
            dims = [made_class.parameters.get(place + i, str(d)) for i, d in enumerate(weight.shape)]
            lines.append(made(name, weight, dims, parameter=self._trains(weight)))
            place += len(dims)
        return [part for line in lines for part in wrapped(line, WIDTH - 8)]

    def _made(self, member: Layer | Written, names: dict[int, str | None]) -> str:
        if isinstance(member, Layer):
            texts = [
                text if not a.named else f"{a.role}={text}"
                for i, a in enumerate(member.args)
                if (name := names[i]) is not None or a.value != a.default or not a.named
                for text in [name or SPELLING.attribute(a.value)]
            ]
            if member.weights and member.dtype is not DType.F32:
                texts.append(f"dtype={SPELLING.dtype(member.dtype)}")
            return f"{member.kind}({', '.join(texts)})"
        given = self._arguments(member)
        texts = [f"{k}={names[i] or SPELLING.attribute(v)}" for i, (k, v) in enumerate(given.items())]
        return f"{self._class_of[id(member)].name}({', '.join(texts)})"


def _annotated(value: Any) -> str:
    return f"tuple[{', '.join(['int'] * len(value))}]" if isinstance(value, tuple) else type(value).__name__


def _by_height(module: Written, heights: dict[int, list[Written]]) -> int:
    inner = [_by_height(m, heights) for m in module.members.values() if isinstance(m, Written)]
    height = max(inner, default=-1) + 1
    heights.setdefault(height, []).append(module)
    return height


def _canonical(module: Written) -> tuple[str, ...]:
    """The signature and the body, with what is named by the writer numbered in order."""
    lines = [", ".join(module.formal), module.gives, *module.body]
    known, found = set(module.names), dict[str, str]()

    def numbered(match: re.Match[str]) -> str:
        name = match[0]
        return found.setdefault(name, f"${len(found)}") if name in known else name

    return tuple(re.sub(r"(?<![\w.])[A-Za-z_]\w*\b(?!=[^=])", numbered, line) for line in lines)


def _camel(words: Sequence[str]) -> str:
    parts = [p for word in words for p in identifier(word).split("_")]
    return "".join(p[:1].upper() + p[1:] for p in parts)


def _assigned(path: Path, what: Any, sequences: set[Path]) -> list[str]:
    """Statements that make the member at ``path``: a text, or a container of others by name."""
    if isinstance(what, str):
        return [f"{reference(path)} = {what}"]
    expression, later = _container(path, what, sequences)
    lines = _listed(f"{reference(path)} = ", expression)
    return [*lines, *later]


def _container(path: Path, what: dict[str, Any], sequences: set[Path]) -> tuple[list[str], list[str]]:
    """The lines of an expression that makes a container, and statements that fill in what it leaves."""
    if not all(word.isdecimal() for word in what):
        later = [line for word, inner in what.items() for line in _assigned((*path, word), inner, sequences)]
        return ["nn.Module()"], later
    entries: list[list[str]] = [["nn.Identity()"] for _ in range(max(map(int, what)) + 1)]
    later = []
    for word, inner in what.items():
        if isinstance(inner, str):
            entries[int(word)] = [inner]
        else:
            entries[int(word)], more = _container((*path, word), inner, sequences)
            later += more
    kind, opening, closing = ("nn.Sequential", "(", ")") if path in sequences else ("nn.ModuleList", "([", "])")
    if len(entries) > 2 and all(e == entries[0] for e in entries):
        each = " ".join(entries[0])
        star = ("*(", ")") if path in sequences else ("", "")
        return [f"{kind}({star[0]}{each} for _ in range({len(entries)})){star[1]}"], later
    inside = [f"    {line}{',' if line is e[-1] else ''}" for e in entries for line in e]
    flat = f"{kind}{opening}{', '.join(' '.join(e) for e in entries)}{closing}"
    short = len(flat) <= ONE_LINE // 2 and all(len(e) == 1 for e in entries)
    return ([flat] if short else [f"{kind}{opening}", *inside, closing]), later


def _listed(start: str, lines: Sequence[str]) -> list[str]:
    return [start + lines[0], *lines[1:]]
