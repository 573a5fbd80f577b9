"""Running passes: by name or as instances, each change through one rewriter, the result verified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from interlingua.errors import InterlinguaError, IRError, UsageError
from interlingua.ir.graph import Module
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.verify import verify_module
from interlingua.passes.base import Pass
from interlingua.passes.catalogue import PIPELINES

Passes: TypeAlias = "str | Pass | Sequence[str | Pass]"


def resolve(passes: Passes, known: Mapping[str, type[Pass]]) -> list[Pass]:
    """The passes that are meant: a pipeline's name, a pass's name, an instance, or a sequence of these.

    Raises:
        UsageError: a name is none.
    """
    if isinstance(passes, Pass):
        return [passes]
    if not isinstance(passes, str):
        return [p for item in passes for p in resolve(item, known)]
    if passes in PIPELINES:
        return [known[name]() for name in PIPELINES[passes]]
    if passes not in known:
        names = ", ".join([*PIPELINES, *known])
        raise UsageError(f"no pass or pipeline is called {passes!r}", hint=f"there are: {names}")
    return [known[passes]()]


def run_passes(
    module: Module, passes: Sequence[Pass], *, verify: bool = False, rewriter: Rewriter | None = None
) -> dict[str, int]:
    """Run the passes in order, in place (by ``rewriter``, where somebody listens); gives the number of changes by pass.

    Raises:
        IRError: a pass raised, or (where ``verify``) left a module that breaks an invariant; it is named.
    """
    changes: dict[str, int] = {}
    for each in passes:
        try:
            made = each.run(module, Rewriter() if rewriter is None else rewriter)
            changes[each.name] = changes.get(each.name, 0) + made
            if verify:
                verify_module(module)
        except InterlinguaError as error:
            what = f"the pass {each.name} broke the module: {error.what}"
            raise IRError(what, where=error.where) from error
        except Exception as error:
            raise IRError(f"the pass {each.name} failed: {type(error).__name__}: {error}") from error
    return changes
