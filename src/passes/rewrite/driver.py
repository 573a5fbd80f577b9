"""The worklist: rules are tried at each node, and again only where something changed nearby."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING

from interlingua.errors import InterlinguaError, IRError
from interlingua.ir.builder import Builder, Symbols, symbols_of
from interlingua.ir.graph import Module, Node, Value
from interlingua.ir.op import Op
from interlingua.ir.ops.source import Constant
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.types import Tensor, Type, UnknownRank, compatible
from interlingua.passes.rewrite.pattern import Match
from interlingua.passes.rewrite.values import same_type, users_of

if TYPE_CHECKING:
    from interlingua.passes.rewrite.rule import Replacement, Rule

NEARBY = 8
"""Users of a value that loses one are looked at again where they are at most so many: what waits for a value to be its
own has few to wait for."""
PER_NODE, AT_LEAST = 16, 1000
"""Applications a node, and in all, after which rules are taken to follow each other in a circle."""


@dataclass(frozen=True, slots=True)
class Application:
    """What one application did: the nodes made, and those around whose situation changed."""

    made: tuple[Node, ...]
    around: tuple[Node, ...]


def drive(module: Module, rules: Iterable[Rule], rewriter: Rewriter) -> Counter[str]:
    """Apply rules, in place, until none applies; gives the number of applications by rule. Regions are entered.

    Raises:
        IRError: a rule raised, gave a value of another type than the one it replaces, or rules follow each other
            without end; they are named.
    """
    return _Driver(module, tuple(rules), rewriter).run()


class _Driver:
    def __init__(self, module: Module, rules: tuple[Rule, ...], rewriter: Rewriter) -> None:
        self.rewriter = rewriter
        self.symbols = symbols_of(module)
        self.by_root: dict[type[Op], list[Rule]] = {}
        for each in rules:
            for root in each.roots:
                self.by_root.setdefault(root, []).append(each)
        wanted = [n for n in module.walk() if type(n.op) in self.by_root]
        self.queue, self.queued = deque(wanted), set(wanted)
        self.limit = PER_NODE * len(wanted) + AT_LEAST
        self.counts: Counter[str] = Counter()

    def run(self) -> Counter[str]:
        total = 0
        while self.queue:
            node = self.queue.popleft()
            self.queued.discard(node)
            if node.graph is None:
                continue
            for each in self.by_root[type(node.op)]:
                done = self._try(each, node)
                if done is None:
                    continue
                total += 1
                self.counts[each.name] += 1
                if total > self.limit:
                    self._endless()
                for near in (*done.made, *done.around):
                    self._push(near)
                if node.graph is None:
                    break
        return self.counts

    def _try(self, each: Rule, node: Node) -> Application | None:
        if not self.rewriter.observers:
            return apply_rule(each, node, self.rewriter, self.symbols)
        start = perf_counter()
        done = apply_rule(each, node, self.rewriter, self.symbols)
        seconds = perf_counter() - start
        for observer in self.rewriter.observers:
            observer.tried(each.name, seconds, done is not None)
            if done is not None:
                observer.applied(each.name, node, done.made)
        return done

    def _push(self, node: Node) -> None:
        if node.graph is not None and type(node.op) in self.by_root and node not in self.queued:
            self.queue.append(node)
            self.queued.add(node)

    def _endless(self) -> None:
        often = ", ".join(f"{name} ({count} times)" for name, count in self.counts.most_common(3))
        raise IRError(f"rules follow each other without end: {often}", hint="one of them undoes what another does")


def apply_rule(each: Rule, node: Node, rewriter: Rewriter, symbols: Symbols) -> Application | None:
    """Apply a rule at ``node``, in the first way in which it can be; ``None`` where it cannot.

    Raises:
        IRError: the rule raised, or gave what cannot take the place.
    """
    if each.targeted and rewriter.accepts is None:
        return None
    with rewriter.because(each.name):
        try:
            for match in each.matches(node):
                done = _replace(each, match, rewriter, symbols)
                if done is not None:
                    return done
        except InterlinguaError as error:
            raise IRError(f"the rule {each.name}: {error.what}", where=error.where or node.place) from error
        except Exception as error:
            what = f"the rule {each.name} failed: {type(error).__name__}: {error}"
            raise IRError(what, where=node.place) from error
    return None


def _replace(each: Rule, match: Match, rewriter: Rewriter, symbols: Symbols) -> Application | None:
    root = match.root
    assert root.graph is not None
    made = _Recorder()
    with rewriter.told(made), rewriter.because(each.name, match.matched):
        b = Builder(root.graph, before=root, rewriter=rewriter, symbols=symbols)
        with b.at(root.origin, root.scope):
            try:
                found = each.replace(match, b)
            except UnknownRank:
                found = None  # it needs more of a shape than is known: no place for it
        swaps = _swaps(root, found)
        accepted = rewriter.accepts is None or all(rewriter.accepts(n) for n in made.nodes)
        if swaps is None or not accepted or not all(_takes(old, new, made.nodes, rewriter) for old, new in swaps):
            for node in reversed(made.nodes):
                rewriter.erase(node)
            return None
        around = dict.fromkeys(user for old, _ in swaps for user in _users(old))
        for old, new in swaps:
            if not new.name:
                new.name = old.name
            rewriter.replace(old, new)
        gone = [*match.matched, *(old.node for old, _ in swaps if old.node is not None), *reversed(made.nodes)]
        around.update(dict.fromkeys(sweep(gone, rewriter)))
    return Application(tuple(n for n in made.nodes if n.graph is not None), tuple(around))


def _swaps(root: Node, found: Replacement) -> list[tuple[Value, Value]] | None:
    match found:
        case None:
            return None
        case Value():
            return [(root.result, found)]
        case Mapping():
            return list(found.items())
        case _:
            return list(zip(root.results, found, strict=True))


def _takes(old: Value, new: Value, made: Sequence[Node], rewriter: Rewriter) -> bool:
    """Whether ``new`` may take the place of ``old``: a value that was there before has its type for certain, one that
    the rule made is refined to it."""
    if not compatible(old.type, new.type):
        raise IRError(f"{new.type} cannot take the place of {old.type}")
    if new.node is None or new.node not in made:
        return same_type(old.type, new.type)
    if new.type != old.type:
        rewriter.refine(new, _sharper(new.type, old.type))
    return True


def _sharper(new: Type, old: Type) -> Type:
    if isinstance(new, Tensor) and isinstance(old, Tensor) and old.shape is not None:
        return Tensor(old.dtype, old.shape, new.elements if new.elements is not None else old.elements)
    return new


def _users(value: Value) -> Iterator[Node]:
    return (user for user, _ in value.uses if isinstance(user, Node))


def sweep(nodes: Iterable[Node], rewriter: Rewriter) -> list[Node]:
    """Erase the nodes that nobody uses, and what only they used; gives the nodes around that are left."""
    around: dict[Node, None] = {}
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if node.graph is None or any(r.uses for r in node.results):
            continue
        operands = dict.fromkeys(o for o in node.operands if o is not None)
        rewriter.erase(node)
        for operand in operands:
            owner = operand.node
            if owner is None:
                around.update(dict.fromkeys(islice(_users(operand), NEARBY)))
            elif not operand.uses:
                pending.append(owner)
            elif not isinstance(owner.op, Constant):
                around[owner] = None
                if len(operand.uses) <= NEARBY:
                    around.update(dict.fromkeys(users_of(owner)))
    return [n for n in around if n.graph is not None]


class _Recorder:
    def __init__(self) -> None:
        self.nodes: list[Node] = []

    def inserted(self, node: Node) -> None:
        self.nodes.append(node)

    def erased(self, node: Node) -> None:
        if node in self.nodes:
            self.nodes.remove(node)

    def replaced(self, old: Value, new: Value) -> None: ...
