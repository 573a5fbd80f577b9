"""Known bugs and deviations of runtimes, as data: ``known_issues/<runtime>.toml``.

An entry says what it covers (a selector), what comes of it (verdicts), why, where it is reported, and when it expires.
What matches an entry is no news; what matches none is. An entry that a campaign never met, or that has expired, fails:
it would hide something else.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from interlingua.equivalence.special import SPECIALS, Special, specials
from interlingua.errors import UsageError
from interlingua.ir.dtypes import DType
from interlingua.ir.graph import Module, Node
from interlingua.ir.types import Tensor
from interlingua.report import Verdict

FOLDER = Path(__file__).with_suffix("")


@dataclass(frozen=True, slots=True)
class Facts:
    """What came of a module in a runtime, as far as an entry may ask.

    Attributes:
        module: what was run.
        verdict, message: what came out.
        values: what it was run on.
        version: of the runtime, such as ``1.20.1``; empty where it is not known.
        optimized: whether the runtime may rewrite the model.
        cautious: whether the backend kept clear of known bugs.
    """

    module: Module
    verdict: Verdict
    message: str = ""
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    version: str = ""
    optimized: bool = True
    cautious: bool = True


@dataclass(frozen=True, slots=True)
class NodePattern:
    """What is asked of one node.

    Attributes:
        op: glob of op names.
        dtypes: one of them is that of an operand or result; any where it is empty.
        ranks: of the first operand.
        attributes: by name: a value, a list of values, or a table with ``not``, ``min``, ``max``, which hold for
            a scalar or for any element of a tuple.
        holds: all of these are met by what the node computes with, as the reference has it.
    """

    op: str
    dtypes: frozenset[DType] = frozenset()
    ranks: frozenset[int] = frozenset()
    attributes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    holds: frozenset[Special] = frozenset()

    def matches(self, node: Node) -> bool:
        """Whether ``node`` is one of these, its values aside."""
        if not fnmatchcase(node.op.name, self.op):
            return False
        tensors = [v.type for v in (*node.operands, *node.results) if v is not None and isinstance(v.type, Tensor)]
        if self.dtypes and not any(t.dtype in self.dtypes for t in tensors):
            return False
        if self.ranks and not any(t.shape is not None and len(t.shape) in self.ranks for t in tensors[:1]):
            return False
        given = node.op.attributes()
        return all(name in given and _attribute(given[name], wanted) for name, wanted in self.attributes.items())


@dataclass(frozen=True, slots=True)
class Issue:
    """One entry.

    Attributes:
        id: names it.
        reason: what the runtime does, and what would be right.
        link: the report upstream, or ``not reported yet``.
        expires: after this day the entry counts no more.
        verdicts: what comes of it.
        nodes: patterns; a module that is covered has a chain of nodes of which each reads the one before it.
        message: a regular expression found in what came out; any where it is empty.
        versions: of the runtime, from the first up to but without the second; an empty one is open.
        optimized: with the runtime's rewriting on or off alone; ``None`` for both.
        avoided: what the backend does to keep clear of it; empty where it does nothing. Such an entry covers what
            a backend without that caution emits.
    """

    id: str
    reason: str
    link: str
    expires: date
    verdicts: frozenset[Verdict]
    nodes: tuple[NodePattern, ...]
    message: str = ""
    versions: tuple[str, str] = ("", "")
    optimized: bool | None = None
    avoided: str = ""

    def covers(self, facts: Facts) -> bool:
        """Whether this is what ``facts`` say, its expiry aside."""
        return (
            facts.verdict in self.verdicts
            and (self.optimized is None or self.optimized == facts.optimized)
            and not (self.avoided and facts.cautious)
            and _within(facts.version, self.versions)
            and re.search(self.message, facts.message) is not None
            and _chained(facts, self.nodes)
        )


class KnownIssues:
    """The entries of one runtime, and which of them were met."""

    def __init__(self, issues: Iterable[Issue], today: date | None = None) -> None:
        self.issues = tuple(issues)
        self.today = date.today() if today is None else today
        self._met: set[str] = set()

    def match(self, facts: Facts) -> Issue | None:
        """The entry that covers ``facts``, which is then counted as met; one that has expired covers nothing."""
        for issue in self.issues:
            if issue.expires >= self.today and issue.covers(facts):
                self._met.add(issue.id)
                return issue
        return None

    def unmatched(self, *, avoided: bool = False) -> list[Issue]:
        """Entries that were never met. Those that the backend avoids are left out unless ``avoided``."""
        return [i for i in self.issues if i.id not in self._met and (avoided or not i.avoided)]

    def expired(self) -> list[Issue]:
        """Entries that count no more, and are to be looked at again."""
        return [i for i in self.issues if i.expires < self.today]


def known_issues(runtime: str) -> KnownIssues:
    """The entries of ``onnxruntime``, ``numpy`` …; none where there is no file of them.

    Raises:
        UsageError: an entry is not well formed.
    """
    path = FOLDER / f"{runtime}.toml"
    if not path.exists():
        return KnownIssues(())
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("issue", [])
    return KnownIssues(_issue(entry, str(path.name)) for entry in entries)


def _issue(entry: Mapping[str, Any], where: str) -> Issue:
    try:
        given = dict(entry)
        nodes = tuple(_pattern(each) for each in given.pop("node"))
        verdicts = frozenset(Verdict[v] for v in given.pop("verdicts"))
        first, last = given.pop("versions", ("", ""))
        return Issue(verdicts=verdicts, nodes=nodes, versions=(first, last), **given)
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"issue {entry.get('id', '?')!r} is not well formed: {error}", where=where) from error


def _pattern(entry: Mapping[str, Any]) -> NodePattern:
    given = dict(entry)
    dtypes = frozenset(DType(d) for d in given.pop("dtypes", ()))
    ranks, holds = frozenset(given.pop("ranks", ())), frozenset(given.pop("holds", ()))
    if not holds <= set(SPECIALS):
        raise ValueError(f"nothing holds {sorted(holds - set(SPECIALS))}")
    return NodePattern(dtypes=dtypes, ranks=ranks, holds=holds, **given)


def _attribute(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        values = value if isinstance(value, tuple) else (value,)
        return all(any(_TESTS[name](v, bound) for v in values) for name, bound in wanted.items())
    if isinstance(wanted, list) and not isinstance(value, tuple):
        return value in wanted
    return bool(value == (tuple(wanted) if isinstance(wanted, list) else wanted))


_TESTS: Mapping[str, Any] = {
    "not": lambda v, bound: v != bound,
    "min": lambda v, bound: v is not None and v >= bound,
    "max": lambda v, bound: v is not None and v <= bound,
}


def _chained(facts: Facts, patterns: Sequence[NodePattern]) -> bool:
    """Whether nodes that match the patterns, and hold what these ask for, read one another in that order."""
    chains = [c for node in facts.module.walk() for c in _chains(node, patterns)]
    if not chains or not any(p.holds for p in patterns):
        return bool(chains)
    met = specials(facts.module, facts.values, {node for chain in chains for node in chain})
    return any(
        all(p.holds <= met.get(node, frozenset[Special]()) for node, p in zip(chain, patterns, strict=True))
        for chain in chains
    )


def _chains(node: Node, patterns: Sequence[NodePattern]) -> Iterator[tuple[Node, ...]]:
    """The chains that begin with ``node``."""
    if not patterns[0].matches(node):
        return
    if len(patterns) == 1:
        yield (node,)
        return
    users = [user for result in node.results for user, _ in result.uses if isinstance(user, Node)]
    for user in users:
        yield from ((node, *rest) for rest in _chains(user, patterns[1:]))


def _within(version: str, bounds: tuple[str, str]) -> bool:
    if not version:
        return True
    at, (first, last) = _numbers(version), bounds
    return (not first or at >= _numbers(first)) and (not last or at < _numbers(last))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", version))
