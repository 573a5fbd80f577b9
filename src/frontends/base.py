"""What every frontend is: a name, the sources that it accepts, and how it loads one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from interlingua.ir.graph import Module


class Frontend(ABC):
    """Turns the models of one framework into modules."""

    name: ClassVar[str]
    extensions: ClassVar[tuple[str, ...]] = ()
    """File endings, each with its dot."""

    @abstractmethod
    def accepts(self, source: Any) -> bool:
        """Whether ``source`` looks like one of this frontend's. Cheap, imports no framework, never raises."""

    @abstractmethod
    def load(self, source: Any, **options: Any) -> Module:
        """The model as a module.

        Raises:
            InvalidModel: the source is damaged.
            UnsupportedOps: everything in it that has no translation, at once.
            UsageError: an option is unknown.
        """

    @abstractmethod
    def runner(self, source: Any) -> Any:
        """A :class:`~interlingua.backends.base.Runner` of the source in its own framework, optimisations off."""
