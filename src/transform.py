"""The Python doors to passes: optimize, with or without checks, and replay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from interlingua.collector import uncollected
from interlingua.driver import Inputs
from interlingua.ir.clone import clone_module
from interlingua.ir.graph import Module
from interlingua.ir.rewriter import Rewriter
from interlingua.ir.verify import verify_module
from interlingua.passes.base import Pass
from interlingua.passes.pipeline import Around, Passes, resolve, run_passes
from interlingua.plugins import plugins

if TYPE_CHECKING:
    from interlingua.obligations.door import Checked


def optimize(
    module: Module,
    passes: Passes = "default",
    *,
    checked: bool = False,
    examples: Sequence[Inputs] = (),
    seed: int = 0,
) -> Module:
    """A transformed copy; ``module`` stays as it is.

    Args:
        module: what :func:`load` gave.
        passes: a pipeline's name, a pass's name, a pass, or a sequence of these.
        checked: whether each rewrite is shown to be right; :func:`optimize_checked` also says how.
        examples: inputs that values are captured on where rewrites are checked, in place of generated ones.
        seed: of what is generated for that.

    Raises:
        BrokenObligation: a rewrite was checked, and does not keep what its rule promises.
        IRError: a pass failed or broke the module; it is named.
    """
    if checked:
        return optimize_checked(module, passes, examples=examples, seed=seed).module
    return watched(module, resolve(passes, plugins().passes))


def watched(
    module: Module, passes: Sequence[Pass], rewriter: Rewriter | None = None, around: Around | None = None
) -> Module:
    """As :func:`optimize`, by a rewriter whose listeners and observers are told; ``around`` is called before and after
    each pass."""
    with uncollected():
        copy = clone_module(module)
        run_passes(copy, passes, verify=True, rewriter=rewriter, around=around)
    return copy


def optimize_checked(
    module: Module, passes: Passes = "default", *, examples: Sequence[Inputs] = (), seed: int = 0
) -> Checked:
    """As :func:`optimize`, with every rewrite checked: the copy, and the ledger of how each was shown to be right.

    Args:
        module, passes, examples, seed: as in :func:`optimize`.

    Raises:
        BrokenObligation: a rewrite does not keep what its rule promises; ``.ledger`` has both sides and inputs.
        IRError: a pass failed or broke the module; it is named.
    """
    from interlingua.obligations.door import run_checked

    return run_checked(module, resolve(passes, plugins().passes), examples=examples, seed=seed)


def replay(module: Module, log: str, *, upto: int | None = None) -> Module:
    """A copy of ``module`` to which the steps of a replay log were applied again.

    Args:
        module: as it was when the log was written.
        log: its text.
        upto: how many of its steps; all where it is ``None``.

    Raises:
        InvalidModel: it is no log.
        IRError: a step does not apply; it is named.
    """
    from interlingua.passes.log import Log
    from interlingua.passes.log import replay as apply_log

    with uncollected():
        copy = clone_module(module)
        apply_log(copy, Log.from_json(log), plugins().passes, upto)
        verify_module(copy)
    return copy
