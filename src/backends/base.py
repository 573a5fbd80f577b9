"""What every backend is: an emitter of artifacts and the table of what it lowers; its runner runs what it emitted."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from interlingua.backends.lowering import Lowerings
from interlingua.errors import UsageError
from interlingua.ir.draw import Draw
from interlingua.ir.graph import Module
from interlingua.runtimes.base import Runner


@dataclass(frozen=True, slots=True)
class Target:
    """What an emission aims at. A backend with options of its own derives from it; ``str()`` names it in reports."""

    def __str__(self) -> str:
        return "the target"


class Backend(ABC):
    """Emits modules as artifacts of one kind."""

    name: ClassVar[str]
    extension: ClassVar[str]
    """Ending of the artifact's file name, or of its folder's."""
    pipeline: ClassVar[str] = "default"
    """The passes that a conversion runs unless it names others."""

    @property
    @abstractmethod
    def lowerings(self) -> Lowerings:
        """What the backend lowers: the one table of legality."""

    def target(self, module: Module, **options: Any) -> Target:
        """The target that the options describe.

        Raises:
            UsageError: an option is unknown or out of range.
        """
        if options:
            raise UsageError(f"the {self.name} backend has no option {next(iter(options))!r}")
        return Target()

    def targets(self, module: Module, **options: Any) -> Sequence[Target]:
        """The targets that the options leave open, the preferred one first: the first that takes the module is it.

        Raises:
            UsageError: as for :meth:`target`.
        """
        return (self.target(module, **options),)

    def pass_options(self, target: Target) -> Mapping[str, Mapping[str, Any]]:
        """Options that the target gives the passes of a conversion, by their names."""
        return {}

    def draw_target(self, module: Module, draw: Draw, *, cautious: bool = True) -> Target:
        """One of the targets that ``module`` may be emitted for, for fuzzing: versions of the format, and ways to write
        the same in it.

        ``cautious`` is whether the backend keeps clear of known bugs of its runtime, as it does by itself; off, they
        can be found again.
        """
        return self.target(module)

    @abstractmethod
    def emit(self, module: Module, path: Path, target: Target) -> None:
        """Write the artifact at ``path``, and nothing outside that file or folder but files whose name starts with it.

        The module is legal for the target. The same module gives the same bytes.
        """

    @abstractmethod
    def runner(self, path: Path) -> Runner:
        """A runner of the artifact at ``path``."""

    def open(self, path: Path) -> Any:
        """The artifact at ``path`` as an object in this process, for backends whose artifacts are such.

        Raises:
            UsageError: there is no such form.
        """
        raise UsageError(f"artifacts of the {self.name} backend have no in-process form", hint="run them with .run()")
