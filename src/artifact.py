"""Putting artifacts in place: whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from interlingua.errors import UsageError


@contextmanager
def staging(output: Path | None) -> Iterator[Path]:
    """A fresh folder on the file system of ``output``, removed at the end whatever happens."""
    parent = None if output is None else output.resolve().parent
    if parent is not None and not parent.is_dir():
        raise UsageError(f"there is no folder {parent}", hint="make it first, or give another output")
    with tempfile.TemporaryDirectory(prefix=".interlingua-", dir=parent, ignore_cleanup_errors=True) as name:
        yield Path(name)


def install(staged: Path, output: Path) -> None:
    """Move the artifact at ``staged``, and the files beside it, to ``output``.

    Raises:
        UsageError: something that is no artifact of the same kind is there.
    """
    if output.is_dir() != staged.is_dir() and output.exists():
        raise UsageError(
            f"{output} is there and is {'a folder' if output.is_dir() else 'a file'}", hint="give another output"
        )
    if staged.is_dir():
        if output.exists():
            if not (output / "model.py").is_file():
                raise UsageError(
                    f"the folder {output} is there and holds no artifact", hint="give another output, or remove it"
                )
            shutil.rmtree(output)
        staged.replace(output)
        return
    for beside in sorted(staged.parent.iterdir()):
        if beside != staged and beside.name.startswith(staged.name):
            beside.replace(output.with_name(output.name + beside.name.removeprefix(staged.name)))
    staged.replace(output)
