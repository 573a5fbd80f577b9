"""Running passes: by name or as instances, each change through one rewriter, the result verified."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from interlingua.errors import BrokenObligation, InterlinguaError, IRError, UsageError
from interlingua.ir.graph import Module
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.verify import verify_module
from interlingua.passes.base import Pass
from interlingua.passes.catalogue import GROUPS, PIPELINES, REPEATED
from interlingua.passes.rewrite.repeated import Repeated
from interlingua.passes.rewrite.rule import RulePass
from interlingua.passes.rewrite.together import Together

Passes: TypeAlias = "str | Pass | Sequence[str | Pass]"
Around: TypeAlias = Callable[[Pass, Module, bool], object]
"""Is called before (``False``) and after (``True``) each pass, also one inside another."""


def together(*arounds: Around) -> Around:
    """All of these, in order."""

    def around(each: Pass, module: Module, after: bool) -> None:
        for one in arounds:
            one(each, module, after)

    return around


def resolve(passes: Passes | None, known: Mapping[str, type[Pass]], default: str = "default") -> list[Pass]:
    """The passes that are meant: a name of a pipeline, a group or a pass, an instance, or a sequence of these; the
    pipeline ``default`` where nothing is.

    Raises:
        UsageError: a name is none.
    """
    if passes is None:
        passes = default
    if isinstance(passes, Pass):
        return [passes]
    if not isinstance(passes, str):
        return [p for item in passes for p in resolve(item, known)]
    if passes in PIPELINES:
        return [p for name in PIPELINES[passes] for p in resolve(name, known)]
    if passes in GROUPS:
        return [Together(passes, tuple(m for name in GROUPS[passes] if isinstance(m := known[name](), RulePass)))]
    if passes in REPEATED:
        return [Repeated(passes, tuple(p for name in REPEATED[passes] for p in resolve(name, known)))]
    if passes not in known:
        names = ", ".join([*PIPELINES, *REPEATED, *GROUPS, *known])
        raise UsageError(f"no pass or pipeline is called {passes!r}", hint=f"there are: {names}")
    return [known[passes]()]


def given(passes: Sequence[Pass], options: Mapping[str, Mapping[str, Any]]) -> list[Pass]:
    """The passes with options by their names, those inside others too."""
    found: list[Pass] = []
    for each in passes:
        if isinstance(each, Repeated):
            found.append(replace(each, members=tuple(given(each.members, options))))
        else:
            found.append(replace(each, **options[each.name]) if each.name in options else each)
    return found


def select(passes: Sequence[Pass], only: Collection[str] = (), skip: Collection[str] = ()) -> list[Pass]:
    """The passes and rules that are left of ``passes``: those named in ``only``, where it names any, without those in
    ``skip``. A name is that of a pass, a group or a rule.

    Raises:
        UsageError: a name is none of these.
    """
    chosen = _Choice(frozenset(only), frozenset(skip))
    found = [kept for each in passes if (kept := chosen.of(each)) is not None]
    unknown = sorted((chosen.only | chosen.skip) - chosen.seen)
    if unknown:
        names = ", ".join(sorted(chosen.seen))
        raise UsageError(f"nothing here is called {unknown[0]!r}", hint=f"passes and rules are: {names}")
    return found


class _Choice:
    def __init__(self, only: frozenset[str], skip: frozenset[str]) -> None:
        self.only = only
        self.skip = skip
        self.seen: set[str] = set()

    def of(self, each: Pass, named: bool = False) -> Pass | None:
        """What is left of a pass; ``named`` is whether a group around it is in ``only``."""
        self.seen.add(each.title)
        if each.title in self.skip:
            self.seen.update(_names(each))
            return None
        wanted = named or not self.only or each.title in self.only
        if isinstance(each, Repeated):
            return each.select(lambda member: self.of(member, wanted))
        if isinstance(each, Together):
            return each.select(lambda member: self._member(member, wanted))
        if isinstance(each, RulePass):
            return self._member(each, wanted)
        return each if wanted else None

    def _member(self, each: RulePass, named: bool) -> RulePass | None:
        self.seen |= {each.name, *(r.name for r in each.rules)}
        if each.name in self.skip:
            return None
        whole = (named and not self.only.intersection(r.name for r in each.rules)) or each.name in self.only
        kept = tuple(r.name for r in each.chosen if (whole or r.name in self.only) and r.name not in self.skip)
        return replace(each, only=kept, skip=()) if kept else None


def _names(each: Pass) -> set[str]:
    if isinstance(each, Together | Repeated):
        return {each.title}.union(*(_names(m) for m in each.members))
    return {each.title, *(r.name for r in each.rules)} if isinstance(each, RulePass) else {each.title}


def run_passes(
    module: Module,
    passes: Sequence[Pass],
    *,
    verify: bool = False,
    rewriter: Rewriter | None = None,
    around: Around | None = None,
) -> dict[str, int]:
    """Run the passes in order, in place (by ``rewriter``, where somebody listens); gives the number of changes by pass.

    Raises:
        IRError: a pass raised, or (where ``verify``) left a module that breaks an invariant; it is named.
    """
    changes: dict[str, int] = {}
    used = Rewriter() if rewriter is None else rewriter
    used.around = around
    for each in passes:
        if around is not None:
            around(each, module, False)
        try:
            made = each.run(module, used)
            changes[each.title] = changes.get(each.title, 0) + made
            if verify:
                verify_module(module)
        except BrokenObligation:
            raise
        except InterlinguaError as error:
            what = f"the pass {each.title} broke the module: {error.what}"
            raise IRError(what, where=error.where, hint=error.hint) from error
        except Exception as error:
            raise IRError(f"the pass {each.title} failed: {type(error).__name__}: {error}") from error
        if around is not None:
            around(each, module, True)
    return changes
