"""Dialects: named sets of ops, collected explicitly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType

from interlingua.errors import DuplicateName
from interlingua.ir.op import Op


class Dialect:
    """The ops of one namespace, by full name (``nn.softmax``)."""

    def __init__(self, name: str, ops: Iterable[type[Op]] = (), doc: str = "") -> None:
        self.name = name
        self.doc = doc
        self.ops: dict[str, type[Op]] = {}
        for cls in ops:
            self._add(cls)

    def _add(self, cls: type[Op]) -> None:
        if not cls.name.startswith(f"{self.name}."):
            raise ValueError(f"{cls.name} does not belong to the dialect {self.name}")
        taken = self.ops.setdefault(cls.name, cls)
        if taken is not cls:
            raise DuplicateName(f"op {cls.name} is defined by both {taken.__module__} and {cls.__module__}")

    def __iter__(self) -> Iterator[type[Op]]:
        return iter(self.ops.values())

    def __repr__(self) -> str:
        return f"<dialect {self.name}: {len(self.ops)} ops>"


class OpSet(Mapping[str, type[Op]]):
    """Every op of some dialects, by full name: what a parser needs to know."""

    def __init__(self, dialects: Iterable[Dialect]) -> None:
        self._ops: dict[str, type[Op]] = {}
        for dialect in dialects:
            for name, cls in dialect.ops.items():
                taken = self._ops.setdefault(name, cls)
                if taken is not cls:
                    raise DuplicateName(f"op {name} is defined by both {taken.__module__} and {cls.__module__}")

    def __getitem__(self, name: str) -> type[Op]:
        return self._ops[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ops)

    def __len__(self) -> int:
        return len(self._ops)


def collect(prefix: str, *modules: ModuleType, doc: str = "") -> Dialect:
    """The dialect of every op called ``prefix.…`` that the modules define, in their order."""
    ops = [
        item
        for module in modules
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, Op) and item.__module__ == module.__name__
        and item.name.startswith(f"{prefix}.")
    ]
    return Dialect(prefix, ops, doc)
