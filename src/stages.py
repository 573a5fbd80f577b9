"""The way from a module to a legal one: the stages of a conversion, each by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from interlingua.backends.base import Backend, Target
from interlingua.backends.legality import legalize, legalize_for_one
from interlingua.errors import UnsupportedOps
from interlingua.ir.graph import Module, Node
from interlingua.ir.ops.source import Constant
from interlingua.ir.rewriter import Rewriter
from interlingua.passes.base import Pass
from interlingua.passes.pipeline import given, run_passes

StageName: TypeAlias = Literal["load", "optimize", "legalize", "emit", "run"]
"""In order; ``load`` and ``emit`` with ``run`` are the frontend's and the backend's own."""


class Apply(Protocol):
    """Changes a module in place, by ``rewriter`` where somebody listens to what it does."""

    def __call__(self, module: Module, rewriter: Rewriter | None = None) -> object: ...


@dataclass(frozen=True, slots=True)
class Stage:
    """One step, in place. ``name`` is the stage that it belongs to, ``detail`` the pass that it is."""

    name: StageName
    apply: Apply
    detail: str = ""


def stages(backend: Backend, target: Target, passes: Sequence[Pass]) -> list[Stage]:
    """What happens between loading and emission, in order.

    The passes run again at the end: what legalization leaves can be cleaned up too. Rules then put in nothing that the
    target cannot take.
    """
    passes = given(passes, backend.pass_options(target))
    optimize = [_pass_stage("optimize", each) for each in passes]
    again = [_pass_stage("legalize", each, _taken(backend, target)) for each in passes]

    def lower(module: Module, rewriter: Rewriter | None = None) -> None:
        legalize(module, backend.lowerings, target, subject=f"the {backend.name} backend", rewriter=rewriter)

    return [*optimize, Stage("legalize", lower), *again]


@dataclass(frozen=True, slots=True)
class Aim:
    """What a module was made ready for: the target, and what kept it from the preferred one, where it is another."""

    target: Target
    refused: UnsupportedOps | None = None

    def __str__(self) -> str:
        """Why it is this target; empty where it is the preferred one."""
        if self.refused is None:
            return ""
        reasons = "; ".join(f"{op}: {reason}" for op, reason in self.refused.groups())
        return f"emitted for {self.target}, since the preferred target does not take all of it: {reasons}"


def prepare(
    module: Module,
    backend: Backend,
    passes: Sequence[Pass],
    targets: Sequence[Target],
    around: Callable[[StageName], AbstractContextManager[object]] = lambda _: nullcontext(),
) -> Aim:
    """Take ``module`` through :func:`stages`, in place, for the first of ``targets`` that takes it.

    Args:
        module: what was loaded; what is left of it after an error is of no use.
        backend: what the targets are of.
        passes: as for :func:`stages`.
        targets: at least one, the preferred one first.
        around: entered for each stage, by its name.

    Raises:
        UnsupportedOps: no target takes the module.
    """
    passes = given(passes, backend.pass_options(targets[0]))
    with around("optimize"):
        run_passes(module, passes)
    with around("legalize"):
        target, refused = legalize_for_one(module, backend.lowerings, targets, subject=f"the {backend.name} backend")
        run_passes(module, passes, rewriter=Rewriter(accepts=_taken(backend, target)))
    return Aim(target, refused)


def _taken(backend: Backend, target: Target) -> Callable[[Node], bool]:
    """Whether the target takes a node as it is."""

    def taken(node: Node) -> bool:
        return isinstance(node.op, Constant) or not isinstance(backend.lowerings.find(node, target), str)

    return taken


def _pass_stage(name: StageName, each: Pass, accepts: Callable[[Node], bool] | None = None) -> Stage:
    def apply(module: Module, rewriter: Rewriter | None = None) -> None:
        used = Rewriter() if rewriter is None else rewriter
        with nullcontext() if accepts is None else used.accepting(accepts):
            run_passes(module, [each], rewriter=used)

    return Stage(name, apply, each.title)
