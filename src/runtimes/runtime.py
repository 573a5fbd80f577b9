"""What can run a file, whoever made it."""

from __future__ import annotations

import os
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from interlingua.errors import RuntimeRefused
from interlingua.runtimes.base import TIMEOUT, Runner
from interlingua.runtimes.interface import Interface
from interlingua.runtimes.process import run_worker

INTERFACE = "interface"
"""The one output of an entry that describes a model: the interface as JSON."""


class Runtime(ABC):
    """Runs model files of one kind. Stateless; imports nothing of the real runtime in this process."""

    name: ClassVar[str]
    extensions: ClassVar[tuple[str, ...]]
    """Endings of the files, each with its dot."""

    def accepts(self, source: Any) -> bool:
        """Whether ``source``, a path or bytes, looks like a file for it. Cheap, never raises."""
        return isinstance(source, str | os.PathLike) and Path(source).suffix in self.extensions

    @abstractmethod
    def runner(self, source: Any) -> Runner:
        """Runs ``source`` with the settings that its users have."""

    @abstractmethod
    def interface(self, source: Any, *, timeout: float = TIMEOUT) -> Interface:
        """What ``source`` takes and gives.

        Raises:
            RuntimeMissing, RuntimeRefused, RuntimeCrash, RuntimeTimeout: as the names say.
        """

    def witnesses(self, source: Any) -> list[Runner]:
        """The same file with other settings, or in other implementations: asked where two models differ."""
        return []


def describe(entry: str, options: Mapping[str, Any], *, timeout: float, subject: str, package: str) -> Interface:
    """The interface that ``entry`` (``module:function``) finds in a worker process; see :func:`described`.

    Raises:
        RuntimeMissing, RuntimeRefused, RuntimeCrash, RuntimeTimeout: as the names say.
    """
    (outcome,) = run_worker(entry, options, [{}], timeout=timeout, subject=subject, package=package)
    if outcome.outputs is None:
        raise RuntimeRefused(f"{subject} cannot describe the model: {outcome.error}")
    return Interface.from_json(str(outcome.outputs[INTERFACE].item()))


def described(interface: Interface) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What an entry for :func:`describe` gives."""
    return lambda _: {INTERFACE: np.array(interface.to_json(), dtype=object)}


@contextmanager
def on_disk(source: Any, extension: str) -> Iterator[Path]:
    """The path of ``source``, a path already or the bytes of a file."""
    if isinstance(source, str | os.PathLike):
        yield Path(source)
        return
    with tempfile.TemporaryDirectory(prefix="interlingua-") as folder:
        path = Path(folder) / f"model{extension}"
        path.write_bytes(source)
        yield path
