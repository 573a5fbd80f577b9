"""What every frontend is: a name, the sources that it accepts, and how it loads one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from interlingua.errors import PluginError
from interlingua.ir.graph import Module

if TYPE_CHECKING:
    from interlingua.frontends.trace import Trace
    from interlingua.runtimes.base import Runner


@dataclass(frozen=True, slots=True)
class Loaded:
    """A source as a module, and all that can compute it: its own framework, then other implementations."""

    module: Module
    runner: Runner
    witnesses: Sequence[Runner] = ()


class Frontend(ABC):
    """Turns the models of one framework into modules."""

    name: ClassVar[str]
    extensions: ClassVar[tuple[str, ...]] = ()
    """File endings, each with its dot."""
    options: ClassVar[tuple[str, ...]] = ()
    """The names of its options beside ``example_inputs`` and ``dynamic_shapes``: doors that take a backend's options as
    well tell them apart by these."""

    def extend(self, owner: str, table: Any) -> None:
        """Take the translations that a plugin adds.

        Raises:
            PluginError: this frontend takes none.
        """
        raise PluginError(f"{owner} brings translations for the {self.name} frontend, which takes none of plugins")

    @abstractmethod
    def accepts(self, source: Any) -> bool:
        """Whether ``source`` looks like one of this frontend's. Cheap, imports no framework, never raises."""

    def describes_itself(self, source: Any) -> bool:
        """Whether a source that is accepted says what its inputs are, so that nothing else is needed to load it."""
        return True

    @abstractmethod
    def load(self, source: Any, **options: Any) -> Module:
        """The model as a module.

        Raises:
            InvalidModel: the source is damaged.
            UnsupportedOps: everything in it that has no translation, at once.
            UsageError: an option is unknown.
        """

    def read(self, source: Any, **options: Any) -> Loaded:
        """The model as a module with its runner and witnesses: for a verified conversion. ``options`` as for load."""
        return Loaded(self.load(source, **options), self.runner(source), self.witnesses(source))

    @abstractmethod
    def runner(self, source: Any) -> Any:
        """A :class:`~interlingua.backends.base.Runner` of the source in its own framework, optimisations off."""

    def witnesses(self, source: Any) -> list[Any]:
        """Runners of the source in other implementations of its format, asked where a verification fails."""
        return []

    def trace(self, source: Any, **options: Any) -> Trace | None:
        """The model as :meth:`load` gives it, each of its values with that of the source that it stands for; ``None``
        where the framework does not tell its interior values."""
        return None
