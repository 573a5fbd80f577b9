"""Modules in a row: what calls each of a numbered list in turn is one call of a sequence, or a loop."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from interlingua.backends.source.names import Names
from interlingua.backends.torch.context import Statement, names_in, reference
from interlingua.backends.torch.structure import Path


@dataclass(frozen=True, slots=True)
class Row:
    """Statements ``first`` … ``last`` that call the modules of a list, each with what the one before gives."""

    first: int
    last: int
    start: str
    others: tuple[str, ...]
    place: int
    """Where in the arguments that is."""


def lists_in(paths: Iterable[Path]) -> dict[Path, list[Path]]:
    """The lists among the members at the paths, the deepest first, each with its entries in order."""
    inner: dict[Path, set[Path]] = {}
    for path in paths:
        for end in range(1, len(path) + 1):
            inner.setdefault(path[: end - 1], set()).add(path[:end])
    return {
        path: sorted(entries, key=lambda p: int(p[-1]))
        for path, entries in sorted(inner.items(), key=lambda item: -len(item[0]))
        if path and all(p[-1].isdecimal() for p in entries)
    }


def folded(
    statements: Sequence[Statement], end: str, names: Names, paths: Iterable[Path]
) -> tuple[list[Statement], str, set[Path]]:
    """The statements with rows folded, ``end`` as it reads then, and the lists that are called as one."""
    found, sequences = list(statements), set[Path]()
    for path, entries in lists_in(paths).items():
        row = _row(found, end, entries)
        if row is None:
            continue
        if not row.others:
            found, end = _sequence(found, end, path, row)
            sequences.add(path)
        elif len(entries) > 1 and int(entries[-1][-1]) == len(entries) - 1:
            found, end = _loop(found, end, path, row, names)
    return found, end, sequences


def _sequence(statements: Sequence[Statement], end: str, path: Path, row: Row) -> tuple[list[Statement], str]:
    """The result goes by the name of the first module's, which no step refers to any more."""
    name = statements[row.first].targets[0]
    call = Statement((name,), [f"{name} = {reference(path)}({row.start})"], call=(path, (row.start,)))
    after, end = _with_name(statements[row.last + 1 :], end, statements[row.last].targets[0], name)
    return [*statements[: row.first], call, *after], end


def _with_name(statements: Sequence[Statement], end: str, old: str, new: str) -> tuple[list[Statement], str]:
    """What refers to ``old`` refers to ``new``."""
    rename = _renamed(old, new)
    found = [
        replace(
            s,
            lines=[rename(line) for line in s.lines],
            call=None if s.call is None else (s.call[0], tuple(rename(a) for a in s.call[1])),
        )
        for s in statements
    ]
    return found, rename(end)


def _row(statements: Sequence[Statement], end: str, entries: Sequence[Path]) -> Row | None:
    calls = [i for i, s in enumerate(statements) if s.call is not None and s.call[0] in entries]
    if not calls or calls != list(range(calls[0], calls[0] + len(entries))):
        return None
    run = [statements[i] for i in calls]
    if [s.call[0] for s in run if s.call] != list(entries) or any(len(s.targets) != 1 or s.remarks for s in run):
        return None
    arguments = [s.call[1] for s in run if s.call]
    if len({len(a) for a in arguments}) != 1:
        return None
    places = [p for p in range(len(arguments[0])) if _chains(run, arguments, p)]
    if len(places) != 1:
        return None
    inside = {s.targets[0] for s in run[:-1]}
    after = names_in([end, *(line for s in statements[calls[-1] + 1 :] for line in s.lines)])
    if inside & after:
        return None
    first, place = arguments[0], places[0]
    return Row(calls[0], calls[-1], first[place], (*first[:place], *first[place + 1 :]), place)


def _chains(run: Sequence[Statement], arguments: Sequence[tuple[str, ...]], place: int) -> bool:
    """Whether each takes at ``place`` what the one before gives, and the same as all others elsewhere."""
    given = [s.targets[0] for s in run[:-1]]
    others = {(*a[:place], *a[place + 1 :]) for a in arguments}
    chained = [a[place] for a in arguments[1:]] == given
    return chained and len(others) == 1 and not set(given) & set(*others)


def _loop(
    statements: Sequence[Statement], end: str, path: Path, row: Row, names: Names
) -> tuple[list[Statement], str]:
    before, after = statements[: row.first], statements[row.last + 1 :]
    name = statements[row.last].targets[0]
    used_later = names_in([end, *row.others, *(line for s in after for line in s.lines)])
    head: list[str] = []
    if row.start.isidentifier() and row.start not in used_later:
        after, end = _with_name(after, end, name, row.start)
        name = row.start
    else:
        head = [f"{name} = {row.start}"]
    each = next(w for w in reversed(path) if not w.isdecimal()).removesuffix("s")
    gone = {s.targets[0] for s in statements[row.first : row.last + 1]} - {name}
    each = each if each in gone else names.fresh(each, "layer")
    arguments = [*row.others[: row.place], name, *row.others[row.place :]]
    lines = [*head, f"for {each} in {reference(path)}:", f"    {name} = {each}({', '.join(arguments)})"]
    return [*before, Statement((name,), lines), *after], end


def _renamed(old: str, new: str) -> Callable[[str], str]:
    pattern = re.compile(rf"(?<![\w.]){re.escape(old)}\b(?!=[^=])")
    return lambda line: pattern.sub(new, line)
